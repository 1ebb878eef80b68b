"""Alarms a second through the correlator, and the last alarm of a storm to its finding, at 10k and 100k subscribers."""

import resource
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.figures import Figure, show
from cortex.correlator import Correlator, Finding
from cortex.impact import Weights
from cortex.signals import Signal
from cortex.topology import Edge, Element, SharedRisk, Topology

BATCH = 1_000
START = 1_800_000_000.0


def network(subscribers: int) -> Topology:
    """A ringed core; aggregation routers on single fibres, OLTs below, PON of 16 ports and splits of 64."""
    elements = [Element("node:gw", "transit", is_gateway=True)]
    edges: list[Edge] = []
    risks: list[SharedRisk] = []

    def fibre(a: str, z: str) -> None:
        name = f"{a}={z}"
        risks.extend([SharedRisk(f"fibre:{name}", "fibre"), SharedRisk(f"duct:{name}", "duct")])
        edges.append(Edge(f"link:{name}", f"node:{a}", f"node:{z}", "fibre", (f"fibre:{name}", f"duct:{name}")))

    ring = 50
    elements += [Element(f"node:r{i}", "core_router", is_device=True) for i in range(ring)]
    edges.append(Edge("link:gw", "node:gw", "node:r0", "internal"))
    for i in range(ring):
        fibre(f"r{i}", f"r{(i + 1) % ring}")
    for line in range(subscribers):
        splitter, port, olt = line // 64, line // 64, line // 1024
        agg = olt // 10
        if line % 10240 == 0:
            elements.append(Element(f"node:agg{agg}", "aggregation", is_device=True, zone=agg))
            fibre(f"r{agg % ring}", f"agg{agg}")
        if line % 1024 == 0:
            elements.append(Element(f"node:olt{olt}", "olt", is_device=True, zone=agg))
            fibre(f"agg{agg}", f"olt{olt}")
        if line % 64 == 0:
            elements.append(Element(f"node:port{port}", "pon_port", zone=agg))
            elements.append(Element(f"node:split{splitter}", "splitter", silent=True, zone=agg))
            edges.append(Edge(f"link:port{port}", f"node:olt{olt}", f"node:port{port}", "internal"))
            fibre(f"port{port}", f"split{splitter}")
        elements.append(Element(f"node:ont{line}", "ont", zone=agg))
        edges.append(Edge(f"link:drop{line}", f"node:split{splitter}", f"node:ont{line}", "fibre"))
    return Topology.build(elements, edges, risks)


def weights(topology: Topology) -> Weights:
    """One subscriber at every ONT, and what it brings in."""
    table = np.zeros((topology.size, 2))
    for i in range(topology.nodes):
        if topology.kind(i) == "ont":
            table[i] = 1.0, 0.05
    return Weights(("subscribers", "revenue_per_hour"), table)


def storm(topology: Topology, agg: int, lines: int, start: float, first: int) -> Iterator[Signal]:
    """The aggregation router's fibre is cut: the near end speaks, devices fall silent, then lines' accounting."""
    router, cut = topology.index(f"node:r{agg % 50}"), topology.index(f"link:r{agg % 50}=agg{agg}")
    number = first
    for at, kind, feed in (
        (0.0, "loss-of-signal", "snmp-trap"),
        (0.3, "link-down", "syslog"),
        (0.4, "bfd-session-down", "syslog"),
        (1.0, "ospf-adjacency-down", "syslog"),
    ):
        yield Signal(number, router, kind, False, start + at, start + at + 0.2, feed, cut)
        number += 1
    silent = [f"node:agg{agg}", *(f"node:olt{olt}" for olt in range(agg * 10, agg * 10 + 10))]
    for place, name in enumerate(silent):
        at = start + 30 + place
        if (olt := topology.index(name)) is not None:
            yield Signal(number, olt, "unreachable", False, at, at + 0.1, "poller")
        number += 1
    for line in range(lines):
        ont = topology.index(f"node:ont{agg * 10240 + line}")
        at = start + 300 + 0.05 * line
        if ont is not None:
            yield Signal(number, ont, "radius-interim-missing", False, at, at + 0.1, "radius")
        number += 1


def last_to_finding(topology: Topology, weighed: Weights, lines: int) -> tuple[float, Finding, int]:
    """Seconds from handing over the last batch of a storm to its finding; the finding; how many alarms there were."""
    correlator = Correlator(topology, weighed)
    signals = list(storm(topology, 0, lines, START, 1))
    for at in range(0, len(signals) - 1, BATCH):
        correlator.add(signals[at : min(at + BATCH, len(signals) - 1)])
        correlator.findings(signals[at].received + 1)
    started = time.perf_counter()
    correlator.add(signals[-1:])
    (found,) = correlator.findings(signals[-1].received)
    return time.perf_counter() - started, found, len(signals)


def cold(topology: Topology, weighed: Weights, lines: int) -> float:
    """Seconds for the whole storm in one batch, to its finding."""
    correlator = Correlator(topology, weighed)
    signals = list(storm(topology, 0, lines, START, 1))
    started = time.perf_counter()
    correlator.add(signals)
    correlator.findings(signals[-1].received)
    return time.perf_counter() - started


def rate(topology: Topology, weighed: Weights, signals: list[Signal]) -> float:
    """Signals a second through add and findings, in batches, until every group is worked out."""
    correlator = Correlator(topology, weighed)
    started = time.perf_counter()
    for at in range(0, len(signals), BATCH):
        batch = signals[at : at + BATCH]
        correlator.add(batch)
        correlator.findings(batch[-1].received)
    while correlator.pending:
        correlator.findings(signals[-1].received)
    return len(signals) / (time.perf_counter() - started)


def storms(topology: Topology) -> list[Signal]:
    """Nine such cuts, ten minutes apart."""
    found = [s for a in range(9) for s in storm(topology, a, 4000, START + 600.0 * a, 1 + 10_000 * a)]
    return sorted(found, key=lambda s: s.received)


def noise(topology: Topology, count: int = 20_000) -> list[Signal]:
    """Unrelated alarms of single lines, spread over an hour."""
    rng = np.random.default_rng(5)
    onts = [i for i in range(topology.nodes) if topology.kind(i) == "ont"]
    chosen = rng.choice(onts, size=count)
    kinds = rng.choice(["ont-dying-gasp", "radius-interim-missing", "ont-loss-of-signal"], size=count)
    at = START + np.sort(rng.uniform(0, 3600, size=count))
    return [
        Signal(n, int(ont), str(kind), False, float(t), float(t) + 0.1, "http")
        for n, (ont, kind, t) in enumerate(zip(chosen, kinds, at, strict=True))
    ]


def main() -> None:
    """Each size of network and storm, then the rate on the largest."""
    figures = []
    for subscribers, lines in ((10_000, 1_000), (100_000, 1_000), (100_000, 8_000)):
        started = time.perf_counter()
        topology = network(subscribers)
        weighed = weights(topology)
        print(f"{subscribers:,} subscribers: {topology.vertices:,} vertices, {time.perf_counter() - started:.1f} s")
        took, found, alarms = last_to_finding(topology, weighed, lines)
        whole = cold(topology, weighed, lines)
        cause = found.causes[0]
        print(f"  {cause.name} {cause.confidence}, {found.impact.devices} devices, {found.impact.totals}")
        name = f"{subscribers // 1000}k, {alarms:,} alarms"
        figures.append(Figure(f"{name}: last alarm to finding", took * 1e3, "ms"))
        figures.append(Figure(f"{name}: all at once", whole * 1e3, "ms"))
    for name, signals in (("storms", storms(topology)), ("noise", noise(topology))):
        figures.append(Figure(f"{name}, {len(signals):,} signals", rate(topology, weighed, signals), "signals/s"))
    figures.append(Figure("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MB"))
    show(figures)


if __name__ == "__main__":
    main()
