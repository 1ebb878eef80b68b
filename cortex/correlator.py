"""Signals in, findings out: groups signals, and for every group that changed names the cause and measures
the impact.

Pure and single-threaded: no clock, no database. `now` and all times are epoch seconds by the caller's clock.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from cortex.blind import CALLED_DEAD, Judgement, blind_cause, judge
from cortex.config import Config
from cortex.correlation import Grouping
from cortex.evidence import alarm
from cortex.explain import bare, explanation, place, short, why
from cortex.finding import UNKNOWN, Cause, Effect, Finding
from cortex.group import Group
from cortex.impact import NO_IMPACT, Impact, Weights, measure, measure_nodes
from cortex.lone import is_lone_line, lone_line
from cortex.looks import Looks
from cortex.notable import is_notable, stands_by
from cortex.root_cause import Answer, Diagnosis, common_point, diagnose
from cortex.sieve import Sieve
from cortex.sightings import Sightings
from cortex.signals import Signal
from cortex.topology import Topology
from cortex.unknown import causes_of

#: So many groups that one monitor alone carries are taken to be one.
MANY = 3

__all__ = ["UNKNOWN", "Cause", "Correlator", "Finding"]


class Correlator:
    """Groups signals by topology and time, and says what each group means."""

    def __init__(self, topology: Topology, weights: Weights | None = None, config: Config | None = None) -> None:
        """A correlator without groups. `weights.table` has a row per topology id."""
        self.topology = topology
        self.weights = weights or Weights.none(topology)
        self.config = config or Config()
        self._sums: npt.NDArray[np.float64] = topology.sums(self.weights.table)
        self._everyone = dict(zip(self.weights.columns, self.weights.table.sum(axis=0).tolist(), strict=True))
        self._grouping = Grouping(topology, self.config)
        self.sieve = Sieve(topology, self.config)
        self.sightings = Sightings(topology)
        self._carried: dict[str, set[int]] = {}  # monitor -> groups that nobody else has heard of
        self._suspected: dict[str, int] = {}  # monitor taken to be blind -> the group of that
        self._looks = Looks(self.config.looks)

    def add(self, signals: Sequence[Signal]) -> None:
        """Take signals in, in any order; duplicates, clears, unknown elements and wrong clocks are fine."""
        for signal in signals:
            for heard in self.sieve.take(signal):
                self.sightings.heard(heard, self.config.prompt)
                self._grouping.add(heard, self._blind_group(heard))

    def adopt(self, group: int, signals: Sequence[Signal]) -> None:
        """Rebuild a group after a restart: these signals are of this group, which keeps its id."""
        if not signals:
            return
        grouping = self._grouping
        ordered = sorted(signals, key=lambda s: (s.at, s.cleared, s.alarm))
        ordered = [heard for signal in ordered for heard in self.sieve.again(signal)]
        if grouping.groups.get(group) is None:
            grouping.groups.start(ordered[0].at, ordered[0].received, group).was_reported = True
        for signal in ordered:
            grouping.add(signal, group)

    def close(self, group: int) -> None:
        """Forget a group: a person has closed its incident. Later signals open a new one."""
        self._grouping.close(group)

    @property
    def pending(self) -> int:
        """How many groups have changed and are not yet worked out."""
        return len(self._grouping.groups.dirty)

    def findings(self, now: float) -> list[Finding]:
        """What is thought of the groups that changed since the last call, at most `config.max_findings` of
        them, and of those of which something else is thought by now, though nothing more was heard.

        Large groups first; the rest waits for the next call. Groups whose alarms have all cleared are among
        them, and are forgotten `config.hold` later. Lone lines cost nothing and are all among them.
        """
        groups = self._grouping.groups
        for heard in self.sieve.due(now):
            self._grouping.add(heard)
        self._grouping.expire(now)
        self._join_the_blind()
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
        searched.sort(key=lambda g: (-len(g.evidence), g.id))
        for group in searched[: self.config.max_findings]:
            groups.dirty.discard(group.id)
            found.append(self._worked_out(group, now))
        return found + self._looked_at_again(now, self.config.max_findings - len(searched))

    @property
    def wants_sightings(self) -> bool:
        """Whether signs of life would tell something now: somebody is called dead by a monitor that hears nothing."""
        return any(
            e.type == CALLED_DEAD and e.active
            for group in self._grouping.groups.open.values()
            if group.notable or len(group.evidence) < 2
            for e in group.evidence.values()
        )

    def _blind_group(self, signal: Signal) -> int | None:
        """Where a monitor that is taken to be blind hears nothing once more, it is of that."""
        if signal.cleared or signal.type != CALLED_DEAD:
            return None
        group = self._grouping.groups.get(self._suspected.get(signal.feed, -1))
        return group.id if group is not None and not group.is_cleared else None

    def _join_the_blind(self) -> None:
        """One blind monitor is one cause, however many groups it has made. So are several that nobody else
        has heard of: that they broke at once, each unnoticed by its neighbours, is less likely.
        """
        groups = self._grouping.groups
        for vantage, numbers in self._carried.items():
            known = {g.id for n in numbers if (g := groups.get(n)) is not None and not g.is_cleared}
            if len(known) >= MANY or (known and self._suspected.get(vantage) is not None):
                suspected = groups.get(self._suspected.get(vantage, -1))
                known |= {suspected.id} if suspected is not None and not suspected.is_cleared else set()
                self._suspected[vantage] = groups.united(sorted(known))
                known = set()
            self._carried[vantage] = known
        for vantage, number in list(self._suspected.items()):
            group = groups.get(number)
            if group is None or group.is_cleared:
                del self._suspected[vantage]

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
            finding = self._worked_out(group, now)
            if finding.gist != before:
                found.append(finding)
        return found

    def _worked_out(self, group: Group, now: float) -> Finding:
        """The finding of one group; the next look at it is planned where time may change the answer."""
        finding = self._finding(group, now)
        group.gist = finding.gist
        waits = finding.notable or (len(group.evidence) > 1 and not finding.certain)
        stands = None if finding.notable else stands_by(list(group.evidence.values()), self.config)
        again = now + self.config.doubt_again if finding.doubts else None
        is_known = finding.causes[0].element != UNKNOWN
        if (again or ((waits or stands) and is_known)) and not finding.is_cleared:
            self._looks.plan(group, now, stands or again)
        else:
            self._looks.drop(group.id)
        return finding

    def _finding(self, group: Group, now: float) -> Finding:
        evidence = list(group.evidence.values())
        known = [e for e in evidence if e.element >= 0 or e.about >= 0]
        likelier = self.sieve.planned.likelier(now)
        diagnosis = diagnose(self.topology, known, now, self.config, likelier) if known else None
        alarms = tuple(sorted({a for e in evidence for a in e.alarms}))
        together = max(1, len(diagnosis.slots)) if diagnosis else 1
        if diagnosis and diagnosis.mains:
            causes, impact, said = self._mains(diagnosis)
        elif diagnosis and diagnosis.slots:
            causes = self._causes(diagnosis, now)
            impact = measure(self.topology, self.weights, diagnosis.failed, self._sums)
            said = explanation(diagnosis.case, diagnosis, len(alarms))
            said += self._changes((e for c in causes[:together] for e in (c.element, *c.tied_with)), now)
        else:
            causes, together, said = causes_of(evidence, self.config)
            impact = NO_IMPACT
        said += self.sieve.flapping.words({e.element for e in evidence if e.element >= 0})
        notable = group.notable or is_notable(evidence, causes, impact, now, self.config)
        judged = judge(self.topology, self.sightings, evidence, self._share(impact), now, self.config)
        effect = Effect.DOWN
        if judged.vantage and notable and not judged.is_blind:
            self._carried.setdefault(judged.vantage, set()).add(group.id)
        if judged.is_blind:
            notable = notable or now >= (stands_by(evidence, self.config) or now)
            if judged.silent >= MANY:
                self._suspected.setdefault(judged.vantage, group.id)
            causes, impact, together, diagnosis, said = _blind(judged)
            effect = Effect.NONE
        self._note(group, diagnosis, causes, together, notable)
        merged, group.merged = tuple(sorted(group.merged)), ()
        return Finding(
            group=group.id,
            opened_at=group.first_at,
            last_at=group.last_at,
            alarms=alarms,
            causes=causes,
            certain=all(c.confidence >= self.config.sure for c in causes[:together]),
            impact=impact,
            is_cleared=group.is_cleared,
            explanation=said,
            notable=notable,
            merged=merged,
            together=together,
            effect=effect,
            doubts=judged.doubts if notable else (),
        )

    def _share(self, impact: Impact) -> float:
        """The share of all subscribers that are cut off."""
        everyone = self._everyone.get("subscribers", 0.0)
        return impact.totals.get("subscribers", 0.0) / everyone if everyone else 0.0

    def _causes(self, diagnosis: Diagnosis, now: float) -> tuple[Cause, ...]:
        """The winners of all slots, then the alternatives, the likeliest first and each element once."""
        winners = [self._cause(diagnosis, answers[0], now) for answers in diagnosis.slots]
        rest = sorted((a for answers in diagnosis.slots for a in answers[1:]), key=lambda a: -a.confidence)
        named = {c.element for c in winners} | {t for c in winners for t in c.tied_with}
        for answer in rest:
            if answer.element not in named:
                named.add(answer.element)
                winners.append(self._cause(diagnosis, answer, now))
        return tuple(winners)

    def _cause(self, diagnosis: Diagnosis, answer: Answer, now: float) -> Cause:
        return Cause(
            element=answer.element,
            name=self.topology.name(answer.element),
            kind=self.topology.kind(answer.element),
            confidence=round(answer.confidence, 3),
            why=(*self._changes((m.element for m in answer.members), now), *why(diagnosis.case, answer)),
            tied_with=tuple(m.element for m in answer.members[1:]),
            place=place(diagnosis.case, answer.element),
        )

    def _changes(self, elements: Iterable[int], now: float) -> tuple[str, ...]:
        """What was changed of these lately."""
        words = self.sieve.planned.words
        return tuple(f"{short(self.topology, e)}: {said}" for e in elements for said in words(e, now))

    def _mains(self, diagnosis: Diagnosis) -> tuple[tuple[Cause, ...], Impact, tuple[str, ...]]:
        """A mains cut: no element of the network failed, homes around a common point lost their power."""
        onts = diagnosis.mains
        point = common_point(self.topology, onts)
        where = short(self.topology, point) if point is not None else "no common point"
        reason = f"{len(onts)} ONTs under {where} said their last words together: their power failed"
        cause = Cause(
            element=UNKNOWN if point is None else point,
            name=f"mains power around {where}",
            kind="mains",
            confidence=0.85,
            why=(reason,),
            place=f"around {bare(self.topology, point)}" if point is not None else "",
        )
        impact = measure_nodes(self.topology, self.weights, np.asarray(onts, dtype=np.int64))
        return (cause,), impact, (reason,)

    def _note(
        self,
        group: Group,
        diagnosis: Diagnosis | None,
        causes: Sequence[Cause],
        together: int,
        notable: bool,
    ) -> None:
        """Remember what this finding explains, so that later alarms from there are its own."""
        group.was_reported, group.notable = True, notable
        if not notable or not diagnosis or not diagnosis.slots:
            return
        sure = [c for c in causes[:together] if c.confidence >= 0.5 and c.element >= 0]
        failed = [c.element for c in sure]
        topology = self.topology
        spans = topology.cut_intervals(failed)
        tops = {int(topology.tour.order[at]) for at in topology.tops(spans)}
        tops.update(topology.failing(failed), failed, *(c.tied_with for c in sure))
        self._grouping.places.cover(group, tops)


def _blind(judged: Judgement) -> tuple[tuple[Cause, ...], Impact, int, None, tuple[str, ...]]:
    """The finding's parts where it is the monitor that failed: nobody is cut off by that."""
    return (blind_cause(judged),), NO_IMPACT, 1, None, judged.doubts
