"""Scenes as data, and the one small network with every technology in which they play."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from cortex.config import Config
from cortex.correlator import Correlator, Finding
from cortex.finding import Effect, Remedy
from cortex.impact import Weights
from cortex.signals import Signal
from cortex.topology import Edge, Element, SharedRisk, Site, Topology

T0 = 1_800_000_000.0  # 15 January 2027, 08:00 UTC
YEAR = 365.25 * 86_400
ONTS, MODEMS, CPES = 12, 20, 6

Said = tuple[str, str] | tuple[str, str, float] | tuple[str, str, float, str]


@dataclass(frozen=True)
class Scene:
    """Alarms as (element, type, seconds after the start, neighbour), and what must be thought of them.

    `cause`: the element named first or tied with it. `mode` "" means simply dead. `down` and `degraded`: subscribers.
    """

    name: str
    said: tuple[Said, ...]
    cause: str
    mode: str = ""
    effect: Effect = Effect.DOWN
    remedy: Remedy = Remedy.CREW
    incident: bool = True
    down: int | None = None
    degraded: int = 0
    after: float = 60.0


@cache
def network() -> Topology:
    """A ring of cores; zone 4's site with an OLT and a CMTS; fibre nodes, and masts in a chain by radio."""
    nodes = [
        Element("node:gw", "transit", is_gateway=True),
        *(Element(f"node:core-{i}", "core_router", is_device=True, zone=1, site=f"core-{i}") for i in (1, 2, 3)),
        Element("node:agg", "aggregation", is_device=True, zone=4, site="pop"),
        Element("node:olt", "olt", is_device=True, zone=4, site="pop", technology="pon"),
        Element("node:cmts", "cmts", is_device=True, zone=4, site="pop", technology="docsis"),
    ]
    links = [
        Edge("link:gw", "node:gw", "node:core-1", "internal"),
        *(
            Edge(f"link:{a}-{z}", f"node:{a}", f"node:{z}", "fibre", (f"fibre:{a}-{z}",))
            for a, z in (("core-1", "core-2"), ("core-2", "core-3"), ("core-3", "core-1"))
        ),
        Edge("link:core-1-agg", "node:core-1", "node:agg", "fibre", ("fibre:core-1-agg",)),
        Edge("link:core-2-agg", "node:core-2", "node:agg", "fibre", ("fibre:core-2-agg",)),
        Edge("link:olt", "node:agg", "node:olt", "internal"),
        Edge("link:cmts", "node:agg", "node:cmts", "internal"),
    ]
    for port in ("p1", "p2"):
        nodes += [Element(f"node:{port}", "pon_port", zone=4), Element(f"node:{port}-split", "splitter", silent=True)]
        links.append(Edge(f"link:{port}", "node:olt", f"node:{port}", "internal"))
        links.append(Edge(f"link:{port}-feeder", f"node:{port}", f"node:{port}-split", "fibre", (f"fibre:{port}",)))
        for i in range(ONTS):
            nodes.append(Element(f"node:{port}-ont-{i}", "ont", zone=4, technology="pon"))
            links.append(Edge(f"link:{port}-drop-{i}", f"node:{port}-split", f"node:{port}-ont-{i}", "fibre"))
    for fn in ("fn-1", "fn-2"):
        nodes.append(Element(f"node:{fn}", "fibre_node", is_device=True, zone=4, site=fn, technology="docsis"))
        links.append(Edge(f"link:{fn}", "node:cmts", f"node:{fn}", "fibre", (f"fibre:{fn}",)))
        for i in range(MODEMS):
            nodes.append(Element(f"node:{fn}-cm-{i}", "modem", zone=4, technology="docsis"))
            links.append(Edge(f"link:{fn}-coax-{i}", f"node:{fn}", f"node:{fn}-cm-{i}", "coax"))
    before = "agg"
    for tower in ("t1", "t2", "t3"):
        kind = "fibre" if before == "agg" else "radio"
        nodes.append(Element(f"node:{tower}", "tower", is_device=True, zone=4, site=tower, technology="wireless"))
        links.append(Edge(f"link:{tower}", f"node:{before}", f"node:{tower}", kind))
        for s in ("a", "b"):
            sector = f"{tower}-{s}"
            nodes.append(Element(f"node:{sector}", "sector", is_device=True, zone=4, site=tower))
            links.append(Edge(f"link:{sector}", f"node:{tower}", f"node:{sector}", "internal"))
            for i in range(CPES):
                nodes.append(Element(f"node:{sector}-cpe-{i}", "cpe", zone=4, technology="wireless"))
                links.append(Edge(f"link:{sector}-air-{i}", f"node:{sector}", f"node:{sector}-cpe-{i}", "radio"))
        before = tower
    risks = dict.fromkeys(risk for link in links for risk in link.risks)
    sites = [Site("pop", 4.0, T0 - 5 * YEAR), Site("t1", None), Site("fn-1", 2.0), Site("fn-2", 2.0)]
    return Topology.build(nodes, links, [SharedRisk(name, "fibre") for name in risks], sites)


@cache
def weights() -> Weights:
    """One subscriber a line."""
    topology = network()
    table = np.zeros((topology.size, 1))
    ends = [i for i in range(topology.nodes) if topology.kind(i) in {"ont", "modem", "cpe"}]
    table[ends] = 1.0
    return Weights(("subscribers",), table)


def heard(said: tuple[Said, ...]) -> list[Signal]:
    """Signals of these alarms, numbered from 1."""
    topology, signals = network(), []
    for number, row in enumerate(said, start=1):
        element, kind = row[:2]
        after = row[2] if len(row) > 2 else 0.0
        about = topology.index(row[3]) if len(row) > 3 else None
        assert len(row) < 4 or about is not None, row
        index = topology.index(f"node:{element}")
        assert index is not None, row
        at = T0 + after
        signals.append(Signal(number, index, kind, False, at, at, "syslog", about, f"{element}/{about}"))
    return signals


def played(scene: Scene) -> Finding:
    """The finding that holds the scene's first alarm."""
    return found(heard(scene.said), scene.after)[0]


def found(signals: list[Signal], after: float = 60.0) -> list[Finding]:
    """All findings some time after the last of these signals, that of the first first."""
    correlator = Correlator(network(), weights(), Config())
    correlator.add(sorted(signals, key=lambda s: s.at))
    findings = correlator.findings(max(s.received for s in signals) + after)
    return sorted(findings, key=lambda f: signals[0].alarm not in f.alarms)


def check(scene: Scene) -> None:
    """The scene comes out as it says."""
    finding, topology = played(scene), network()
    first = finding.causes[0]
    names = {first.name, *(topology.name(i) for i in first.tied_with)}
    said = (scene.cause in names, first.mode, finding.effect, first.remedy, finding.notable)
    assert said == (True, scene.mode, scene.effect, scene.remedy, scene.incident), (names, finding)
    assert finding.degraded == scene.degraded
    assert scene.down is None or finding.impact.totals.get("subscribers", 0) == scene.down


def all_of(pattern: str, numbers: range, kind: str, after: float = 0.0, apart: float = 0.1) -> tuple[Said, ...]:
    """The same alarm of many elements, one after another."""
    return tuple((pattern.format(i), kind, after + apart * n) for n, i in enumerate(numbers))
