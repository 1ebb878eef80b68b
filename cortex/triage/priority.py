"""How urgent a ticket is: impact and urgency (ITIL), each point with its reason, so that a person can disagree.

A table and not a model: nobody has written down priorities to learn from.
"""

from typing import NamedTuple

URGENCY = {"no_service": 3, "intermittent": 2, "slow": 1, "billing": 0, "other": 0}
#: Points from which on a ticket is P1, P2, P3; below the last it is P4.
STEPS = (6, 4, 2)


class Circumstances(NamedTuple):
    """What counts besides the words. `contacts`: how often they called in two weeks; `waiting_hours` so far."""

    category: str
    is_vulnerable: bool = False
    is_business: bool = False
    has_outage: bool = False
    contacts: int = 0
    waiting_hours: float = 0.0
    promised_hours: float = 24.0


class Priority(NamedTuple):
    """P1 (drop everything) to P4, with what speaks for it."""

    level: int
    points: int
    reasons: list[str]

    @property
    def name(self) -> str:
        """What people call it."""
        return f"P{self.level}"


def priority(seen: Circumstances) -> Priority:
    """Weigh a ticket. An outage that is known takes urgency off it: it is being worked on already."""
    urgency = URGENCY.get(seen.category, 0)
    given = [
        (urgency, seen.category.replace("_", " ")),
        (3 if seen.is_vulnerable and urgency else 0, "vulnerable: may depend on the line to call for help"),
        (2 if seen.is_business and urgency else 0, "business contract"),
        (min(2, seen.contacts - 1) if seen.contacts > 1 else 0, f"{seen.contacts} contacts in two weeks"),
        (
            2 if seen.waiting_hours > seen.promised_hours else 0,
            f"promised within {seen.promised_hours:.0f} h, and over",
        ),
        (-2 if seen.has_outage and urgency else 0, "part of a known outage"),
    ]
    points = max(0, sum(value for value, _ in given))
    level = next((n for n, least in enumerate(STEPS, start=1) if points >= least), len(STEPS) + 1)
    return Priority(level, points, [f"{words} ({value:+d})" for value, words in given if value])
