"""Ten real backbones from topohub: names of places and the links between them (SNDlib, Topology Zoo)."""

from typing import NamedTuple

import topohub

#: From 12 to 54 places; meshes, rings, and (in the Topology Zoo) places on a single link.
NAMES = (
    "sndlib/polska",
    "sndlib/nobel-germany",
    "sndlib/geant",
    "sndlib/norway",
    "sndlib/germany50",
    "sndlib/zib54",
    "topozoo/BtEurope",
    "topozoo/AttMpls",
    "topozoo/Cesnet201006",
    "topozoo/Bellsouth",
)


class Backbone(NamedTuple):
    """How many places there are, and the links between them, each pair once."""

    name: str
    places: int
    links: tuple[tuple[int, int], ...]


def read(name: str) -> Backbone:
    """A backbone of the package; the largest connected part of it."""
    data = topohub.get(name)
    pairs = {(min(e["source"], e["target"]), max(e["source"], e["target"])) for e in data["edges"]}
    ways: dict[int, set[int]] = {}
    for a, z in pairs:
        if a != z:
            ways.setdefault(a, set()).add(z)
            ways.setdefault(z, set()).add(a)
    parts: list[set[int]] = [_reached(ways, start) for start in ways]
    size = max(len(part) for part in parts)
    kept = sorted(next(part for part in parts if len(part) == size))
    number = {place: i for i, place in enumerate(kept)}
    links = sorted((number[a], number[z]) for a, z in pairs if a != z and a in number and z in number)
    return Backbone(name.partition("/")[2], len(kept), tuple(links))


def _reached(ways: dict[int, set[int]], start: int) -> set[int]:
    seen, queue = {start}, [start]
    for place in queue:  # grows while it is walked
        fresh = ways[place] - seen
        seen |= fresh
        queue += sorted(fresh)
    return seen
