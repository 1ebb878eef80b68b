"""Statistics that a few wild or missing values don't upset: row by row over tables with NaN where nothing is known."""

import warnings

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]

#: Of a normal distribution, the standard deviation over the median absolute deviation.
MAD_TO_SIGMA = 1.4826


def median(values: NDArray[np.floating]) -> Rows:
    """The median of each row; NaN where a row holds nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a row of NaN alone is no accident
        return np.asarray(np.nanmedian(values, axis=1), dtype=np.float64)


def spread(values: NDArray[np.floating]) -> Rows:
    """The standard deviation of each row as its median absolute deviation tells it."""
    return MAD_TO_SIGMA * median(np.abs(values - median(values)[:, None]))


def slope(values: NDArray[np.floating]) -> tuple[Rows, Rows]:
    """Least squares over the columns: the change per column, and the standard deviation of what is left.

    NaN where fewer than four values are known.
    """
    known = ~np.isnan(values)
    count = known.sum(axis=1).astype(np.float64)
    at = np.where(known, np.arange(values.shape[1], dtype=np.float64), np.nan)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        x = at - np.nanmean(at, axis=1)[:, None]
        y = values - np.nanmean(values, axis=1)[:, None]
        steep = np.nansum(x * y, axis=1) / np.nansum(x * x, axis=1)
        left = np.sqrt(np.nansum((y - steep[:, None] * x) ** 2, axis=1) / np.maximum(count - 2, 1))
    few = count < 4
    return np.where(few, np.nan, steep), np.where(few, np.nan, left)


def explained(values: NDArray[np.floating], by: NDArray[np.floating]) -> tuple[Rows, NDArray[np.floating]]:
    """How much `values` move per unit of `by`, row by row, and the values without that part.

    Where fewer than eight pairs are known, or the two don't go together (a correlation below one half), the
    values stay as they are: a season that doesn't show is not taken out.
    """
    both = ~np.isnan(values) & ~np.isnan(by)
    count = both.sum(axis=1)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        x = np.where(both, by, np.nan)
        x = x - np.nanmean(x, axis=1)[:, None]
        y = np.where(both, values, np.nan)
        y = y - np.nanmean(y, axis=1)[:, None]
        xy, xx, yy = (np.nansum(each, axis=1) for each in (x * y, x * x, y * y))
        beta = xy / xx
        together = np.abs(xy / np.sqrt(xx * yy))
    shows = (count >= 8) & (together >= 0.5)
    beta = np.where(shows, beta, 0.0)
    return np.where(count >= 8, beta, np.nan), values - np.where(both, beta[:, None] * x, 0.0)


def of_group(values: Rows, group: NDArray[np.int64], least: int = 3) -> Rows:
    """For each row the median over its group; NaN for those without a group, or with fewer than `least` in it."""
    out = np.full(len(values), np.nan)
    known = np.flatnonzero((group >= 0) & ~np.isnan(values))
    order = known[np.argsort(group[known], kind="stable")]
    if not len(order):
        return out
    middles = np.full(int(group.max()) + 1, np.nan)
    starts = np.flatnonzero(np.r_[True, np.diff(group[order]) > 0])
    for rows in np.split(order, starts[1:]):
        if len(rows) >= least:
            middles[group[rows[0]]] = np.median(values[rows])
    return np.where(group >= 0, middles[group], np.nan)
