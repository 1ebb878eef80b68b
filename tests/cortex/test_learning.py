"""Learning from verdicts, in a world whose truth is not what the tables say."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortex.config import Config
from cortex.evidence import Relation
from cortex.knowledge import HAND_WRITTEN
from cortex.learning import TooFewError, fit, judge, learn
from cortex.numbers import changes, from_json, to_json
from cortex.past import Past, lessons, with_knowledge
from cortex.topology import Topology
from tests.cortex.storms import ring_of_trees, storm
from tests.cortex.worlds import World

CONFIG = Config()
WORLD = ring_of_trees(random.Random(7), ring=6, trees=6, lines=6)
TOPOLOGY = WORLD.topology


def risks(kind: str) -> list[str]:
    return [r.name for r in WORLD.risks if r.kind == kind and "olt" in r.name]


def past(cause: str, rng: random.Random, world: World = WORLD, **more: object) -> Past:
    topology = world.topology if world is not WORLD else TOPOLOGY
    return Past(topology.index(cause), tuple(storm(world, [cause], rng)), **more)  # type: ignore[arg-type]


def pasts(count: int, pick: Callable[[random.Random], str], seed: int = 1) -> list[Past]:
    rng = random.Random(seed)
    return [past(pick(rng), rng) for _ in range(count)]


def ducts_fail(rng: random.Random) -> str:
    """Diggers: in this town it is the duct, which the tables hold for half as likely as the fibre in it."""
    return rng.choice(risks("duct"))


def as_the_tables_say(rng: random.Random) -> str:
    return rng.choice(risks("fibre") * 2 + risks("duct"))


def routed(rng: random.Random) -> str:
    return rng.choice([name for name in risks("fibre") if "-p" not in name])


def top_1(lived: list[Past], config: Config) -> float:
    return judge(TOPOLOGY, lessons(TOPOLOGY, lived, config), config).top_1


def test_without_verdicts_nothing_changes() -> None:
    assert fit(TOPOLOGY, []) is HAND_WRITTEN
    with pytest.raises(TooFewError, match="0 verdicts"):
        learn(TOPOLOGY, [], CONFIG)
    undisputed = [replace(each, is_verdict=False, weight=0.25) for each in pasts(20, ducts_fail)]
    with pytest.raises(TooFewError, match="0 verdicts"):
        learn(TOPOLOGY, undisputed, CONFIG)


def test_a_town_of_diggers_is_learned_and_shows_in_what_was_never_seen() -> None:
    later = pasts(20, ducts_fail, seed=2)
    assert top_1(later, CONFIG) == 0.0
    learned = learn(TOPOLOGY, pasts(30, ducts_fail), CONFIG)
    assert not learned.refused
    assert (learned.in_use.top_1, learned.held_out.top_1) == (0.0, 1.0)
    assert learned.held_out.nats > learned.in_use.nats
    assert top_1(later, with_knowledge(CONFIG, learned.knowledge)) == 1.0


def test_little_data_moves_little() -> None:
    prior = HAND_WRITTEN.prior("risk", "duct")
    moves = [fit(TOPOLOGY, lessons(TOPOLOGY, pasts(n, ducts_fail), CONFIG)).prior("risk", "duct") for n in (1, 5, 50)]
    assert prior < moves[0] < 1.1 * prior
    assert moves == sorted(moves)


def test_verdicts_that_agree_with_the_tables_leave_the_priors_about_where_they_are() -> None:
    learned = fit(TOPOLOGY, lessons(TOPOLOGY, pasts(40, as_the_tables_say), CONFIG))
    for kind in ("fibre", "duct"):
        assert learned.prior("risk", kind) == pytest.approx(HAND_WRITTEN.prior("risk", kind), rel=0.4)


def test_what_explains_verdicts_worse_than_the_version_in_use_is_refused() -> None:
    """A few verdicts of a quiet month know less than the version that a long year has taught."""
    taught = with_knowledge(CONFIG, learn(TOPOLOGY, pasts(60, ducts_fail), CONFIG).knowledge)
    learned = learn(TOPOLOGY, pasts(6, ducts_fail, seed=4), taught)
    assert "nats" in learned.refused or "names the cause first" in learned.refused
    assert learned.held_out.nats < learned.in_use.nats


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_careless_verdicts_do_not_replace_a_version_that_was_right(share: float) -> None:
    """So often somebody names the OLT behind the cut, which a second look would have ruled out."""
    rng = random.Random(3)
    taught = with_knowledge(CONFIG, learn(TOPOLOGY, pasts(60, ducts_fail), CONFIG).knowledge)
    careless = [replace(p, cause=TOPOLOGY.ends(TOPOLOGY.neighbours(p.cause)[0])[1]) if rng.random() < share else p
                for p in pasts(16, ducts_fail, seed=4) if p.cause is not None]  # fmt: skip
    assert learn(TOPOLOGY, careless, taught).refused


def test_a_verdict_that_explains_none_of_the_alarms_teaches_nothing() -> None:
    far = [replace(each, cause=TOPOLOGY.index("node:olt0-0-ont0")) for each in pasts(6, lambda _: risks("duct")[-1])]
    with pytest.raises(TooFewError):
        learn(TOPOLOGY, far, CONFIG)
    learned = learn(TOPOLOGY, far + pasts(8, ducts_fail), CONFIG)
    assert (learned.untold, learned.verdicts) == (6, 8)


def test_a_card_that_failed_thrice_is_suspected_sooner() -> None:
    one, *others = risks("duct")
    lived = pasts(3, lambda _: one) + [past(each, random.Random(9)) for each in others[:4]]
    learned = fit(TOPOLOGY, lessons(TOPOLOGY, lived, CONFIG))
    assert list(learned.elements) == [one]
    assert 2.0 < learned.elements[one] <= 8.0
    undisputed = [replace(each, is_verdict=False) for each in lived]
    assert not fit(TOPOLOGY, lessons(TOPOLOGY, undisputed, CONFIG)).elements


def test_what_is_seldom_heard_here_when_a_path_is_cut_counts_less_and_the_rest_stays() -> None:
    mute = [replace(p, signals=tuple(s for s in p.signals if s.type != "bfd-session-down" or n % 10 == 0))
            for n, p in enumerate(pasts(60, routed))]  # fmt: skip
    learned = fit(TOPOLOGY, lessons(TOPOLOGY, mute, CONFIG))
    assert learned.seen("bfd-session-down", Relation.FAR_END, False) < 0.35
    assert learned.seen("loss-of-signal", Relation.FAR_END, False) > 0.9
    assert learned.seen("isis-adjacency-down", Relation.FAR_END, False) == 0.6  # nobody here speaks IS-IS


def test_of_a_false_alarm_everything_was_heard_without_cause() -> None:
    false = [Past(None, p.signals) for p in pasts(30, ducts_fail)]
    learned = fit(TOPOLOGY, lessons(TOPOLOGY, false, CONFIG))
    assert learned.leak("loss-of-signal") > 5 * HAND_WRITTEN.leak("loss-of-signal")
    assert not learned.given


def test_the_numbers_survive_json_and_the_difference_can_be_read() -> None:
    learned = replace(learn(TOPOLOGY, pasts(30, ducts_fail), CONFIG).knowledge, version=4)
    again = from_json(4, to_json(learned))
    assert again == again and to_json(again) == to_json(learned)
    assert again.weight("link-down", Relation.FAR_END, False) == learned.weight("link-down", Relation.FAR_END, False)
    said = changes(HAND_WRITTEN, learned)
    assert any(each.startswith("duct priors (risk) 0.5 → 1.") for each in said)
    assert changes(learned, again) == []
    with pytest.raises(ValueError, match="no share"):
        from_json(5, to_json(learned) | {"leaks": {"link-down": 1.5}})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 12))
def test_whatever_is_learned_can_be_weighed_with(seed: int, count: int) -> None:
    rng = random.Random(seed)
    world = ring_of_trees(rng)
    topology: Topology = world.topology
    known = [each for each in world.names if each.startswith(("fibre:", "duct:", "node:olt", "node:r"))]
    lived = [p for _ in range(count) if (p := past(rng.choice(known), rng, world)).signals]
    learned = fit(topology, lessons(topology, lived, CONFIG))
    assert from_json(1, to_json(learned)).given == learned.given
    assert all(learned.seen(*key) > 0 for key in learned.given)
    if lived:
        found = judge(topology, lessons(topology, lived, with_knowledge(CONFIG, learned)), CONFIG)
        assert 0.0 <= found.top_1 <= 1.0
