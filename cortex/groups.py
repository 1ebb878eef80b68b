"""The open groups by id, and which have changed: opened, joined by union-find, and found again by time."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from cortex.config import Config
from cortex.group import Evidence, Group
from cortex.pins import Pins

Span = tuple[float, float]


class Groups:
    """All open groups. Ids go up; of two groups that are joined the older id survives."""

    def __init__(self, config: Config, pins: Pins | None = None) -> None:
        """No groups yet. `pins`: what people said of them."""
        self.config, self.pins = config, pins or Pins()
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
        """Join two groups; the older id survives. Two that a person held apart stay so, and the first is named."""
        one, other = self.find(one), self.find(other)
        if one == other or (self.pins.part and self.pins.keep_apart(self.open[one], self.open[other], self.find)):
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

    def split(self, group: int, parts: Sequence[Sequence[Evidence]]) -> list[Group]:
        """Give each part of a group's evidence a group of its own. A part that was reported under the id of a group
        that was merged since, and not yet said to be, gets that id back; the others are new.
        """
        whole = self.open.pop(self.find(group))
        self.dirty.discard(whole.id)
        numbers = self._numbers(whole, parts)
        ids = {n for n in numbers if n is not None}
        for number in ids:
            self._into.pop(number, None)
        made = [self._made_of(part, whole, number) for part, number in zip(parts, numbers, strict=True)]
        made[0].merged = tuple(m for m in whole.merged if m not in ids)
        for each in made:
            each.apart = {other.id for other in made} - {each.id}
            self.dirty.add(each.id)
        return made

    def _numbers(self, whole: Group, parts: Sequence[Sequence[Evidence]]) -> list[int | None]:
        """For each part the id it is known by, None for a new one; the whole's own id is always given on."""
        free = {whole.id, *whole.merged}
        numbers: list[int | None] = [None] * len(parts)
        for n in sorted(range(len(parts)), key=lambda n: -len(parts[n])):
            homes = Counter(e.home for e in parts[n] if e.home in free)
            if homes:
                numbers[n] = max(homes, key=lambda h: (homes[h], -h))
                free.discard(numbers[n] or 0)
        if whole.id in free:
            numbers[numbers.index(None) if None in numbers else 0] = whole.id
        return numbers

    def _made_of(self, part: Sequence[Evidence], whole: Group, number: int | None) -> Group:
        made = self.start(min(e.at for e in part), whole.touched, number)
        made.was_reported = number is not None and whole.was_reported
        made.notable = made.was_reported and whole.notable
        for e in part:
            made.evidence[e.element, e.type, e.about, e.key] = e
            made.over += e.is_cleared
            made.last_at = max(made.last_at, e.last)
            made.date(e.since(self.config.window), e.at)
        return made

    def remove(self, group: int) -> Group | None:
        """Close a group; what it was."""
        gone = self.open.pop(self.find(group), None)
        if gone is not None:
            self.dirty.discard(gone.id)
        return gone

    def take_explained(self, found: set[int], group: int | None, when: Span) -> None:
        """Add a group whose finding explains a signal, whenever it came; near in time once most of it is over."""
        if group is not None:
            known = self.get(group)
            self.take(found, group, when if known is not None and known.is_mended else None)

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
