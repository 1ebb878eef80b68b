"""Learning from a fleet's history, in the order of time: what is learnt ends before what is measured begins.

Cuts a few days apart each give one row an element. The newest cuts are held out; between the last learnt from and
the first held out lies a whole horizon, so that no label of the one looks into the other. The model that is kept is
the one that was measured: it is not fitted again on the held-out weeks, whose figures would then be nobody's.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from cortex.degradation.features import LEAST_HISTORY, NAMES, failing, features
from cortex.degradation.fleet import Fleet
from cortex.trees import NothingToLearnError, Trees, learn

HORIZON = 14
#: Failing rows below which nothing worth having is learnt, or measured.
LEAST_LEARNT, LEAST_MEASURED = 20, 5
#: The share of healthy rows one is ready to trouble for nothing.
FALSE_POSITIVES = 0.01
Progress = Callable[[int, int], None]


class TooLittleHistoryError(ValueError):
    """There is not enough history to learn from; says what is missing."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of features with what became of them; `element` and `cut` say whose and when."""

    table: NDArray[np.float64]
    failed: NDArray[np.bool_]
    element: NDArray[np.int64]
    cut: NDArray[np.int64]

    def at(self, which: NDArray[np.bool_]) -> "Sheet":
        """Some of the rows."""
        return Sheet(self.table[which], self.failed[which], self.element[which], self.cut[which])


@dataclass(frozen=True, slots=True)
class Measured:
    """How a model did on held-out rows. `recall` and `precision` are at FALSE_POSITIVES."""

    rows: int
    failures: int
    average_precision: float
    recall: float
    precision: float
    brier: float
    promised: float

    def as_dict(self) -> dict[str, float]:
        """For keeping beside the model."""
        return {name: round(float(value), 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which cuts are learnt from and which are held out."""

    learnt: tuple[int, ...]
    held_out: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Every cut, in order."""
        return (*self.learnt, *self.held_out)


def plan(days: int, *, every: int = 0, held_out_share: float = 0.3) -> Plan:
    """The cuts of so many days of history. TooLittleHistoryError when no two ends fit.

    `every`: days between cuts; by default a week, and less where the history is short.
    """
    first, last = LEAST_HISTORY, days - HORIZON
    span = last - first - HORIZON
    if span < 4:
        raise TooLittleHistoryError(
            f"{days} days of history are too few: to learn, wait {HORIZON} days for what comes of it, and still hold "
            f"some back to measure on takes {LEAST_HISTORY + 2 * HORIZON + 4} or more."
        )
    every = every or max(1, min(7, span // 8))
    test_from = last - round(span * held_out_share)
    learnt = tuple(range(test_from - HORIZON, first - 1, -every))[::-1]
    return Plan(learnt, tuple(range(last, test_from - 1, -every))[::-1])


def rows(fleet: Fleet, cuts: Sequence[int], progress: Progress | None = None) -> Sheet:
    """The features of every element at each cut, with what became of it."""
    parts = []
    for number, cut in enumerate(cuts):
        table, alive = features(fleet, cut)
        which = np.flatnonzero(alive)
        parts.append(Sheet(table[which], failing(fleet, cut, HORIZON)[which], which, np.full(len(which), cut)))
        if progress:
            progress(number + 1, len(cuts))
    return Sheet(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("table", "failed", "element", "cut")))


def train(fleet: Fleet, cuts: Plan, sheet: Sheet, seed: int = 0) -> Trees:
    """A model from the learnt cuts of a sheet. TooLittleHistoryError when too little failed in them."""
    learnt = sheet.at(np.isin(sheet.cut, cuts.learnt))
    for which, least, words in ((learnt, LEAST_LEARNT, "to learn from"), (held_out(cuts, sheet), LEAST_MEASURED, "to "
                                "measure on")):  # fmt: skip
        count = int(which.failed.sum())
        if count < least:
            raise TooLittleHistoryError(
                f"The history of {fleet.days} days and {fleet.size} elements holds {count} rows with a failure "
                f"{words}; it takes {least}."
            )
    try:
        return learn(learnt.table, learnt.failed, learnt.element, NAMES, seed=seed)
    except NothingToLearnError as error:
        raise TooLittleHistoryError(f"Nothing can be learnt: {error}.") from error


def held_out(cuts: Plan, sheet: Sheet) -> Sheet:
    """The rows no model learnt from."""
    return sheet.at(np.isin(sheet.cut, cuts.held_out))


def measure(probabilities: NDArray[np.float64], failed: NDArray[np.bool_]) -> Measured:
    """How probabilities fit what became of the rows."""
    recall, precision, _ = at_false_positives(probabilities, failed, FALSE_POSITIVES)
    return Measured(
        len(failed),
        int(failed.sum()),
        average_precision(probabilities, failed),
        recall,
        precision,
        float(((probabilities - failed) ** 2).mean()),
        float(probabilities.sum()),
    )


def at_false_positives(
    score: NDArray[np.float64], failed: NDArray[np.bool_], share: float
) -> tuple[float, float, float]:
    """Recall, precision and the threshold at which at most `share` of the healthy rows lie above it."""
    healthy = np.sort(score[~failed])[::-1]
    allowed = int(share * len(healthy))
    threshold = healthy[allowed] if allowed < len(healthy) else -np.inf
    flagged = score > threshold
    hits = int((flagged & failed).sum())
    return hits / max(1, int(failed.sum())), hits / max(1, int(flagged.sum())), float(threshold)


def average_precision(score: NDArray[np.float64], failed: NDArray[np.bool_]) -> float:
    """The area under precision over recall; rows of equal score count together."""
    order = np.argsort(-score, kind="stable")
    hits, ranked = np.cumsum(failed[order]), score[order]
    last = np.r_[np.flatnonzero(np.diff(ranked)), len(ranked) - 1]  # the end of each run of equals
    recall = hits[last] / max(1, int(failed.sum()))
    return float((np.diff(np.r_[0.0, recall]) * hits[last] / (last + 1)).sum())
