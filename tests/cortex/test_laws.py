"""What must hold of any storm: said twice is said once, names mean nothing, and so does the order within a moment."""

import random
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cortex.correlator import Correlator
from cortex.signals import Signal
from cortex.topology import Topology
from tests.cortex.storms import ring_of_trees, storm
from tests.cortex.worlds import World

SEEDS = st.integers(0, 2**32)
FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Story = tuple[tuple[int, ...], str, float, bool]


def world_and_storm(rng: random.Random) -> tuple[World, list[Signal]]:
    world = ring_of_trees(rng, ring=rng.randint(3, 6), trees=rng.randint(2, 4), lines=rng.randint(1, 6))
    can_fail = [n for n in world.names if "gw" not in n and "ont" not in n]
    return world, storm(world, rng.sample(can_fail, rng.randint(1, 2)), rng)


def stories(topology: Topology, signals: list[Signal], rename: dict[str, str] | None = None) -> list[Story]:
    """Each group as its alarms, its first cause, how sure, and whether it is an incident."""
    if not signals:
        return []
    correlator = Correlator(topology)
    correlator.add(signals)
    back = rename or {}
    found = correlator.findings(max(s.received for s in signals) + 1)
    return sorted((f.alarms, back.get(c.name, c.name), c.confidence, f.notable) for f in found for c in f.causes[:1])


@FEW
@given(SEEDS)
def test_an_alarm_said_twice_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    world, signals = world_and_storm(rng)
    again = [s for s in signals for _ in range(rng.choice([1, 1, 2]))]
    assert stories(world.topology, again) == stories(world.topology, signals)


@FEW
@given(SEEDS)
def test_names_mean_nothing(seed: int) -> None:
    rng = random.Random(seed)
    world, signals = world_and_storm(rng)
    new = {name: f"{name.partition(':')[0]}:{n:05}" for n, name in enumerate(world.names)}
    renamed = World(
        [replace(e, name=new[e.name]) for e in world.elements],
        [
            replace(e, name=new[e.name], a=new[e.a], z=new[e.z], risks=tuple(new[r] for r in e.risks))
            for e in world.edges
        ],
        [replace(r, name=new[r.name]) for r in world.risks],
    )
    said = [s._replace(key=new[s.key]) for s in signals]
    assert stories(renamed.topology, said, {v: k for k, v in new.items()}) == stories(world.topology, signals)


@FEW
@given(SEEDS)
def test_the_order_within_a_moment_changes_nothing_of_who_is_grouped(seed: int) -> None:
    rng = random.Random(seed)
    world, signals = world_and_storm(rng)
    shuffled = sorted(signals, key=lambda s: (int(s.received), rng.random()))
    groups = [alarms for alarms, *_ in stories(world.topology, signals)]
    assert [alarms for alarms, *_ in stories(world.topology, shuffled)] == groups
