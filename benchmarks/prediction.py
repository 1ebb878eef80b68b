"""Predictions on a history whose failures are no simple threshold, beside what people use today; and on real alarms.

`python -m benchmarks.prediction [elements [seeds]]`. The generated history is `benchmarks.prediction_world`'s; held out
are its last weeks. All are asked the same: at 1 % of healthy element-weeks troubled for nothing, what share of the
element-weeks that end in a failure within 14 days is flagged? Real alarms (huawei-18v, where ../shared is) follow.
"""

import json
import os
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import prediction_world
from benchmarks.figures import Figure, show
from cortex.degradation import training
from cortex.degradation.features import NAMES
from cortex.degradation.training import HORIZON, Sheet

DAYS = 180
SHARE = training.FALSE_POSITIVES
TOP = 20  # what a crew could visit a week
Floats = NDArray[np.float64]


def main() -> None:
    """Every seed, the medians, then the real set."""
    given = [int(each) for each in sys.argv[1:]]
    size, seeds = (*given, *(4000, 3)[len(given) :])
    runs = []
    for seed in range(1, seeds + 1):
        runs.append(generated(size, seed))
        print(f"seed {seed}: {json.dumps({name: round(value, 3) for name, value in runs[-1].items()})}", flush=True)
    figures = []
    for name in runs[0]:
        values = [run[name] for run in runs if name in run]
        figures.append(Figure(f"{name} ({min(values):.3f}-{max(values):.3f})", statistics.median(values), ""))
    show(figures + real())


def generated(size: int, seed: int) -> dict[str, float]:
    """One world: recall at SHARE for the model and each baseline, by mechanism, and how calibrated it is."""
    world = prediction_world.make(size, DAYS, seed)
    plan = training.plan(DAYS)
    sheet = training.rows(world.fleet, plan.all)
    model = training.train(world.fleet, plan, sheet, seed)
    learnt, held = sheet.at(np.isin(sheet.cut, plan.learnt)), training.held_out(plan, sheet)
    probability = model.probabilities(held.table)
    found: dict[str, float] = {"failing element-weeks held out": float(held.failed.sum())}
    scores = {"boosted trees": probability, "logistic regression": logistic(learnt, held), **simple(held)}
    for name, score in scores.items():
        recall, precision, threshold = training.at_false_positives(score, held.failed, SHARE)
        found[f"recall at 1 % FPR: {name}"] = recall
        found[f"precision there: {name}"] = precision
        found[f"average precision: {name}"] = training.average_precision(score, held.failed)
        found[f"precision of the top {TOP} a week: {name}"] = at_top(score, held)
        if name == "boosted trees":
            found |= by_mechanism(world, held, score > threshold) | calibration(score, held.failed)
    return found


def column(sheet: Sheet, name: str) -> Floats:
    """One feature of a sheet; what is not known is no cause for alarm."""
    return np.nan_to_num(sheet.table[:, NAMES.index(name)], nan=-1e9)


def simple(held: Sheet) -> dict[str, Floats]:
    """What people use today: one number and a threshold, each with the best threshold it could have."""
    level, z, slope = (column(held, f"level_{name}") for name in ("now", "z", "slope"))
    lowest = {"low level": -np.where(level < -1e8, 99, level), "falling level": -np.where(slope < -1e8, 99, slope)}
    worst = np.max(
        np.abs([np.where(c < -1e8, 0, c) for c in (z, column(held, "bias_z"), column(held, "errors_z"))]), axis=0
    )
    return lowest | {"robust z of level, bias or errors": worst, "high laser bias": column(held, "bias_now")}


def logistic(learnt: Sheet, held: Sheet) -> Floats:
    """The same features, linearly: scaled, the unknown set to the usual; ages in years, which clipping spares."""
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = ~np.isnan(learnt.table).all(axis=0)
    year = np.where(np.array(NAMES) == "age_days", 365.0, 1.0)[known]
    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(C=0.1, max_iter=200))
    model.fit(np.clip(learnt.table[:, known] / year, -100, 100), learnt.failed)
    score: Any = model.predict_proba(np.clip(held.table[:, known] / year, -100, 100))
    return np.asarray(score[:, 1], dtype=np.float64)


def at_top(score: Floats, held: Sheet) -> float:
    """Of the TOP of each week, the share that fails within the horizon."""
    hits = [held.failed[held.cut == c][np.argsort(-score[held.cut == c])[:TOP]].mean() for c in np.unique(held.cut)]
    return float(np.mean(hits))


def by_mechanism(world: prediction_world.World, held: Sheet, flagged: NDArray[np.bool_]) -> dict[str, float]:
    """Recall of element-weeks by what brings the failure about."""
    hit: dict[str, list[bool]] = defaultdict(list)
    for place in np.flatnonzero(held.failed):
        element, cut = int(held.element[place]), int(held.cut[place])
        days = np.flatnonzero(world.fleet.failed[element, cut : cut + HORIZON])
        hit[world.why[element, cut + int(days[0])]].append(bool(flagged[place]))
    return {f"  recall: {why}": float(np.mean(hits)) for why, hits in sorted(hit.items())}


def calibration(probability: Floats, failed: NDArray[np.bool_]) -> dict[str, float]:
    """Promised beside come true, by how much was promised; and over all."""
    found = {"promised over come true": float(probability.sum() / max(1, failed.sum()))}
    for low, high in ((0.02, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 1.01)):
        which = (probability >= low) & (probability < high)
        if which.sum() >= 10:
            found[f"  promised {low:.2f}-{min(1, high):.1f}: promised"] = float(probability[which].mean())
            found[f"  promised {low:.2f}-{min(1, high):.1f}: came true"] = float(failed[which].mean())
    return found


# -- real alarms

LONG_HOURS, AHEAD, EVERY = 12, 7, 7


def real() -> list[Figure]:
    """huawei-18v: will a device raise an alarm that stands for LONG_HOURS or more within the next week?

    There is no severity in the set; that an alarm stands long stands in for it. Learnt on the first weeks, measured
    on the last 30 %, a week apart.
    """
    shared = Path(os.environ.get("BEDROCK_SHARED", Path(__file__).parents[2] / "shared"))
    file = shared / "alarms" / "huawei-18v" / "Alarm.csv"
    if not file.exists():
        print(f"no real alarms: {file} is not there")
        return []
    kind, device, start, end = np.loadtxt(file, delimiter=",", skiprows=1, unpack=True)
    day = ((start - start.min()) / 86400).astype(int)
    devices, mine = np.unique(device, return_inverse=True)
    kinds, what = np.unique(kind, return_inverse=True)
    raised = np.zeros((len(devices), len(kinds), day.max() + 1))
    np.add.at(raised, (mine, what, day), 1)
    lasting = np.zeros((len(devices), day.max() + 1))
    np.add.at(lasting, (mine, day), (end - start) >= LONG_HOURS * 3600)
    rows, labels, when = [], [], []
    for cut in range(28, day.max() - AHEAD, EVERY):
        seen = [raised[:, :, cut - span : cut].sum(axis=2) for span in (7, 28)]
        lasted = [lasting[:, cut - span : cut].sum(axis=1) for span in (7, 14, 28)]
        before = lasting[:, :cut] > 0
        ago = np.where(before.any(axis=1), np.argmax(before[:, ::-1], axis=1), np.nan)
        rows.append(np.column_stack([*seen, *lasted, ago]))
        labels.append(lasting[:, cut : cut + AHEAD].any(axis=1))
        when.append(np.full(len(devices), cut))
    owner = np.tile(np.arange(len(devices)), len(when))
    return _real(np.concatenate(rows), np.concatenate(labels), np.concatenate(when), owner)


def _real(table: Floats, wanted: NDArray[np.bool_], when: NDArray[np.int64], device: NDArray[np.int64]) -> list[Figure]:
    from cortex.trees import learn

    test_from = np.quantile(when, 0.7)
    old, new = when <= test_from - AHEAD, when >= test_from
    names = [f"f{n}" for n in range(table.shape[1])]
    model = learn(table[old], wanted[old], device[old], names, rounds=60, leaves=7)
    scores = {
        "boosted trees": model.probabilities(table[new]),
        "as many as in the last four weeks": table[new][:, -2],
        "the last one lately": -np.nan_to_num(table[new][:, -1], nan=999),
    }
    figures = [
        Figure("huawei-18v: device-weeks held out", float(new.sum()), ""),
        Figure("huawei-18v: with a long alarm", float(wanted[new].mean()), "share"),
    ]
    for name, score in scores.items():
        for share in (0.01, 0.1):
            recall = training.at_false_positives(score, wanted[new], share)[0]
            figures.append(Figure(f"huawei-18v: recall at {share:.0%} FPR: {name}", recall, ""))
        ap = training.average_precision(score, wanted[new])
        figures.append(Figure(f"huawei-18v: average precision: {name}", ap, ""))
    return figures


if __name__ == "__main__":
    main()
