"""Half-open intervals of positions on the Euler tour, and counts over them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Interval = tuple[int, int]


def total(sums: npt.NDArray[np.float64], spans: Sequence[Interval]) -> int:
    """The sum of a prefix-summed count over positions of the tour."""
    return int(sum(sums[hi] - sums[lo] for lo, hi in spans))


def merged(spans: list[Interval]) -> tuple[Interval, ...]:
    """Half-open spans sorted and joined where they touch."""
    joined: list[Interval] = []
    for lo, hi in sorted(spans):
        if joined and lo <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], hi))
        else:
            joined.append((lo, hi))
    return tuple(joined)
