"""What is known of one fault while it goes on: its alarm conditions, and the group they make."""

import math
from dataclasses import dataclass, field

from cortex.evidence import EVENTS, alarm

Key = tuple[int, str, int, str]

NONE = -1


@dataclass(slots=True)
class Evidence:
    """One alarm condition: all notifications of one element, type, neighbour and resource. NONE where not
    known.
    """

    element: int
    type: str
    about: int
    key: str
    at: float
    last: float
    prompt: bool
    feed: str
    active: set[int] = field(default_factory=set)
    alarms: list[int] = field(default_factory=list)
    cleared_at: float | None = None
    home: int = 0  # the group it was last reported in
    raises: int = 1
    peer: str = ""
    reason: str = ""

    @property
    def is_cleared(self) -> bool:
        """Whether the condition is gone."""
        return not self.active

    def since(self, window: float) -> float:
        """The earliest its cause may have happened: an alarm that takes longer than the window to show is
        slow.
        """
        delay = alarm(self.type).delay
        return self.at - delay if delay > window else self.at


@dataclass(slots=True)
class Group:
    """Signals taken to be of one fault, or of several at once that touch. `idle_until`: nothing of it can
    be over before then.

    `since` and `until` bound when it happened; `is_dated` once an alarm that is raised at once has said so.
    """

    id: int
    first_at: float
    last_at: float
    touched: float
    since: float
    until: float
    is_dated: bool = False
    evidence: dict[Key, Evidence] = field(default_factory=dict)
    merged: tuple[int, ...] = ()
    apart: set[int] = field(default_factory=set)  # groups that this one was told apart from
    was_reported: bool = False
    cover: tuple[int, ...] = ()
    notable: bool = False
    gist: tuple[object, ...] = ()
    idle_until: float = 0.0
    confirmed: int = 0  # silent devices of it that more than one source has agreed on
    looked: float = -math.inf  # when it was last worked out
    over: int = 0  # of its conditions, how many are gone
    _is_cleared: bool | None = None

    @property
    def is_cleared(self) -> bool:
        """Whether all its conditions are gone; mere events don't count beside conditions."""
        if self._is_cleared is None:
            self._is_cleared = self._all_gone()
        return self._is_cleared

    @property
    def is_mended(self) -> bool:
        """Whether most of it is over: what comes now from there is a fault of its own, unless it comes soon. Some
        clears are always lost.
        """
        return 2 * self.over > len(self.evidence)

    @property
    def is_mostly_over(self) -> bool:
        """Whether at most a quarter of its conditions are left: now and then a return is not heard."""
        return 4 * (len(self.evidence) - self.over) <= len(self.evidence)

    def changed(self) -> None:
        """One of its conditions came, went or came back."""
        self._is_cleared = None

    def _all_gone(self) -> bool:
        has_conditions = False
        for e in self.evidence.values():
            if e.type not in EVENTS:
                has_conditions = True
                if e.active:
                    return False
        return has_conditions or not any(e.active for e in self.evidence.values())

    def end_events(self) -> bool:
        """Take events that nothing lasting accompanies as over; whether that changed anything."""
        if self.is_cleared or any(e.type not in EVENTS for e in self.evidence.values()):
            return False
        for e in self.evidence.values():
            e.active.clear()
            e.cleared_at = e.last
        self.changed()
        return True

    def date(self, since: float, until: float) -> None:
        """Take in when another of its alarms says it happened; slow alarms count only until a fast one is
        there.
        """
        is_fast = since == until
        if is_fast and not self.is_dated:
            self.since, self.until, self.is_dated = since, until, True
        elif is_fast or not self.is_dated:
            self.since, self.until = min(self.since, since), max(self.until, until)

    def absorb(self, other: "Group") -> None:
        """Take over all of a younger group."""
        self.changed()
        if len(other.evidence) > len(self.evidence):
            self.evidence, other.evidence = other.evidence, self.evidence
        for key, evidence in other.evidence.items():
            mine = self.evidence.get(key)
            if mine is None or mine.at < evidence.at:
                self.evidence[key] = evidence
        self.first_at = min(self.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)
        self.touched = max(self.touched, other.touched)
        if self.is_dated == other.is_dated:
            self.since, self.until = min(self.since, other.since), max(self.until, other.until)
        elif other.is_dated:
            self.since, self.until, self.is_dated = other.since, other.until, True
        self.cover += other.cover
        self.apart |= other.apart
        self.over += other.over
        self.confirmed = max(self.confirmed, other.confirmed)
        self.notable |= other.notable
        self.merged += (other.id, *other.merged) if other.was_reported else other.merged
