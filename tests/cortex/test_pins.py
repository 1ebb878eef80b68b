"""What people said holds whatever comes: groups held apart, what was taken out, and what was called false."""

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from cortex.config import Config
from cortex.correlator import Correlator
from cortex.group import Group
from cortex.pins import Pins
from cortex.signals import Signal
from tests.cortex.storms import START, ring_of_trees, storm

WORLD = ring_of_trees(random.Random(4), ring=5, trees=3, lines=5)
TOPOLOGY = WORLD.topology
CUT = "fibre:r0-r1"
FEEDERS = [r.name for r in WORLD.risks if r.kind == "fibre" and "olt" in r.name and "-p" not in r.name]


def correlator(pins: Pins) -> Correlator:
    return Correlator(TOPOLOGY, config=Config(), pins=pins)


def groups_of(brain: Correlator) -> dict[int, Group]:
    return brain._grouping.groups.open


def alarms_in(group: Group) -> set[int]:
    return {alarm for e in group.evidence.values() for alarm in e.alarms}


def one_storm(seed: int = 1) -> list[Signal]:
    return storm(WORLD, [FEEDERS[0]], random.Random(seed))


def halves(signals: Sequence[Signal]) -> tuple[list[Signal], list[Signal]]:
    """The silent below one port, and everything else."""
    first = next(s for s in signals if s.type == "radius-interim-missing")
    port = TOPOLOGY.ancestors(first.element or 0)[1]
    below = {n for n in range(TOPOLOGY.nodes) if port in TOPOLOGY.ancestors(n)}
    return [s for s in signals if s.element not in below], [s for s in signals if s.element in below]


def test_without_pins_a_storm_is_one_group() -> None:
    brain = correlator(Pins())
    brain.add(one_storm())
    assert len([g for g in groups_of(brain).values() if len(g.evidence) > 1]) == 1


def test_two_parts_that_a_person_split_stay_two_while_more_comes() -> None:
    rest, part = halves(one_storm())
    brain = correlator(Pins(apart=(frozenset({1, 2}),), barred_alarms={s.alarm: frozenset({1}) for s in part}))
    brain.adopt(1, rest)
    brain.adopt(2, part)
    brain.findings(START + 700)
    brain.add([s._replace(alarm=s.alarm + 10_000, key=s.key + "/again", at=s.at + 5) for s in one_storm()])
    brain.findings(START + 800)
    groups = brain._grouping.groups
    assert groups.find(1) != groups.find(2)
    one = groups.get(1)
    assert one is not None
    assert not alarms_in(one) & {s.alarm for s in part}


def test_what_was_taken_out_makes_a_group_of_its_own_and_that_is_not_joined_either() -> None:
    rest, part = halves(one_storm())
    elements = {s.element: frozenset({1}) for s in part if s.element is not None}
    brain = correlator(Pins(barred_elements=elements))
    brain.adopt(1, rest)
    brain.findings(START + 700)
    brain.add(part)
    one = brain._grouping.groups.get(1)
    assert one is not None
    assert not {e.element for e in one.evidence.values()} & elements.keys()
    assert alarms_in(one) == {s.alarm for s in rest}


def test_what_a_person_put_together_may_not_be_taken_apart() -> None:
    pins = Pins(whole=frozenset({3}))
    into = {3: 1}
    assert not pins.may_split(3, lambda g: g)
    assert not pins.may_split(1, lambda g: into.get(g, g))  # it was joined into an older one since
    assert pins.may_split(2, lambda g: g)


def test_what_was_called_false_is_heard_again_once_it_has_cleared() -> None:
    signals = one_storm()
    pins = Pins(false={s.alarm: START + 1000 for s in signals})
    brain = correlator(pins)
    brain.add([s._replace(at=s.at + 1100, received=s.received + 1100) for s in signals])
    assert not groups_of(brain)
    brain.add([s._replace(cleared=True, at=s.at + 1200, received=s.received + 1200) for s in signals])
    assert not pins.false
    brain.add([s._replace(at=s.at + 1300, received=s.received + 1300) for s in signals])
    assert groups_of(brain)


def test_an_id_that_an_incident_has_is_given_to_no_new_group() -> None:
    brain = correlator(Pins(apart=(frozenset({3, 7}),)))
    brain.adopt(3, one_storm()[:1])
    brain.adopt(7, [])  # its alarms are gone, and it is open
    brain.add(storm(WORLD, [FEEDERS[1]], random.Random(2)))
    assert 7 not in groups_of(brain)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.data())
def test_no_order_of_alarms_overrules_a_person(seed: int, data: st.DataObject) -> None:
    """Any storm, any part of it split off, the rest arriving in any order with findings taken in between."""
    rng = random.Random(seed)
    signals = storm(WORLD, [rng.choice([*FEEDERS, CUT]) for _ in range(rng.randint(1, 2))], rng)
    known = data.draw(st.integers(2, max(2, len(signals) // 2)))
    split = {s.alarm for s in signals[:known] if rng.random() < 0.4}
    gone = {s.element for s in signals if s.element is not None and rng.random() < 0.1}
    pins = Pins(
        apart=(frozenset({1, 2}),),
        barred_alarms={alarm: frozenset({1}) for alarm in split},
        barred_elements={element: frozenset({1, 2}) for element in gone},
    )
    brain = correlator(pins)
    held = [s for s in signals[:known] if s.element not in gone and s.about not in gone]
    brain.adopt(1, [s for s in held if s.alarm not in split])
    brain.adopt(2, [s for s in held if s.alarm in split])
    late = signals[known:]
    rng.shuffle(late)
    for start in range(0, len(late), 7):
        brain.add(late[start : start + 7])
        brain.findings(START + 700 + start)
    groups = brain._grouping.groups
    one, two = groups.get(1), groups.get(2)
    if one and two:
        assert one is not two
    if one:
        assert not alarms_in(one) & split
    for group in filter(None, (one, two)):
        assert not {e.element for e in group.evidence.values()} & gone
        assert not {e.about for e in group.evidence.values()} & gone
