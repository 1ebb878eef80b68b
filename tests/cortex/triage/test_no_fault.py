"""Advice against a visit: only where it was right often enough before."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortex.triage import no_fault
from cortex.triage.no_fault import NUMBERS, TARGET, measure, threshold_for


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200))
def test_above_the_threshold_it_was_right_often_enough(rows: list[tuple[float, bool]]) -> None:
    probability, empty = np.array([p for p, _ in rows]), np.array([e for _, e in rows])
    threshold = threshold_for(probability, empty)
    if not np.isnan(threshold):
        advice = measure(probability, empty, threshold)
        ties = int((probability == threshold).sum()) - 1  # rows of equal probability go together
        assert advice.advised >= 8
        assert advice.saved >= TARGET * (advice.advised - ties)


def test_noise_gives_no_advice() -> None:
    rng = np.random.default_rng(3)
    assert np.isnan(threshold_for(rng.random(900), rng.random(900) < 0.4))
    assert measure(rng.random(900), rng.random(900) < 0.4, float("nan")).advised == 0


@pytest.fixture(scope="module")
def visits() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Wifi words with a level that stands still are mostly for nothing; either alone is not."""
    rng = np.random.default_rng(5)
    wifi, sinks = rng.random(900) < 0.5, rng.random(900) < 0.5
    empty = rng.random(900) < np.where(wifi & ~sinks, 0.95, np.where(sinks, 0.05, 0.4))
    numbers = np.full((900, len(NUMBERS)), np.nan)
    numbers[:, NUMBERS.index("level_z")] = np.where(sinks, -8, 0) + rng.normal(0, 1, 900)
    return [f"wifi slow {n % 3}" if each else f"dead line {n % 3}" for n, each in enumerate(wifi)], numbers, empty


def test_advice_is_right_on_visits_it_has_not_seen(visits: tuple[list[str], np.ndarray, np.ndarray]) -> None:
    texts, numbers, empty = visits
    model = no_fault.train(texts[:630], numbers[:630], empty[:630])
    advice = measure(model.probabilities(texts[630:], numbers[630:])[:, 1], empty[630:], model.threshold)
    assert advice.precision > TARGET - 0.1  # two standard errors of so few visits
    assert advice.recall > 0.3


def test_advice_reads_like_advice(visits: tuple[list[str], np.ndarray, np.ndarray]) -> None:
    model = no_fault.train(*visits)
    row = np.full(len(NUMBERS), np.nan)
    row[NUMBERS.index("level_z")] = 0.3
    sure = no_fault.risk(model, "wifi slow 1", row)
    assert sure.is_advice
    assert "ask for a wired test first" in sure.words()
    row[NUMBERS.index("level_z")] = -9
    unsure = no_fault.risk(model, "dead line 1", row)
    assert not unsure.is_advice
    assert "not sure enough" in unsure.words()
