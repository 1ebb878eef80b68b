"""Training in the order of time, and what is said of a model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.prediction_world import make
from cortex.degradation import training
from cortex.degradation.features import LEAST_HISTORY, NAMES
from cortex.degradation.training import (
    HORIZON,
    Sheet,
    TooLittleHistoryError,
    at_false_positives,
    average_precision,
)
from cortex.trees import Trees


@settings(deadline=None)
@given(st.integers(46, 400))
def test_what_is_learnt_ends_before_what_is_measured_begins(days: int) -> None:
    plan = training.plan(days)
    assert plan.learnt[0] >= LEAST_HISTORY
    assert plan.learnt[-1] + HORIZON <= plan.held_out[0]
    assert plan.held_out[-1] + HORIZON <= days
    assert list(plan.all) == sorted(set(plan.all))


@pytest.mark.parametrize("days", [1, 30, 45])
def test_too_few_days_are_said_in_a_sentence(days: int) -> None:
    with pytest.raises(TooLittleHistoryError, match=f"{days} days of history are too few"):
        training.plan(days)


def test_too_few_failures_too() -> None:
    world = make(200, 90, 1)
    world.fleet.failed[:] = False
    plan = training.plan(90)
    with pytest.raises(TooLittleHistoryError, match="0 rows with a failure to learn from"):
        training.train(world.fleet, plan, training.rows(world.fleet, plan.all))


def test_what_no_threshold_tells_is_learnt(learnt: tuple[Trees, Sheet, Sheet]) -> None:
    model, _, held = learnt
    asked = training.measure(model.probabilities(held.table), held.failed)
    level = -np.nan_to_num(held.table[:, NAMES.index("level_now")])
    assert asked.recall > 2 * at_false_positives(level, held.failed, training.FALSE_POSITIVES)[0]
    assert asked.average_precision > 2 * average_precision(level, held.failed)


def test_recall_at_a_share_of_false_positives_counts_by_hand() -> None:
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05])
    failed = np.array([1, 0, 1, 1, 0, 0, 0, 0, 0, 0], dtype=np.bool_)
    assert at_false_positives(score, failed, 0.0)[:2] == (1 / 3, 1.0)
    assert at_false_positives(score, failed, 1 / 7)[:2] == (1.0, 3 / 4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 60))
def test_average_precision_is_the_librarys(seed: int, size: int) -> None:
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(seed)
    score, failed = rng.integers(0, 6, size) / 5, rng.random(size) < 0.4
    if failed.any():
        assert average_precision(score, failed) == pytest.approx(average_precision_score(failed, score))
