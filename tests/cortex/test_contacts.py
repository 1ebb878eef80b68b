"""Contacts that cluster, by place or by nothing, and those that don't."""

import random

from cortex.contacts import EVERYWHERE, Usual, chance, find

LINES = {EVERYWHERE: 10_000, "zone-1": 5_000, "zone-2": 5_000, "bng-1": 2_500, "olt-7": 120}
#: Four weeks in which some forty people a day called.
USUAL = Usual(contacts=1_100, line_hours=10_000 * 24 * 28)


def calls(**by_place: int) -> list[frozenset[str]]:
    """So many contacts from each place; a BNG and an OLT lie in zone 1."""
    within = {"olt_7": ("olt-7", "bng-1", "zone-1"), "bng_1": ("bng-1", "zone-1"), "zone_2": ("zone-2",)}
    return [frozenset(within[place]) for place, count in by_place.items() for _ in range(count)]


def test_a_few_calls_are_chance() -> None:
    assert find(calls(olt_7=2, zone_2=3), LINES, 1.0, USUAL) is None


def test_calls_from_one_site_name_that_site() -> None:
    found = find(calls(olt_7=7, zone_2=2), LINES, 1.0, USUAL)
    assert found is not None
    assert (found.place, found.contacts) == ("olt-7", 7)


def test_calls_from_all_over_a_bng_name_the_bng() -> None:
    found = find(calls(bng_1=12, zone_2=1), LINES, 1.0, USUAL)
    assert found is not None
    assert found.place == "bng-1"


def test_calls_from_everywhere_have_nothing_in_common() -> None:
    found = find(calls(bng_1=14, zone_2=15), LINES, 1.0, USUAL)
    assert found is not None
    assert (found.place, found.contacts) == (EVERYWHERE, 29)


def test_too_little_history_says_nothing() -> None:
    assert find(calls(zone_2=50), LINES, 1.0, Usual(3, 10_000)) is None


def test_a_rate_known_from_little_makes_chance_likelier() -> None:
    assert chance(8, 1_000, Usual(2, 2_000)) > chance(8, 1_000, Usual(200, 200_000))


def test_seven_ordinary_days_hold_no_cluster() -> None:
    rng = random.Random(3)
    for _ in range(7 * 96):
        heard = []
        for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4))):
            zone = rng.choice((1, 2))
            bng = zone == 1 and rng.random() < 0.5
            heard.append(frozenset({f"zone-{zone}"} | ({"bng-1"} if bng else set())))
        assert find(heard, LINES, 1.0, USUAL) is None
