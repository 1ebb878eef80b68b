"""Signals in, findings out: groups signals, and for every group that changed names the cause and measures
the impact.

Pure and single-threaded: no clock, no database. `now` and all times are epoch seconds by the caller's clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cortex.adjacency.learner import Heard
from cortex.blind import CALLED_DEAD, blind_cause, judge
from cortex.composing import Composer, Part
from cortex.config import Config
from cortex.correlation import Grouping
from cortex.dependencies import Dependencies
from cortex.evidence import alarm
from cortex.explain import short
from cortex.finding import UNKNOWN, Cause, Effect, Finding
from cortex.group import Evidence, Group
from cortex.impact import NO_IMPACT, Impact, Weights
from cortex.lone import is_lone_line, lone_line
from cortex.looks import Looks
from cortex.monitors import MANY, Monitors
from cortex.notable import is_notable, stands_by
from cortex.pins import Pins
from cortex.separation import told_apart
from cortex.services import Services
from cortex.sieve import Sieve
from cortex.sightings import Sightings
from cortex.signals import Signal
from cortex.toll import Counter, Toll
from cortex.topology import Topology
from cortex.unknown import causes_of, is_worth_saying

__all__ = ["UNKNOWN", "Cause", "Correlator", "Finding"]


class Correlator:
    """Groups signals by topology and time, and says what each group means."""

    def __init__(
        self,
        topology: Topology,
        weights: Weights | None = None,
        config: Config | None = None,
        pins: Pins | None = None,
        dependencies: Dependencies | None = None,
    ) -> None:
        """A correlator without groups. `weights.table` has a row per topology id; `pins`: what people said;
        `dependencies`: what lines need besides a path.
        """
        self.topology = topology
        self.weights = weights or Weights.none(topology)
        self.config = config or Config()
        self._sums: npt.NDArray[np.float64] = topology.sums(self.weights.table)
        self._everyone = dict(zip(self.weights.columns, self.weights.table.sum(axis=0).tolist(), strict=True))
        self._grouping = Grouping(topology, self.config, pins)
        self.sieve = Sieve(topology, self.config)
        self.sightings = Sightings(topology)
        self._monitors = Monitors(self._grouping.groups)
        self._looks = Looks(self.config.looks)
        self._composer = Composer(topology, self.config)
        self._counter = Counter(self._composer.spots, self.weights, self._sums)
        self._services = Services(topology, self.weights, self.config, self._grouping.groups, dependencies)

    def add(self, signals: Sequence[Signal]) -> None:
        """Take signals in, in any order; duplicates, clears, unknown elements and wrong clocks are fine."""
        for signal in signals:
            for heard in self.sieve.take(signal):
                self.sightings.heard(heard, self.config.prompt)
                self._hear(heard)

    def _hear(self, signal: Signal) -> None:
        """Signs of services are kept apart from the alarms of paths."""
        pins = self._grouping.pins
        if pins.false and pins.is_false(signal):
            return
        for of_a_path in self._services.take([signal]):
            self._grouping.add(of_a_path, self._monitors.group_of(of_a_path))

    def adopt(self, group: int, signals: Sequence[Signal]) -> None:
        """Rebuild a group after a restart: these signals are of this group, which keeps its id."""
        self._grouping.groups.reserve(group)
        signals = self._services.adopt(group, signals)
        if not signals:
            return
        grouping = self._grouping
        ordered = sorted(signals, key=lambda s: (s.at, s.cleared, s.alarm))
        ordered = [heard for signal in ordered for heard in self.sieve.again(signal)]
        if grouping.groups.get(group) is None:
            grouping.groups.start(ordered[0].at, ordered[0].received, group).was_reported = True
        for signal in ordered:
            grouping.add(signal, group)

    def remember(self, heard: Iterable[Heard]) -> None:
        """Learn who is next to whom from words of before this correlator began."""
        self._grouping.learner.learn(heard)

    def close(self, group: int) -> None:
        """Forget a group: a person has closed its incident. Later signals open a new one."""
        self._grouping.close(group)
        self._services.close(group)

    @property
    def pending(self) -> int:
        """How many groups have changed and are not yet worked out."""
        return len(self._grouping.groups.dirty)

    def findings(self, now: float) -> list[Finding]:
        """What is thought of the groups that changed since the last call, at most `config.max_findings` of
        them, and of those of which something else is thought by now, though nothing more was heard.

        New groups first, then those not looked at for longest; the rest waits for the next call. Groups whose alarms
        have all cleared are among them, and are forgotten `config.hold` later. Lone lines cost nothing and are all
        among them.
        """
        groups = self._grouping.groups
        for heard in self.sieve.due(now):
            self._hear(heard)
        self._grouping.expire(now)
        self._monitors.join()
        groups.dirty.update(g for g in self._services.explained_by(now) if g in groups.open)
        found, searched = list[Finding](), list[Group]()
        for group in [groups.open[number] for number in groups.dirty]:
            if is_lone_line(self.topology, group):
                groups.dirty.discard(group.id)
                found.append(lone_line(self.topology, self.weights, self.config, group))
            elif self._can_wait(group, now):
                groups.dirty.discard(group.id)
                self._looks.plan(group, now)
            else:
                searched.append(group)
        searched.sort(key=lambda g: (g.was_reported, g.looked, -len(g.evidence), g.id))
        for group in self._affordable(searched):
            groups.dirty.discard(group.id)
            found += self._all_worked_out(group, now)
        found += self._looked_at_again(now, self.config.max_findings - len(searched))
        return self._services.complete(found, now)

    @property
    def wants_sightings(self) -> bool:
        """Whether signs of life would tell something now: somebody is called dead by a monitor that hears nothing."""
        return any(
            e.type == CALLED_DEAD and e.active
            for group in self._grouping.groups.open.values()
            if group.notable or len(group.evidence) < 2
            for e in group.evidence.values()
        )

    def _affordable(self, searched: Sequence[Group]) -> list[Group]:
        """The first of these that one call may work out."""
        chosen, left = list[Group](), self.config.max_evidence
        for group in searched[: self.config.max_findings]:
            if chosen and len(group.evidence) > left:
                break
            left -= len(group.evidence)
            chosen.append(group)
        return chosen

    def _can_wait(self, group: Group, now: float) -> bool:
        """A single alarm that does not stand alone is no incident, and often the first of several: not worth a
        search for causes as long as more may come.
        """
        if len(group.evidence) > 1 or group.was_reported or group.notable or group.is_cleared:
            return False
        (e,) = group.evidence.values()
        is_known = e.element >= 0 or e.about >= 0
        return (
            is_known and len(e.alarms) == 1 and not alarm(e.type).alone and now < group.touched + self.config.looks[0]
        )

    def _looked_at_again(self, now: float, most: int) -> list[Finding]:
        """Groups of which nothing more was heard, where silence since has changed what is thought of them."""
        found, groups = list[Finding](), self._grouping.groups
        for number in self._looks.due(now, min(most, self.config.max_looks)):
            group = groups.open.get(number)
            if group is None or group.id in groups.dirty or group.is_cleared:
                continue
            before = group.gist
            for finding in self._all_worked_out(group, now):
                if finding.group != group.id or finding.gist != before:
                    found.append(finding)
        return found

    def _all_worked_out(self, group: Group, now: float) -> list[Finding]:
        """The finding of a group, or of each group that it falls into."""
        parts = self._parts(group, now)
        told = told_apart(self.topology, parts, list(group.evidence.values()), now, self.config)
        if len(told) < 2 or not self._may_split(group.id):
            return [self._worked_out(group, now, parts)]
        made = self._grouping.split(group, told)
        for each in made:
            self._grouping.groups.dirty.discard(each.id)
        return [self._worked_out(each, now, self._parts(each, now)) for each in made]

    def _may_split(self, group: int) -> bool:
        """Not what a person put together, nor what one blind monitor is the cause of."""
        grouping = self._grouping
        return grouping.pins.may_split(group, grouping.groups.find) and not self._monitors.is_about_one(group)

    def _parts(self, group: Group, now: float) -> list[Part]:
        """The faults behind a group's alarms; none where no topology knows them."""
        known = [e for e in group.evidence.values() if e.element >= 0 or e.about >= 0]
        alarms = len({a for e in known for a in e.alarms})
        return self._composer.parts(known, now, alarms, self.sieve.planned.likelier(now)) if known else []

    def _worked_out(self, group: Group, now: float, parts: Sequence[Part]) -> Finding:
        """The finding of one group; the next look at it is planned where time may change the answer."""
        group.looked = now
        finding = self._finding(group, now, parts)
        group.gist = finding.gist
        waits = finding.notable or (len(group.evidence) > 1 and not finding.certain)
        stands = None if finding.notable else stands_by(list(group.evidence.values()), self.config)
        again = now + self.config.doubt_again if finding.doubts else None
        is_known = finding.causes[0].element != UNKNOWN or finding.causes[0].mode != ""
        if (again or ((waits or stands) and is_known)) and not finding.is_cleared:
            self._looks.plan(group, now, stands or again)
        else:
            self._looks.drop(group.id)
        return finding

    def _finding(self, group: Group, now: float, parts: Sequence[Part]) -> Finding:
        evidence = list(group.evidence.values())
        if parts:
            winners = tuple(self._with_changes(c, now) for part in parts for c in part.causes)
            causes, together = (*winners, *(c for part in parts for c in part.rivals)), len(winners)
            toll = self._counter.toll(parts, evidence)
            said = (*toll.said, *(sentence for part in parts for sentence in part.said))
            said += self._changes((e for c in winners for e in (c.element, *c.tied_with)), now)
        else:
            causes, together, said = causes_of(evidence, self.config, self._grouping.learner)
            together, toll = max(1, together), Toll(NO_IMPACT, Effect.DOWN)
        said += self.sieve.flapping.words({e.element for e in evidence if e.element >= 0})
        notable = group.notable or self._is_notable(evidence, causes, toll, now)
        share = self._share(toll.impact)
        judged = judge(self.topology, self.sightings, evidence, share, now, self.config, group.confirmed)
        if judged.is_confirmed:
            group.confirmed = max(group.confirmed, judged.silent)
        elif not judged.is_blind:
            judged = self._monitors.standing(group.id) or judged
        if judged.vantage and notable and not judged.is_blind:
            self._monitors.carries(judged.vantage, group.id)
        if judged.is_blind:
            notable = notable or now >= (stands_by(evidence, self.config) or now)
            if judged.silent >= MANY:
                self._monitors.suspect(judged, group.id)
            causes, together, said = (blind_cause(judged),), 1, judged.doubts
            parts, toll = (), Toll(NO_IMPACT, Effect.NONE)
        self._note(group, parts, notable)
        merged, group.merged = tuple(sorted(group.merged)), ()
        return Finding(
            group=group.id,
            opened_at=group.first_at,
            last_at=group.last_at,
            alarms=tuple(sorted({a for e in evidence for a in e.alarms})),
            causes=causes,
            certain=all(c.confidence >= self.config.sure for c in causes[:together]),
            impact=toll.impact,
            is_cleared=group.is_cleared,
            explanation=said,
            notable=notable,
            merged=merged,
            together=together,
            effect=toll.effect,
            degraded=toll.degraded,
            power_until=toll.power_until,
            doubts=judged.doubts if notable else (),
        )

    def _share(self, impact: Impact) -> float:
        """The share of all subscribers that are cut off."""
        everyone = self._everyone.get("subscribers", 0.0)
        return impact.totals.get("subscribers", 0.0) / everyone if everyone else 0.0

    def _with_changes(self, cause: Cause, now: float) -> Cause:
        changes = self._changes((cause.element, *cause.tied_with), now)
        return replace(cause, why=(*changes, *cause.why)) if changes else cause

    def _changes(self, elements: Iterable[int], now: float) -> tuple[str, ...]:
        """What was changed of these lately."""
        words = self.sieve.planned.words
        named = [e for e in elements if e != UNKNOWN]
        return tuple(f"{short(self.topology, e)}: {said}" for e in named for said in words(e, now))

    def _is_notable(self, evidence: Sequence[Evidence], causes: Sequence[Cause], toll: Toll, now: float) -> bool:
        """Whether it is worth an incident; of devices that no topology knows by what was lost of them."""
        if all(e.element < 0 and e.about < 0 for e in evidence):
            return is_worth_saying(evidence, self._grouping.learner)
        return is_notable(evidence, causes, toll, now, self.config)

    def _note(self, group: Group, parts: Sequence[Part], notable: bool) -> None:
        """Remember what this finding explains, so that later alarms from there are its own."""
        group.was_reported, group.notable = True, notable
        for e in group.evidence.values():
            e.home = group.id
        failed = [e for part in parts for e in part.failed if part.fit or self._is_sure(part, e)]
        if not notable or not any(not part.fit or part.failed for part in parts):
            return
        ties = [tie for part in parts for tie in part.ties]
        topology = self.topology
        spans = topology.cut_intervals(failed)
        tops = {int(topology.tour.order[at]) for at in topology.tops(spans)}
        tops.update(topology.failing(failed), failed, ties)
        self._grouping.places.cover(group, tops)

    def _is_sure(self, part: Part, element: int) -> bool:
        return any(c.element == element and c.confidence >= 0.5 for c in part.causes)
