"""Signals in, findings out: groups signals, and for every group that changed names the cause and measures
the impact.

Pure and single-threaded: no clock, no database. `now` and all times are epoch seconds by the caller's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cortex.config import Config
from cortex.correlation import Grouping
from cortex.evidence import alarm
from cortex.explain import bare, explanation, listed, place, short, why
from cortex.group import Evidence, Group
from cortex.impact import NO_IMPACT, Impact, Weights, measure, measure_nodes, measure_one
from cortex.root_cause import Answer, Diagnosis, common_point, diagnose
from cortex.signals import Signal
from cortex.topology import Topology

#: The element of a cause that the topology does not know.
UNKNOWN = -1
#: Confidence in a cause that is only the name of a device no topology knows.
GUESS = 0.3
#: Confidence that a lone line's alarm is of that line, and not the first of many.
LONE = 0.8


@dataclass(frozen=True, slots=True)
class Cause:
    """A possible cause. `tied_with`: elements that predict the same alarms; `confidence` is theirs
    together.
    """

    element: int
    name: str
    kind: str
    confidence: float
    why: tuple[str, ...]
    tied_with: tuple[int, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is thought of one group now.

    `alarms`: ids of its alarms. `causes`: the first `together` of them hold at the same time (simultaneous
    faults), the rest are alternatives. `certain`: whether those first ones are sure enough to act on.
    `notable`: worth an incident. `merged`: ids of groups reported earlier that are now part of this one,
    said once.
    """

    group: int
    opened_at: float
    last_at: float
    alarms: tuple[int, ...]
    causes: tuple[Cause, ...]
    certain: bool
    impact: Impact
    is_cleared: bool
    explanation: tuple[str, ...]
    notable: bool
    merged: tuple[int, ...] = ()
    together: int = 1


class Correlator:
    """Groups signals by topology and time, and says what each group means."""

    def __init__(self, topology: Topology, weights: Weights | None = None, config: Config | None = None) -> None:
        """A correlator without groups. `weights.table` has a row per topology id."""
        self.topology = topology
        self.weights = weights or Weights.none(topology)
        self.config = config or Config()
        self._sums: npt.NDArray[np.float64] = topology.sums(self.weights.table)
        self._grouping = Grouping(topology, self.config)

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

    def close(self, group: int) -> None:
        """Forget a group: a person has closed its incident. Later signals open a new one."""
        self._grouping.close(group)

    @property
    def pending(self) -> int:
        """How many groups have changed and are not yet worked out."""
        return len(self._grouping.groups.dirty)

    def findings(self, now: float) -> list[Finding]:
        """What is thought of the groups that changed since the last call, at most `config.max_findings` of
        them.

        Large groups first; the rest waits for the next call. Groups whose alarms have all cleared are among
        them, and are forgotten `config.hold` later.
        """
        grouping = self._grouping
        grouping.expire(now)
        groups = grouping.groups
        changed = sorted(groups.dirty, key=lambda g: (-len(groups.open[g].evidence), g))
        found = []
        for number in changed[: self.config.max_findings]:
            groups.dirty.discard(number)
            found.append(self._finding(groups.open[number], now))
        return found

    def _finding(self, group: Group, now: float) -> Finding:
        evidence = list(group.evidence.values())
        if len(evidence) == 1 and self._is_lone_line(evidence[0]):
            return self._lone_line(group, evidence[0])
        known = [e for e in evidence if e.element >= 0 or e.about >= 0]
        diagnosis = diagnose(self.topology, known, now, self.config) if known else None
        alarms = tuple(sorted({a for e in evidence for a in e.alarms}))
        if diagnosis and diagnosis.mains:
            causes, impact, said = self._mains(diagnosis)
        elif diagnosis and diagnosis.slots:
            causes = self._causes(diagnosis)
            impact = measure(self.topology, self.weights, diagnosis.failed, self._sums)
            said = explanation(diagnosis.case, diagnosis, len(alarms))
        else:
            causes, impact, said = self._unknown(evidence)
        together = max(1, len(diagnosis.slots)) if diagnosis else 1
        notable = self._is_notable(group, evidence, causes, impact)
        self._note(group, diagnosis, causes, together, notable)
        merged, group.merged = tuple(sorted(group.merged)), []
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

    def _is_lone_line(self, e: Evidence) -> bool:
        """One alarm of one line's end: by far the most common there is, and never worth a search for
        causes.
        """
        lines = self.topology.line_sums
        if not 0 <= e.element < self.topology.nodes or alarm(e.type).alone or e.about >= 0:
            return False
        position = int(self.topology.tour.tin[e.element])
        return bool(lines[position + 1] > lines[position])

    def _lone_line(self, group: Group, e: Evidence) -> Finding:
        """The line itself, or its drop; never notable alone."""
        topology, line = self.topology, e.element
        said = f"only {short(topology, line)}: {alarm(e.type).words}"
        group.was_reported = True
        merged, group.merged = tuple(sorted(group.merged)), []
        tied = () if e.type == "ont-dying-gasp" else tuple(self._serving_only(line))
        return Finding(
            group=group.id,
            opened_at=group.first_at,
            last_at=group.last_at,
            alarms=tuple(sorted(e.alarms)),
            causes=(Cause(line, topology.name(line), topology.kind(line), LONE, (said,), tied),),
            certain=self.config.sure <= LONE,
            impact=measure_one(topology, self.weights, line),
            is_cleared=e.is_cleared,
            explanation=(said,),
            notable=group.notable,
            merged=merged,
        )

    def _serving_only(self, line: int) -> list[int]:
        """What serves this line and nobody else: its drop, and on upwards while that holds."""
        topology, found = self.topology, list[int]()
        for above in topology.ancestors(line):
            blast = topology.blast(above)
            if blast.lines > 1 or blast.devices:
                break
            found += [above, *(topology.risks_of(above) if topology.is_link(above) else ())]
        return found

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

    def _unknown(self, evidence: Sequence[Evidence]) -> tuple[tuple[Cause, ...], Impact, tuple[str, ...]]:
        """Alarms of a device that no topology knows: its name is all there is to say."""
        devices = sorted({e.key.partition("/")[0] for e in evidence if e.key} or {"unknown"})
        words = listed(sorted({alarm(e.type).words for e in evidence}))
        reason = f"{len(evidence)} conditions of {listed(devices)}, which the topology does not know: {words}"
        causes = tuple(
            Cause(UNKNOWN, f"device {d}", "device", round(GUESS / len(devices), 3), (reason,)) for d in devices
        )
        return causes, NO_IMPACT, (reason,)

    def _is_notable(self, group: Group, evidence: Sequence[Evidence], causes: Sequence[Cause], impact: Impact) -> bool:
        """Service is affected or redundancy lost and the alarm stands alone or another agrees; or several
        agree.
        """
        if group.notable:
            return True  # once worth an incident, always: it may be open already
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
