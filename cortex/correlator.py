"""Signals in, findings out: groups signals, and for every group that changed names the cause and measures
the impact.

Pure and single-threaded: no clock, no database. `now` and all times are epoch seconds by the caller's clock.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from cortex.adjacency.learner import Heard
from cortex.config import Config
from cortex.correlation import Grouping
from cortex.evidence import alarm
from cortex.explain import bare, explanation, place, short, why
from cortex.finding import UNKNOWN, Cause, Finding
from cortex.group import Evidence, Group
from cortex.impact import NO_IMPACT, Impact, Weights, measure, measure_nodes
from cortex.lone import is_lone_line, lone_line
from cortex.looks import Looks
from cortex.root_cause import Answer, Diagnosis, common_point, diagnose
from cortex.signals import Signal
from cortex.topology import Topology
from cortex.unknown import causes_of, is_worth_saying

__all__ = ["UNKNOWN", "Cause", "Correlator", "Finding"]


class Correlator:
    """Groups signals by topology and time, and says what each group means."""

    def __init__(self, topology: Topology, weights: Weights | None = None, config: Config | None = None) -> None:
        """A correlator without groups. `weights.table` has a row per topology id."""
        self.topology = topology
        self.weights = weights or Weights.none(topology)
        self.config = config or Config()
        self._sums: npt.NDArray[np.float64] = topology.sums(self.weights.table)
        self._grouping = Grouping(topology, self.config)
        self._looks = Looks(self.config.looks)

    def add(self, signals: Sequence[Signal]) -> None:
        """Take signals in, in any order; duplicates, clears, unknown elements and wrong clocks are fine."""
        for signal in signals:
            self._grouping.add(signal)

    def adopt(self, group: int, signals: Sequence[Signal]) -> None:
        """Rebuild a group after a restart: these signals are of this group, which keeps its id."""
        if not signals:
            return
        grouping = self._grouping
        ordered = sorted(signals, key=lambda s: (s.at, s.cleared, s.alarm))
        if grouping.groups.get(group) is None:
            grouping.groups.start(grouping.trusted_time(ordered[0]), ordered[0].received, group).was_reported = True
        for signal in ordered:
            grouping.add(signal, group)

    def remember(self, heard: Iterable[Heard]) -> None:
        """Learn who is next to whom from words of before this correlator began."""
        self._grouping.learner.learn(heard)

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
        self._grouping.expire(now)
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
        if waits and not finding.is_cleared and finding.causes[0].element != UNKNOWN:
            self._looks.plan(group, now)
        else:
            self._looks.drop(group.id)
        return finding

    def _finding(self, group: Group, now: float) -> Finding:
        evidence = list(group.evidence.values())
        known = [e for e in evidence if e.element >= 0 or e.about >= 0]
        diagnosis = diagnose(self.topology, known, now, self.config) if known else None
        alarms = tuple(sorted({a for e in evidence for a in e.alarms}))
        together = max(1, len(diagnosis.slots)) if diagnosis else 1
        if diagnosis and diagnosis.mains:
            causes, impact, said = self._mains(diagnosis)
        elif diagnosis and diagnosis.slots:
            causes = self._causes(diagnosis)
            impact = measure(self.topology, self.weights, diagnosis.failed, self._sums)
            said = explanation(diagnosis.case, diagnosis, len(alarms))
        else:
            causes, together, said = causes_of(evidence, self.config, self._grouping.learner)
            impact = NO_IMPACT
        notable = self._is_notable(group, evidence, causes, impact)
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
        )

    def _causes(self, diagnosis: Diagnosis) -> tuple[Cause, ...]:
        """The winners of all slots, then the alternatives, the likeliest first and each element once."""
        winners = [self._cause(diagnosis, answers[0]) for answers in diagnosis.slots]
        rest = sorted((a for answers in diagnosis.slots for a in answers[1:]), key=lambda a: -a.confidence)
        named = {c.element for c in winners} | {t for c in winners for t in c.tied_with}
        for answer in rest:
            if answer.element not in named:
                named.add(answer.element)
                winners.append(self._cause(diagnosis, answer))
        return tuple(winners)

    def _cause(self, diagnosis: Diagnosis, answer: Answer) -> Cause:
        return Cause(
            element=answer.element,
            name=self.topology.name(answer.element),
            kind=self.topology.kind(answer.element),
            confidence=round(answer.confidence, 3),
            why=why(diagnosis.case, answer),
            tied_with=tuple(m.element for m in answer.members[1:]),
            place=place(diagnosis.case, answer.element),
        )

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

    def _is_notable(self, group: Group, evidence: Sequence[Evidence], causes: Sequence[Cause], impact: Impact) -> bool:
        """Service is affected or redundancy lost and the alarm stands alone or another agrees; or several
        agree.
        """
        if group.notable:
            return True  # once worth an incident, always: it may be open already
        if all(e.element < 0 and e.about < 0 for e in evidence):
            return is_worth_saying(evidence, self._grouping.learner)
        agree = len(evidence)
        hurts = impact.devices > 0 or impact.at_risk > 0 or any(v > 0 for v in impact.totals.values())
        alone = any(alarm(e.type).alone and e.element >= 0 for e in evidence)
        speakers = len({e.element if e.element >= 0 else e.key for e in evidence})
        likely = bool(causes) and causes[0].confidence >= 0.5
        return (hurts and likely and (alone or speakers >= 2)) or (agree >= 3 and (speakers >= 2 or not likely))

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
        if not diagnosis or not diagnosis.slots:
            return
        sure = [c for c in causes[:together] if c.confidence >= 0.5 and c.element >= 0]
        failed = [c.element for c in sure]
        topology = self.topology
        spans = topology.cut_intervals(failed)
        tops = {int(topology.tour.order[at]) for at in topology.tops(spans)}
        tops.update(topology.failing(failed), failed, *(c.tied_with for c in sure))
        self._grouping.places.cover(group, tops)
