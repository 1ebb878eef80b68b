"""Change points: when an element's level stepped to another, by penalised least squares (ruptures).

Exact segmentation with PELT's penalty, by the library's compiled kernel search, over the last weeks of one element.
It is asked only of rows that have moved at all: most lines most weeks are as they were.
"""

import numpy as np
from numpy.typing import NDArray

#: A segment of fewer values is no new level; a step must be worth this many noise variances to be believed.
SHORTEST, PENALTY = 3, 12.0
#: Rows whose last values lie nearer to their past than this many standard deviations are not searched.
WORTH_A_LOOK = 2.5


def last_step(values: NDArray[np.floating], noise: float) -> tuple[float, float]:
    """The last change of level in a series: its size, and how many columns ago; (0, NaN) when there was none."""
    import ruptures  # type: ignore[import-untyped]  # costs a second and is needed by those who train and predict alone

    known = np.flatnonzero(~np.isnan(values))
    if len(known) < 2 * SHORTEST or not noise > 0:
        return 0.0, float("nan")
    series = (values[known] / noise).astype(np.float64).reshape(-1, 1)
    ends = ruptures.KernelCPD(kernel="linear", min_size=SHORTEST).fit(series).predict(pen=PENALTY)
    if len(ends) < 2:
        return 0.0, float("nan")
    first = ends[-3] if len(ends) > 2 else 0
    before, after = series[first : ends[-2]], series[ends[-2] :]
    step = float((after.mean() - before.mean()) * noise)
    return step, float(len(values) - known[ends[-2]])


def last_steps(
    values: NDArray[np.floating], noise: NDArray[np.float64], moved: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """`last_step` of each row that `moved` by enough standard deviations; (0, NaN) for the others."""
    steps, ago = np.zeros(len(values)), np.full(len(values), np.nan)
    for row in np.flatnonzero(np.abs(np.nan_to_num(moved)) > WORTH_A_LOOK):
        steps[row], ago[row] = last_step(values[row], float(noise[row]))
    return steps, ago
