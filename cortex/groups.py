"""The open groups by id, and which have changed: opened, joined by union-find, and found again by time."""

import math
from collections.abc import Iterable

from cortex.config import Config
from cortex.group import Group

Span = tuple[float, float]


class Groups:
    """All open groups. Ids go up; of two groups that are joined the older id survives."""

    def __init__(self, config: Config) -> None:
        """No groups yet."""
        self.config = config
        self.open: dict[int, Group] = {}
        self.dirty: set[int] = set()
        self._into: dict[int, int] = {}
        self._next = 1

    def find(self, group: int) -> int:
        """The surviving id of a group that may have been merged."""
        into = self._into
        while group in into:
            into[group] = group = into.get(into[group], into[group])
        return group

    def get(self, group: int) -> Group | None:
        """The open group of an id that may have been merged."""
        return self.open.get(self.find(group))

    def reserve(self, group: int | None = None) -> int:
        """A number, or this one, for a finding that is kept elsewhere: no group will have it."""
        number = self._next if group is None else group
        self._next = max(self._next, number + 1)
        return number

    def start(self, at: float, received: float, group: int | None = None) -> Group:
        """A new group, under a given id when one is adopted."""
        number = self.reserve(group)
        self.open[number] = Group(number, at, at, received, math.inf, -math.inf)
        return self.open[number]

    def merge(self, one: int, other: int) -> int:
        """Join two groups; the older id survives."""
        one, other = self.find(one), self.find(other)
        if one == other:
            return one
        older, younger = self.open[min(one, other)], self.open.pop(max(one, other))
        older.absorb(younger)
        self._into[younger.id] = older.id
        self.dirty.discard(younger.id)
        self.dirty.add(older.id)
        return older.id

    def united(self, found: Iterable[int]) -> int:
        """Join all of these, at least one; the id that survives."""
        first, *rest = found
        for other in rest:
            first = self.merge(first, other)
        return self.find(first)

    def remove(self, group: int) -> Group | None:
        """Close a group; what it was."""
        gone = self.open.pop(self.find(group), None)
        if gone is not None:
            self.dirty.discard(gone.id)
        return gone

    def take(self, found: set[int], group: int | None, when: Span | None = None) -> None:
        """Add a group to those found if it is open and, where a time is given, near in time."""
        if group is None:
            return
        group = self.find(group)
        known = self.open.get(group)
        if known is None:
            return
        window = self.config.window
        if when is None or (known.since - window <= when[1] and when[0] <= known.until + window):
            found.add(group)
