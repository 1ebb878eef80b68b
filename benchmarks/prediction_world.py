"""A made-up access network that wears out, for measuring predictions on: no failure of it is a simple threshold.

Daily readings of level, laser bias, temperature and errors with gaps; seasons and rain that all share. Each mechanism
is drawn for a few elements and has its double that looks alike and never fails. A fifth of the failures come out of
the blue, so that nothing can predict them all. The generator knows nothing of features or models.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cortex.degradation.fleet import Fleet, Traits, empty

Series = NDArray[np.float64]
SIBLINGS = 16
BATCHES, FIRMWARES = 24, ("2.3.0", "2.4.1", "2.5.0")
WEAK_BATCH, WEAK_FIRMWARE = 7, 1
#: Mechanism or double -> the share of elements it gets to within the window.
SHARES = {
    "laser wear": 0.030,
    "laser hot and steady": 0.030,
    "water in connector": 0.025,
    "dips in rain, tight": 0.030,
    "loose connector": 0.020,
    "always restless": 0.030,
    "drifts and settles": 0.040,
}
SUDDEN = 0.012
#: Of a build of the weak batch with the weak firmware, the share that fails in 180 days; of either alone, few.
WEAK_FAILS = 0.50
MISSING = 0.15


@dataclass(slots=True)
class World:
    """The fleet, and of each failure (element, day) what brought it about."""

    fleet: Fleet
    why: dict[tuple[int, int], str] = field(default_factory=dict)


def make(size: int, days: int, seed: int) -> World:
    """A world of `size` elements over `days` days."""
    rng = np.random.default_rng(seed)
    weather = _Weather(rng, days)
    batch = rng.integers(0, BATCHES, size)
    firmware = rng.integers(0, len(FIRMWARES), size)
    age = rng.uniform(60, 2200, size) * (0.4 + 0.6 * (batch / BATCHES))  # batches are of an age
    traits = [
        Traits(f"node:e{i}", "ont", f"s{i // SIBLINGS}", f"B{batch[i]}", FIRMWARES[firmware[i]], -float(age[i]))
        for i in range(size)
    ]
    world = World(empty(traits, days))
    fate = rng.choice([*SHARES, ""], size=size, p=[*SHARES.values(), 1 - sum(SHARES.values())])
    for i in range(size):
        weak = batch[i] == WEAK_BATCH and firmware[i] == WEAK_FIRMWARE
        kind = "weak build" if weak and rng.random() < WEAK_FAILS else str(fate[i])
        if not kind and rng.random() < SUDDEN:
            kind = "out of the blue"
        _live(world, i, kind, float(age[i]), weather, rng)
    for group in range(0, size, SIBLINGS):
        if rng.random() < 0.08:
            _feeder_drifts(world, slice(group, group + SIBLINGS), days, rng)
    return world


class _Weather:
    """What all elements share: the temperature of the season and the day, and wet spells."""

    def __init__(self, rng: np.random.Generator, days: int) -> None:
        at = np.arange(days)
        self.heat = (
            12 + 10 * np.sin(2 * np.pi * (at - 60) / 365) + np.convolve(rng.normal(0, 3, days), [0.5, 0.3, 0.2], "same")
        )
        self.rain = np.zeros(days, np.bool_)
        for day in range(1, days):
            self.rain[day] = rng.random() < (0.55 if self.rain[day - 1] else 0.16)


def _live(world: World, i: int, kind: str, age: float, weather: _Weather, rng: np.random.Generator) -> None:
    """Fill in one element's life: healthy but for its fate, gaps, and a new part after a failure."""
    fleet, days = world.fleet, world.fleet.days
    by_heat = rng.normal(0, 0.03)
    level = rng.normal(-19, 1.8) + by_heat * (weather.heat - 12) + rng.normal(0, 0.18, days)
    temperature = 38 + rng.normal(0, 3) + 0.6 * (weather.heat - 12) + rng.normal(0, 0.8, days)
    bias = rng.normal(14, 1.5) + 0.0012 * age + 0.04 * (temperature - 40) + rng.normal(0, 0.25, days)
    errors = rng.poisson(np.exp(rng.normal(0.2, 0.6)), days).astype(float)
    onset = int(rng.integers(-30, days - 10))
    day = _fate(kind, onset, age, level, bias, temperature, errors, fleet, i, weather, rng)
    if day is None and rng.random() < 0.04:  # routine maintenance: cleaned, set right, for no failure
        at = int(rng.integers(20, days))
        level[at:] += rng.normal(0.6, 0.5)
        fleet.mended[i, at] = True
    if day is not None and day < days:
        back = min(days, day + int(rng.integers(1, 4)))
        fleet.failed[i, day] = True
        world.why[i, day] = kind
        for series in (level, bias, temperature, errors):
            series[day:back] = np.nan
        n = days - back
        if n:
            fleet.mended[i, back] = True
            fleet.replaced[i, back] = kind in ("laser wear", "weak build", "out of the blue")
            level[back:] = rng.normal(-19, 1.5) + by_heat * (weather.heat[back:] - 12) + rng.normal(0, 0.18, n)
            bias[back:] = rng.normal(14, 1.5) + rng.normal(0, 0.25, n)
            temperature[back:] = 38 + 0.6 * (weather.heat[back:] - 12) + rng.normal(0, 0.8, n)
            errors[back:] = rng.poisson(1.2, n)
        fleet.heard["flap"][i, day:] = 0
        fleet.heard["alarm"][i, day] += 1
    fleet.heard["alarm"][i] += rng.random(days) < 0.004
    fleet.heard["flap"][i] += rng.poisson(0.01, days)
    for role, series in (("level", level), ("bias", bias), ("temperature", temperature), ("errors", errors)):
        gaps = rng.random(days) < MISSING
        fleet.measured[role][i] = np.where(gaps, np.nan, np.round(series, 2))


def _fate(
    kind: str,
    onset: int,
    age: float,
    level: Series,
    bias: Series,
    temperature: Series,
    errors: Series,
    fleet: Fleet,
    i: int,
    weather: _Weather,
    rng: np.random.Generator,
) -> int | None:
    """Work the mechanism into the series; the day it fails, or None."""
    days = len(level)
    since = np.maximum(0, np.arange(days) - onset).astype(float)
    if kind == "laser wear":  # wear goes with age times heat; the automatic power control hides it from the level
        pace = np.where(since > 0, 0.00012 * (age + 400) * np.exp(0.04 * (temperature - 40)), 0)
        worn = np.cumsum(pace)
        bias += worn
        errors += rng.poisson(0.4 * worn**1.5)
        level -= 0.02 * worn
        return _first(worn > rng.normal(9, 2.0))
    if kind == "laser hot and steady":
        bias += rng.uniform(4, 10)
        temperature += rng.uniform(0, 8)
    if kind in ("water in connector", "dips in rain, tight"):
        tight = kind != "water in connector"
        wet = np.cumsum(weather.rain & (since > 0))
        depth = rng.uniform(0.8, 2.5) if tight else 0.4 + 0.14 * wet
        level -= np.where(weather.rain, depth * rng.uniform(0.4, 1.4, days), 0)
        errors += rng.poisson(np.where(weather.rain, 2.0, 0.0), days)
        chance = np.where(weather.rain & (wet > 6), 0.02 * (wet - 6), 0)
        return None if tight else _first(rng.random(days) < chance)
    if kind in ("loose connector", "always restless"):
        loose = kind == "loose connector"
        size = np.minimum(1.4, 0.018 * since) if loose else np.full(days, rng.uniform(0.4, 1.0))
        level += rng.normal(0, 1, days) * size
        flaps = rng.poisson(0.15 * size)
        fleet.heard["flap"][i] += flaps
        return _first(rng.random(days) < np.where(size > 0.5, 0.05 * size, 0)) if loose else None
    if kind == "drifts and settles":  # a bend, a splice that sinks: alarming, and harmless
        level -= np.minimum(rng.uniform(2, 6), rng.uniform(0.05, 0.2) * since)
    if kind == "weak build":
        dies = int(rng.integers(5, days))
        near = np.maximum(0, 14 - np.maximum(0, dies - np.arange(days))) * (np.arange(days) < dies)
        temperature += 0.22 * near
        errors += rng.poisson(0.15 * near)
        return dies
    if kind == "out of the blue":
        return int(rng.integers(5, days))
    return None


def _first(happened: NDArray[np.bool_]) -> int | None:
    return int(np.argmax(happened)) if happened.any() else None


def _feeder_drifts(world: World, rows: slice, days: int, rng: np.random.Generator) -> None:
    """A whole splitter drifts down together and is set right in the street: no fault of any one ONT."""
    start = int(rng.integers(0, days - 20))
    end = min(days, start + int(rng.integers(15, 50)))
    fall = np.zeros(days)
    fall[start:end] = np.linspace(0, rng.uniform(2, 5), end - start)
    world.fleet.measured["level"][rows] -= fall.astype(np.float32)
