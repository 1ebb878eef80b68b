"""What is beyond the usual and what is not: nights, holidays, small numbers, seven ordinary days."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex.vitals import (
    RULES,
    Share,
    UsualShare,
    Verdict,
    at_least,
    at_this_hour,
    how_the_day_runs,
    judge_level,
    judge_share,
    usual_share,
)

TRAFFIC, SESSIONS, PREFIXES = RULES["traffic_bps"], RULES["sessions"], RULES["prefixes"]
FOUR_WEEKS = [9.6e9, 10.1e9, 10.0e9, 10.4e9]
RARELY = UsualShare(mean=0.01, limit=0.04)


# -- levels


def test_half_the_traffic_of_this_hour_is_beyond_the_usual() -> None:
    seen = judge_level([5e9, 5e9], FOUR_WEEKS, 1.0, TRAFFIC)
    assert seen.verdict is Verdict.BEYOND
    assert seen.share == pytest.approx(0.5, abs=0.02)


def test_one_low_minute_is_no_sign_and_raises_nothing() -> None:
    assert judge_level([10e9, 5e9], FOUR_WEEKS, 1.0, TRAFFIC).verdict is Verdict.BETWEEN
    assert judge_level([5e9], FOUR_WEEKS, 1.0, TRAFFIC).verdict is Verdict.BETWEEN


def test_too_little_history_says_nothing() -> None:
    assert judge_level([0.0, 0.0], FOUR_WEEKS[:2], 1.0, TRAFFIC).verdict is Verdict.UNKNOWN
    assert judge_share([Share(50, 50)] * 2, usual_share([Share(1, 100)] * 2)).verdict is Verdict.UNKNOWN


def test_where_hardly_anything_is_usual_nothing_is_said() -> None:
    assert judge_level([0.0, 0.0], [8.0, 9.0, 7.0, 8.0], 1.0, SESSIONS).verdict is Verdict.UNKNOWN


def test_a_holiday_that_lowers_all_alike_is_nobodys_fault() -> None:
    today = how_the_day_runs([0.62, 0.6, 0.58, 0.61, 0.6, 0.1], TRAFFIC)
    assert judge_level([6e9, 6e9], FOUR_WEEKS, today, TRAFFIC).verdict is Verdict.WITHIN
    assert judge_level([1e9, 1e9], FOUR_WEEKS, today, TRAFFIC).verdict is Verdict.BEYOND


def test_all_gone_is_no_holiday() -> None:
    today = how_the_day_runs([0.05] * 9, TRAFFIC)
    assert judge_level([0.5e9, 0.5e9], FOUR_WEEKS, today, TRAFFIC).verdict is Verdict.BEYOND


def test_few_peers_say_nothing_of_the_day() -> None:
    assert how_the_day_runs([0.5, 0.5], TRAFFIC) == 1.0


def test_a_week_that_was_bad_itself_does_not_hide_a_loss() -> None:
    assert judge_level([1e5, 1e5], [9e5, 0.0, 9.1e5, 9.05e5], 1.0, PREFIXES).verdict is Verdict.BEYOND


def test_the_usual_is_read_between_the_hours_and_a_missing_hour_leaves_its_week_out() -> None:
    now = 100 * 604_800.0 + 7200  # on the hour: half way between the middles of two hours
    hours = {}
    for week, level in ((1, 100.0), (2, 300.0)):
        hours[now - week * 604_800 - 3600] = level
        hours[now - week * 604_800] = level + 10
    hours[now - 3 * 604_800] = 5.0
    assert at_this_hour(hours, now) == pytest.approx([105.0, 305.0])


# -- shares


def test_three_of_four_at_night_say_little_and_hundreds_say_all() -> None:
    assert judge_share([Share(1, 2), Share(2, 2)], RARELY).verdict is Verdict.BETWEEN
    assert judge_share([Share(150, 200), Share(150, 200)], RARELY).verdict is Verdict.BEYOND


def test_a_share_that_is_back_is_within() -> None:
    recent = [Share(200, 200), Share(200, 200), Share(1, 200), Share(2, 200)]
    assert judge_share(recent, RARELY).verdict is Verdict.WITHIN


def test_nobody_who_tried_is_nothing_known() -> None:
    assert judge_share([Share(0, 0)] * 5, RARELY).verdict is Verdict.UNKNOWN


def test_the_worst_hours_of_the_past_are_not_what_is_usual() -> None:
    hours = [Share(1, 100)] * 160 + [Share(100, 100)] * 8
    usual = usual_share(hours)
    assert usual is not None
    assert usual.mean == pytest.approx(0.01)
    assert usual.limit < 0.05


def test_what_is_often_high_must_be_higher_still() -> None:
    usual = usual_share([Share(n % 30, 100) for n in range(168)])
    assert usual is not None
    assert usual.limit > 0.25


@given(st.integers(1, 2000), st.integers(0, 2000))
def test_the_bound_never_claims_more_than_was_seen(tried: int, failed: int) -> None:
    failed = min(failed, tried)
    bound = at_least(Share(failed, tried))
    assert 0.0 <= bound <= failed / tried


@given(st.integers(1, 50), st.integers(2, 30))
def test_more_of_the_same_share_proves_more(failed: int, times: int) -> None:
    tried = 2 * failed
    assert at_least(Share(failed * times, tried * times)) > at_least(Share(failed, tried))


# -- seven ordinary days


def level_at(minute: int, size: float, rng: random.Random) -> float:
    """Day curve, week curve and noise."""
    hour = minute / 60 % 24
    weekend = 1.15 if minute // 1440 % 7 >= 5 else 1.0
    return size * weekend * (0.55 + 0.45 * math.sin((hour - 14) / 24 * 2 * math.pi)) * rng.gauss(1, 0.03)


def test_no_level_is_beyond_the_usual_in_seven_ordinary_days() -> None:
    rng = random.Random(7)
    for size in (3e7, 1e9, 4e10):
        hours = {
            h * 3600.0: level_at(h * 60 + 30, size, rng) * rng.gauss(1, 0.02) for h in range(4 * 168)
        }  # four weeks, then the fifth is judged
        recent: list[float] = []
        for minute in range(4 * 10080, 5 * 10080):
            recent = [*recent[-4:], level_at(minute, size, rng)]
            verdict = judge_level(recent, at_this_hour(hours, minute * 60.0), 1.0, TRAFFIC).verdict
            assert verdict is not Verdict.BEYOND, minute


def test_no_share_is_beyond_the_usual_in_seven_ordinary_days() -> None:
    rng = random.Random(7)
    for tries, part in ((3, 0.02), (40, 0.01), (2000, 0.002)):
        usual = usual_share([Share(sum(rng.random() < part for _ in range(tries * 6)), tries * 6) for _ in range(168)])
        recent: list[Share] = []
        for _ in range(10080):
            failed = sum(rng.random() < part for _ in range(tries)) if tries < 100 else round(rng.gauss(4, 2))
            recent = [*recent[-4:], Share(max(0, failed), tries)]
            if recent[-1].part > 0.04:  # the bound costs time where nothing can come of it
                assert judge_share(recent, usual).verdict is not Verdict.BEYOND
