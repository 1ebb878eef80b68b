"""What is worked out of an element at a cut, from the days before it alone: the columns a model learns from.

Each measured role is looked at alike: where it is, how far it moved against its own past and against its siblings
(a whole group that drifts is the feeder, not the ONT), how steeply, how restless it is, and how often it dips. What
goes with the temperature is taken out first, where it shows. NaN is *not known*, and models take it as that.
"""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cortex.degradation import rates
from cortex.degradation.changes import last_steps
from cortex.degradation.fleet import Fleet
from cortex.degradation.robust import explained, median, of_group, slope, spread

#: Days looked back on; of them, what is "now" and what is "the past".
WINDOW, NOW, RECENT = 56, 7, 21
#: Fewer days before a cut say nothing worth learning.
LEAST_HISTORY = 14
#: The least spread each role is credited with, in its own unit: no z of a thousand for a level that never moved.
FLOOR = {"level": 0.15, "bias": 0.2, "errors": 0.3, "temperature": 0.5, "battery": 0.02}
#: A dip is this many standard deviations below the usual, and at least so much in the role's unit.
DIP_SIGMA, DIP_LEAST = 4.0, 0.6

SHAPES = (
    "now", "drift", "z", "slope", "bend", "unrest", "unrest_ratio", "dips", "dips_before", "deepest", "beside_siblings",
    "siblings_drift",
)  # fmt: skip
ROLES = ("level", "bias", "errors", "temperature", "battery")
OTHERS = (
    "level_step", "level_step_days_ago", "level_by_heat", "alarms_7d", "alarms_28d", "flaps_7d", "flaps_28d",
    "days_since_alarm", "silent_days", "age_days", "batch_ratio", "firmware_ratio", "build_ratio", "failed_before",
)  # fmt: skip
NAMES: tuple[str, ...] = (*(f"{role}_{shape}" for role in ROLES for shape in SHAPES), *OTHERS)


class Rows(NamedTuple):
    """One row an element: `table` in the order of NAMES; `alive`: it could be judged at this cut."""

    table: NDArray[np.float64]
    alive: NDArray[np.bool_]


def features(fleet: Fleet, cut: int, *, shapes_only: bool = False) -> Rows:
    """The features of every element at a cut. Elements that failed within the last week are not `alive`.

    `shapes_only`: what is measured and heard, without the costlier change points and rates (NaN).
    """
    start = max(0, cut - WINDOW)
    mended = Fleet.last(fleet.mended, cut)
    old = np.arange(start, cut)[None, :] <= mended[:, None]
    columns: dict[str, NDArray[np.float64]] = {}
    temperature = np.where(old, np.nan, fleet.measured["temperature"][:, start:cut])
    for role in ROLES:
        values = np.where(old, np.nan, fleet.measured[role][:, start:cut])
        if np.isnan(values).all():
            continue
        if role == "errors":
            values = np.log1p(values)
        if role in ("level", "bias"):
            by_heat, values = explained(values, temperature)
            if role == "level":
                columns["level_by_heat"] = by_heat
        columns |= _shape(role, values, fleet.coded("group"))
        if role == "level":
            columns["silent_days"] = _silent(values)
        if role == "level" and not shapes_only:
            noise = np.maximum(spread(values - _running(values)), FLOOR["level"])
            columns["level_step"], columns["level_step_days_ago"] = last_steps(values, noise, columns["level_z"])
    columns |= _heard(fleet, cut) | ({} if shapes_only else _traits(fleet, cut))
    table = np.full((fleet.size, len(NAMES)), np.nan)
    for name, column in columns.items():
        table[:, NAMES.index(name)] = column
    return Rows(table, Fleet.last(fleet.failed, cut) < cut - NOW if cut > NOW else np.ones(fleet.size, np.bool_))


def _shape(role: str, values: NDArray[np.floating], group: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    now, recent, past = values[:, -NOW:], values[:, -RECENT:], values[:, :-NOW]
    usual, noise = median(past), np.maximum(spread(past), FLOOR[role])
    here = median(now)
    drift = here - usual
    steep, unrest = slope(recent)
    before_steep, before_unrest = slope(values[:, : -RECENT or None])
    siblings = of_group(drift, group)
    below = usual[:, None] - values
    is_dip = below > np.maximum(DIP_SIGMA * np.minimum(noise, 3 * FLOOR[role])[:, None], DIP_LEAST)
    made = (
        here, drift, drift / noise, steep * 7, (steep - before_steep) * 7, unrest,
        unrest / np.maximum(before_unrest, FLOOR[role]), is_dip[:, -RECENT:].sum(axis=1).astype(np.float64),
        is_dip[:, :-RECENT].sum(axis=1).astype(np.float64), _deepest(below[:, -RECENT:]), drift - siblings, siblings,
    )  # fmt: skip
    return {f"{role}_{shape}": column for shape, column in zip(SHAPES, made, strict=True)}


def _deepest(below: NDArray[np.floating]) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmax(below, axis=1), dtype=np.float64)


def _running(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """The mean of the values before and after each: what is left beside it is noise."""
    return (np.roll(values, 1, axis=1) + np.roll(values, -1, axis=1)) / 2


def _silent(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Days of the last three weeks without a value, beside what is usual in the fleet."""
    missing = np.isnan(values[:, -RECENT:]).sum(axis=1).astype(np.float64)
    return np.asarray(missing - np.median(missing), dtype=np.float64)


def _heard(fleet: Fleet, cut: int) -> dict[str, NDArray[np.float64]]:
    columns: dict[str, NDArray[np.float64]] = {}
    for what, name in (("alarm", "alarms"), ("flap", "flaps")):
        for days in (7, 28):
            counted = fleet.heard[what][:, max(0, cut - days) : cut].sum(axis=1)
            columns[f"{name}_{days}d"] = counted.astype(np.float64)
    last = Fleet.last(fleet.heard["alarm"] > 0, cut)
    columns["days_since_alarm"] = np.where(last >= 0, cut - last, np.nan).astype(np.float64)
    return columns


def _traits(fleet: Fleet, cut: int) -> dict[str, NDArray[np.float64]]:
    batch, firmware = fleet.coded("batch"), fleet.coded("firmware")
    known = (batch >= 0) & (firmware >= 0)
    build = np.full(fleet.size, -1)
    build[known] = np.unique(batch[known] * (firmware.max() + 1) + firmware[known], return_inverse=True)[1]
    return {
        "age_days": fleet.age(cut),
        "batch_ratio": rates.ratios(fleet, batch, cut),
        "firmware_ratio": rates.ratios(fleet, firmware, cut),
        "build_ratio": rates.ratios(fleet, build, cut),
        "failed_before": fleet.failed[:, :cut].sum(axis=1).astype(np.float64),
    }


def failing(fleet: Fleet, cut: int, horizon: int) -> NDArray[np.bool_]:
    """Whether each element fails on one of the `horizon` days from the cut on."""
    return np.asarray(fleet.failed[:, cut : cut + horizon].any(axis=1))
