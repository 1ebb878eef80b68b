"""The whole network for a number of subscribers: backbone, zones, valley, access."""

import random
from datetime import datetime
from typing import NamedTuple

from faker import Faker

from atlas.demo import access_docsis, access_pon, access_wireless, backbone, metro, pools, sites, valley, zones
from atlas.demo.access_pon import shares
from atlas.demo.draft import Draft
from atlas.demo.rows import DependencyRow, FibreRow, NodeRow, SiteRow
from atlas.demo.zones import ZONES, Gazetteer

#: Below this the zones beside the valley would be empty.
SMALLEST = 2_000


class Layout(NamedTuple):
    """The network's rows, the zones they are in, and what lines depend on beside their path."""

    draft: Draft
    zones: dict[int, Gazetteer]
    sites: list[SiteRow]
    dependencies: list[DependencyRow]


def lay_out(subscribers: int, seed: int, now: datetime) -> Layout:
    """Lay out the network for exactly this many lines; the same seed and time give the same rows."""
    if subscribers < SMALLEST:
        raise ValueError(f"The demo ISP needs at least {SMALLEST} subscribers, not {subscribers}.")
    rng = random.Random(f"{seed}/network")
    faker = Faker("de_DE")
    faker.seed_instance(f"{seed}/streets")
    places, edges = backbone.read()
    gazetteers = zones.gazetteers(places, faker)
    draft = Draft(now, rng)
    core = backbone.build(draft, places, edges)
    bngs = {number: metro.bng_pair(draft, core, where) for number, where in gazetteers.items()}

    where = gazetteers[valley.ZONE]
    head = valley.head(draft, where)
    valley.fill(draft, where, gazetteers[valley.NEXT_ZONE], head, bngs[valley.ZONE][0].name)
    remaining = subscribers - len(draft.lines)
    for number, lines in _lines_per_zone(remaining).items():
        ring = _zone(draft, gazetteers[number], bngs[number], lines)
        if number == valley.ZONE:
            long_haul = core.cables[where.facts.core, valley.TOWARDS]
            valley.backhaul(draft, bngs[number], head, ring, long_haul)
    return Layout(draft, gazetteers, sites.settle(draft, gazetteers, seed), pools.build(draft, core.cores))


def _zone(draft: Draft, where: Gazetteer, bngs: tuple[NodeRow, NodeRow], lines: int) -> FibreRow:
    """One zone's ring, spur and access networks; returns the ring's first cable."""
    sites, first = metro.ring(draft, where, bngs, lines)
    if where.facts.has_spur:
        on_spur = round(lines * metro.SPUR_SHARE)
        access_pon.build(draft, [metro.spur(draft, where, sites[0], first)], on_spur)
        lines -= on_spur
    pon, docsis, _ = where.facts.technologies
    on_pon, on_docsis = round(lines * pon), round(lines * docsis)
    access_pon.build(draft, sites, on_pon)
    access_docsis.build(draft, sites, on_docsis)
    access_wireless.build(draft, sites, lines - on_pon - on_docsis)
    return first


def _lines_per_zone(total: int) -> dict[int, int]:
    """The zones' shares of the lines, adding up to exactly the total."""
    weights = [round(facts.share * 1000) for facts in ZONES]
    places = list(shares(total, sum(weights)))
    result, at = {}, 0
    for facts, weight in zip(ZONES, weights, strict=True):
        result[facts.number] = sum(places[at : at + weight])
        at += weight
    return result
