"""Trees as arrays: the same answers as the library's, kept and read without running anything."""

import io

import numpy as np
import pytest

from cortex.trees import ModelError, NothingToLearnError, Trees, learn

NAMES = ("a", "b", "never known")


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A rule of two features with gaps, one feature that is never known, four rows a group."""
    rng = np.random.default_rng(1)
    table = rng.normal(0, 1, (1500, 3))
    chance = 1 / (1 + np.exp(-(2 * table[:, 0] * table[:, 1] - 2)))
    wanted = rng.random(1500) < chance
    table[rng.random((1500, 3)) < 0.1] = np.nan
    table[:, 2] = np.nan
    return table, wanted, np.arange(1500) // 4


@pytest.fixture(scope="module")
def model(rows: tuple[np.ndarray, np.ndarray, np.ndarray]) -> Trees:
    """What was learnt of it."""
    return learn(*rows, NAMES, rounds=30)


def test_it_learns_what_no_one_feature_tells(model: Trees, rows: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    likely = model.probabilities(np.array([[2.0, 2.0, np.nan], [-2.0, -2.0, np.nan]]))
    unlikely = model.probabilities(np.array([[2.0, -2.0, np.nan], [0.0, 0.0, np.nan]]))
    assert likely.min() > 3 * unlikely.max()


def test_what_it_promises_is_what_comes(model: Trees, rows: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    rng = np.random.default_rng(9)
    table = np.column_stack([rng.normal(0, 1, (4000, 2)), np.full(4000, np.nan)])
    comes = rng.random(4000) < 1 / (1 + np.exp(-(2 * table[:, 0] * table[:, 1] - 2)))
    promised = model.probabilities(table)
    assert promised.sum() == pytest.approx(comes.sum(), rel=0.2)


def test_kept_and_read_it_answers_the_same(model: Trees, rows: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    again = Trees.from_bytes(model.to_bytes(), NAMES)
    np.testing.assert_array_equal(again.probabilities(rows[0]), model.probabilities(rows[0]))


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_what_is_no_model_is_refused(model: Trees, damage: bytes | None) -> None:
    with pytest.raises(ModelError):
        Trees.from_bytes(model.to_bytes()[:-40] if damage is None else damage, NAMES)


def test_a_model_of_other_features_is_refused(model: Trees) -> None:
    with pytest.raises(ModelError, match="train again"):
        Trees.from_bytes(model.to_bytes(), ("a", "b", "c"))


def test_a_branch_that_leads_back_is_refused_and_not_walked_for_ever(model: Trees) -> None:
    from dataclasses import replace

    inner = int(np.flatnonzero(model.left >= 0)[0])
    left = model.left.copy()
    left[inner] = inner
    with pytest.raises(ModelError, match="leads nowhere"):
        Trees.from_bytes(replace(model, left=left).to_bytes(), NAMES)


def test_a_pickle_in_the_archive_is_never_opened(model: Trees) -> None:
    out = io.BytesIO()
    np.savez(out, head=np.array([{"format": 1}], dtype=object))
    with pytest.raises(ModelError):
        Trees.from_bytes(out.getvalue(), NAMES)


def test_from_nothing_nothing_is_learnt() -> None:
    with pytest.raises(NothingToLearnError, match="fewer than three"):
        learn(np.zeros((9, 3)), np.zeros(9, np.bool_), np.arange(9), NAMES)
