"""Runs the benchmarks, each in a process of its own, one after the other: `python -m benchmarks [NAME ...]`.

`--large` adds an ISP of 100,000 where the size matters (loading it takes minutes). `--json FILE` keeps the figures;
they are also the last line printed. All share one folder, so that an ISP is loaded once and copied.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from atlas import server
from benchmarks.figures import Figure, spoken
from benchmarks.installation import SHARED_HOME

NAMES = (
    "alarm_ingest",
    "storm_to_incident",
    "notices",
    "outbox_latency",
    "memory",
    "story",
    "gate_decision",
    "agent_turn",
    "cortex_storm",
    "topology_build",
    "demo_load",
    "storms",
    "side_by_side",
    "growth",
    "prediction",
    "no_fault_found",
)
#: Those that take sizes of the demo ISP.
SIZED = frozenset({"storm_to_incident", "memory", "demo_load"})
SMALL, LARGE = "10000", "100000"


def run(name: str, home: Path, large: bool) -> list[Figure] | None:
    """One benchmark's figures, or None when it failed; what it says is passed on as it comes."""
    sizes = [SMALL, *([LARGE] if large else [])] if name in SIZED else []
    command = [sys.executable, "-m", f"benchmarks.{name}", *sizes]
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, SHARED_HOME: str(home)}) as p:
        assert p.stdout
        for line in p.stdout:
            lines.append(line)
            if not line.startswith("["):
                sys.stderr.write(f"  {line}")
    if p.returncode or not lines:
        return None
    return [Figure(**each) for each in json.loads(lines[-1])]


def table(measured: dict[str, list[Figure] | None]) -> Table:
    """All figures, beside their goals."""
    made = Table(box=None, header_style="bold")
    for heading, right in (("benchmark", 0), ("figure", 0), ("measured", 1), ("goal", 1)):
        made.add_column(heading, justify="right" if right else "left")
    for name, figures in measured.items():
        if figures is None:
            made.add_row(name, "[red]failed[/]", "", "")
        for number, figure in enumerate(figures or []):
            goal = "" if figure.goal is None else f"{'≥' if figure.least else '≤'} {spoken(figure.goal)} {figure.unit}"
            colour = {True: "green", False: "red", None: "default"}[figure.met]
            value = f"[{colour}]{spoken(figure.value)} {figure.unit}[/]"
            made.add_row("" if number else name, figure.what, value, goal)
    return made


def main() -> int:
    """Run what was asked for; 1 when a benchmark failed. A goal that is missed is shown, and is no failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what docs/performance.md says.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all when none is given")
    parser.add_argument("--large", action="store_true", help="also on an ISP of 100,000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(NAMES):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    measured: dict[str, list[Figure] | None] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            for name in asked.names or NAMES:
                sys.stderr.write(f"{name}\n")
                measured[name] = run(name, Path(folder), asked.large)
        finally:
            server.stop_embedded(Path(folder) / "pg")
    Console(width=None if sys.stdout.isatty() else 130).print(table(measured))
    figures = {name: [each._asdict() for each in found or []] for name, found in measured.items()}
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))
    print(json.dumps(figures))
    return int(None in measured.values())


if __name__ == "__main__":
    sys.exit(main())
