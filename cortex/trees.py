"""Boosted trees as plain arrays: learnt by scikit-learn, kept, read and asked without it.

A model is numbers, never a pickle: reading one runs nothing, and a process that only predicts doesn't pay for the
library (docs/decisions/0015). Scores are calibrated by Platt's sigmoid, fitted on rows the trees had not seen.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FORMAT = 1
#: Quantiles of each feature that a model keeps of what it learnt from, to tell later that the world has moved.
QUANTILES = np.linspace(0, 1, 41)


class ModelError(ValueError):
    """These bytes are no model that this version can use."""


class NothingToLearnError(ValueError):
    """The rows don't hold enough of either answer."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Nodes of all trees end to end; `roots` says where each begins. A leaf's `left` is -1.

    `slope`, `offset`: the sigmoid from a raw score to a probability. `quantiles`: of each feature at QUANTILES,
    NaN for one that was never known; `missing`: the share of rows in which it was not known.
    """

    names: tuple[str, ...]
    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: Floats
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    missing_left: NDArray[np.bool_]
    value: Floats
    baseline: float
    slope: float
    offset: float
    quantiles: Floats
    missing: Floats

    def raw(self, table: Floats) -> Floats:
        """The sum of the trees for each row of features, before calibration."""
        total = np.full(len(table), self.baseline)
        every = np.arange(len(table))
        for root in self.roots:
            at = np.full(len(table), root)
            while len(inner := every[self.left[at] >= 0]):
                node = at[inner]
                seen = table[inner, self.feature[node]]
                goes_left = np.where(np.isnan(seen), self.missing_left[node], seen <= self.threshold[node])
                at[inner] = np.where(goes_left, self.left[node], self.right[node])
            total += self.value[at]
        return total

    def probabilities(self, table: Floats) -> Floats:
        """The calibrated probability for each row of features."""
        return sigmoid(self.slope * self.raw(table) + self.offset)

    def to_bytes(self) -> bytes:
        """The model, for keeping."""
        out = io.BytesIO()
        head = {"format": FORMAT, "names": self.names}
        np.savez_compressed(
            out,
            head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8),
            scalars=np.array([self.baseline, self.slope, self.offset]),
            **{name: getattr(self, name) for name in ARRAYS},
        )
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, names: Sequence[str]) -> "Trees":
        """The model again. ModelError when it is damaged, or was learnt from other features than `names`."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as kept:
                head = json.loads(kept["head"].tobytes())
                arrays = {name: kept[name] for name in ARRAYS}
                baseline, slope, offset = map(float, kept["scalars"])
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            raise ModelError(f"The stored model cannot be read: {error}.") from error
        if head["format"] != FORMAT or tuple(head["names"]) != tuple(names):
            raise ModelError("The stored model was made by another version of Bedrock; train again.")
        model = cls(tuple(names), baseline=baseline, slope=slope, offset=offset, **arrays)
        model._check()
        return model

    def _check(self) -> None:
        """ModelError unless every walk stays inside and ends: children lie behind their parents."""
        size, inner = len(self.left), self.left >= 0
        places = np.flatnonzero(inner)
        lengths = {len(getattr(self, name)) for name in ("feature", "threshold", "right", "missing_left", "value")}
        sound = (
            lengths == {size}
            and (self.left[inner] > places).all()
            and (self.right[inner] > places).all()
            and (np.maximum(self.left, self.right) < size).all()
            and (self.feature[inner] >= 0).all()
            and (self.feature[inner] < len(self.names)).all()
            and ((self.roots >= 0) & (self.roots < size)).all()
        )
        if not sound:
            raise ModelError("The stored model is damaged: a branch leads nowhere.")


ARRAYS = ("roots", "feature", "threshold", "left", "right", "missing_left", "value", "quantiles", "missing")


def sigmoid(score: Floats) -> Floats:
    """From a log-odds to a probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(score, -60, 60))), dtype=np.float64)


def learn(
    table: Floats,
    wanted: NDArray[np.bool_],
    groups: NDArray[np.int64],
    names: Sequence[str],
    *,
    rounds: int = 150,
    leaves: int = 6,
    seed: int = 0,
) -> Trees:
    """Learn which rows are wanted. Rows of one group (an element) never stand on both sides of the calibration.

    Small trees, each over a third of the features: of few failures large ones learn by heart. The settings were chosen
    on worlds of `benchmarks.prediction` other than those it reports. NothingToLearnError when fewer than three groups
    hold either answer.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    def boosted(rows: NDArray[np.bool_]) -> Trees:
        model = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=rounds,
            max_leaf_nodes=leaves,
            min_samples_leaf=40,
            l2_regularization=5.0,
            max_features=0.3,
            early_stopping=False,
            random_state=seed,
        ).fit(table[rows][:, known], wanted[rows])
        trees = _unpacked(model, known, names, table[rows])
        sample = table[rows][:200]
        if not np.allclose(trees.raw(sample), model.decision_function(sample[:, known]), atol=1e-6):
            raise RuntimeError("scikit-learn lays out its trees in a way this version does not know")
        return trees

    fold = _folds(groups, wanted)
    known = np.flatnonzero([len(np.unique(c[~np.isnan(c)][:10_000])) > 1 for c in table.T])  # else the binning fails
    unseen = np.empty(len(table))
    for number in range(3):
        unseen[fold == number] = boosted(fold != number).raw(table[fold == number])
    sigmoid_ = LogisticRegression(C=1e3).fit(unseen.reshape(-1, 1), wanted)
    whole = boosted(np.ones(len(table), np.bool_))
    slope = max(0.05, float(sigmoid_.coef_[0, 0]))  # more risk is never less
    return replace(whole, slope=slope, offset=float(sigmoid_.intercept_[0]))


def _folds(groups: NDArray[np.int64], wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """A fold of three for each row, whole groups together, those with a wanted row dealt out evenly."""
    known, place = np.unique(groups, return_inverse=True)
    has = np.zeros(len(known), np.bool_)
    np.logical_or.at(has, place, wanted)
    if has.sum() < 3 or (~has).sum() < 3:
        raise NothingToLearnError("fewer than three elements failed, or fewer than three did not")
    fold = np.empty(len(known), np.int64)
    for which in (has, ~has):
        fold[which] = np.arange(which.sum()) % 3
    return fold[place]


def _unpacked(model: object, known: NDArray[np.int64], names: Sequence[str], table: Floats) -> Trees:
    """A HistGradientBoostingClassifier fitted on the `known` columns, as arrays over all of them."""
    nodes = [tree.nodes for (tree,) in model._predictors]  # type: ignore[attr-defined]
    starts = np.cumsum([0, *(len(each) for each in nodes)])[:-1]
    all_ = np.concatenate(nodes)
    shift = np.repeat(starts, [len(each) for each in nodes])
    is_leaf = all_["is_leaf"].astype(np.bool_)
    return Trees(
        tuple(names),
        starts.astype(np.int32),
        known[all_["feature_idx"]].astype(np.int32),
        all_["num_threshold"].astype(np.float64),
        np.where(is_leaf, -1, all_["left"] + shift).astype(np.int32),
        np.where(is_leaf, -1, all_["right"] + shift).astype(np.int32),
        all_["missing_go_to_left"].astype(np.bool_),
        all_["value"].astype(np.float64),
        float(np.ravel(model._baseline_prediction)[0]),  # type: ignore[attr-defined]
        1.0,
        0.0,
        *_reference(table),
    )


def _reference(table: Floats) -> tuple[Floats, Floats]:
    missing = np.isnan(table)
    quantiles = np.full((table.shape[1], len(QUANTILES)), np.nan)
    for column in range(table.shape[1]):
        if not missing[:, column].all():
            quantiles[column] = np.quantile(table[~missing[:, column], column], QUANTILES)
    return quantiles, missing.mean(axis=0)
