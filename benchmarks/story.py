"""The whole fault story as a newcomer runs it: `bedrock demo up --once` on an empty home.

`python -m benchmarks.story`. Database, demo ISP, processes and every act are real; the seconds are the story's own,
read from what it prints. The demo's clock runs sixtyfold: "cut to resolved" holds ten minutes of waiting for
stable lines in ten seconds.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from atlas import server
from benchmarks.figures import Figure, show
from benchmarks.installation import PORTS, free_ports

#: What is read from the story, as it is printed there.
READY = re.compile(r"serving at \S+ after ([\d.]+) s")
ROW = re.compile(r"^(.+?)\s{2,}([\d.]+) s\s*$", re.MULTILINE)
GOAL = 5.0


def play(home: Path) -> tuple[str, float]:
    """Everything the story prints, and how long it took, seconds."""
    ports = {f"BEDROCK_{name.upper()}": str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}
    environment = {**os.environ, **ports, "BEDROCK_HOME": str(home), "COLUMNS": "200"}
    command = [sys.executable, "-m", "api.cli.main", "demo", "up", "--once"]
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the story failed: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout, time.perf_counter() - began


def figures_of(said: str) -> list[Figure]:
    """The figures the story sums up, and the response without the time people take."""
    ready = READY.search(said)
    assert ready, said[-1500:]
    rows = {name.strip(): float(seconds) for name, seconds in ROW.findall(said)}
    named = {name: value for name, value in rows.items() if "→" in name}
    opened, asked = named["cut → incident with cause and impact"], named["cut → sign-off requested"]
    told = asked - opened + named["approved → all notices handed over"]
    return [
        Figure("start to ready", float(ready[1]), "s"),
        *(Figure(name, value, "s") for name, value in named.items()),
        Figure("incident → all notices handed over, sign-off aside", told, "s", GOAL),
    ]


def main() -> None:
    """Play it once, in a home that is thrown away."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        try:
            said, seconds = play(home)
        finally:
            server.stop_embedded(home / "pg")
    show([*figures_of(said), Figure("the whole, from an empty home", seconds, "s")])


if __name__ == "__main__":
    main()
