"""What a visit came to, from the words the technician left. The one vocabulary for labels and for scoring."""

import re
from enum import StrEnum


class Found(StrEnum):
    """What a visit or a repair found."""

    NOTHING = "nothing"  # no fault found: the line was fine, or the trouble was the subscriber's own
    REPLACED = "replaced"  # a part of it is new: what it showed before says nothing of it any more
    MENDED = "mended"
    UNCLEAR = "unclear"  # nothing was written down


NOTHING = re.compile(
    r"\b(no (fault|trouble|problem)s? (was )?found|nff|nothing (was )?(found|wrong)|found nothing|line (is|was|tested)"
    r" (fine|good|ok)|could not reproduce|not reproducible|customer'?s own (equipment|router|wiring)|wi-?fi only"
    r"|unplugged|switched off)\b",
    re.IGNORECASE,
)
REPLACED = re.compile(
    r"\b(swapped|replaced|exchanged|new (ont|modem|cpe|box|unit|card|optic|battery))\b", re.IGNORECASE
)


def found(outcome: str) -> Found:
    """What an outcome says was found. "No fault found" wins: a box swapped on suspicion alone mended nothing."""
    if not outcome.strip():
        return Found.UNCLEAR
    if NOTHING.search(outcome):
        return Found.NOTHING
    return Found.REPLACED if REPLACED.search(outcome) else Found.MENDED
