"""Zone 3's valley: an access network of all three technologies behind one backhaul cable.

Both BNGs of the zone reach the valley's aggregation node, so on paper it is dual-homed; but both links ride on
cable F-Z3-BH-1, which lies in ducts of the long-haul cable towards the next city and leaves town in a duct of
the zone's own ring. The last tower of its longest chain stands across the border, in the next zone.

The layout is the same at every size of the ISP.
"""

import itertools
from typing import NamedTuple

from atlas.demo import access_docsis, access_pon, access_wireless
from atlas.demo.draft import Draft, Site
from atlas.demo.metro import aggregation
from atlas.demo.rows import FibreRow, NodeRow
from atlas.demo.zones import Gazetteer
from atlas.network.enums import LinkKind

ZONE = 3
NEXT_ZONE = 4
TOWARDS = "Fulda"
#: Open tickets of subscribers in the valley when the demo starts: its cable has been getting worse for a week.
OPEN_TICKETS = 8

LINES_PER_OLT = 24
LINES_PER_PORT = 12
LINES_PER_FIBRE_NODE = 9
LINES_PER_SECTOR = 4


class Spot(NamedTuple):
    """What hangs on one aggregation node of the valley; `towers` are chains, as sectors per tower."""

    olts: int
    fibre_nodes: int
    towers: tuple[tuple[int, ...], ...]


HEAD = Spot(olts=2, fibre_nodes=4, towers=())
VILLAGES = (
    Spot(olts=2, fibre_nodes=0, towers=((2, 2, 2),)),
    Spot(olts=2, fibre_nodes=4, towers=((2,),)),
    Spot(olts=1, fibre_nodes=0, towers=((2, 2, 3, 3),)),
)


def head(draft: Draft, where: Gazetteer) -> NodeRow:
    """The valley's aggregation node; built first, so that it is the zone's number one."""
    return aggregation(draft, where, 14)


def backhaul(
    draft: Draft, bngs: tuple[NodeRow, NodeRow], head: NodeRow, ring: FibreRow, long_haul: FibreRow
) -> FibreRow:
    """The one cable to the valley, with a link from each BNG on it."""
    ducts = [*draft.ducts_of(ring)[:1], *draft.ducts_of(long_haul)[:2]]
    cable = draft.fibre(draft.names.cable(ZONE, "BH"), ZONE, "backhaul", ducts)
    for bng in bngs:
        draft.link(bng, head, LinkKind.FIBRE, cable)
    return cable


def fill(draft: Draft, where: Gazetteer, beyond: Gazetteer, head: NodeRow, nas: str) -> None:
    """The villages, in a small ring of their own behind the head, and everything under them."""
    nodes = [aggregation(draft, where, 14) for _ in VILLAGES]
    around = [head, *nodes, head]
    for a, z in itertools.pairwise(around):
        draft.cable(a, z, where, ("R", "ring"), pieces=2)
    for spot, node in zip((HEAD, *VILLAGES), (head, *nodes), strict=True):
        _hang(draft, spot, Site(node, nas, where, backhaul=True), beyond)


def _hang(draft: Draft, spot: Spot, site: Site, beyond: Gazetteer) -> None:
    for number in range(spot.olts):
        olt = access_pon.olt(draft, site, remote=number > 0)
        access_pon.ports(draft, site, olt, LINES_PER_OLT, LINES_PER_PORT)
    if spot.fibre_nodes:
        cmts = access_docsis.cmts(draft, site)
        for _ in range(spot.fibre_nodes):
            access_docsis.fibre_node(draft, site, cmts, LINES_PER_FIBRE_NODE)
    for chain in spot.towers:
        before: NodeRow | None = None
        for number, sectors in enumerate(chain):
            is_last_of_long = len(chain) > 3 and number == len(chain) - 1
            before = access_wireless.tower(draft, site, before, beyond if is_last_of_long else site.where)
            for _ in range(sectors):
                access_wireless.sector(draft, site, before, LINES_PER_SECTOR)
