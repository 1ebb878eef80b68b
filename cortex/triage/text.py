"""A linear model of words and numbers, as plain arrays: learnt by scikit-learn, kept, read and asked without it.

TF-IDF of words and word pairs beside standardised numbers, and one row of weights a label. A number that isn't known
counts as the usual one. For two labels the score is calibrated by Platt's sigmoid on rows it was not learnt from.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from cortex.trees import ModelError, NothingToLearnError, sigmoid

Floats = NDArray[np.float64]
FORMAT = 1
WORD = re.compile(r"\w+")
LEAST_SEEN = 2
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Linear:
    """`weights`: (labels or 1, words + numbers). `stretch`, `shift`: calibration of the score of two labels.

    `threshold`: the probability of the second label above which it is worth acting on; NaN where none was found.
    """

    labels: tuple[str, ...]
    words: tuple[str, ...]
    numbers: tuple[str, ...]
    idf: Floats
    middle: Floats
    scale: Floats
    weights: Floats
    bias: Floats
    stretch: float = 1.0
    shift: float = 0.0
    threshold: float = float("nan")

    def table(self, texts: Sequence[str], numbers: Floats) -> Floats:
        """The rows as the weights take them."""
        places = {word: place for place, word in enumerate(self.words)}
        out = np.zeros((len(texts), len(self.words) + len(self.numbers)))
        for row, text in enumerate(texts):
            for term, count in Counter(terms(text)).items():
                if (place := places.get(term)) is not None:
                    out[row, place] = (1 + np.log(count)) * self.idf[place]
        length = np.linalg.norm(out, axis=1, keepdims=True)
        out /= np.where(length > 0, length, 1.0)
        out[:, len(self.words) :] = np.nan_to_num((numbers - self.middle) / self.scale, nan=0.0)
        return out

    def probabilities(self, texts: Sequence[str], numbers: Floats) -> Floats:
        """(rows, labels)."""
        score = self.table(texts, numbers) @ self.weights.T + self.bias
        if len(self.labels) == 2:
            second = sigmoid(self.stretch * score[:, 0] + self.shift)
            return np.column_stack([1 - second, second])
        score = np.exp(score - score.max(axis=1, keepdims=True))
        return np.asarray(score / score.sum(axis=1, keepdims=True), dtype=np.float64)

    def reasons(self, text: str, numbers: Floats, label: str, most: int = 4) -> list[tuple[str, float]]:
        """What speaks for a label in one row: words or numbers with the log-odds each added, the weightiest first."""
        row = self.table([text], numbers[None, :])[0]
        place = self.labels.index(label)
        weight = self.weights[place] if len(self.labels) > 2 else self.weights[0] * (1 if place else -1)
        added = row * weight * (self.stretch if len(self.labels) == 2 else 1.0)
        names = (*self.words, *self.numbers)
        return [(names[n], float(added[n])) for n in np.argsort(-added)[:most] if added[n] > 0.05]

    def to_bytes(self) -> bytes:
        """The model, for keeping."""
        out = io.BytesIO()
        head = {"format": FORMAT, "labels": self.labels, "words": self.words, "numbers": self.numbers}
        scalars = np.array([self.stretch, self.shift, self.threshold])
        arrays = {name: getattr(self, name) for name in ARRAYS}
        np.savez_compressed(
            out, head=np.frombuffer(json.dumps(head).encode(), dtype=np.uint8), scalars=scalars, **arrays
        )
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, numbers: Sequence[str]) -> "Linear":
        """The model again. ModelError when it is damaged, or takes other numbers than these."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as kept:
                head = json.loads(kept["head"].tobytes())
                arrays = {name: kept[name] for name in ARRAYS}
                stretch, shift, threshold = map(float, kept["scalars"])
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            raise ModelError(f"The stored model cannot be read: {error}.") from error
        if head["format"] != FORMAT or tuple(head["numbers"]) != tuple(numbers):
            raise ModelError("The stored model was made by another version of Bedrock; train again.")
        return cls(
            tuple(head["labels"]), tuple(head["words"]), tuple(numbers), **arrays,
            stretch=stretch, shift=shift, threshold=threshold,
        )  # fmt: skip


ARRAYS = ("idf", "middle", "scale", "weights", "bias")


def terms(text: str) -> list[str]:
    """Words and pairs of neighbouring words, in lower case."""
    words = WORD.findall(text.lower())
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def learn(
    texts: Sequence[str], numbers: Floats, labels: Sequence[str], names: Sequence[str], *, softness: float = 1.0
) -> Linear:
    """Learn to tell labels apart. NothingToLearnError when fewer than two labels have five rows each.

    `softness`: the inverse strength of the L2 penalty.
    """
    counted = Counter(labels)
    if len(counted) < 2 or min(counted.values()) < FOLDS:
        raise NothingToLearnError(f"each label takes {FOLDS} examples; there are {dict(counted)}")
    model = _fitted(texts, numbers, labels, names, softness)
    return _calibrated(model, texts, numbers, labels, softness) if len(counted) == 2 else model


def _fitted(
    texts: Sequence[str], numbers: Floats, labels: Sequence[str], names: Sequence[str], softness: float
) -> Linear:
    from sklearn.linear_model import LogisticRegression

    seen = Counter(term for text in texts for term in set(terms(text)))
    words = tuple(sorted(term for term, count in seen.items() if count >= LEAST_SEEN))
    idf = np.array([np.log((1 + len(texts)) / (1 + seen[word])) + 1 for word in words])
    middle, scale = _standard(numbers)
    blank = np.zeros((1, len(words) + len(names)))
    empty = Linear(tuple(sorted(set(labels))), words, tuple(names), idf, middle, scale, blank, np.zeros(1))
    fitted = LogisticRegression(C=softness, max_iter=500).fit(empty.table(texts, numbers), labels)
    return replace(empty, weights=fitted.coef_, bias=fitted.intercept_)


def _standard(numbers: Floats) -> tuple[Floats, Floats]:
    known = ~np.isnan(numbers)
    middle, scale = np.zeros(numbers.shape[1]), np.ones(numbers.shape[1])
    for column in np.flatnonzero(known.any(axis=0)):
        values = numbers[known[:, column], column]
        middle[column] = np.median(values)
        scale[column] = max(float(values.std()), 1e-6) if len(values) > 1 else 1.0
    return middle, scale


def unseen_scores(
    texts: Sequence[str], numbers: Floats, labels: Sequence[str], names: Sequence[str], softness: float
) -> Floats:
    """For two labels: each row's score by a model that was learnt without it."""
    fold = np.arange(len(texts)) % FOLDS
    out = np.empty(len(texts))
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold != number).tolist(), np.flatnonzero(fold == number).tolist()
        part = _fitted([texts[n] for n in inside], numbers[inside], [labels[n] for n in inside], names, softness)
        out[outside] = (part.table([texts[n] for n in outside], numbers[outside]) @ part.weights.T + part.bias)[:, 0]
    return out


def _calibrated(model: Linear, texts: Sequence[str], numbers: Floats, labels: Sequence[str], softness: float) -> Linear:
    from sklearn.linear_model import LogisticRegression

    scores = unseen_scores(texts, numbers, labels, model.numbers, softness)
    second = np.array(labels) == model.labels[1]
    sigmoid_ = LogisticRegression(C=10.0).fit(scores.reshape(-1, 1), second)
    stretch, shift = max(0.05, float(sigmoid_.coef_[0, 0])), float(sigmoid_.intercept_[0])
    return replace(model, stretch=stretch, shift=shift)
