"""A zone's own network: a pair of BNGs on two core routers, a ring of aggregation nodes between them, spurs."""

import itertools

from atlas.demo.backbone import Backbone
from atlas.demo.draft import Draft, Site, place_of
from atlas.demo.rows import FibreRow, NodeRow
from atlas.demo.zones import Gazetteer, between, metres, near
from atlas.network.enums import LinkKind, NodeKind

LINES_PER_SITE = 2_500
SPUR_SHARE = 0.08


def bng_pair(draft: Draft, backbone: Backbone, where: Gazetteer) -> tuple[NodeRow, NodeRow]:
    """Two BNGs on diverse routes: one in the city's core site, one on a neighbouring city's core router."""
    city = where.facts.core
    home = backbone.cores[city]
    bngs = [
        draft.node(draft.names.node(NodeKind.BNG, where.zone.id), NodeKind.BNG, where.zone.id, at)
        for at in (place_of(home), near(place_of(home), 3, draft.rng))
    ]
    draft.link(home, bngs[0], LinkKind.INTERNAL)
    away = min(backbone.neighbours(city), key=lambda other: _distance(home, backbone.cores[other]))
    draft.cable(backbone.cores[away], bngs[1], where, ("BB", "core"), pieces=3)
    draft.cable(bngs[0], bngs[1], where, ("R", "ring"))
    return bngs[0], bngs[1]


def _distance(a: NodeRow, z: NodeRow) -> int:
    return metres(place_of(a), place_of(z))


def ring(draft: Draft, where: Gazetteer, bngs: tuple[NodeRow, NodeRow], lines: int) -> tuple[list[Site], FibreRow]:
    """Aggregation nodes in a chain from one BNG to the other, so that any one cable may be cut; the first cable."""
    count = max(2, min(12, round(lines / LINES_PER_SITE)))
    sites = [
        Site(aggregation(draft, where, 12), bngs[0].name if n < (count + 1) // 2 else bngs[1].name, where)
        for n in range(count)
    ]
    hops = [bngs[0], *(site.node for site in sites), bngs[1]]
    cables = [draft.cable(a, z, where, ("R", "ring"), pieces=2) for a, z in itertools.pairwise(hops)]
    return sites, cables[0]


def aggregation(draft: Draft, where: Gazetteer, km: float) -> NodeRow:
    """An aggregation node within some distance of the zone's centre."""
    name = draft.names.node(NodeKind.AGGREGATION, where.zone.id)
    at = near((where.zone.lon, where.zone.lat), km, draft.rng)
    return draft.node(name, NodeKind.AGGREGATION, where.zone.id, at)


def spur(draft: Draft, where: Gazetteer, start: Site, ring_cable: FibreRow) -> Site:
    """An outlying aggregation node on one backhaul, which leaves town in a duct of the ring: a shared risk."""
    node = aggregation(draft, where, 25)
    shared = draft.ducts_of(ring_cable)[:1]
    draft.cable(start.node, node, where, ("BH", "backhaul"), pieces=3, through=shared)
    return Site(node, start.nas, where)


def remote_place(site: Site, draft: Draft, km: float) -> tuple[float, float]:
    """Where an access site stands that `site` feeds: somewhere beyond it."""
    centre, at = (site.where.zone.lon, site.where.zone.lat), place_of(site.node)
    return near(between(centre, at, 1.2), km, draft.rng)
