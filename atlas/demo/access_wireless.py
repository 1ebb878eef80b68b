"""Fixed wireless as it is built: towers in a chain by radio, the first on fibre; sectors; CPE at the premises."""

from atlas.demo.access_pon import shares
from atlas.demo.draft import Draft, Site, place_of
from atlas.demo.metro import remote_place
from atlas.demo.rows import NodeRow
from atlas.demo.zones import Gazetteer, near
from atlas.network.enums import LinkKind, NodeKind, Technology

LINES_PER_SECTOR = 20
SECTORS_PER_TOWER = 3
TOWERS_PER_CHAIN = 3


def build(draft: Draft, sites: list[Site], lines: int) -> None:
    """Hang `lines` CPE under these sites, on chains of up to three towers."""
    if not lines:
        return
    sectors = -(-lines // LINES_PER_SECTOR)
    cpes = iter(shares(lines, sectors))
    before: NodeRow | None = None
    for number, count in enumerate(shares(sectors, -(-sectors // SECTORS_PER_TOWER))):
        site = sites[number // TOWERS_PER_CHAIN % len(sites)]
        before = tower(draft, site, before if number % TOWERS_PER_CHAIN else None, site.where)
        for _ in range(count):
            sector(draft, site, before, next(cpes))


def tower(draft: Draft, site: Site, before: NodeRow | None, where: Gazetteer) -> NodeRow:
    """A tower in zone `where`: on fibre from the site, or by radio from the tower before it."""
    at = near(place_of(before), 9, draft.rng) if before else remote_place(site, draft, 5)
    zone = where.zone.id
    node = draft.node(draft.names.node(NodeKind.TOWER, zone), NodeKind.TOWER, zone, at, Technology.WIRELESS)
    if before:
        draft.link(before, node, LinkKind.RADIO)
    else:
        draft.cable(site.node, node, site.where, ("UP", "backhaul"), pieces=2)
    return node


def sector(draft: Draft, site: Site, tower: NodeRow, lines: int) -> None:
    """A sector antenna on a tower, with CPE in its beam."""
    zone = tower.zone_id or site.where.zone.id
    node = draft.node(
        draft.names.node(NodeKind.SECTOR, zone), NodeKind.SECTOR, zone, place_of(tower), Technology.WIRELESS
    )
    draft.link(tower, node, LinkKind.INTERNAL)
    beam = near(place_of(tower), 4, draft.rng)
    for _ in range(lines):
        cpe = draft.node(
            draft.names.node(NodeKind.CPE, zone), NodeKind.CPE, zone, near(beam, 1.5, draft.rng), Technology.WIRELESS
        )
        draft.link(node, cpe, LinkKind.RADIO, a_interface="wlan0")
        draft.connect(cpe, site, Technology.WIRELESS)
