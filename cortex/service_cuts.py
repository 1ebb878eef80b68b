"""What a cut path explains of the signs of services: servers out of reach, sessions and traffic of lines cut off."""

from dataclasses import dataclass

from cortex.dependencies import ANYONE
from cortex.evidence.services import EFFECTS
from cortex.group import Evidence

#: Seconds after a cut is mended in which sessions and traffic are still its own, and before it in which they may be.
RECOVERY, AHEAD = 2700.0, 300.0
#: A cut explains a loss up to so many times its share of the lines, and this much more.
TIMES, MORE, SOME = 1.5, 0.1, 0.01


@dataclass(slots=True)
class Cut:
    """What a finding of paths takes away: nodes, and the share of each consumer's lines."""

    nodes: frozenset[int]
    lines: dict[int, float]
    since: float
    until: float | None = None

    def explains(self, e: Evidence, share: float, now: float) -> bool:
        """Whether a sign follows from this cut."""
        over = self.until is not None and now > self.until + RECOVERY
        if over or e.at < self.since - AHEAD:
            return False
        if e.element in self.nodes or e.about in self.nodes:
            return True
        lost = self.lines.get(e.element, 0.0)
        if e.element not in self.lines and e.type in EFFECTS:
            lost = self.lines.get(ANYONE, 0.0)
        return e.type in EFFECTS and lost >= SOME and share <= TIMES * lost + MORE
