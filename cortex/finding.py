"""What comes out of Cortex: what is thought of one group of signals now."""

from dataclasses import dataclass

from cortex.impact import Impact

#: The element of a cause that the topology does not know.
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause. `tied_with`: elements that predict the same alarms; `confidence` is theirs
    together.
    """

    element: int
    name: str
    kind: str
    confidence: float
    why: tuple[str, ...]
    tied_with: tuple[int, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is thought of one group now.

    `alarms`: ids of its alarms. `causes`: the first `together` of them hold at the same time (simultaneous
    faults), the rest are alternatives. `certain`: whether those first ones are sure enough to act on.
    `notable`: worth an incident. `merged`: ids of groups reported earlier that are now part of this one,
    said once.
    """

    group: int
    opened_at: float
    last_at: float
    alarms: tuple[int, ...]
    causes: tuple[Cause, ...]
    certain: bool
    impact: Impact
    is_cleared: bool
    explanation: tuple[str, ...]
    notable: bool
    merged: tuple[int, ...] = ()
    together: int = 1

    @property
    def gist(self) -> tuple[object, ...]:
        """What of it is worth saying again once it changes; confidence in tenths."""
        causes = tuple((c.element, c.tied_with, round(c.confidence, 1)) for c in self.causes)
        return (causes, self.together, self.certain, self.notable, self.is_cleared, self.impact.devices)
