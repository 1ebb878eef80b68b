"""The embedded understanding: what somebody wants, from the words they use.

TF-IDF of words and of characters (so that typing errors cost little) and logistic regression, trained on the
utterances that stand next to each agent. One classifier a kind of person: nobody is understood to want what
they cannot have. Training takes under a second; its numbers are kept under the hash of what they came from.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from agents.llm.words import plain

AGENTS = Path(__file__).parents[1]
#: Below this probability the best guess is not acted on.
CLEAR = 0.40
#: ... nor where the second-best guess is this close.
MARGIN = 0.12
VERSION = 1
#: Whose utterances a subscriber's words are held against, and the staff's.
AUDIENCES = {"subscriber": ("common", "support", "billing"), "staff": ("common", "noc", "dispatcher")}
SHAPES: tuple[dict[str, Any], ...] = (
    {"analyzer": "word", "ngram_range": (1, 2), "sublinear_tf": True, "token_pattern": r"(?u)\b\w+\b"},
    {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True},
)


@dataclass(frozen=True, slots=True)
class Understood:
    """The likeliest intent, whose business it is, how likely it is, and whether that is enough to act on."""

    agent: str
    intent: str
    probability: float
    is_clear: bool


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained classifier as plain arrays: one row of weights a label."""

    labels: list[str]
    vectorizers: tuple[TfidfVectorizer, ...]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """The probability of each label for a plain text."""
        scores, start = self.bias, 0
        for vectorizer in self.vectorizers:
            row = vectorizer.transform([text])
            scores = scores + self.weights[:, start + row.indices] @ row.data
            start += row.shape[1]
        odds = np.exp(scores - scores.max())
        return np.asarray(odds / odds.sum(), dtype=np.float64)


class Nlu:
    """One classifier an audience."""

    def __init__(self, classifiers: dict[str, Classifier]) -> None:
        self._classifiers = classifiers

    def understand(self, text: str, role: str) -> Understood:
        """What a person of this role most likely wants."""
        classifier = self._classifiers["subscriber" if role == "subscriber" else "staff"]
        words = plain(text)
        odds = classifier.probabilities(words)
        second, best = np.argsort(odds)[-2:]
        agent, intent = classifier.labels[best].split("/")
        is_clear = bool(words and odds[best] >= CLEAR and odds[best] - odds[second] >= MARGIN)
        return Understood(agent, intent, float(odds[best]), is_clear and intent != "out_of_scope")


def read_utterances(audience: str) -> list[tuple[str, str]]:
    """(label, plain text) of every example an audience's classifier learns from; label = agent/intent."""
    examples = []
    for agent in AUDIENCES[audience]:
        intents = yaml.safe_load((AGENTS / agent / "utterances.yaml").read_text())
        examples += [(f"{agent}/{intent}", plain(text)) for intent, texts in intents.items() for text in texts]
    return examples


def train(examples: list[tuple[str, str]]) -> Classifier:
    """A classifier for these examples."""
    labels, texts = [label for label, _ in examples], [text for _, text in examples]
    vectorizers = tuple(TfidfVectorizer(**shape).fit(texts) for shape in SHAPES)
    return _fitted(vectorizers, texts, labels)


def _fitted(vectorizers: tuple[TfidfVectorizer, ...], texts: list[str], labels: list[str]) -> Classifier:
    from scipy.sparse import hstack

    model = LogisticRegression(C=12.0, max_iter=300, class_weight="balanced")
    rows = hstack([each.transform(texts) for each in vectorizers]).tocsr()
    with threadpool_limits(1):  # on this little data threads cost four times what they save
        model.fit(rows, labels)
    return Classifier(list(model.classes_), vectorizers, model.coef_, model.intercept_)


@lru_cache(maxsize=4)
def load_nlu(folder: Path) -> Nlu:
    """The understanding of every audience: trained, or read from `folder` when nothing has changed since."""
    return Nlu({audience: _load_or_train(folder, audience) for audience in AUDIENCES})


def _load_or_train(folder: Path, audience: str) -> Classifier:
    examples = read_utterances(audience)
    content = json.dumps([VERSION, SHAPES, examples], sort_keys=True)
    file = folder / f"nlu-{audience}-{hashlib.sha256(content.encode()).hexdigest()[:16]}.npz"
    if file.exists():
        return _read(file)
    classifier = train(examples)
    _write(file, classifier)
    return classifier


def _write(file: Path, classifier: Classifier) -> None:
    """Plain arrays, never pickles: reading them runs no code. Moved into place whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{id(classifier)}.npz")
    arrays: dict[str, Any] = {"weights": classifier.weights, "bias": classifier.bias}
    arrays["labels"] = np.array(classifier.labels)
    for number, vectorizer in enumerate(classifier.vectorizers):
        arrays[f"words{number}"] = vectorizer.get_feature_names_out().astype(str)
        arrays[f"idf{number}"] = vectorizer.idf_
    np.savez(draft, **arrays)
    draft.replace(file)


def _read(file: Path) -> Classifier:
    with np.load(file, allow_pickle=False) as arrays:
        vectorizers = []
        for number, shape in enumerate(SHAPES):
            vectorizer = TfidfVectorizer(**shape, vocabulary=arrays[f"words{number}"].tolist())
            vectorizer.idf_ = arrays[f"idf{number}"]
            vectorizers.append(vectorizer)
        labels = arrays["labels"].tolist()
        return Classifier(labels, tuple(vectorizers), arrays["weights"], arrays["bias"])
