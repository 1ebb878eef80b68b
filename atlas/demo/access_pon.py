"""PON as it is built: OLT, PON port, feeder cable, splitter 1:32, drop, ONT (ITU-T G.984)."""

from collections.abc import Iterator

from atlas.demo.draft import Draft, Site, place_of
from atlas.demo.metro import remote_place
from atlas.demo.rows import FibreRow, NodeRow
from atlas.demo.zones import Place, near
from atlas.network.enums import LinkKind, NodeKind, Technology

LINES_PER_PORT = 24  # of a splitter's 32 ways, the rest kept for those who move in
LINES_PER_OLT = 384
PORTS_PER_FEEDER = 4


def build(draft: Draft, sites: list[Site], lines: int) -> None:
    """Hang `lines` ONTs under these sites, on as many OLTs as that takes; every third OLT is dual-homed."""
    count = -(-lines // LINES_PER_OLT)
    for number, share in enumerate(shares(lines, count)):
        site = sites[number % len(sites)]
        node = olt(draft, site, remote=number >= len(sites))
        if number % 3 == 2 and len(sites) > 1:
            second = sites[(number + 1) % len(sites)]
            draft.cable(second.node, node, site.where, ("UP", "backhaul"), pieces=2)
        ports(draft, site, node, share, LINES_PER_PORT)


def olt(draft: Draft, site: Site, *, remote: bool) -> NodeRow:
    """An OLT: in the aggregation node's building, or in a cabinet at the end of an uplink cable."""
    at = remote_place(site, draft, 4) if remote else place_of(site.node)
    zone = site.where.zone.id
    node = draft.node(draft.names.node(NodeKind.OLT, zone), NodeKind.OLT, zone, at, Technology.PON)
    if remote:
        draft.cable(site.node, node, site.where, ("UP", "backhaul"), pieces=2)
    else:
        draft.link(site.node, node, LinkKind.INTERNAL)
    return node


def ports(draft: Draft, site: Site, olt: NodeRow, lines: int, per_port: int) -> None:
    """Light as many PON ports as `lines` need; four ports share a feeder cable."""
    count = -(-lines // per_port)
    feeder: FibreRow | None = None
    out: Place = place_of(olt)
    for number, share in enumerate(shares(lines, count)):
        if number % PORTS_PER_FEEDER == 0:
            out = near(place_of(olt), 2, draft.rng)
            feeder = _feeder(draft, site, olt, out)
        interface = draft.names.pon_port(olt.name)
        port = draft.node(f"{olt.name}/{interface}", NodeKind.PON_PORT, olt.zone_id, place_of(olt), Technology.PON)
        draft.link(olt, port, LinkKind.INTERNAL, a_interface=interface)
        _splitter(draft, site, port, feeder, near(out, 0.4, draft.rng), share)


def _feeder(draft: Draft, site: Site, olt: NodeRow, out: Place) -> FibreRow:
    name = draft.names.cable(site.where.zone.id, "FD")
    ducts = draft.trench(name, site.where, place_of(olt), out, pieces=2)
    return draft.fibre(name, site.where.zone.id, "feeder", ducts, strands=12)


def _splitter(draft: Draft, site: Site, port: NodeRow, feeder: FibreRow | None, at: Place, lines: int) -> None:
    zone = site.where.zone.id
    splitter = draft.node(draft.names.node(NodeKind.SPLITTER, zone), NodeKind.SPLITTER, zone, at, Technology.PON)
    draft.link(port, splitter, LinkKind.FIBRE, feeder)
    name = draft.names.cable(zone, "DI")
    ducts = draft.trench(name, site.where, at, near(at, 0.3, draft.rng))
    drops = draft.fibre(name, zone, "distribution", ducts, strands=48)
    for number in range(1, lines + 1):
        name, door = f"{port.name}/{number}", near(at, 0.3, draft.rng)
        ont = draft.node(name, NodeKind.ONT, zone, door, Technology.PON)
        draft.link(splitter, ont, LinkKind.FIBRE, drops)
        draft.connect(ont, site, Technology.PON)


def shares(total: int, parts: int) -> Iterator[int]:
    """`total` in `parts` whole parts as even as can be."""
    for number in range(parts):
        yield total * (number + 1) // parts - total * number // parts
