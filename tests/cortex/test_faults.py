"""The law of root cause: a cut of any network, alarms shuffled and a tenth lost, is named, or a tie that holds it."""

import random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cortex.correlator import Correlator, Finding
from cortex.signals import Signal
from tests.cortex.storms import ring_of_trees, storm
from tests.cortex.worlds import World

SEEDS = st.integers(0, 2**32)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def network(rng: random.Random) -> World:
    return ring_of_trees(rng, ring=rng.randint(3, 6), trees=rng.randint(1, 4), lines=rng.randint(1, 6))


def can_fail(world: World, *, lines: bool) -> list[str]:
    """Everything but the gateways and their uplinks; the many ends of lines only where asked."""
    return [n for n in world.names if "gw" not in n and (lines or "ont" not in n)]


def received(world: World, failed: list[str], rng: random.Random) -> list[Signal]:
    """What arrives of a storm: a tenth lost, in any order."""
    signals = [s for s in storm(world, failed, rng) if rng.random() >= 0.1]
    rng.shuffle(signals)
    return signals


def findings(world: World, signals: list[Signal]) -> list[Finding]:
    correlator = Correlator(world.topology)
    correlator.add(signals)
    return correlator.findings(max(s.received for s in signals) + 1)


def witness(signal: Signal) -> tuple[object, ...]:
    """One piece of news: a live end that lost a link, in however many protocols, or one element's own alarm."""
    return (signal.element, signal.about if signal.about is not None else signal.type)


def news(world: World, failed: str) -> set[tuple[object, ...]]:
    """All that this failure makes known, nothing lost."""
    return {witness(s) for s in storm(world, [failed], random.Random(0))}


@FEW
@given(SEEDS)
def test_one_fault_is_named_first_or_in_a_stated_tie(seed: int) -> None:
    rng = random.Random(seed)
    world = network(rng)
    failed = rng.choice(can_fail(world, lines=rng.random() < 0.2))
    signals = received(world, [failed], rng)
    if not signals:
        return
    known, everything = {witness(s) for s in signals}, news(world, failed)
    rivals = {n: told for n in world.names if n != failed and known <= (told := news(world, n))}
    alike = {world.topology.index(n) for n, told in rivals.items() if told == everything}
    closer = [n for n, told in rivals.items() if told != everything and len(told) <= len(everything)]

    (finding,) = findings(world, signals)

    assert finding.together == 1
    first, *others = [{c.element, *c.tied_with} for c in finding.causes]
    if len(known) == 1 and closer:
        return  # one alarm of one line is taken for that line's own
    if closer:  # with what was lost, another failure explains what is left as well or better
        assert any(world.topology.index(failed) in answer for answer in [first, *others])
    else:
        assert {world.topology.index(failed), *alike} <= first


@FEW
@given(SEEDS)
@example(16698)  # both links of a router that still speaks, and all else behind it silent
def test_two_faults_at_once_are_two_causes(seed: int) -> None:
    rng = random.Random(seed)
    world = network(rng)
    failed = rng.sample(can_fail(world, lines=False), 2)
    if not apart(world, failed):
        return
    signals = received(world, failed, rng)
    known = {witness(s) for s in signals}
    if any(len(known & news(world, f)) < 2 or lost_its_voice(known, news(world, f)) for f in failed):
        return  # too little came through of one of them

    found = findings(world, signals)

    named = [{c.element, *c.tied_with} for f in found for c in f.causes[: f.together]]
    for one in failed:
        assert any(world.topology.index(one) in answer for answer in named), one


def lost_its_voice(known: set[tuple[object, ...]], everything: set[tuple[object, ...]]) -> bool:
    """Whether all that was said at once is lost, and only accounting that stayed away much later is left."""
    prompt = {w for w in everything if w[1] != "radius-interim-missing"}
    return bool(prompt) and not prompt & known


def apart(world: World, failed: list[str]) -> bool:
    """Whether two faults make known just what each would alone, and nobody else's failure explains both."""
    both = {witness(s) for s in storm(world, failed, random.Random(0))}
    one, other = (news(world, f) for f in failed)
    alone = not any(one | other <= news(world, n) for n in world.names)
    return alone and both == one | other and not one & other


@FEW
@given(SEEDS)
def test_the_impact_is_who_is_really_cut_off(seed: int) -> None:
    rng = random.Random(seed)
    world = network(rng)
    failed = rng.choice(can_fail(world, lines=False))
    signals = storm(world, [failed], rng)
    if not signals:
        return
    (finding,) = findings(world, signals)
    topology = world.topology
    if topology.index(failed) in {finding.causes[0].element, *finding.causes[0].tied_with}:
        devices = {e.name for e in world.elements if e.is_device} & world.cut_off([failed])
        assert finding.impact.devices == len(devices)


@FEW
@given(SEEDS, st.integers(1, 40))
def test_batches_and_order_do_not_matter_to_who_is_grouped(seed: int, batch: int) -> None:
    rng = random.Random(seed)
    world = network(rng)
    failed = rng.choice(can_fail(world, lines=False))
    signals = received(world, [failed], rng)
    if not signals:
        return
    correlator = Correlator(world.topology)
    last: dict[int, Finding] = {}
    now = max(s.received for s in signals) + 1
    for at in range(0, len(signals), batch):
        correlator.add(signals[at : at + batch])
        for finding in correlator.findings(now):
            last[finding.group] = finding
            for gone in finding.merged:
                del last[gone]
    assert len(last) == len(findings(world, signals))
    assert sorted(a for f in last.values() for a in f.alarms) == sorted(s.alarm for s in signals)
