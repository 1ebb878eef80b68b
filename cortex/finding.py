"""What comes out of Cortex: what is thought of one group of signals now."""

from dataclasses import dataclass
from enum import StrEnum

from cortex.impact import Impact

#: The element of a cause that the topology does not know.
UNKNOWN = -1


class Effect(StrEnum):
    """What subscribers notice of it."""

    DOWN = "down"  # cut off
    DEGRADED = "degraded"  # slow, or with gaps
    AT_RISK = "at risk"  # nothing yet: one more fault would cut them off
    NONE = "none"


class Remedy(StrEnum):
    """Who mends it."""

    CREW = "crew"  # somebody goes there
    DESK = "desk"  # somebody changes it from where they sit
    WAIT = "wait"  # it passes of itself, as rain does; a truck would find nothing


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause. `tied_with`: elements that predict the same alarms; `confidence` is theirs
    together. `mode`: how the element is at fault, where it is not simply dead ("rain fade"); `phrase`: that fault in
    words, with {what} where the element's own name belongs; `skill`: which crew, or which desk, mends it.
    """

    element: int
    name: str
    kind: str
    confidence: float
    why: tuple[str, ...]
    tied_with: tuple[int, ...] = ()
    place: str = ""
    mode: str = ""
    remedy: Remedy = Remedy.CREW
    phrase: str = "{what}"
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is thought of one group now.

    `alarms`: ids of its alarms. `causes`: the first `together` of them hold at the same time (simultaneous
    faults), the rest are alternatives. `certain`: whether those first ones are sure enough to act on.
    `notable`: worth an incident. `merged`: ids of groups reported earlier that are now part of this one,
    said once. `effect`: what subscribers notice; `impact` counts those cut off, `degraded` those with poor
    service. `doubts`: sentences that say why a person must look before any subscriber is told.
    `power_until`: when the battery of the site ends, epoch seconds, where it runs on one.
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
    effect: Effect = Effect.DOWN
    degraded: int = 0
    doubts: tuple[str, ...] = ()
    power_until: float | None = None

    @property
    def gist(self) -> tuple[object, ...]:
        """What of it is worth saying again once it changes; confidence in tenths."""
        causes = tuple((c.element, c.name, c.mode, c.tied_with, round(c.confidence, 1)) for c in self.causes)
        said = (self.together, self.certain, self.notable, self.is_cleared, self.effect, self.degraded)
        return (causes, said, self.impact.devices, self.doubts, self.power_until)
