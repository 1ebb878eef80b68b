"""A port that flaps is one condition."""

from hypothesis import given
from hypothesis import strategies as st

from cortex.flapping import HALF_LIFE, STEADY, Flapping
from cortex.signals import Signal

T0 = 1_800_000_000.0


def says(at: float, *, cleared: bool = False, kind: str = "link-down") -> Signal:
    return Signal(7, 3, kind, cleared, T0 + at, T0 + at, "snmp-trap", about=9, key="r1/Te0/0/0/1")


def flaps(times: int, every: float = 60.0, kind: str = "link-down") -> list[Signal]:
    """Down for half of the time, so many times."""
    return [says(n * every + (every / 2 if up else 0), cleared=up, kind=kind) for n in range(times) for up in (0, 1)]


def said(signals: list[Signal]) -> list[tuple[str, bool]]:
    return [(signal.type, signal.cleared) for signal in signals]


def through(flapping: Flapping, signals: list[Signal]) -> list[Signal]:
    return [out for signal in signals for out in flapping.take(signal)]


def test_twice_is_no_flap() -> None:
    assert through(Flapping(), flaps(2)) == flaps(2)


def test_fifty_are_one_flapping_port() -> None:
    flapping = Flapping()
    out = said(through(flapping, flaps(50)))
    assert out.count(("interface-flapping", False)) == 1
    assert len(out) <= 6
    assert said(list(flapping.due(T0 + 50 * 60))) == []
    assert said(list(flapping.due(T0 + 50 * 60 + 4 * HALF_LIFE + 1))) == [("interface-flapping", True)]


def test_what_is_no_port_stays_raised_and_clears_when_it_is_over() -> None:
    flapping = Flapping()
    out = through(flapping, flaps(20, kind="bgp-peer-down"))
    assert not out[-1].cleared
    over = list(flapping.due(T0 + 20 * 60 + 4 * HALF_LIFE + 1))
    assert said(over) == [("bgp-peer-down", True)]


def test_a_port_that_flaps_and_then_dies_is_dead() -> None:
    flapping = Flapping()
    through(flapping, [*flaps(20), says(1200.0)])
    assert said(list(flapping.due(T0 + 1200 + STEADY - 1))) == []
    assert said(list(flapping.due(T0 + 1200 + STEADY))) == [("interface-flapping", True), ("link-down", False)]


def test_the_same_thing_twice_is_no_flap() -> None:
    again = [says(0), says(0.4)._replace(alarm=8), says(30, cleared=True), says(30.4, cleared=True)._replace(alarm=8)]
    flapping = Flapping()
    assert through(flapping, again) == again
    later = [signal._replace(at=signal.at + 300) for signal in again]
    assert through(flapping, later) == later


@given(st.lists(st.floats(0.5, 2000.0), min_size=1, max_size=60))
def test_whatever_it_does_in_the_end_what_is_heard_is_how_it_stands(gaps: list[float]) -> None:
    flapping, at, standing = Flapping(), 0.0, dict[str, bool]()
    down = False
    for gap in gaps:
        at, down = at + gap, not down
        for out in [*flapping.take(says(at, cleared=not down)), *flapping.due(T0 + at)]:
            standing[out.type] = not out.cleared
    for out in flapping.due(T0 + at + 5 * HALF_LIFE):
        standing[out.type] = not out.cleared
    assert standing.get("link-down", False) == down
    assert not standing.get("interface-flapping", False)
