"""Memory of each process of a demo installation, some seconds after all are ready and have polled everything once.

`python -m benchmarks.memory [subscribers ...]`; 10,000 by default. Resident: all pages in memory; own: without
what is shared with others (Linux: /proc/<pid>/smaps_rollup).
"""

import sys
import time
from pathlib import Path

from benchmarks.figures import Figure, show
from benchmarks.installation import isp, processes

NAMES = ("api", "worker", "stream", "gear")
SETTLE = 8.0


def memory(pid: int) -> tuple[float, float]:
    """Resident and own memory of a process, megabytes."""
    fields = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value, *_ = line.split()
        fields[name.rstrip(":")] = int(value) / 1024
    return fields["Rss"], fields["Private_Clean"] + fields["Private_Dirty"]


def measure(subscribers: int) -> list[Figure]:
    """Every process of an ISP of this size."""
    figures = []
    with (
        isp(subscribers, demo=True, clock_speed=60, poll_interval=120) as settings,
        processes(settings, NAMES) as pids,
    ):
        time.sleep(SETTLE)
        for name, pid in pids.items():
            resident, own = memory(pid)
            figures.append(Figure(f"{subscribers // 1000}k: {name}, resident", resident, "MB"))
            figures.append(Figure(f"{subscribers // 1000}k: {name}, its own", own, "MB"))
    return figures


def main(*sizes: int) -> None:
    """Measure each size."""
    show([figure for subscribers in sizes or (10_000,) for figure in measure(subscribers)])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
