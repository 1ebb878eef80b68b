"""How often a hardware batch or a firmware fails, beside others of the same age, with an interval that means something.

Failures are Poisson in the days an element was watched. Expected are those that elements of the same age *outside*
the class had (indirect standardisation: an old batch is not blamed for being old). Ratios are drawn towards one by a
Gamma prior whose strength comes from all classes together (empirical Bayes), so that two failures in a class of
five elements are not "a hundred times as often".
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from cortex.degradation.fleet import Fleet

#: Years in service that are told apart.
AGE_BANDS = np.array([0.5, 1.0, 2.0, 3.0, 4.0, 6.0]) * 365.0
#: The prior's strength in expected failures, when the classes themselves don't tell it.
STRENGTH, STRONGEST, WEAKEST = 4.0, 50.0, 0.5
WEEK = 7


class Rate(NamedTuple):
    """How often a class fails: `ratio` to others of its age, with its 95 % credible interval."""

    name: str
    elements: int
    failures: int
    expected: float
    ratio: float
    low: float
    high: float

    @property
    def stands_out(self) -> bool:
        """Whether it certainly fails more often than the rest."""
        return self.low > 1.0

    def words(self, what: str) -> str:
        """A sentence for people."""
        return (
            f"{what} {self.name} fails {self.ratio:.1f}× as often as others of its age (95 %: {self.low:.1f}-"
            f"{self.high:.1f}; {self.failures} failures of {self.elements} elements where {self.expected:.1f} "
            "would be usual)."
        )


def rates(fleet: Fleet, names: Sequence[str], cut: int) -> list[Rate]:
    """The rate of each class of elements, from the failures below `cut`, the worst first; "" is no class."""
    known = sorted(set(names) - {""})
    places = {name: n for n, name in enumerate(known)}
    codes = np.array([places.get(name, -1) for name in names], dtype=np.int64)
    observed, expected = counts(fleet, codes, len(known), cut)
    strength = prior_strength(observed, expected)
    low, high = (gammaincinv(observed + strength, q) / (expected + strength) for q in (0.025, 0.975))
    sizes = np.bincount(codes[codes >= 0], minlength=len(known))
    found = [
        Rate(name, int(sizes[n]), int(observed[n]), float(expected[n]), float(middle), float(low[n]), float(high[n]))
        for n, (name, middle) in enumerate(zip(known, (observed + strength) / (expected + strength), strict=True))
    ]
    return sorted(found, key=lambda rate: -rate.low)


def ratios(fleet: Fleet, codes: NDArray[np.int64], cut: int) -> NDArray[np.float64]:
    """Each element's class' ratio at a cut, shrunk; NaN without a class."""
    classes = int(codes.max()) + 1 if len(codes) else 0
    if classes <= 0:
        return np.full(len(codes), np.nan)
    observed, expected = counts(fleet, codes, classes, cut)
    strength = prior_strength(observed, expected)
    ratio = (observed + strength) / (expected + strength)
    return np.where(codes >= 0, ratio[codes], np.nan)


def counts(
    fleet: Fleet, codes: NDArray[np.int64], classes: int, cut: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Failures of each class below a cut, and those expected from elements of the same age outside it."""
    bands = len(AGE_BANDS) + 1
    fails, watched = np.zeros((classes + 1, bands)), np.zeros((classes + 1, bands))
    for week in range(0, cut, WEEK):
        days = slice(week, min(week + WEEK, cut))
        band = np.digitize(np.nan_to_num(fleet.age(week), nan=2.5 * 365), AGE_BANDS)
        np.add.at(fails, (codes, band), fleet.failed[:, days].sum(axis=1))  # -1: the last row, of no class
        np.add.at(watched, (codes, band), float(days.stop - days.start))
    others_fails, others_watched = fails.sum(axis=0) - fails[:-1], watched.sum(axis=0) - watched[:-1]
    overall = fails.sum() / max(watched.sum(), 1.0)
    usual = (others_fails + overall * 1e3) / (others_watched + 1e3)  # a band that hardly anyone is in says little
    return fails[:-1].sum(axis=1), (usual * watched[:-1]).sum(axis=1)


def prior_strength(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """The Gamma prior's shape, by moments: how far ratios spread beyond what Poisson counts do by themselves."""
    told = expected > 0.5
    if told.sum() < 3:
        return STRENGTH
    weights = expected[told] / expected[told].sum()
    ratio = observed[told] / expected[told]
    mean = float((weights * ratio).sum())
    beyond = float((weights * (ratio - mean) ** 2).sum()) - mean * told.sum() / expected[told].sum()
    return float(np.clip(mean**2 / beyond, WEAKEST, STRONGEST)) if beyond > 0 else STRONGEST
