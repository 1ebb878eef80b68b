"""How a service's failure ends: its signs go one by one, and sessions and traffic come back bit by bit.

While the signs that tell its reason are going, what is left of them would name something smaller, which never
failed; so the finding stays as it was until they have been still for a while. Once none is left, effects are its
own for longer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cortex.evidence.services import EFFECTS
from cortex.group import Evidence
from cortex.service_cuts import AHEAD, RECOVERY

#: Seconds without a further clear after which what is left is judged anew: a few rounds of measurements.
STILL = 300.0
#: What may still appear anywhere after the repair: lines dial in again over a long while. Traffic follows at once.
SLOW_TO_RETURN = "sessions-below-expected"


@dataclass(slots=True)
class Aftermath:
    """Of one failure. `elements`: where effects are its own, None for anywhere; `reasons`: how many of the signs that
    tell its reason stand; `shrunk_at`: when their number last fell, None while it grows.
    """

    elements: frozenset[int] | None
    since: float
    reasons: int = 0
    shrunk_at: float | None = None

    @classmethod
    def of(cls, elements: tuple[int, ...], opened_at: float) -> "Aftermath":
        """A whole pool is felt anywhere, one element at itself."""
        return cls(None if len(elements) > 1 else frozenset(elements), opened_at - AHEAD)

    def look(self, standing: Iterable[Evidence], now: float) -> None:
        """Count the signs of its reason that stand now."""
        reasons = sum(e.type not in EFFECTS for e in standing)
        if reasons < self.reasons:
            self.shrunk_at = now
        elif reasons > self.reasons:
            self.shrunk_at = None
        self.reasons = reasons

    @property
    def until(self) -> float | None:
        """Until when what stands of it is its own, as things are now."""
        if self.shrunk_at is None:
            return None
        return self.shrunk_at + (STILL if self.reasons else RECOVERY)

    def is_on(self, now: float) -> bool:
        """Whether its signs are going."""
        return self.until is not None and now <= self.until

    def is_over(self, now: float) -> bool:
        """Whether what is left is to be judged anew."""
        return self.until is not None and now > self.until

    def explains(self, e: Evidence, now: float, *, is_its_own: bool) -> bool:
        """Whether a sign is what is left of this failure. `is_its_own`: it was part of its finding."""
        if not self.is_on(now) or e.at < self.since:
            return False
        if e.type not in EFFECTS:
            return is_its_own
        is_here = self.elements is None or e.element in self.elements
        return is_its_own or (is_here and e.type == SLOW_TO_RETURN)
