"""When it really happened, by clocks that drift, are an hour off, were never set, or are right and just late."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex.clocks import Clocks
from cortex.config import Config
from cortex.signals import Signal

T0 = 1_800_000_000.0
HOUR = 3600.0


def says(at: float, received: float, device: str = "r1", feed: str = "syslog") -> Signal:
    return Signal(1, 0, "link-down", False, T0 + at, T0 + received, feed, key=f"{device}/Te0/0/0/1")


def heard(*messages: Signal) -> list[float]:
    """The corrected times, from T0."""
    clocks = Clocks(Config())
    return [clocks.corrected(message).at - T0 for message in messages]


def test_a_right_clock_is_left_alone() -> None:
    assert heard(says(0, 0.3), says(60, 60.4), says(200, 203)) == [0, 60, 200]


def test_a_clock_that_is_ahead_is_put_back_at_once() -> None:
    assert heard(says(40, 0.0), says(100, 60.5), says(160, 120.2)) == pytest.approx([0, 60, 120])


def test_a_clock_that_is_behind_shows_after_a_few_messages_at_different_moments() -> None:
    times = [0, 30, 60, 90, 120]
    assert heard(*(says(at - 80, at + 0.3) for at in times))[-1] == pytest.approx(120.3, abs=1)


@pytest.mark.parametrize("hours", [1, -1, 5.5, 9, -11])
def test_a_wrong_time_zone_shows_at_the_second_message(hours: float) -> None:
    zone = hours * HOUR
    assert heard(says(zone, 0.2), says(zone + 30, 30.4))[-1] == pytest.approx(30, abs=1)


def test_a_buffer_that_is_emptied_is_late_and_no_clock_is_off() -> None:
    prompt = [says(at, at + 0.2) for at in (-5 * HOUR, -4 * HOUR)]
    late = [says(at - 3 * HOUR, 0.1 * at) for at in (0, 20, 40, 60, 80)]
    assert heard(*prompt, *late)[2:] == [at - 3 * HOUR for at in (0, 20, 40, 60, 80)]


def test_all_of_one_storm_late_by_the_same_hour_is_no_clock_either() -> None:
    assert heard(says(-10, -9.8), *(says(-HOUR + 0.1 * n, 0.1 * n) for n in range(9)))[1] == -HOUR


def test_a_clock_that_was_never_set_counts_by_arrival() -> None:
    assert heard(*(says(at - T0 + 1000, at) for at in (0, 60, 120, 180))) == pytest.approx([0, 60, 120, 180], abs=1)


def test_a_clock_that_is_mended_is_right_again_at_once() -> None:
    wrong = [says(at - 80, at) for at in (0, 30, 60, 90)]
    assert heard(*wrong, says(120, 120.2), says(150, 150.2))[-2:] == [120, 150]


def test_every_sender_has_its_own_clock() -> None:
    assert heard(says(40, 0.0, "r1"), says(40, 41.0, "r2")) == [0, 40]


@given(
    skew=st.floats(-7200, 7200),
    delays=st.lists(st.floats(0.0, 4.0), min_size=6, max_size=12),
)
def test_whatever_a_constant_clock_is_off_by_the_time_comes_out_within_the_delays(
    skew: float, delays: list[float]
) -> None:
    messages = [says(30.0 * n + skew, 30.0 * n + delay) for n, delay in enumerate(delays)]
    last = heard(*messages)[-1]
    true = 30.0 * (len(delays) - 1)
    assert abs(last - true) <= 10.0
