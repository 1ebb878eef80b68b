"""Which signals belong to one fault: union-find over topology and time.

Every signal has points in the network it speaks of: the silent element, or the link and neighbour a live
speaker lost. It joins groups that have a point in common, that stand above it in the dependency tree, or
that are next to it in the redundant core, within a window of time; and an open finding that explains it,
whenever. When a quorum of what depends on an element is silent, the element is suspected and all below it
joins. Each signal touches its own branch and no other signal, so the cost grows with the number of signals
and the depth of the network only.
"""

from cortex.adjacency.learner import Learner
from cortex.config import Config
from cortex.evidence import SILENCE
from cortex.group import NONE, Evidence, Group, Key
from cortex.groups import Groups
from cortex.places import Places
from cortex.points import points_of
from cortex.signals import Signal
from cortex.silence import Silence
from cortex.topology import Topology
from cortex.unknown import heard


class Grouping:
    """Takes signals in, and keeps the groups they make."""

    def __init__(self, topology: Topology, config: Config) -> None:
        """No groups yet."""
        self.topology, self.config = topology, config
        self.groups = Groups(config)
        self.learner = Learner()
        self.places = Places(topology, self.groups, self.learner)
        self._silence = Silence(topology, config, self.groups, self.places)
        self._next_sweep = float("-inf")
        self._owner: dict[Key, int] = {}
        self._early_clears: dict[Key, tuple[float, float]] = {}

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
        """Take one signal in; `group` forces its group."""
        at = self.trusted_time(signal)
        element = NONE if signal.element is None else signal.element
        about = NONE if signal.about is None else signal.about
        is_unknown = element < 0 and about < 0 and signal.peer != ""
        resource = f"{signal.key}/{signal.peer}" if is_unknown else signal.key
        key = (element, signal.type, about, resource)
        if is_unknown:
            self.learner.hear(heard(signal))
        owner = self._owner.get(key)
        known = None if owner is None else self.groups.open[self.groups.find(owner)]
        if known is not None and is_unknown and self._was_back(known, key, signal, at):
            known = None
        if known is not None and not (is_unknown and self._is_another(known, key, signal, at)):
            self._repeat(known, key, signal, at)
        elif signal.cleared:
            self._early_clears[key] = (at, signal.received)
        else:
            self._raise(key, signal, at, group)

    def _is_another(self, group: Group, key: Key, signal: Signal, at: float) -> bool:
        """Whether a session of unknown ends goes down of something new. What the two ends have in common says
        little of the cause, so only a quick flap returns to a group that is over, or as good as over.
        """
        cleared = group.evidence[key].cleared_at
        return not signal.cleared and cleared is not None and at > cleared + self.config.window and group.is_mostly_over

    def _was_back(self, group: Group, key: Key, signal: Signal, at: float) -> bool:
        """Whether a lost session must have come back unheard: it is lost again with others, in another group.
        The older loss is over then.
        """
        evidence = group.evidence[key]
        if signal.cleared or evidence.is_cleared or at <= evidence.last + self.config.window:
            return False
        again = Evidence(*key, at=at, last=at, prompt=False, feed=signal.feed, peer=signal.peer)
        if not self.places.joined(again, [], [], (at, at)) - {group.id}:
            return False
        evidence.active.clear()
        evidence.cleared_at = evidence.last
        group.changed()
        group.idle_until = 0.0
        self.groups.dirty.add(group.id)
        return True

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
            evidence.reason = signal.reason or evidence.reason
            group.last_at = max(group.last_at, at)
        if signal.alarm not in evidence.alarms and not signal.cleared:
            evidence.alarms.append(signal.alarm)
            self.groups.dirty.add(group.id)
        if evidence.is_cleared != was:
            group.idle_until = 0.0
            group.changed()
            self.groups.dirty.add(group.id)

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
        if forced is not None:
            found.add(forced)
        groups = self.groups
        group = groups.open[groups.united(found)] if found else groups.start(at, signal.received)
        group.evidence[key] = evidence
        group.changed()
        group.first_at, group.last_at = min(group.first_at, at), max(group.last_at, at)
        group.date(since, at)
        group.touched = max(group.touched, signal.received)
        self._owner[key] = group.id
        self.groups.dirty.add(group.id)
        self.places.remember(evidence, points, chain, group.id)
        if evidence.type in SILENCE and points:
            self._silence.count(evidence, chain, group.id)
