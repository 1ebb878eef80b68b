"""How long a battery lasts: never longer with age, and never longer once it has said that it is low."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex.modes.battery import YEAR, derated, ends_at

HOURS = st.floats(0.0, 72.0)
AGES = st.floats(0.0, 30.0)
T0 = 1_800_000_000.0


@pytest.mark.parametrize(("age", "hours"), [(0, 8.0), (5, 7.2), (10, 6.4), (12, 4.8), (25, 1.6)])
def test_a_battery_of_eight_hours_by_age(age: float, hours: float) -> None:
    assert derated(8.0, age) == pytest.approx(hours)


@given(HOURS, AGES, st.floats(0.0, 5.0))
def test_it_never_grows_with_age(hours: float, age: float, more: float) -> None:
    assert 0 <= derated(hours, age + more) <= derated(hours, age) <= hours


@given(HOURS, AGES, st.floats(0.0, 80 * 3600.0))
def test_low_never_prolongs_it(hours: float, age: float, later: float) -> None:
    since = T0 - age * YEAR
    assert T0 <= ends_at(T0, hours, since, T0 + later) <= ends_at(T0, hours, since)


def test_a_battery_of_unknown_age_counts_as_new() -> None:
    assert ends_at(T0, 4.0, None) == T0 + 4 * 3600


def test_one_that_is_low_at_once_has_a_fifth_left() -> None:
    assert ends_at(T0, 5.0, None, T0) == T0 + 3600
