"""How likely a visit finds no fault, before a truck is sent; and when that is sure enough to ask for a test first.

Advice is given only above the probability from which on, over rows the model had not seen, it is CERTAIN that at least
TARGET of those advised about have no fault. Where no such probability is found, no advice is given.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from cortex.trees import sigmoid
from cortex.triage.text import Linear, learn, unseen_scores

#: The precision advice must have, and how certain that must be: of many thresholds tried the best is partly luck.
TARGET, CERTAIN = 0.80, 0.90
FAULT, NO_FAULT = "fault", "no fault"
SOFTNESS = 0.5
#: Numbers beside the words. From the degradation features at the moment of the call, and what the line had before.
FROM_FEATURES = (
    "level_drift", "level_z", "level_slope", "level_unrest", "level_dips", "level_deepest", "level_beside_siblings",
    "level_siblings_drift", "errors_drift", "alarms_7d", "flaps_7d", "silent_days",
)  # fmt: skip
NUMBERS = (*FROM_FEATURES, "alarms_2d", "gone", "visits_before", "empty_visits_before", "contacts_30d", "age_years")


class Risk(NamedTuple):
    """The probability that a visit finds no fault, whether that is advice, and what speaks for it."""

    probability: float
    is_advice: bool
    reasons: list[str]

    def words(self) -> str:
        """A sentence for the person who decides."""
        if self.is_advice:
            why = f" ({', '.join(self.reasons)})" if self.reasons else ""
            return f"likely no fault found: {self.probability:.2f}; ask for a wired test first{why}"
        return f"no fault found: {self.probability:.2f}, not sure enough to advise against a visit"


class Advice(NamedTuple):
    """How advice did on visits it was not learnt from. `saved`: visits that found nothing and were advised against."""

    visits: int
    empty: int
    advised: int
    saved: int

    @property
    def precision(self) -> float:
        """Of those advised about, the share that had no fault."""
        return self.saved / self.advised if self.advised else 0.0

    @property
    def recall(self) -> float:
        """Of the visits for nothing, the share that was advised about."""
        return self.saved / self.empty if self.empty else 0.0


def train(texts: Sequence[str], numbers: NDArray[np.float64], is_empty: NDArray[np.bool_]) -> Linear:
    """Learn from visits that are over, in the order of time. cortex.trees.NothingToLearnError when too few."""
    labels = [NO_FAULT if each else FAULT for each in is_empty]
    model = learn(texts, numbers, labels, NUMBERS, softness=SOFTNESS)
    scores = unseen_scores(texts, numbers, labels, NUMBERS, SOFTNESS)
    return replace(model, threshold=threshold_for(sigmoid(model.stretch * scores + model.shift), is_empty))


def threshold_for(probability: NDArray[np.float64], is_empty: NDArray[np.bool_]) -> float:
    """The lowest probability from which on TARGET of the rows are certainly empty; NaN when there is none."""
    order = np.argsort(-probability, kind="stable")
    empty = np.cumsum(is_empty[order])
    least = betaincinv(empty + 1, np.arange(1, len(order) + 1) - empty + 1, 1 - CERTAIN)
    good = np.flatnonzero(least >= TARGET)
    return float(probability[order[good[-1]]]) if len(good) else float("nan")


def risk(model: Linear, text: str, numbers: NDArray[np.float64]) -> Risk:
    """What is to be expected of one visit."""
    probability = float(model.probabilities([text], numbers[None, :])[0, 1])
    values = dict(zip(NUMBERS, map(float, numbers), strict=True))
    named = [name for name, _ in model.reasons(text, numbers, NO_FAULT)]
    said = [f"{name.replace('_', ' ')} {values[name]:.1f}" if name in values else f"“{name}”" for name in named]
    return Risk(probability, probability >= model.threshold, said)


def measure(probability: NDArray[np.float64], is_empty: NDArray[np.bool_], threshold: float) -> Advice:
    """How advice above a threshold did."""
    advised = probability >= threshold
    return Advice(len(is_empty), int(is_empty.sum()), int(advised.sum()), int((advised & is_empty).sum()))
