"""A model of words and numbers: it learns from either, says why, and is kept as numbers."""

import numpy as np
import pytest

from cortex.trees import ModelError, NothingToLearnError
from cortex.triage.text import Linear, learn

RNG = np.random.default_rng(1)
TEXTS = ["wifi is slow upstairs", "no light at the box", "wifi drops in the bedroom", "red light, no internet"] * 20
LABELS = ["home", "line", "home", "line"] * 20
NUMBERS = np.where(np.array(LABELS) == "line", -3.0, 0.0)[:, None] + RNG.normal(0, 1, (80, 1))


def test_words_and_numbers_both_count() -> None:
    model = learn(TEXTS, NUMBERS, LABELS, ["drift"])
    certain = model.probabilities(["wifi in the bedroom", "red light"], np.array([[0.0], [-3.0]]))
    assert certain[0, 0] > 0.8
    assert certain[1, 1] > 0.8
    torn = model.probabilities(["wifi in the bedroom"], np.array([[-6.0]]))
    assert torn[0, 0] < certain[0, 0]


def test_an_unknown_number_is_the_usual_one_and_an_unknown_word_says_nothing() -> None:
    model = learn(TEXTS, NUMBERS, LABELS, ["drift"])
    unknown = model.probabilities(["xyzzy"], np.array([[np.nan]]))
    assert 0.05 < unknown[0, 0] < 0.95


def test_it_says_why() -> None:
    model = learn(TEXTS, NUMBERS, LABELS, ["drift"])
    assert "wifi" in [name for name, _ in model.reasons("wifi upstairs", np.array([0.0]), "home")]
    assert "drift" in [name for name, _ in model.reasons("hello", np.array([-6.0]), "line")]


def test_more_than_two_labels() -> None:
    none = np.zeros((90, 0))
    model = learn(["bill"] * 30 + ["slow"] * 30 + ["dead"] * 30, none, ["b"] * 30 + ["s"] * 30 + ["d"] * 30, ())
    guessed = model.probabilities(["my bill", "so slow", "dead"], np.zeros((3, 0)))
    assert [model.labels[n] for n in guessed.argmax(axis=1)] == ["b", "s", "d"]
    np.testing.assert_allclose(guessed.sum(axis=1), 1)


def test_kept_and_read_it_answers_the_same() -> None:
    model = learn(TEXTS, NUMBERS, LABELS, ["drift"])
    again = Linear.from_bytes(model.to_bytes(), ["drift"])
    np.testing.assert_array_equal(again.probabilities(TEXTS, NUMBERS), model.probabilities(TEXTS, NUMBERS))
    with pytest.raises(ModelError, match="train again"):
        Linear.from_bytes(model.to_bytes(), ["something else"])
    with pytest.raises(ModelError):
        Linear.from_bytes(b"nothing", ["drift"])


def test_too_few_examples_are_refused() -> None:
    with pytest.raises(NothingToLearnError, match="takes 5 examples"):
        learn(["a"] * 10 + ["b"], np.zeros((11, 0)), ["x"] * 10 + ["y"], ())
