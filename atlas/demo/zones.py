"""The twelve zones: where they are, the roads in them and the addresses lines end at."""

import json
import math
import random
from typing import Any, NamedTuple

from faker import Faker

from atlas.demo.rows import AddressRow, ZoneRow

Place = tuple[float, float]  # lon, lat (WGS 84)


class ZoneFacts(NamedTuple):
    """A zone: its city in the backbone, how people write that city, its postcodes, and its share of the lines.

    `technologies` are the shares of PON, DOCSIS and fixed wireless; `has_spur`: part of it hangs on one backhaul.
    """

    number: int
    core: str
    city: str
    postcodes: str
    share: float
    technologies: tuple[float, float, float]
    has_spur: bool


ZONES = (
    ZoneFacts(1, "Hamburg", "Hamburg", "22", 0.13, (0.60, 0.35, 0.05), False),
    ZoneFacts(2, "Hannover", "Hannover", "30", 0.09, (0.65, 0.25, 0.10), False),
    ZoneFacts(3, "Kassel", "Kassel", "34", 0.05, (0.60, 0.25, 0.15), False),
    ZoneFacts(4, "Fulda", "Fulda", "36", 0.04, (0.50, 0.20, 0.30), False),
    ZoneFacts(5, "Frankfurt", "Frankfurt am Main", "60", 0.12, (0.70, 0.28, 0.02), False),
    ZoneFacts(6, "Mannheim", "Mannheim", "68", 0.08, (0.60, 0.35, 0.05), True),
    ZoneFacts(7, "Stuttgart", "Stuttgart", "70", 0.10, (0.60, 0.30, 0.10), False),
    ZoneFacts(8, "Muenchen", "München", "81", 0.12, (0.65, 0.28, 0.07), False),
    ZoneFacts(9, "Nuernberg", "Nürnberg", "90", 0.07, (0.60, 0.25, 0.15), True),
    ZoneFacts(10, "Leipzig", "Leipzig", "04", 0.06, (0.65, 0.25, 0.10), False),
    ZoneFacts(11, "Berlin", "Berlin", "10", 0.09, (0.60, 0.38, 0.02), False),
    ZoneFacts(12, "Dortmund", "Dortmund", "44", 0.05, (0.60, 0.25, 0.15), True),
)

STREETS_PER_ZONE = 240


class Gazetteer(NamedTuple):
    """A zone's centre and its street names; roads are shared by premises and by the ducts under them."""

    zone: ZoneRow
    facts: ZoneFacts
    streets: tuple[str, ...]


def gazetteers(cities: dict[str, Place], faker: Faker) -> dict[int, Gazetteer]:
    """Zones by number, at the real positions of their cities."""
    return {
        facts.number: Gazetteer(
            ZoneRow(facts.number, facts.number, facts.city, *cities[facts.core]), facts, _streets(faker)
        )
        for facts in ZONES
    }


def _streets(faker: Faker) -> tuple[str, ...]:
    names: dict[str, None] = {}
    while len(names) < STREETS_PER_ZONE:
        last, suffix = str(faker.last_name()), faker.random_element(("straße", "weg", "gasse", "platz", "ring"))
        names[f"{last}{suffix}" if suffix != "platz" else f"{last}platz"] = None
    return tuple(names)


def near(place: Place, km: float, rng: random.Random) -> Place:
    """A point up to `km` away."""
    angle, distance = rng.random() * 2 * math.pi, km * math.sqrt(rng.random())
    lon = place[0] + distance * math.cos(angle) / (111.3 * math.cos(math.radians(place[1])))
    return round(lon, 5), round(place[1] + distance * math.sin(angle) / 111.3, 5)


def between(a: Place, z: Place, part: float) -> Place:
    """The point `part` of the way from `a` to `z`."""
    return round(a[0] + (z[0] - a[0]) * part, 5), round(a[1] + (z[1] - a[1]) * part, 5)


def metres(a: Place, z: Place) -> int:
    """Length of a trench between two points: the crow's way and a quarter, at least 20 m."""
    x = (z[0] - a[0]) * math.cos(math.radians((a[1] + z[1]) / 2))
    return max(20, round(math.hypot(x, z[1] - a[1]) * 111_300 * 1.25))


def line_string(*places: Place) -> str:
    """GeoJSON LineString coordinates."""
    return json.dumps([list(place) for place in places])


def address(id_: int, where: Gazetteer, at: Place, rng: random.Random) -> AddressRow:
    """A door at about this point."""
    street = where.streets[rng.randrange(STREETS_PER_ZONE)]
    unit = f"{rng.randrange(6)}. OG" if rng.random() < 0.3 else ""
    postcode = f"{where.facts.postcodes}{sum(map(ord, street)) * 37 % 1000:03}"
    return AddressRow(id_, where.zone.id, street, str(rng.randrange(1, 180)), unit, postcode, where.facts.city, *at)


def corner(where: Gazetteer, rng: random.Random) -> str:
    """A place in words a crew understands."""
    street: Any = where.streets[rng.randrange(STREETS_PER_ZONE)]
    return f"{street} {rng.randrange(1, 120)}, {where.facts.city}"
