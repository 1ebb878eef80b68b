"""Past incidents like this one, with what fixed them and how long that took: what a veteran would remember."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

from rapidfuzz import fuzz

#: What likeness consists of; together one.
KIND, MODE, ALARMS, PLACE, SIZE, WORDS = 0.30, 0.10, 0.30, 0.15, 0.05, 0.10
LEAST = 0.45


@dataclass(frozen=True, slots=True)
class Case:
    """An incident as far as its likeness goes. `alarms`: how many of each type; `minutes`: begin to repair."""

    reference: str
    element: str
    kind: str  # of the cause: fibre, splitter, olt, …
    mode: str
    zone: int | None
    subscribers: int
    words: str
    alarms: Mapping[str, int] = field(default_factory=dict)
    resolution: str = ""
    minutes: float | None = None


class Similar(NamedTuple):
    """A past incident, how alike (0 to 1), why, what fixed it, and in how many minutes."""

    reference: str
    likeness: float
    reasons: list[str]
    resolution: str
    minutes: float | None


def similar(to: Case, past: Iterable[Case], most: int = 5) -> list[Similar]:
    """The past incidents most like one, the likest first; those that have nothing to teach come after their equals."""
    found = [_compare(to, case) for case in past if case.reference != to.reference]
    found = [each for each in found if each.likeness >= LEAST]
    return sorted(found, key=lambda each: (-round(each.likeness, 2), not each.resolution))[:most]


def _compare(a: Case, b: Case) -> Similar:
    mix = _cosine(a.alarms, b.alarms)
    same_element = bool(a.element) and a.element == b.element
    same_zone = a.zone is not None and a.zone == b.zone
    near = 1.0 if same_element else 0.4 if same_zone else 0.0
    small, large = sorted((a.subscribers + 5, b.subscribers + 5))
    words = fuzz.token_set_ratio(a.words.lower(), b.words.lower()) / 100
    same_kind = bool(a.kind) and a.kind == b.kind
    likeness = (
        KIND * same_kind
        + MODE * (a.mode == b.mode)
        + ALARMS * mix
        + PLACE * near
        + SIZE * small / large
        + WORDS * words
    )
    reasons = [
        *([f"the same element {a.element}"] if same_element else [f"the same zone {a.zone}"] if same_zone else []),
        *(
            [f"the same kind of cause ({a.kind}{f', {a.mode}' if a.mode and a.mode == b.mode else ''})"]
            if same_kind
            else []
        ),
        *([f"the alarms are alike ({mix:.0%})"] if mix > 0.5 else []),
    ]
    return Similar(b.reference, likeness, reasons, b.resolution, b.minutes)


def _cosine(a: Mapping[str, int], b: Mapping[str, int]) -> float:
    """By the root of the counts: forty dying gasps are not forty times what one is."""
    x, y = ({kind: sqrt(count) for kind, count in Counter(each).items()} for each in (a, b))
    norm = sqrt(sum(v * v for v in x.values()) * sum(v * v for v in y.values()))
    return sum(value * y.get(kind, 0.0) for kind, value in x.items()) / norm if norm else 0.0
