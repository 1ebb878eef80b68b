"""A port that flaps is one condition."""

from hypothesis import given
from hypothesis import strategies as st

from cortex.flapping import HALF_LIFE, STEADY, Flapping
from cortex.signals import Signal

T0 = 1_800_000_000.0


def says(at: float, *, cleared: bool = False) -> Signal:
    return Signal(7, 3, "link-down", cleared, T0 + at, T0 + at, "snmp-trap", about=9, key="r1/Te0/0/0/1")


def flaps(times: int, every: float = 60.0) -> list[Signal]:
    """Down for half of the time, so many times."""
    return [says(n * every + (every / 2 if up else 0), cleared=up) for n in range(times) for up in (False, True)]


def through(flapping: Flapping, signals: list[Signal]) -> list[Signal]:
    return [out for signal in signals for out in flapping.take(signal)]


def test_three_times_is_no_flap() -> None:
    assert through(Flapping(), flaps(3)) == flaps(3)


def test_fifty_times_down_are_four_and_then_it_is_held() -> None:
    flapping = Flapping()
    out = through(flapping, flaps(50))
    assert [signal.cleared for signal in out] == [False, True, False, True, False, True, False]
    assert flapping.words([3]) == ("r1/Te0/0/0/1 flaps: link down, 50 times; it counts as raised until steady",)
    assert flapping.words([4]) == ()
    assert list(flapping.due(T0 + 50 * 60)) == []
    over = list(flapping.due(T0 + 50 * 60 + 4 * HALF_LIFE + 1))
    assert [signal.cleared for signal in over] == [True]
    assert flapping.words([3]) == ()


def test_a_port_that_flaps_and_then_dies_stays_raised_and_flaps_no_more() -> None:
    flapping = Flapping()
    through(flapping, [*flaps(20), says(1200.0)])
    assert list(flapping.due(T0 + 1200 + STEADY - 1)) == []
    assert flapping.words([3])
    assert list(flapping.due(T0 + 1200 + STEADY)) == []
    assert flapping.words([3]) == ()
    assert through(flapping, [says(5000.0, cleared=True)]) == [says(5000.0, cleared=True)]


def test_the_same_thing_twice_is_no_flap() -> None:
    again = [says(0), says(0.4)._replace(alarm=8), says(30, cleared=True), says(30.4, cleared=True)._replace(alarm=8)]
    flapping = Flapping()
    assert through(flapping, again) == again
    later = [signal._replace(at=signal.at + 300) for signal in again]
    assert through(flapping, later) == later


@given(st.lists(st.floats(0.5, 2000.0), min_size=1, max_size=60))
def test_whatever_it_does_in_the_end_what_is_heard_is_how_it_stands(gaps: list[float]) -> None:
    flapping, at, standing = Flapping(), 0.0, False
    down = False
    for gap in gaps:
        at, down = at + gap, not down
        for out in [*flapping.take(says(at, cleared=not down)), *flapping.due(T0 + at)]:
            standing = not out.cleared
    for out in flapping.due(T0 + at + 5 * HALF_LIFE):
        standing = not out.cleared
    assert standing == down
