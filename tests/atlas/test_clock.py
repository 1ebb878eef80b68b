"""Time that stands still, runs or races, and ids that can be seeded."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from atlas.clock import FrozenClock, SystemClock, id_source, seeded_ids


def test_the_plain_clock_is_the_walls() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


@given(speed=st.floats(1.5, 10_000), seconds=st.floats(1e-6, 1e6))
def test_a_fast_clock_needs_less_of_the_walls_time(speed: float, seconds: float) -> None:
    assert SystemClock(speed).real(seconds) * speed <= seconds * (1 + 1e-9)
    assert SystemClock(speed).real(-seconds) == 0


def test_two_processes_with_one_epoch_agree_on_the_time() -> None:
    epoch = datetime.now(UTC) - timedelta(hours=1)
    before = SystemClock(60, epoch).now()
    between, after = SystemClock(60, epoch).now(), SystemClock(60, epoch).now()
    assert epoch + timedelta(hours=60) <= before <= between <= after


async def test_sleeping_on_a_fast_clock_takes_its_own_seconds() -> None:
    clock = SystemClock(100_000, datetime.now(UTC))
    before = clock.now()
    await clock.sleep(600)
    assert clock.now() - before >= timedelta(seconds=600)


async def test_a_frozen_clock_moves_only_when_told() -> None:
    clock = FrozenClock()
    before = clock.now()
    assert clock.now() == before
    clock.advance(90)
    await clock.sleep(30)
    assert clock.now() - before == timedelta(minutes=2)
    assert clock.real(3600) == 0


@given(seed=st.integers(0, 2**32))
def test_seeded_ids_come_again_and_never_twice(seed: int) -> None:
    one, two = seeded_ids(seed), seeded_ids(seed)
    ids = [one() for _ in range(50)]
    assert ids == [two() for _ in range(50)]
    assert len(set(ids)) == 50
    assert {each.version for each in ids} == {4}


def test_without_a_seed_ids_are_random() -> None:
    assert id_source(None) is uuid.uuid4
    assert id_source(7)() == id_source(7)() != id_source(8)()
