"""Whether the world is still the one a model learnt from, and whether its predictions come true as often as it says."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cortex.trees import QUANTILES, Trees

#: Population stability index: below the first nothing has moved, above the second the model should be retrained.
STABLE, MOVED = 0.1, 0.25
FLOOR = 1e-3


class Shift(NamedTuple):
    """How far one feature's distribution moved: PSI over the deciles it had, and the Kolmogorov-Smirnov distance."""

    name: str
    psi: float
    ks: float

    @property
    def has_moved(self) -> bool:
        """Whether it moved so far that what was learnt of it is in doubt."""
        return self.psi > MOVED


class Calibration(NamedTuple):
    """Matured predictions: how many, how many came true, how many were promised, and the Brier score."""

    matured: int
    came_true: int
    promised: float
    brier: float


def shifts(model: Trees, table: NDArray[np.float64]) -> list[Shift]:
    """How far each feature has moved from what the model learnt from, the farthest first."""
    found = [_shift(model, place, table[:, place]) for place in range(len(model.names))]
    return sorted((each for each in found if each), key=lambda each: -each.psi)


def _shift(model: Trees, place: int, column: NDArray[np.float64]) -> Shift | None:
    reference = model.quantiles[place]
    if np.isnan(reference).any() or not len(column):
        return None
    known = np.sort(column[~np.isnan(column)])
    edges = np.unique(reference[:: (len(QUANTILES) - 1) // 10][1:-1])
    was = _shares_of_reference(reference, edges)
    now = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1) / max(1, len(known))
    missing_was, missing_now = model.missing[place], 1 - len(known) / len(column)
    was = np.append(was * (1 - missing_was), missing_was)
    now = np.append(now * (1 - missing_now), missing_now)
    was, now = np.maximum(was, FLOOR), np.maximum(now, FLOOR)
    psi = float(((now - was) * np.log(now / was)).sum())
    return Shift(model.names[place], psi, _ks(reference, known))


def _shares_of_reference(reference: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    below = np.searchsorted(reference, edges, side="right") / len(reference)
    return np.diff(np.r_[0.0, below, 1.0])


def _ks(reference: NDArray[np.float64], known: NDArray[np.float64]) -> float:
    """The distance to the kept quantiles, between which the old distribution is taken as even."""
    if not len(known):
        return 1.0
    below = np.searchsorted(known, reference, side="right") / len(known)
    above = np.searchsorted(known, reference, side="left") / len(known)
    # Where quantiles coincide the old distribution jumps; only a distance beyond the jump counts.
    high = np.searchsorted(reference, reference, side="right") / len(reference)
    low = np.searchsorted(reference, reference, side="left") / len(reference)
    return float(np.maximum(np.maximum(low - below, above - high), 0.0).max())


def calibration(promised: NDArray[np.float64], came_true: NDArray[np.bool_]) -> Calibration:
    """How matured predictions did."""
    if not len(promised):
        return Calibration(0, 0, 0.0, 0.0)
    brier = float(((promised - came_true) ** 2).mean())
    return Calibration(len(promised), int(came_true.sum()), float(promised.sum()), brier)
