"""A pure generator of networks and of the alarms that real gear raises when their elements fail.

The near end speaks: it lost its light, its link, its sessions. What lies behind is silent: its polls time out, its
lines' accounting stays away. A port whose ONTs are all gone says so once; a port that lost some of them names them.
"""

import random
from collections.abc import Iterable, Sequence

from cortex.signals import Signal
from cortex.topology import Edge, Element, SharedRisk
from tests.cortex.worlds import World

START = 1_800_000_000.0
ROUTED = frozenset({"core_router", "bng", "aggregation", "olt"})


def ring_of_trees(rng: random.Random, ring: int = 5, trees: int = 3, lines: int = 4) -> World:
    """Two gateways, a ring of routers, a dual-homed router, OLTs on single fibres in ducts, PON below them."""
    net = _Net()
    net.node("gw0", "transit", is_gateway=True)
    net.node("gw1", "transit", is_gateway=True)
    for i in range(ring):
        net.device(f"r{i}", "core_router")
    net.link("gw0", "r0", "internal")
    net.link("gw1", f"r{ring // 2}", "internal")
    for i in range(ring):
        net.fibre(f"r{i}", f"r{(i + 1) % ring}")
    net.device("dual", "aggregation")
    homes = rng.sample(range(ring), 2)
    shared = net.duct("dual-entry") if rng.random() < 0.5 else ""
    for home in homes:
        net.fibre(f"r{home}", "dual", *([shared] if shared else []))
    for i in range(trees):
        parent = "dual" if rng.random() < 0.3 else f"r{rng.randrange(ring)}"
        net.olt(f"olt{i}", parent, ports=rng.randint(1, 2), lines=lines)
    return net.world()


class _Net:
    """A world under construction; names are prefixed as callers prefix them."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.edges: list[Edge] = []
        self.risks: list[SharedRisk] = []

    def world(self) -> World:
        return World(self.elements, self.edges, self.risks)

    def node(self, name: str, kind: str, *, is_gateway: bool = False, silent: bool = False) -> None:
        self.elements.append(Element(f"node:{name}", kind, is_gateway=is_gateway, silent=silent))

    def device(self, name: str, kind: str) -> None:
        self.elements.append(Element(f"node:{name}", kind, is_device=True, zone=1))

    def duct(self, name: str) -> str:
        self.risks.append(SharedRisk(f"duct:{name}", "duct"))
        return f"duct:{name}"

    def link(self, a: str, z: str, kind: str, risks: Sequence[str] = ()) -> None:
        self.edges.append(Edge(f"link:{a}-{z}", f"node:{a}", f"node:{z}", kind, tuple(risks)))

    def fibre(self, a: str, z: str, *ducts: str) -> None:
        name = f"fibre:{a}-{z}"
        self.risks.append(SharedRisk(name, "fibre"))
        self.link(a, z, "fibre", [name, *(ducts or [self.duct(f"{a}-{z}")])])

    def olt(self, name: str, parent: str, ports: int, lines: int) -> None:
        self.device(name, "olt")
        self.fibre(parent, name)
        for p in range(ports):
            port, splitter = f"{name}-p{p}", f"{name}-s{p}"
            self.node(port, "pon_port")
            self.link(name, port, "internal")
            self.node(splitter, "splitter", silent=True)
            self.fibre(port, splitter)
            for n in range(lines):
                self.node(f"{name}-{p}-ont{n}", "ont")
                self.link(splitter, f"{name}-{p}-ont{n}", "fibre")


def storm(
    world: World, failed: Sequence[str], rng: random.Random, start: float = START, interims: bool = True
) -> list[Signal]:
    """Every alarm of these failures, in order of time: what is said, by whom, and when it arrives."""
    topology = world.topology
    down = world.cut_off(failed)
    signals: list[Signal] = []

    def say(element: str, kind: str, after: float, feed: str, about: str | None = None) -> None:
        at = start + after
        signals.append(
            Signal(
                alarm=len(signals) + 1,
                element=topology.index(element),
                type=kind,
                cleared=False,
                at=at,
                received=at + rng.uniform(0.0, 0.5),
                feed=feed,
                about=topology.index(about) if about else None,
                key=element,
            )
        )

    kinds = {e.name: e.kind for e in world.elements}
    for speaker, link in near_ends(world, failed, down):
        say(speaker, "loss-of-signal", rng.uniform(0.0, 0.1), "snmp-trap", link)
        say(speaker, "link-down", rng.uniform(0.1, 0.5), "syslog", link)
        say(speaker, "bfd-session-down", rng.uniform(0.1, 0.8), "syslog", link)
        say(speaker, "ospf-adjacency-down", rng.uniform(0.5, 3.0), "syslog", link)
    for element in world.elements:
        if element.name in down and element.is_device:
            say(element.name, "unreachable", rng.uniform(20.0, 60.0), "poller")
        if element.name in down and element.kind == "ont" and interims:
            say(element.name, "radius-interim-missing", rng.uniform(300.0, 600.0), "radius")
    for port, gone, everyone in lost_onts(world, down):
        if kinds[port] == "pon_port" and gone == everyone:
            say(port, "pon-loss-of-signal", rng.uniform(0.0, 0.2), "snmp-trap")
        else:
            for ont in sorted(gone):
                say(ont, "ont-loss-of-signal", rng.uniform(0.0, 2.0), "snmp-trap")
    return sorted(signals, key=lambda s: s.received)


def near_ends(world: World, failed: Iterable[str], down: set[str]) -> list[tuple[str, str]]:
    """Live routed devices with a link that failed, or whose neighbour did."""
    gone, kinds = set(failed), {e.name: e.kind for e in world.elements}
    return [
        (end, edge.name)
        for edge in world.edges
        if edge.kind != "internal" and ({edge.name, edge.a, edge.z, *edge.risks} & gone)
        for end in (edge.a, edge.z)
        if end not in down and kinds[end] in ROUTED
    ]


def lost_onts(world: World, down: set[str]) -> list[tuple[str, set[str], set[str]]]:
    """Live ports with ONTs lost: the port, the ONTs lost, all its ONTs."""
    below: dict[str, list[str]] = {}
    for edge in world.edges:
        below.setdefault(edge.a, []).append(edge.z)
    lost = []
    for element in world.elements:
        if element.kind == "pon_port" and element.name not in down:
            onts = {ont for splitter in below.get(element.name, ()) for ont in below.get(splitter, ())}
            if onts & down:
                lost.append((element.name, onts & down, onts))
    return lost
