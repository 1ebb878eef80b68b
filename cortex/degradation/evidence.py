"""Why an element is thought to fail: what the model's own answer rests on, in sentences an engineer can check.

A feature counts by ablation: the row is asked again with that part of it as the middle of the fleet has it. The
parts that raised the risk are named, with the numbers they stand for; those that didn't are not.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cortex.degradation.features import NAMES
from cortex.trees import Trees

#: Log-odds a part must have added to be named, and how many are named.
LEAST, MOST = 0.2, 5
UNITS = {"level": "dB", "bias": "mA", "temperature": "°C", "battery": "V", "errors": "(log of errors a day)"}
NOUNS = {"level": "level", "bias": "laser bias current", "temperature": "temperature", "battery": "battery voltage",
         "errors": "error count"}  # fmt: skip


class Reason(NamedTuple):
    """One part of the evidence: the features it is about, the log-odds it added, and the sentence."""

    about: str
    weight: float
    words: str

    def as_dict(self) -> dict[str, object]:
        """As predictions keep it."""
        return {"about": self.about, "weight": round(self.weight, 2), "words": self.words}


Values = dict[str, float]
Say = Callable[[Values], str]


def _moved(role: str) -> Say:
    noun, unit = NOUNS[role], UNITS[role]

    def say(v: Values) -> str:
        words = f"The {noun} is {v[f'{role}_now']:.1f} {unit}, {v[f'{role}_drift']:+.1f} against its own past"
        if not np.isnan(v[f"{role}_slope"]):
            words += f", moving by {v[f'{role}_slope']:+.2f} a week"
        words += f" (robust z {v[f'{role}_z']:+.1f})."
        if not np.isnan(v[f"{role}_siblings_drift"]):
            words += f" Its siblings moved by {v[f'{role}_siblings_drift']:+.1f}."
        return words

    return say


def _restless(role: str) -> Say:
    def say(v: Values) -> str:
        return (
            f"The {NOUNS[role]} is restless: ±{v[f'{role}_unrest']:.2f} {UNITS[role]} about its trend, "
            f"{v[f'{role}_unrest_ratio']:.1f}× what it was."
        )

    return say


def _dips(role: str) -> Say:
    def say(v: Values) -> str:
        return (
            f"The {NOUNS[role]} dipped on {v[f'{role}_dips']:.0f} days of the last three weeks "
            f"({v[f'{role}_dips_before']:.0f} in the five before), by {max(0.0, v[f'{role}_deepest']):.1f} "
            f"{UNITS[role]} at most."
        )

    return say


def _step(v: Values) -> str:
    if np.isnan(v["level_step_days_ago"]):
        return "The level has taken no step."
    return f"The level stepped by {v['level_step']:+.1f} dB {v['level_step_days_ago']:.0f} days ago."


def _built(v: Values) -> str:
    return (
        f"Others of its batch fail {v['batch_ratio']:.1f}× as often as the rest of their age, of its firmware "
        f"{v['firmware_ratio']:.1f}×, of both together {v['build_ratio']:.1f}×."
    )


def _parts(role: str) -> list[tuple[str, tuple[str, ...], Say]]:
    return [
        (
            f"{role} drift",
            tuple(f"{role}_{s}" for s in ("now", "drift", "z", "slope", "bend", "beside_siblings", "siblings_drift")),
            _moved(role),
        ),
        (f"{role} unrest", (f"{role}_unrest", f"{role}_unrest_ratio"), _restless(role)),
        (f"{role} dips", (f"{role}_dips", f"{role}_dips_before", f"{role}_deepest"), _dips(role)),
    ]


#: What is ablated together, since its features say the same thing, and the words for it.
PARTS: list[tuple[str, tuple[str, ...], Say]] = [
    *(part for role in ("level", "bias", "errors", "temperature", "battery") for part in _parts(role)),
    ("step", ("level_step", "level_step_days_ago"), _step),
    ("heat", ("level_by_heat",), lambda v: f"Its level moves by {v['level_by_heat']:+.3f} dB per °C."),
    (
        "alarms",
        ("alarms_7d", "alarms_28d", "days_since_alarm"),
        lambda v: f"{v['alarms_28d']:.0f} alarms in four weeks, {v['alarms_7d']:.0f} of them in the last.",
    ),
    (
        "flaps",
        ("flaps_7d", "flaps_28d"),
        lambda v: f"It flapped {v['flaps_28d']:.0f} times in four weeks, {v['flaps_7d']:.0f} of them in the last.",
    ),
    ("silence", ("silent_days",), lambda v: f"{v['silent_days']:+.0f} days without a reading against the usual."),
    ("age", ("age_days",), lambda v: f"It is {v['age_days'] / 365:.1f} years old."),
    ("build", ("batch_ratio", "firmware_ratio", "build_ratio"), _built),
    ("past", ("failed_before",), lambda v: f"It failed {v['failed_before']:.0f} times before."),
]


def reasons(model: Trees, row: NDArray[np.float64], usual: NDArray[np.float64]) -> list[Reason]:
    """What raised the risk of one row of features, the weightiest first. `usual`: the fleet's middle, feature by
    feature, NaN where the fleet mostly doesn't know it.
    """
    variants = np.repeat(row[None, :], len(PARTS), axis=0)
    for place, (_, names, _) in enumerate(PARTS):
        columns = [NAMES.index(name) for name in names]
        variants[place, columns] = usual[columns]
    scores = model.raw(np.vstack([row, variants]))
    added = model.slope * (scores[0] - scores[1:])
    values = dict(zip(NAMES, map(float, row), strict=True))
    named = [place for place in np.argsort(-added) if added[place] >= LEAST][:MOST]
    return [Reason(PARTS[place][0], float(added[place]), PARTS[place][2](values)) for place in named]


def middle(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The usual row: each feature's median, or NaN where most rows don't know it."""
    known = ~np.isnan(table)
    out = np.full(table.shape[1], np.nan)
    for column in np.flatnonzero(known.mean(axis=0) > 0.5) if len(table) else []:
        out[column] = np.median(table[known[:, column], column])
    return out
