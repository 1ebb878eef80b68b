"""What people have said of the grouping, which the grouping obeys: who stays apart, and what is let be.

Two groups that a person held apart are never joined, whatever comes. An alarm or an element that a person took out
of a group never joins it again. An alarm that a person called false is not heard until it has cleared: only what
is raised after that is new evidence. Without pins nothing here costs more than a look at an empty set.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from cortex.evidence import EVENTS
from cortex.group import Evidence, Group
from cortex.signals import Signal

#: The surviving id of a group that may have been joined with others.
Find = Callable[[int], int]


@dataclass(slots=True)
class Pins:
    """`apart`: sets of groups of which no two may be joined. `whole`: groups that a person put together.
    `barred_alarms` and `barred_elements`: the groups that an alarm, or an element's alarms, must not join. `false`:
    alarms, and until when, in epoch seconds, what they say was called false.
    """

    apart: tuple[frozenset[int], ...] = ()
    barred_alarms: Mapping[int, frozenset[int]] = field(default_factory=dict)
    barred_elements: Mapping[int, frozenset[int]] = field(default_factory=dict)
    false: dict[int, float] = field(default_factory=dict)
    whole: frozenset[int] = frozenset()

    @property
    def part(self) -> bool:
        """Whether any two groups could be kept from being joined."""
        return bool(self.apart or self.barred_alarms or self.barred_elements)

    def may_split(self, group: int, find: Find) -> bool:
        """Whether the grouping may take a group apart by itself: not one that a person put together."""
        return not (self.whole and _holds(self.whole, group, find))

    def keep_apart(self, one: Group, other: Group, find: Find) -> bool:
        """Whether a person held these two apart, or took what is in the one out of the other."""
        held = any(_holds(groups, one.id, find) and _holds(groups, other.id, find) for groups in self.apart)
        return held or self._bars(one, other, find) or self._bars(other, one, find)

    def _bars(self, group: Group, other: Group, find: Find) -> bool:
        """Whether any of the other's evidence was taken out of this group."""
        alarms = {a for a, groups in self.barred_alarms.items() if _holds(groups, group.id, find)}
        elements = {e for e, groups in self.barred_elements.items() if _holds(groups, group.id, find)}
        if not (alarms or elements):
            return False
        return any(
            e.element in elements or e.about in elements or not alarms.isdisjoint(e.alarms)
            for e in other.evidence.values()
        )

    def allowed(self, found: Iterable[int], evidence: Evidence, alarm: int, find: Find) -> list[int]:
        """Of the groups a signal could join, those it may, the oldest first."""
        barred = self.barred_alarms.get(alarm, frozenset())
        for element in (evidence.element, evidence.about):
            barred = barred | self.barred_elements.get(element, frozenset())
        shut = {find(group) for group in barred}
        return sorted(group for group in found if find(group) not in shut)

    def is_false(self, signal: Signal) -> bool:
        """Whether this says again what a person called false. Its clear ends that, and so does a later event."""
        until = self.false.get(signal.alarm)
        if until is None:
            return False
        if signal.cleared:
            del self.false[signal.alarm]
            return True
        if signal.type in EVENTS and signal.received > until:
            del self.false[signal.alarm]
            return False
        return True


def _holds(groups: frozenset[int], group: int, find: Find) -> bool:
    return group in groups or any(find(each) == group for each in groups)
