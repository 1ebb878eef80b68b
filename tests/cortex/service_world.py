"""A small ISP whose lines depend on more than their path, and the signs its parts would make."""

from collections.abc import Iterable

import numpy as np

from cortex.correlator import Correlator
from cortex.dependencies import ANYONE, Dependencies
from cortex.finding import Finding
from cortex.impact import Weights
from cortex.signals import Signal
from cortex.topology import Edge, Element, Topology

BNGS = [f"bng-{n}" for n in range(1, 7)]
LINES = 10  # per BNG
TWO = {"radius": "authentication", "dhcp": "addresses", "dns": "names", "transit": "routes"}
TIMEOUTS, REJECTS, DNS, DHCP = "authentication-timeouts", "authentication-rejects", "dns-failures", "dhcp-failures"
SESSIONS, TRAFFIC, PREFIXES = "sessions-below-expected", "traffic-below-expected", "bgp-prefixes-lost"
NAT, PROBE, CONTACTS = "nat-ports-exhausted", "probe-failed", "contacts-clustered"


def _build() -> Topology:
    elements = [
        Element("node:core-1", "core_router", is_device=True),
        Element("node:core-2", "core_router", is_device=True),
    ]
    edges = [Edge("link:core", "node:core-1", "node:core-2", "fibre")]
    for n in (1, 2):
        elements.append(Element(f"node:transit-{n}", "transit", is_gateway=True))
        edges.append(Edge(f"link:transit-{n}", f"node:transit-{n}", f"node:core-{n}", "internal"))
        for kind in ("radius", "dhcp", "dns", "cgnat"):
            elements.append(Element(f"node:{kind}-{n}", kind, silent=True))
            edges.append(Edge(f"link:{kind}-{n}", f"node:core-{n}", f"node:{kind}-{n}", "internal"))
    for bng in BNGS:
        elements += [Element(f"node:{bng}", "bng", is_device=True), Element(f"node:olt-{bng}", "olt", is_device=True)]
        edges += [Edge(f"link:{bng}-core-{n}", f"node:core-{n}", f"node:{bng}", "fibre") for n in (1, 2)]
        edges.append(Edge(f"link:{bng}-olt", f"node:{bng}", f"node:olt-{bng}", "fibre"))
        for line in range(LINES):
            elements.append(Element(f"node:{bng}-ont-{line}", "ont", zone=1))
            edges.append(Edge(f"link:{bng}-ont-{line}", f"node:olt-{bng}", f"node:{bng}-ont-{line}", "fibre"))
    return Topology.build(elements, edges)


TOPOLOGY = _build()


def at(name: str) -> int:
    """The id of a node."""
    found = TOPOLOGY.index(f"node:{name}")
    assert found is not None, name
    return found


def _watched() -> Iterable[tuple[str, int, int]]:
    for bng in BNGS:
        for n in (1, 2):
            yield from ((t, at(bng), at(f"radius-{n}")) for t in (TIMEOUTS, REJECTS))
            yield DNS, at(bng), at(f"dns-{n}")
            yield DHCP, at(bng), at(f"dhcp-{n}")
        yield from ((t, at(bng), -1) for t in (SESSIONS, TRAFFIC))
    for n in (1, 2):
        yield from ((t, at(f"transit-{n}"), -1) for t in (PREFIXES, TRAFFIC))
        yield from ((t, at(f"cgnat-{n}"), -1) for t in (NAT, TRAFFIC))
        yield PROBE, -1, at(f"transit-{n}")


def _dependencies() -> Dependencies:
    nas_of = np.full(TOPOLOGY.nodes, -1, dtype=np.int64)
    for bng in BNGS:
        for line in range(LINES):
            nas_of[at(f"{bng}-ont-{line}")] = at(bng)
    pools: dict[str, dict[int, tuple[int, ...]]] = {
        role: {ANYONE: (at(f"{kind}-1"), at(f"{kind}-2"))} for kind, role in TWO.items()
    }
    pools["nat"] = {at(bng): (at(f"cgnat-{1 + n % 2}"),) for n, bng in enumerate(BNGS)}
    return Dependencies(pools, nas_of, frozenset(_watched()))


DEPENDENCIES = _dependencies()
_ids = iter(range(1, 1_000_000))


def sign(type_: str, who: str, about: str = "", when: float = 0.0, share: float = 1.0, cleared: bool = False) -> Signal:
    """One sign; `who` may be a stranger to the topology."""
    element = TOPOLOGY.index(f"node:{who}")
    key = f"{who}"
    return Signal(
        next(_ids), element, type_, cleared, when, when, "http", at(about) if about else None, key, about, share
    )


def timeouts(bngs: Iterable[str] = BNGS, servers: Iterable[int] = (1, 2), when: float = 0.0) -> list[Signal]:
    """BNGs that miss the answers of RADIUS servers."""
    return [sign(TIMEOUTS, bng, f"radius-{n}", when) for bng in bngs for n in servers]


def everywhere(type_: str, kind: str, servers: Iterable[int] = (1, 2)) -> list[Signal]:
    """Every BNG misses something of these providers."""
    return [sign(type_, bng, f"{kind}-{n}") for bng in BNGS for n in servers]


def correlator() -> Correlator:
    """One that knows of this ISP; each line is one subscriber."""
    table = np.zeros((TOPOLOGY.size, 1))
    table[np.flatnonzero(DEPENDENCIES.nas_of >= 0), 0] = 1.0
    return Correlator(TOPOLOGY, Weights(("subscribers",), table), dependencies=DEPENDENCIES)


def understood(signals: Iterable[Signal], after: float = 400.0) -> list[Finding]:
    """What is found of these signals some minutes later."""
    made = correlator()
    made.add(list(signals))
    return made.findings(after)
