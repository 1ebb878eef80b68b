"""Which signals belong to one fault: union-find over topology and time.

Every signal has points in the network it speaks of: the silent element, or the link and neighbour a live
speaker lost. It joins groups that have a point in common, that stand above it in the dependency tree, or
that are next to it in the redundant core, within a window of time; and an open finding that explains it,
whenever. When a quorum of what depends on an element is silent, the element is suspected and all below it
joins. Each signal touches its own branch and no other signal, so the cost grows with the number of signals
and the depth of the network only.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cortex.config import Config
from cortex.evidence import ADJACENCY, EVENTS, SILENCE, alarm
from cortex.signals import Signal
from cortex.topology import Topology

Key = tuple[int, str, int, str]
Span = tuple[float, float]

NONE = -1
#: Of an element's links or risks, how many are points of one signal.
POINTS = 16
#: Signals remembered per element of the dependency tree for when that element turns out to be the fault.
BELOW = 4096


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
    """Signals taken to be of one fault, or of several at once that touch.

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
    merged: list[int] = field(default_factory=list)
    was_reported: bool = False
    cover: list[int] = field(default_factory=list)
    notable: bool = False

    @property
    def is_cleared(self) -> bool:
        """Whether all its conditions are gone; mere events don't count beside conditions."""
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


class Branches:
    """How many of the branches that hang on each element have fallen silent lately, and how many there are."""

    def __init__(self, topology: Topology, sums: npt.NDArray[np.float64]) -> None:
        """Branches are children in the dependency tree with anything of what `sums` counts in them."""
        tour = topology.tour
        has = (sums[tour.tout] > sums[tour.tin]) & (tour.parent >= 0)
        self._whole: list[int] = np.bincount(tour.parent[has], minlength=len(has)).tolist()
        self._silent: dict[int, list[float]] = {}
        self._marked: dict[int, float] = {}

    def is_news(self, element: int, at: float, span: float) -> bool:
        """Whether this branch was not silent already; it is from now on."""
        seen = self._marked.get(element)
        if seen is not None and abs(at - seen) < span:
            return False
        self._marked[element] = at
        return True

    def count(self, element: int, bucket: float) -> tuple[float, int]:
        """Count one more silent branch of an element in this bucket of time: now how many, of how many."""
        row = self._silent.get(element)
        if row is None:
            row = self._silent[element] = [bucket, 0, 0]
        elif bucket > row[0]:
            row[:] = bucket, 0, row[1] if bucket == row[0] + 1 else 0
        row[1] += 1
        return row[1] + row[2], self._whole[element]


class Grouping:
    """The open groups and the indexes by which a signal finds its own."""

    def __init__(self, topology: Topology, config: Config) -> None:
        """No groups yet."""
        self.topology, self.config = topology, config
        self.groups: dict[int, Group] = {}
        self.dirty: set[int] = set()
        self._into: dict[int, int] = {}
        self._next = 1
        self._next_sweep = float("-inf")
        self._owner: dict[Key, int] = {}
        self._early_clears: dict[Key, tuple[float, float]] = {}
        self._strong: dict[int, int] = {}  # element -> group that takes it, and what depends on it, to be down
        self._weak: dict[int, int] = {}  # element -> group in which a neighbour lost its way to it
        self._cover: dict[int, int] = {}  # top of what an open finding explains -> group
        self._below: dict[int, list[tuple[float, int]]] = {}
        self._silent: dict[int, float] = {}
        self._gasps: dict[int, list[tuple[float, int]]] = {}
        self._unknown: dict[str, int] = {}
        self._core_next: dict[int, list[int]] = {}
        self._silent_devices = Branches(topology, topology.device_sums)
        self._silent_lines = Branches(topology, topology.line_sums)

    # -- groups

    def find(self, group: int) -> int:
        """The surviving id of a group that may have been merged."""
        into = self._into
        while group in into:
            into[group] = group = into.get(into[group], into[group])
        return group

    def open(self, at: float, received: float, group: int | None = None) -> Group:
        """A new group, under a given id when one is adopted."""
        number = self._next if group is None else group
        self._next = max(self._next, number + 1)
        self.groups[number] = Group(number, at, at, received, math.inf, -math.inf)
        return self.groups[number]

    def merge(self, one: int, other: int) -> int:
        """Join two groups; the older id survives."""
        one, other = self.find(one), self.find(other)
        if one == other:
            return one
        older, younger = self.groups[min(one, other)], self.groups.pop(max(one, other))
        if len(younger.evidence) > len(older.evidence):
            older.evidence, younger.evidence = younger.evidence, older.evidence
        older.evidence.update(younger.evidence)
        older.first_at = min(older.first_at, younger.first_at)
        older.last_at = max(older.last_at, younger.last_at)
        older.touched = max(older.touched, younger.touched)
        if older.is_dated == younger.is_dated:
            older.since, older.until = min(older.since, younger.since), max(older.until, younger.until)
        elif younger.is_dated:
            older.since, older.until, older.is_dated = younger.since, younger.until, True
        older.cover += younger.cover
        older.notable |= younger.notable
        older.merged += [*([younger.id] if younger.was_reported else []), *younger.merged]
        self._into[younger.id] = older.id
        self.dirty.discard(younger.id)
        self.dirty.add(older.id)
        return older.id

    def close(self, group: int) -> None:
        """Forget a group and all that leads to it."""
        gone = self.groups.pop(self.find(group), None)
        if gone is None:
            return
        self.dirty.discard(gone.id)
        for key, evidence in gone.evidence.items():
            self._owner.pop(key, None)
            self._silent.pop(evidence.element, None)
        self.uncover(gone)

    def expire(self, now: float) -> None:
        """Forget groups that cleared a while ago, and those that never became notable and have long been
        quiet.
        """
        if now < self._next_sweep:
            return
        self._next_sweep = now + self.config.window / 4
        for group in list(self.groups.values()):
            quiet = now - group.touched
            if quiet >= self.config.hold and group.end_events():
                self.dirty.add(group.id)
            done = group.is_cleared and quiet >= self.config.hold
            if group.id not in self.dirty and (done or (not group.notable and quiet >= self.config.forget)):
                self.close(group.id)
        old = now - self.config.window
        self._early_clears = {k: v for k, v in self._early_clears.items() if v[1] >= old}
        self._unknown = {k: g for k, g in self._unknown.items() if self.find(g) in self.groups}

    def cover(self, group: Group, tops: Iterable[int]) -> None:
        """What this group's finding explains: later signals from there are its own."""
        self.uncover(group)
        group.cover = list(tops)
        for top in group.cover:
            self._cover[top] = group.id

    def uncover(self, group: Group) -> None:
        """This group explains nothing any more."""
        for top in group.cover:
            if top in self._cover and self.find(self._cover[top]) == group.id:
                del self._cover[top]
        group.cover = []

    # -- signals

    def add(self, signal: Signal, group: int | None = None) -> None:
        """Take one signal in; `group` forces its group."""
        at = self.trusted_time(signal)
        element = NONE if signal.element is None else signal.element
        key = (element, signal.type, NONE if signal.about is None else signal.about, signal.key)
        owner = self._owner.get(key)
        if owner is not None:
            self._repeat(self.groups[self.find(owner)], key, signal, at)
        elif signal.cleared:
            self._early_clears[key] = (at, signal.received)
        else:
            self._raise(key, signal, at, group)

    def trusted_time(self, signal: Signal) -> float:
        """The sender's time of the event where it is believable, else the time of arrival."""
        late = signal.received - signal.at
        return signal.at if -self.config.ahead <= late <= self.config.late else signal.received

    def _repeat(self, group: Group, key: Key, signal: Signal, at: float) -> None:
        evidence = group.evidence[key]
        group.touched = max(group.touched, signal.received)
        was = evidence.is_cleared
        if signal.cleared:
            if at < evidence.last:
                return  # an older clear come late: the condition was raised again since
            if signal.alarm in evidence.active:
                evidence.active.discard(signal.alarm)
            elif signal.alarm not in evidence.alarms:
                evidence.active.clear()
            evidence.cleared_at = at
        elif evidence.cleared_at is None or at >= evidence.cleared_at or not was:
            evidence.active.add(signal.alarm)
            evidence.last = max(evidence.last, at)
            group.last_at = max(group.last_at, at)
        if signal.alarm not in evidence.alarms and not signal.cleared:
            evidence.alarms.append(signal.alarm)
            self.dirty.add(group.id)
        if evidence.is_cleared != was:
            self.dirty.add(group.id)

    def _raise(self, key: Key, signal: Signal, at: float, forced: int | None) -> None:
        late = signal.received - at
        evidence = Evidence(
            *key,
            at=at,
            last=at,
            prompt=late <= self.config.prompt,
            feed=signal.feed,
            active={signal.alarm},
            alarms=[signal.alarm],
        )
        cleared = self._early_clears.pop(key, None)
        if cleared is not None and cleared[0] >= at and signal.received - cleared[1] <= self.config.window:
            evidence.active.clear()
            evidence.cleared_at = cleared[0]
        points, chain = self._points(evidence)
        found = {forced} if forced is not None else set()
        found |= self._joined(evidence, points, chain, (evidence.since(self.config.window), at))
        group = self.groups[self._united(found)] if found else self.open(at, signal.received)
        group.evidence[key] = evidence
        group.first_at, group.last_at = min(group.first_at, at), max(group.last_at, at)
        group.date(evidence.since(self.config.window), at)
        group.touched = max(group.touched, signal.received)
        self._owner[key] = group.id
        self.dirty.add(group.id)
        self._remember(evidence, points, chain, group.id)

    def _united(self, found: set[int]) -> int:
        first, *rest = found
        for other in rest:
            first = self.merge(first, other)
        return self.find(first)

    # -- where a signal points

    def _points(self, evidence: Evidence) -> tuple[list[int], list[int]]:
        """What the signal says is down, the strongest first, and what that depends on."""
        topology, element, about = self.topology, evidence.element, evidence.about
        if element < 0 and about < 0:
            return [], []
        if element < 0 or (evidence.type in ADJACENCY and about >= 0 and element < topology.nodes):
            points = self._lost(element, about)
        elif element >= topology.nodes:
            points = self._lost(NONE, element)
        else:
            points = [element]
        return points, topology.ancestors(points[0])

    def _lost(self, speaker: int, about: int) -> list[int]:
        """The links, their risks and the neighbour that a speaker has lost."""
        topology = self.topology
        if topology.is_risk(about):
            return [*topology.neighbours(about)[:POINTS], about]
        if topology.is_node(about):
            links = topology.between(speaker, about)[:POINTS] if speaker >= 0 else []
            return [*links, about, *(r for link in links for r in topology.risks_of(link))]
        far = [topology.across(about, speaker)] if speaker in topology.ends(about) else []
        return [about, *far, *topology.risks_of(about)]

    # -- whom it joins

    def _joined(self, evidence: Evidence, points: list[int], chain: list[int], at: Span) -> set[int]:
        found: set[int] = set()
        if not points:
            group = self._unknown.get(evidence.key.partition("/")[0])
            self._take(found, group, at)
            return found
        for point in points:
            self._take(found, self._cover.get(point))
            self._take(found, self._strong.get(point), at)
            self._take(found, self._weak.get(point), at)
        cover, strong = self._cover, self._strong
        for group in {cover[above] for above in chain if above in cover}:
            self._take(found, group)
        for group in {strong[above] for above in chain if above in strong}:
            self._take(found, group, at)
        for near in self._core_neighbours(points[0]) if evidence.type in SILENCE else ():
            self._take(found, self._strong.get(near), at)
        for point in points if self._is_strong(evidence) else ():
            if point < self.topology.nodes or self.topology.is_link(point):
                self._take_below(found, point, at)
        return found

    def _take(self, found: set[int], group: int | None, when: Span | None = None) -> None:
        """Add a group to those joined if it is open and, where a time is given, near in time."""
        if group is None:
            return
        group = self.find(group)
        known = self.groups.get(group)
        if known is None:
            return
        window = self.config.window
        if when is None or (known.since - window <= when[1] and when[0] <= known.until + window):
            found.add(group)

    def _take_below(self, found: set[int], element: int, at: Span) -> None:
        """Join all that fell silent below an element now taken to be down, and keep one entry for it."""
        below = self._below.get(element)
        if below:
            for _, group in below:
                self._take(found, group, at)
            del below[:-1]

    def _is_strong(self, evidence: Evidence) -> bool:
        """Whether what depends on its first point must be down too: a lost link, a port in the dark,
        silence.
        """
        return evidence.type in ADJACENCY or evidence.type in SILENCE or evidence.type == "pon-loss-of-signal"

    def _core_neighbours(self, element: int) -> list[int]:
        """Next to a node of the redundant core: its links there and the nodes at their other ends."""
        core = self.topology.tour.core.compact
        if element >= self.topology.nodes or core[element] < 0:
            return []
        near = self._core_next.get(element)
        if near is None:
            links = [link for link in self.topology.neighbours(element) if core[link] >= 0]
            near = links + [self.topology.across(link, element) for link in links]
            self._core_next[element] = near
        return near

    # -- what is remembered of it

    def _remember(self, evidence: Evidence, points: list[int], chain: list[int], group: int) -> None:
        if not points:
            self._unknown[evidence.key.partition("/")[0]] = group
            return
        topology = self.topology
        speaks = evidence.element >= 0 and evidence.type in ADJACENCY and evidence.about >= 0
        for place, point in enumerate(points):
            is_far = speaks and point < topology.nodes and place > 0
            (self._weak if is_far or topology.is_risk(point) else self._strong)[point] = group
        entry = (evidence.at, group)
        below = self._below
        for above in chain:
            row = below.get(above)
            if row is None:
                below[above] = [entry]
            elif row[-1][1] != group:
                if len(row) >= BELOW:
                    del row[: BELOW // 2]
                row.append(entry)
        if evidence.type in SILENCE:
            self._count_silent(evidence, chain, group)

    def _count_silent(self, evidence: Evidence, chain: list[int], group: int) -> None:
        """Count the newly silent up the tree; where a quorum is reached, suspect that element and join it."""
        element, at = evidence.element, evidence.at
        if evidence.type == "ont-dying-gasp":
            self._count_gasp(chain, at, group)
        seen = self._silent.get(element)
        if seen is not None and at - seen < self.config.window:
            return
        self._silent[element] = at
        is_device = self.topology.is_device(element)
        rows = self._silent_devices if is_device else self._silent_lines
        when = (evidence.since(self.config.window), at)
        self._mark(element, when, group, rows, self.config.window if is_device else self.config.interim)

    def _mark(self, element: int, when: Span, group: int, branches: Branches, span: float) -> None:
        """Take one branch as silent; where that makes a quorum, suspect what it hangs on and go on from there."""
        above, at = self.topology.above, when[1]
        bucket = at // span
        while branches.is_news(element, at, span) and (element := above[element]) >= 0:
            silent, whole = branches.count(element, bucket)
            if whole == 1:
                if self.topology.is_device(element):
                    return  # alive as far as is known, though all behind it is silent
            elif silent < 2 or silent < self.config.quorum * whole:
                return
            elif self._strong.get(element) != group:
                group = self._suspect(element, when, group)

    def _suspect(self, element: int, at: Span, group: int) -> int:
        """Take an element to be down: all that is silent below it is of one fault. The group of it."""
        found = {self.find(group)}
        self._take_below(found, element, at)
        self._take(found, self._weak.get(element), at)
        self._take(found, self._strong.get(element), at)
        self._strong[element] = group = self._united(found)
        return group

    def _count_gasp(self, chain: list[int], at: float, group: int) -> None:
        """Many last words under one device at once are one mains cut."""
        device = next((v for v in chain if self.topology.is_device(v)), None)
        if device is None:
            return
        recent = [g for g in self._gasps.get(device, ()) if abs(g[0] - at) <= self.config.window][-BELOW:]
        recent.append((at, group))
        if len(recent) >= self.config.mains_quorum:
            found = {self.find(group)}
            for when, other in recent:
                self._take(found, other, (when, when))
            recent = [*recent[-self.config.mains_quorum : -1], (at, self._united(found))]
        self._gasps[device] = recent
