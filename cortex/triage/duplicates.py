"""Tickets that are probably about one thing: the same line, or the same part of the network at the same time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from rapidfuzz import fuzz

#: Points from which on a pair counts, and what gives them.
ENOUGH = 3.0
SAME_LINE, SAME_PART, SAME_ZONE, SAME_CATEGORY, SAME_WORDS = 3.0, 1.5, 0.5, 1.0, 1.5
#: Tickets of one line are compared over days, of neighbours over hours.
OF_ONE_LINE, OF_NEIGHBOURS = timedelta(days=14), timedelta(hours=6)
ALIKE = 60.0


class Report(NamedTuple):
    """A ticket as far as its likeness goes. `line`: whose; `part`: what the line hangs on, such as a splitter."""

    reference: str
    at: datetime
    category: str
    words: str
    line: int | None
    part: str
    zone: int | None


class Duplicate(NamedTuple):
    """Another ticket, how alike, and why."""

    reference: str
    points: float
    reasons: list[str]


def duplicates(of: Report, others: Iterable[Report], most: int = 5) -> list[Duplicate]:
    """Tickets that are probably about the same thing, the likeliest first. Bills are never a neighbour's."""
    found = [_compare(of, other) for other in others if other.reference != of.reference]
    return sorted((each for each in found if each.points >= ENOUGH), key=lambda each: -each.points)[:most]


def _compare(a: Report, b: Report) -> Duplicate:
    apart = abs(a.at - b.at)
    same_line = a.line is not None and a.line == b.line
    if apart > (OF_ONE_LINE if same_line else OF_NEIGHBOURS) or (
        not same_line and "billing" in (a.category, b.category)
    ):
        return Duplicate(b.reference, 0.0, [])
    alike = fuzz.token_set_ratio(a.words.lower(), b.words.lower())
    same_part = bool(a.part) and a.part == b.part
    given = [
        (SAME_LINE if same_line else 0.0, "the same line"),
        (SAME_PART if same_part and not same_line else 0.0, f"both on {a.part}"),
        (SAME_ZONE if a.zone is not None and a.zone == b.zone and not same_part else 0.0, f"both in zone {a.zone}"),
        (SAME_CATEGORY if a.category == b.category else -SAME_CATEGORY, f"both {a.category}"),
        (SAME_WORDS * (alike - ALIKE) / (100 - ALIKE) if alike > ALIKE else 0.0, f"words alike by {alike:.0f} %"),
        (SAME_CATEGORY if apart < timedelta(hours=1) and not same_line else 0.0, "within an hour"),
    ]
    return Duplicate(b.reference, sum(points for points, _ in given), [why for points, why in given if points > 0])
