"""Naming by the table itself: signs drawn as the table says, a tenth lost and some that are chance, the cause named."""

import random
from collections import Counter

import pytest

from cortex.config import Config
from cortex.evidence import alarm
from cortex.evidence.services import ALARMS, PRIOR, SIGNS, WAYS, Sign, sign_of
from cortex.group import Evidence
from cortex.service_faults import ServiceCase, Suspect, faults
from tests.cortex.service_world import BNGS, DEPENDENCIES, TOPOLOGY, at

CONFIG = Config()


def kind_of(pool: tuple[int, ...]) -> str:
    return TOPOLOGY.kind(pool[0])


SUSPECTS = [
    *(Suspect(kind, role, (at(f"{kind}-{n}"),), way) for kind, role, way in (
        ("radius", "authentication", "radius"), ("radius", "authentication", "radius rejects"),
        ("dhcp", "addresses", "dhcp"), ("dns", "names", "dns"), ("cgnat", "nat", "cgnat"),
        ("transit", "routes", "transit"),
    ) for n in (1, 2)),
    *(Suspect(way.partition(" ")[0], role, pool, way)
      for role, pool in DEPENDENCIES.whole_pools() for way in WAYS.get(kind_of(pool), (kind_of(pool),))),
    *(Suspect("bng", "", (at(bng),), "bng") for bng in BNGS),
]  # fmt: skip


def evidence(type_: str, element: int, about: int) -> Evidence:
    """A sign that stands."""
    return Evidence(element, type_, about, "", 0.0, 0.0, True, "http", {1}, [1])


def case(signs: list[Evidence], now: float = 4000.0) -> ServiceCase:
    return ServiceCase(TOPOLOGY, DEPENDENCIES, signs, now, CONFIG)


def drawn(suspect: Suspect, rng: random.Random) -> list[Evidence]:
    """The signs this failure makes, by the table, a tenth of them lost and a few there by chance."""
    table = case([])
    found = []
    for watched in sorted(DEPENDENCIES.watched):
        likely = table.likely(suspect, *watched)
        if rng.random() < 0.9 * likely or rng.random() < 0.1 * alarm(watched[0]).leak:
            found.append(evidence(*watched))
    return found


def test_what_failed_is_named_as_often_as_the_table_lets_it_be() -> None:
    rng, told, right, sure = random.Random(11), 0, 0, Counter[bool]()
    for _ in range(12):
        for suspect in SUSPECTS:
            signs = drawn(suspect, rng)
            if len(signs) < 2:
                continue
            told += 1
            first = faults(case(signs))[0]
            is_right = bool(first.answers) and first.answers[0].suspect.elements == suspect.elements
            right += is_right
            if first.answers and first.answers[0].confidence >= CONFIG.sure:
                sure[is_right] += 1
    assert told > 200
    assert right / told >= 0.97, (right, told)
    assert sure[True] / (sure[True] + sure[False]) >= 0.97, sure


def test_nothing_explains_no_signs_and_strangers() -> None:
    assert faults(case([])) == []
    (only,) = faults(case([evidence("nat-ports-exhausted", -1, -1)]))
    assert (only.answers, only.places) == ((), (0,))


@pytest.mark.parametrize("sign", SIGNS, ids=lambda s: f"{s.kind or 'other'}, {s.type}")
def test_each_row_is_a_probability_of_a_type_and_a_kind_that_exist(sign: Sign) -> None:
    assert sign.kind == "" or sign.kind in PRIOR
    assert sign.type in {row.type for row in ALARMS}
    values = [sign.itself, sign.there, sign.bereft, sign.covered]
    assert all(0.0 <= value < 1.0 for value in values)
    assert any(values)
    assert sign_of(sign.kind, sign.type) is sign


def test_no_row_is_there_twice_and_whoever_is_left_notices_less() -> None:
    assert len({(s.kind, s.type) for s in SIGNS}) == len(SIGNS)
    assert all(s.covered <= max(s.bereft, s.itself) for s in SIGNS)


def test_what_stays_away_speaks_only_after_its_time_and_only_where_it_is_watched() -> None:
    signs = [evidence("authentication-timeouts", at("bng-1"), at("radius-1"))]
    radius = next(s for s in SUSPECTS if s.elements == (at("radius-1"),) and s.way == "radius")
    early, late = (case(signs, now).score(radius, [0]) for now in (5.0, 4000.0))
    blind = ServiceCase(TOPOLOGY, DEPENDENCIES, signs, 4000.0, CONFIG, blind=[at(b) for b in BNGS[1:]])
    assert late < early
    assert blind.score(radius, [0]) > late
