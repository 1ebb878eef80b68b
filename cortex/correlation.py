"""Which signals belong to one fault: union-find over topology and time.

Every signal has points in the network it speaks of: the silent element, or the link and neighbour a live
speaker lost. It joins groups that have a point in common, that stand above it in the dependency tree, or
that are next to it in the redundant core, within a window of time; and an open finding that explains it,
whenever. When a quorum of what depends on an element is silent, the element is suspected and all below it
joins. Each signal touches its own branch and no other signal, so the cost grows with the number of signals
and the depth of the network only.
"""

from collections.abc import Sequence

from cortex.adjacency.learner import Learner
from cortex.config import Config
from cortex.evidence import SILENCE
from cortex.group import NONE, Evidence, Group, Key
from cortex.groups import Groups
from cortex.modes.gathering import Signs
from cortex.pins import Pins
from cortex.places import Places
from cortex.points import PORT, points_of
from cortex.shelf import Shelf
from cortex.signals import Signal
from cortex.silence import Silence
from cortex.topology import Topology
from cortex.unknown import heard


class Grouping:
    """Takes signals in, and keeps the groups they make."""

    def __init__(self, topology: Topology, config: Config, pins: Pins | None = None) -> None:
        """No groups yet. `pins`: what people said of them."""
        self.topology, self.config = topology, config
        self.groups, self.pins = Groups(config, pins), pins or Pins()
        self._is_pinned = self.pins.part
        self.learner = Learner()
        self.places = Places(topology, self.groups, self.learner)
        self._silence = Silence(topology, config, self.groups, self.places)
        self._signs = Signs(topology, self.groups)
        self._next_sweep = float("-inf")
        self._owner: dict[Key, int] = {}
        self._early_clears: dict[Key, tuple[float, float]] = {}
        self._shelf = Shelf()

    def close(self, group: int) -> None:
        """Forget a group and all that leads to it."""
        gone = self.groups.remove(group)
        if gone is None:
            return
        for key, evidence in gone.evidence.items():
            if self.groups.find(self._owner.get(key, NONE)) == gone.id:
                del self._owner[key]
            self._silence.forget(evidence.element)
        self.places.uncover(gone)

    def split(self, group: Group, parts: Sequence[Sequence[Evidence]]) -> list[Group]:
        """Give each part of a group a group of its own; what was suspected of all of it is suspected no more."""
        self.places.uncover(group)
        self.places.unsuspect(group)
        made = self.groups.split(group.id, parts)
        for each in made:
            for key, evidence in each.evidence.items():
                self._owner[key] = each.id
                points = points_of(self.topology, evidence)
                chain = self.topology.ancestors(points[0]) if points else []
                self.places.remember(evidence, points, chain, each.id)
        return made

    def expire(self, now: float) -> None:
        """Forget groups that cleared a while ago, and those that never became notable and have long been
        quiet.
        """
        if now < self._next_sweep:
            return
        self._next_sweep = now + self.config.window / 4
        for group in [g for g in self.groups.open.values() if g.idle_until <= now]:
            self._expire_one(group, now)
        old = now - self.config.window
        self._early_clears = {k: v for k, v in self._early_clears.items() if v[1] >= old}
        self.places.forget_unknown()

    def _expire_one(self, group: Group, now: float) -> None:
        hold, forget = group.touched + self.config.hold, group.touched + self.config.forget
        if hold <= now and group.end_events() and group.notable:
            self.groups.dirty.add(group.id)
        if group.id in self.groups.dirty:
            return
        if hold > now:
            group.idle_until = hold
        elif group.is_cleared or (not group.notable and forget <= now):
            self.close(group.id)
        elif not group.notable:
            group.idle_until = forget

    def add(self, signal: Signal, group: int | None = None) -> None:
        """Take one signal in, its time as the sieve has put it right; `group` forces its group."""
        key = self._key(signal)
        is_unknown = key[0] < 0 and key[2] < 0 and signal.peer != ""
        if is_unknown:
            self.learner.hear(heard(signal))
        owner = self._owner.get(key)
        known = None if owner is None else self.groups.open[self.groups.find(owner)]
        if known is not None and is_unknown and self._was_back(known, key, signal):
            known = None
        if known is not None and not (is_unknown and self._is_another(known, key, signal)):
            self._repeat(known, key, signal)
        elif not signal.cleared:
            self._raise(key, signal, group)
        elif not self._shelf.drop(key, signal):
            self._early_clears[key] = (signal.at, signal.received)
        for late_key, late in self._shelf.caught_up(signal):
            if late_key not in self._owner:
                self._raise(late_key, late, None, is_history=False)

    def _key(self, signal: Signal) -> Key:
        """What makes two signals one condition. A port that is known needs no name: feeds spell it differently."""
        element = NONE if signal.element is None else signal.element
        about = NONE if signal.about is None else signal.about
        if self._is_port(signal):
            return (element, signal.type, about, "")
        is_unknown = element < 0 and about < 0 and signal.peer != ""
        return (element, signal.type, about, f"{signal.key}/{signal.peer}" if is_unknown else signal.key)

    def _is_port(self, signal: Signal) -> bool:
        return signal.type in PORT and signal.about is not None and self.topology.is_link(signal.about)

    def _is_another(self, group: Group, key: Key, signal: Signal) -> bool:
        """Whether a session of unknown ends goes down of something new. What the two ends have in common says
        little of the cause, so only a quick flap returns to a group that is over, or as good as over.
        """
        cleared = group.evidence[key].cleared_at
        if signal.cleared or cleared is None or not group.is_mostly_over:
            return False
        return signal.at > cleared + self.config.window

    def _was_back(self, group: Group, key: Key, signal: Signal) -> bool:
        """Whether a lost session must have come back unheard: it is lost again with others, in another group.
        The older loss is over then.
        """
        evidence, at = group.evidence[key], signal.at
        if signal.cleared or evidence.is_cleared or at <= evidence.last + self.config.window:
            return False
        again = Evidence(*key, at=at, last=at, prompt=False, feed=signal.feed, peer=signal.peer)
        if not self.places.joined(again, [], [], (at, at)) - {group.id}:
            return False
        evidence.active.clear()
        evidence.cleared_at = evidence.last
        group.over += 1
        group.changed()
        group.idle_until = 0.0
        self.groups.dirty.add(group.id)
        return True

    def _repeat(self, group: Group, key: Key, signal: Signal) -> None:
        evidence, at = group.evidence[key], signal.at
        group.touched = max(group.touched, signal.received)
        was = evidence.is_cleared
        if signal.cleared:
            if at < evidence.last:
                return  # an older clear come late: the condition was raised again since
            if signal.alarm not in evidence.alarms or self._is_port(signal):
                evidence.active.clear()
            else:
                evidence.active.discard(signal.alarm)
            evidence.cleared_at = at
        elif evidence.cleared_at is None or at >= evidence.cleared_at or not was:
            evidence.active.add(signal.alarm)
            evidence.raises += was
            evidence.last = max(evidence.last, at)
            evidence.reason = signal.reason or evidence.reason
            group.last_at = max(group.last_at, at)
        if signal.alarm not in evidence.alarms and not signal.cleared:
            evidence.alarms.append(signal.alarm)
            self.groups.dirty.add(group.id)
        if evidence.is_cleared != was:
            if evidence.is_cleared and not group.notable and evidence.type == "unreachable":
                self.places.withdraw(evidence, group.id)
            group.over += 1 if evidence.is_cleared else -1
            group.idle_until = 0.0
            group.changed()
            self.groups.dirty.add(group.id)

    def _raise(self, key: Key, signal: Signal, forced: int | None, *, is_history: bool = True) -> None:
        at, late = signal.at, signal.received - signal.at
        evidence = Evidence(
            *key,
            at=at,
            last=at,
            prompt=late <= self.config.prompt,
            feed=signal.feed,
            active={signal.alarm},
            alarms=[signal.alarm],
            peer=signal.peer,
            reason=signal.reason,
        )
        cleared = self._early_clears.pop(key, None)
        if cleared is not None and cleared[0] >= at and signal.received - cleared[1] <= self.config.window:
            evidence.active.clear()
            evidence.cleared_at = cleared[0]
        points = points_of(self.topology, evidence)
        chain = self.topology.ancestors(points[0]) if points else []
        since = evidence.since(self.config.window)
        found = self.places.joined(evidence, points, chain, (since, at))
        joined = self.pins.allowed(found, evidence, signal.alarm, self.groups.find) if self._is_pinned else found
        if forced is not None:
            joined = [forced, *joined]
        is_history = is_history and late > self.config.stale
        if is_history and not joined:
            self._shelf.put(key, signal)
            return
        groups = self.groups
        group = groups.open[groups.united(joined)] if joined else groups.start(at, signal.received)
        if is_history and group.evidence and group.is_cleared:
            evidence.active.clear()
            evidence.cleared_at = at
        group.evidence[key] = evidence
        group.over += evidence.is_cleared
        group.changed()
        group.first_at, group.last_at = min(group.first_at, at), max(group.last_at, at)
        group.date(since, at)
        group.touched = max(group.touched, signal.received)
        self._owner[key] = group.id
        self.groups.dirty.add(group.id)
        self.places.remember(evidence, points, chain, group.id)
        if evidence.type in SILENCE and points:
            self._silence.count(evidence, group.id)
        self._signs.gather(evidence, self.groups.find(group.id))
