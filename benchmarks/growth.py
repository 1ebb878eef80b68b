"""How Cortex' time and memory grow: 10k, 100k and 1M subscribers, storms of 1k, 10k and 100k alarms.

`python -m benchmarks.growth [--keep FOLDER] [--small]`. Pure Cortex, every cell in a process of its own. The network is
a ringed core with an aggregation router for every 10,240 lines, OLTs of 16 ports below it and splits of 64; a storm
cuts the fibres of as many aggregation routers as it takes, all in the same minute, and where there are no more lines
the same is said again. Building counts what the first alarms make it work out once. Alarms come in batches of a
thousand, with findings after each, as the stream does it; "last alarm" is the last one alone, after all others.
`--keep` writes growth.json and growth.svg there (docs/figures). Exponents are fitted over the largest two sizes: 1 is
linear.
"""

import argparse
import json
import multiprocessing
import time
from collections.abc import Iterator
from itertools import product
from math import log
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import plots
from benchmarks.figures import Figure, show
from cortex.correlator import Correlator
from cortex.finding import Finding
from cortex.impact import Weights
from cortex.parts import Arrays
from cortex.signals import Signal
from cortex.topology import Topology

SUBSCRIBERS, ALARMS = (10_000, 100_000, 1_000_000), (1_000, 10_000, 100_000)
RING, PER_AGG, PER_OLT, PER_PORT = 50, 10_240, 1_024, 64
BATCH, START = 1_000, 1_800_000_000.0
KINDS = ("transit", "core_router", "aggregation", "olt", "pon_port", "splitter", "ont", "internal", "fibre")


class Net(NamedTuple):
    """A topology, the first id of each kind of node, and the link above each aggregation router."""

    topology: Topology
    first: dict[str, int]
    uplink: int


class Cell(NamedTuple):
    """One size of network and storm. Seconds and megabytes; `each`: µs for one alarm, findings included."""

    subscribers: int
    alarms: int
    build: float
    memory: float
    each: float
    last: float
    peak: float
    causes: int


def network(subscribers: int) -> Net:
    """The network as arrays, as the stream hands it over."""
    counts = {
        "transit": 1,
        "core_router": RING,
        "aggregation": -(-subscribers // PER_AGG),
        "olt": -(-subscribers // PER_OLT),
        "pon_port": -(-subscribers // PER_PORT),
        "splitter": -(-subscribers // PER_PORT),
        "ont": subscribers,
    }
    starts = np.concatenate([[0], np.cumsum(list(counts.values()))]).tolist()
    first = dict(zip(counts, starts, strict=False))
    nodes = starts[-1]
    codes = np.repeat(np.arange(7), list(counts.values()))
    ring = first["core_router"] + np.arange(RING)

    def below(kind: str, above: str, per: int, wrap: int = 0) -> tuple[Any, Any]:
        own = np.arange(counts[kind])
        up = own // per
        return first[above] + (up % wrap if wrap else up), first[kind] + own

    pairs = [
        (np.asarray([0]), ring[:1]),
        (ring, np.roll(ring, -1)),
        below("aggregation", "core_router", 1, RING),
        below("olt", "aggregation", PER_AGG // PER_OLT),
        below("pon_port", "olt", PER_OLT // PER_PORT),
        below("splitter", "pon_port", 1),
        below("ont", "splitter", PER_PORT),
    ]
    ends_a, ends_z = (np.concatenate([pair[side] for pair in pairs]).astype(np.int64) for side in (0, 1))
    internal = (codes[ends_z] == 4) | (ends_a == 0)
    arrays = Arrays(
        kinds=KINDS,
        kind_codes=np.concatenate([codes, np.where(internal, 7, 8)]),
        gateways=np.arange(nodes) == 0,
        devices=(codes >= 1) & (codes <= 3),
        silent=codes == 5,
        zones=np.full(nodes, -1),
        ends_a=ends_a,
        ends_z=ends_z,
    )
    return Net(Topology(arrays), first, nodes + 1 + RING)


def weights(net: Net, subscribers: int) -> Weights:
    """One subscriber at every ONT."""
    table = np.zeros((net.topology.size, 1))
    table[net.first["ont"] : net.first["ont"] + subscribers] = 1.0
    return Weights(("subscribers",), table)


def storm(net: Net, subscribers: int, count: int) -> list[Signal]:
    """So many alarms of cut aggregation routers, by time of arrival."""
    once: list[tuple[float, int, str, int | None]] = []
    cuts = min(-(-subscribers // PER_AGG), -(-count // PER_AGG))
    for agg in range(cuts):
        router, link, at = net.first["core_router"] + agg % RING, net.uplink + agg, agg * 5.0
        once += [(at, router, "loss-of-signal", link), (at + 0.4, router, "link-down", link)]
        once.append((at + 30, net.first["aggregation"] + agg, "unreachable", None))
        olts = range(agg * 10, min((agg + 1) * 10, -(-subscribers // PER_OLT)))
        once += [(at + 30 + n, net.first["olt"] + olt, "unreachable", None) for n, olt in enumerate(olts)]
        lines = range(agg * PER_AGG, min((agg + 1) * PER_AGG, subscribers))
        some = lines[: max(0, -(-count // cuts) - 3 - len(olts))]
        once += [
            (at + 300 + 0.02 * n, net.first["ont"] + i, "radius-interim-missing", None) for n, i in enumerate(some)
        ]
    once.sort(key=lambda row: row[0])
    said = [once[n % len(once)] for n in range(count)]
    again = [600.0 * (n // len(once)) for n in range(count)]
    return [
        Signal(n % len(once) + 1, element, kind, False, START + at + more, START + at + more + 0.2, "syslog", about)
        for n, ((at, element, kind, about), more) in enumerate(zip(said, again, strict=True))
    ]


def measured(subscribers: int, alarms: int) -> Cell:
    """One cell, in this process."""
    empty, began = resident(), time.perf_counter()
    net = network(subscribers)
    weighed = weights(net, subscribers)
    correlator = Correlator(net.topology, weighed)
    first = Signal(0, net.first["core_router"] + RING - 1, "other", False, START, START, "syslog")
    correlator.add([first, *storm(net, subscribers, 100)])  # what is worked out once, with the first alarms
    correlator.findings(START + 10)
    correlator = Correlator(net.topology, weighed)
    build, memory = time.perf_counter() - began, resident() - empty
    signals = storm(net, subscribers, alarms)
    before, spent = resident(), 0.0
    for at in range(0, len(signals) - 1, BATCH):
        batch = signals[at : min(at + BATCH, len(signals) - 1)]
        began = time.perf_counter()
        correlator.add(batch)
        correlator.findings(batch[-1].received)
        spent += time.perf_counter() - began
    last = signals[-1]
    began = time.perf_counter()
    correlator.add([last._replace(alarm=alarms + 1)])
    found = next(f for f in _until_done(correlator, last.received) if alarms + 1 in f.alarms)
    took = time.perf_counter() - began
    return Cell(subscribers, alarms, build, memory, spent / alarms * 1e6, took, resident() - before, len(found.causes))


def _until_done(correlator: Correlator, now: float) -> Iterator[Finding]:
    """Findings until every group is worked out: huge ones take turns."""
    yield from correlator.findings(now)
    while correlator.pending:
        yield from correlator.findings(now)


def resident() -> float:
    """Megabytes of this process in memory."""
    fields = Path("/proc/self/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


def exponent(sizes: tuple[int, ...], values: list[float]) -> float:
    """How a value grows from the second largest to the largest size: 1 is linear."""
    return log(values[-1] / values[-2]) / log(sizes[-1] / sizes[-2])


def figures(cells: list[Cell]) -> list[Figure]:
    """Build, memory and alarms, with how they grow."""
    found = []
    by_size = {c.subscribers: c for c in cells}
    for size, cell in by_size.items():
        found.append(Figure(f"{size:,} subscribers: built", cell.build, "s"))
        found.append(Figure(f"{size:,} subscribers: memory", cell.memory, "MB"))
    for cell in cells:
        name = f"{cell.subscribers:,} subscribers, {cell.alarms:,} alarms"
        found.append(Figure(f"{name}: one alarm", cell.each, "µs"))
        found.append(Figure(f"{name}: last alarm to finding", cell.last * 1e3, "ms"))
        found.append(Figure(f"{name}: memory of the groups", cell.peak, "MB"))
    sizes = tuple(by_size)
    if len(sizes) > 1:
        found.append(Figure("exponent of building", exponent(sizes, [c.build for c in by_size.values()]), ""))
        found.append(Figure("exponent of memory", exponent(sizes, [c.memory for c in by_size.values()]), ""))
    for size in sizes:
        row = [c for c in cells if c.subscribers == size]
        if len(row) > 1:
            whole = [c.each * c.alarms for c in row]
            counts = tuple(c.alarms for c in row)
            found.append(Figure(f"exponent of a whole storm, {size:,} subscribers", exponent(counts, whole), ""))
    return found


def keep(folder: Path, cells: list[Cell]) -> None:
    """The cells as JSON, and the plot."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{k: round(v, 3) for k, v in cell._asdict().items()} for cell in cells]
    (folder / "growth.json").write_text(json.dumps(rows, indent=1) + "\n")
    sizes = sorted({c.subscribers for c in cells})
    first = {size: next(c for c in cells if c.subscribers == size) for size in sizes}
    by = {f"{size:,} subscribers": [c for c in cells if c.subscribers == size] for size in sizes}
    panels: dict[str, dict[str, plots.Line]] = {
        "topology: time to build (s)": {"": (list(map(float, sizes)), [first[s].build for s in sizes])},
        "topology: memory (MB)": {"": (list(map(float, sizes)), [first[s].memory for s in sizes])},
        "one alarm (µs)": {n: ([float(c.alarms) for c in row], [c.each for c in row]) for n, row in by.items()},
        "last alarm to finding (ms)": {
            n: ([float(c.alarms) for c in row], [c.last * 1e3 for c in row]) for n, row in by.items()
        },
    }
    plots.lines(folder / "growth.svg", panels, ("subscribers", "subscribers", "alarms", "alarms"))


def main() -> None:
    """Every cell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--small", action="store_true", help="without a million subscribers and 100,000 alarms")
    asked = parser.parse_args()
    cells = []
    for subscribers, alarms in product(*(each[:2] if asked.small else each for each in (SUBSCRIBERS, ALARMS))):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            cells.append(pool.apply(measured, (subscribers, alarms)))
    if asked.keep:
        keep(asked.keep, cells)
    show(figures(cells))


if __name__ == "__main__":
    main()
