"""The demo's sites: whatever equipment stands in one place shares a mains supply and a battery.

Core sites have a generator's worth of battery, aggregation sites ("pop") some hours, cabinets and masts less.
"""

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from atlas.demo.draft import Draft, place_of
from atlas.demo.rows import NodeRow, SiteRow
from atlas.demo.zones import Gazetteer, Place, corner
from atlas.network.enums import DEVICE_KINDS, NodeKind


class Kind(NamedTuple):
    """A kind of site: what it is called, and for how many hours its battery is built."""

    name: str
    words: str
    hours: float


#: By the most important equipment in the place, the most important first.
KINDS = {
    NodeKind.CORE_ROUTER: Kind("core", "core site", 24.0),
    NodeKind.BNG: Kind("bng", "BNG site", 12.0),
    NodeKind.AGGREGATION: Kind("pop", "aggregation site", 8.0),
    NodeKind.OLT: Kind("cab", "cabinet", 4.0),
    NodeKind.CMTS: Kind("cab", "cabinet", 4.0),
    NodeKind.TOWER: Kind("mast", "mast", 6.0),
    NodeKind.FIBRE_NODE: Kind("node", "fibre node's power supply", 2.0),
    NodeKind.SECTOR: Kind("mast", "mast", 6.0),
}
#: Batteries are changed after so many years, at the latest.
OLDEST_YEARS = 11


def settle(draft: Draft, zones: Mapping[int, Gazetteer], seed: int) -> list[SiteRow]:
    """Put every piece of equipment at the site of its place; the sites, named in the order of what stands there."""
    rng = random.Random(f"{seed}/sites")
    standing: defaultdict[Place, list[int]] = defaultdict(list)
    for at, node in enumerate(draft.nodes):
        if node.kind in DEVICE_KINDS:
            standing[place_of(node)].append(at)
    sites: list[SiteRow] = []
    for place, nodes in standing.items():
        site = _site(len(sites) + 1, [draft.nodes[at] for at in nodes], place, draft, zones, rng)
        sites.append(site)
        for at in nodes:
            draft.nodes[at] = draft.nodes[at]._replace(site_id=site.id)
    return sites


def _site(
    id_: int,
    nodes: list[NodeRow],
    place: Place,
    draft: Draft,
    zones: Mapping[int, Gazetteer],
    rng: random.Random,
) -> SiteRow:
    found = {NodeKind(node.kind) for node in nodes}
    kind = next(kind for key, kind in KINDS.items() if key in found)
    zone = next((node.zone_id for node in nodes if node.zone_id is not None), None)
    stem = f"z{zone}-{kind.name}" if zone is not None else nodes[0].name.replace("core", "site", 1)
    number = draft.names.next(f"site {stem}")
    where = corner(zones[zone], rng) if zone is not None else nodes[0].name
    age = timedelta(days=rng.randrange(60, OLDEST_YEARS * 365))
    since: date = (draft.now - age).date()
    name = stem if number == 1 else f"{stem}-{number}"
    return SiteRow(id_, name, zone, f"{kind.words}, {where}"[:200], kind.hours, since, *place)
