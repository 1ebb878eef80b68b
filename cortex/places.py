"""By which places of the network a signal finds its group: what is down, what lies below, what is explained."""

from collections.abc import Iterable

from cortex.adjacency.learner import Learner
from cortex.evidence import ADJACENCY, SILENCE
from cortex.group import Evidence, Group
from cortex.groups import Groups, Span
from cortex.points import STRONG, is_hint, points_of
from cortex.topology import Topology
from cortex.unknown import names_of

#: Signals remembered per element of the dependency tree for when that element turns out to be the fault.
BELOW = 4096


class Places:
    """For every element the group that speaks of it."""

    def __init__(self, topology: Topology, groups: Groups, learner: Learner) -> None:
        """Nothing remembered."""
        self.topology, self.groups, self.learner = topology, groups, learner
        self._strong: dict[int, int] = {}  # element -> group that takes it, and what depends on it, to be down
        self._weak: dict[int, int] = {}  # element -> group in which a neighbour lost its way to it
        self._hints: dict[int, int] = {}  # element -> group in which something is odd there
        self._cover: dict[int, int] = {}  # top of what an open finding explains -> group
        self._below: dict[int, list[int]] = {}  # element -> groups of what fell silent below it
        self._unknown: dict[str, int] = {}  # device or session that the topology does not know -> group

    # -- what an open finding explains

    def cover(self, group: Group, tops: Iterable[int]) -> None:
        """What this group's finding explains: later signals from there are its own."""
        self.uncover(group)
        group.cover = tuple(tops)
        for top in group.cover:
            self._cover[top] = group.id

    def uncover(self, group: Group) -> None:
        """This group explains nothing any more."""
        for top in group.cover:
            if top in self._cover and self.groups.find(self._cover[top]) == group.id:
                del self._cover[top]
        group.cover = ()

    def unsuspect(self, group: Group) -> None:
        """Nothing that this group's signals depend on is taken to be down for its sake any more."""
        for evidence in group.evidence.values():
            points = points_of(self.topology, evidence)
            for place in [*points, *(self.topology.ancestors(points[0]) if points else ())]:
                for marks in (self._strong, self._weak):
                    if place in marks and self.groups.find(marks[place]) == group.id:
                        del marks[place]

    # -- whom a signal joins

    def joined(self, evidence: Evidence, points: list[int], chain: list[int], at: Span) -> set[int]:
        """The open groups of which this signal is; `chain` is what its first point depends on."""
        found: set[int] = set()
        if not points:
            return self._joined_unknown(evidence, at)
        take, cover, strong, weak = self.groups.take, self._cover, self._strong, self._weak
        for point in points:
            self.groups.take_explained(found, cover.get(point), at)
            take(found, strong.get(point), at)
            take(found, weak.get(point), at)
            take(found, self._hints.get(point), at)
        is_device = self.topology.is_device(points[0])
        for above in chain:
            if above in cover:
                self.groups.take_explained(found, cover[above], at)
            if above in strong:
                take(found, strong[above], at)
            if is_device and above in self._hints:
                take(found, self._hints[above], at)
        for near in self.topology.core_neighbours(points[0]) if evidence.type in SILENCE else ():
            self.groups.take(found, self._strong.get(near), at)
        for point in points if evidence.type in STRONG else ():
            if point < self.topology.nodes or self.topology.is_link(point):
                self._take_below(found, point, at, devices_only=is_hint(self.topology, evidence))
        return self._told_apart(found, [*points, *chain])

    def _told_apart(self, found: set[int], places: Iterable[int]) -> set[int]:
        """Of groups that were told apart from one another, only that whose finding explains the nearest place."""
        if len(found) < 2 or not any(self.groups.open[g].apart for g in found):
            return found
        nearest = (self.groups.find(self._cover[p]) for p in places if p in self._cover)
        home = next((g for g in nearest if g in found), None)
        if home is None:
            return found
        apart = {self.groups.find(g) for g in self.groups.open[home].apart}
        return found - apart | {home}

    def _joined_unknown(self, evidence: Evidence, at: Span) -> set[int]:
        """By device, session and far end; a port also what its device has still not got back."""
        found: set[int] = set()
        hold = self.groups.config.hold
        for name in names_of(evidence, self.learner):
            number = self._unknown.get(name)
            self.groups.take(found, number, at)
            group = None if number is None or evidence.peer else self.groups.get(number)
            if group is not None and not group.is_cleared and group.first_at <= at[1] <= group.last_at + hold:
                found.add(group.id)
        return found

    def _take_below(self, found: set[int], element: int, at: Span, *, devices_only: bool = False) -> None:
        """Join all that fell silent below an element now taken to be down, and keep one entry for it; of one
        where something is odd only the devices.
        """
        below = self._below.get(element)
        if below and devices_only:
            for group in below:
                if (known := self.groups.get(group)) and any(self.topology.is_device(e) for e, *_ in known.evidence):
                    self.groups.take(found, group, at)
        elif below:
            for group in below:
                self.groups.take(found, group, at)
            del below[:-1]

    def is_down(self, element: int, group: int) -> bool:
        """Whether this very group takes the element to be down."""
        return self._strong.get(element) == group

    def suspect(self, element: int, at: Span, group: int) -> int:
        """Take an element to be down: all that is silent below it is of one fault. The group of it."""
        group, found = self.groups.find(group), set[int]()
        self._take_below(found, element, at)
        self.groups.take(found, self._weak.get(element), at)
        self.groups.take(found, self._strong.get(element), at)
        self._strong[element] = group = self.groups.united([group, *found])
        return group

    # -- what is remembered of it

    def remember(self, evidence: Evidence, points: list[int], chain: list[int], group: int) -> None:
        """Where this signal points and what that depends on is of this group from now on."""
        if not points:
            self._unknown.update(dict.fromkeys(names_of(evidence, self.learner), group))
            return
        topology = self.topology
        if is_hint(topology, evidence):
            self._hints[points[0]] = group
            points = []
        speaks = evidence.element >= 0 and evidence.type in ADJACENCY and evidence.about >= 0
        for place, point in enumerate(points):
            is_far = speaks and point < topology.nodes and place > 0
            (self._weak if is_far or topology.is_risk(point) else self._strong)[point] = group
        below = self._below
        for above in chain:
            row = below.get(above)
            if row is None:
                below[above] = [group]
            elif row[-1] != group:
                if len(row) >= BELOW:
                    del row[: BELOW // 2]
                row.append(group)

    def withdraw(self, evidence: Evidence, group: int) -> None:
        """It is not down after all: what is silent below it is no longer of this group for that."""
        if self._strong.get(evidence.element) == group:
            del self._strong[evidence.element]

    def forget_unknown(self) -> None:
        """Let go of unknown devices and sessions whose groups are closed."""
        groups = self.groups
        self._unknown = {name: g for name, g in self._unknown.items() if groups.get(g) is not None}
