"""What outlasts a service's failure: once it is mended sessions and traffic come back bit by bit, which is no news."""

from collections.abc import Iterable
from dataclasses import dataclass

from cortex.evidence.services import EFFECTS
from cortex.group import Evidence
from cortex.service_cuts import AHEAD, RECOVERY


@dataclass(slots=True)
class Aftermath:
    """Of one failure. `elements`: where effects are its own, None for anywhere; `until`: None while it lasts."""

    elements: frozenset[int] | None
    since: float
    until: float | None = None

    @classmethod
    def of(cls, elements: tuple[int, ...], opened_at: float) -> "Aftermath":
        """A whole pool is felt anywhere, one element at itself."""
        return cls(None if len(elements) > 1 else frozenset(elements), opened_at - AHEAD)

    def look(self, standing: Iterable[Evidence], now: float) -> None:
        """It is over once none of the signs that tell its reason stands."""
        if any(e.type not in EFFECTS for e in standing):
            self.until = None
        elif self.until is None:
            self.until = now + RECOVERY

    def is_over(self, now: float) -> bool:
        """Whether what stands by now is of something else."""
        return self.until is not None and now > self.until

    def explains(self, e: Evidence, now: float) -> bool:
        """Whether an effect is what is left of this failure."""
        if e.type not in EFFECTS or self.until is None or now > self.until or e.at < self.since:
            return False
        return self.elements is None or e.element in self.elements
