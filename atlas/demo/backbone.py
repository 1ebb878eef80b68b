"""The backbone: one core router in each of the fifty cities of `sndlib/germany50`, three transit gateways.

Positions and edges are the data set's (SNDlib, by way of topohub); each edge is a long-haul cable in ducts of
some forty kilometres.
"""

import unicodedata
from typing import Any, NamedTuple

import topohub

from atlas.demo.draft import Draft, place_of
from atlas.demo.rows import FibreRow, NodeRow
from atlas.demo.zones import Place, between, metres
from atlas.network.enums import LinkKind, NodeKind

GATEWAYS = ("Frankfurt", "Hamburg", "Muenchen")
DUCT_KM = 40


class Backbone(NamedTuple):
    """Core routers by city, and the cable between two neighbouring cities (both ways round)."""

    cores: dict[str, NodeRow]
    cables: dict[tuple[str, str], FibreRow]

    def neighbours(self, city: str) -> list[str]:
        """Cities with a cable from this one, in the data set's order."""
        return [z for a, z in self.cables if a == city]


def read() -> tuple[dict[str, Place], list[tuple[str, str]]]:
    """Cities with their positions, and the edges between them."""
    data: Any = topohub.get("sndlib/germany50")
    cities = {node["id"]: node["name"] for node in data["nodes"]}
    places = {node["name"]: (float(node["pos"][0]), float(node["pos"][1])) for node in data["nodes"]}
    return places, [(cities[edge["source"]], cities[edge["target"]]) for edge in data["edges"]]


def build(draft: Draft, places: dict[str, Place], edges: list[tuple[str, str]]) -> Backbone:
    """Lay the cores, the long-haul cables and the gateways."""
    cores = {
        city: draft.node(f"core-{_slug(city)}-1", NodeKind.CORE_ROUTER, None, at) for city, at in sorted(places.items())
    }
    cables: dict[tuple[str, str], FibreRow] = {}
    for a, z in edges:
        cables[a, z] = cables[z, a] = _long_haul(draft, cores, a, z)
    for city in GATEWAYS:
        transit = draft.node(f"transit-{_slug(city)}-1", NodeKind.TRANSIT, None, places[city])
        for _ in range(2):
            draft.link(transit, cores[city], LinkKind.INTERNAL)
    return Backbone(cores, cables)


def _long_haul(draft: Draft, cores: dict[str, NodeRow], a: str, z: str) -> FibreRow:
    start, end = place_of(cores[a]), place_of(cores[z])
    name = f"BB-{_slug(a)}-{_slug(z)}".upper()
    pieces = max(1, round(metres(start, end) / 1000 / DUCT_KM))
    stops = [(_kilometre(a, z, start, end, n / pieces), between(start, end, n / pieces)) for n in range(pieces + 1)]
    ducts = [draft.duct(f"{name}-{n + 1}", None, stops[n], stops[n + 1]) for n in range(pieces)]
    fibre = draft.fibre(name, None, "core", ducts, strands=96)
    draft.link(cores[a], cores[z], LinkKind.FIBRE, fibre)
    return fibre


def _kilometre(a: str, z: str, start: Place, end: Place, part: float) -> str:
    """Where along the route, as the crew would say it."""
    if part in (0.0, 1.0):
        return f"{a if part == 0.0 else z}, core site"
    return f"Handhole km {metres(start, end) * part / 1000:.0f} on the {a}–{z} route"


def _slug(city: str) -> str:
    plain = unicodedata.normalize("NFKD", city).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "-")
