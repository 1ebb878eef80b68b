"""Past incidents whose cause is known, and what each of them teaches: what was heard where it could have been, what
was heard without cause, and how likely the true cause was held to be.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp

from cortex.clocks import Clocks
from cortex.config import Config
from cortex.correlation import Grouping
from cortex.evidence import ROWS, Relation
from cortex.group import Evidence
from cortex.knowledge import Given, Knowledge
from cortex.likelihood import Case, inside
from cortex.root_cause import Answer, Diagnosis, Scored, diagnose, family
from cortex.signals import Signal
from cortex.topology import Topology

#: Alarm type -> the kinds of element that raise it.
Voices = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Past:
    """One incident that is over, or of which a person named the cause.

    `cause`: topology id; None for a false alarm, of which everything was heard without cause. `signals`: its raises.
    `weight`: 1 for a person's word, less for what Cortex said and nobody disputed. `is_verdict`: a person's word.
    """

    cause: int | None
    signals: tuple[Signal, ...]
    weight: float = 1.0
    is_verdict: bool = True


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one past incident shows. `heard`: of the places where an alarm type could have been heard in a relation,
    the share where it was. `stray`: types heard that the cause does not explain. `types`: all that were heard.
    `believed`: what each candidate was given before the cause was known, in all 1.
    """

    past: Past
    evidence: tuple[Evidence, ...]
    now: float
    types: frozenset[str]
    heard: dict[Given, float] = field(default_factory=dict)
    stray: frozenset[str] = frozenset()
    believed: dict[int, float] = field(default_factory=dict)
    is_told: bool = True
    """Whether the cause explains any of the alarms; a verdict of which that is not so teaches nothing."""


def lessons(topology: Topology, pasts: Iterable[Past], config: Config) -> list[Lesson]:
    """What each of these shows, weighed as `config.knowledge` weighs."""
    grouping = Grouping(topology, config)
    lived = [(past, _evidence(grouping, past.signals)) for past in pasts if past.signals]
    voices = _voices(topology, (e for _, evidence in lived for e in evidence))
    return [_lesson(topology, past, evidence, config, voices) for past, evidence in lived]


def _voices(topology: Topology, evidence: Iterable[Evidence]) -> Voices:
    """Which kinds of element raise an alarm type in this network, as far as was ever heard. That one which has no
    word for it said nothing is no evidence.
    """
    voices: dict[str, set[str]] = {}
    for e in evidence:
        if 0 <= e.element < topology.nodes:
            voices.setdefault(e.type, set()).add(topology.kind(e.element))
    return voices


def _evidence(grouping: Grouping, signals: Sequence[Signal]) -> list[Evidence]:
    """The conditions that these signals make, as one group."""
    clocks = Clocks(grouping.config)
    heard = (clocks.corrected(s) for s in sorted(signals, key=lambda s: (s.received, s.alarm)))
    ordered = sorted(heard, key=lambda s: (s.at, s.alarm))
    group = grouping.groups.start(ordered[0].at, ordered[0].received)
    for signal in ordered:
        grouping.add(signal, group.id)
    grouping.close(group.id)
    return list(group.evidence.values())


def _lesson(topology: Topology, past: Past, evidence: list[Evidence], config: Config, voices: Voices) -> Lesson:
    now = max(e.last for e in evidence) + config.interim
    types = frozenset(e.type for e in evidence)
    lesson = Lesson(past, tuple(evidence), now, types)
    if past.cause is None:
        return replace(lesson, stray=types)
    case = Case(topology, evidence, now, config)
    score = case.score((past.cause,))
    explained = case.explained((past.cause,), score)
    if not explained.size:
        return replace(lesson, is_told=False)
    known = {case.bulk[place] for lo, hi in explained.runs for place in range(lo, hi)} | explained.apart
    return replace(
        lesson,
        heard=dict(_heard(case, past.cause, voices)),
        stray=frozenset(e.type for i, e in enumerate(case.evidence) if i not in known),
        believed=beliefs(topology, evidence, now, config, past.cause),
    )


# -- what was heard where


def _heard(case: Case, cause: int, voices: Voices) -> Iterator[tuple[Given, float]]:
    """For every type and relation that could have been heard, the share of the places where it was."""
    yield from _itself(case, cause, voices)
    yield from _far_end(case, cause, voices)
    yield from _behind(case, cause, voices)


def _types(relation: Relation) -> list[str]:
    return [type_ for type_, each in ROWS if each is relation]


def _itself(case: Case, cause: int, voices: Voices) -> Iterator[tuple[Given, float]]:
    """A path has no voice; a node has those of its kind."""
    if not case.topology.is_node(cause):
        return
    said = {case.evidence[i].type for i in case.itself.get(cause, ())}
    for type_ in _types(Relation.ITSELF):
        if case.topology.kind(cause) in voices.get(type_, ()):
            yield (type_, Relation.ITSELF, True), float(type_ in said)


def _far_end(case: Case, cause: int, voices: Voices) -> Iterator[tuple[Given, float]]:
    """Of the live ends beside the failure that report links, the share that reported it so."""
    topology = case.topology
    ends = case.near_ends((cause,), topology.cut_intervals((cause,)))
    for beyond in set(ends.values()):
        near = [end for end, node in ends.items() if node is beyond and case.reports_links(end)]
        for type_ in _types(Relation.FAR_END):
            able = [end for end in near if topology.kind(end[0]) in voices.get(type_, ())]
            if able:
                said = sum(any(case.evidence[i].type == type_ for i in case.far.get(end, ())) for end in able)
                yield (type_, Relation.FAR_END, beyond), said / len(able)


def _behind(case: Case, cause: int, voices: Voices) -> Iterator[tuple[Given, float]]:
    """Of what is cut off and of a kind that raises a type, the share that did."""
    topology = case.topology
    there = Counter(topology.kind(node) for node in topology.cut_off((cause,)).tolist() if node != cause)
    spans = topology.cut_intervals((cause,))
    said: dict[str, set[int]] = {}
    for e, vertex in zip(case.evidence, case.where, strict=True):
        if 0 <= vertex < topology.nodes and vertex != cause and inside(int(case.tin[vertex]), spans):
            said.setdefault(e.type, set()).add(vertex)
    for type_ in _types(Relation.BEHIND):
        able = sum(there[kind] for kind in voices.get(type_, ()))
        if able:
            yield (type_, Relation.BEHIND, False), min(1.0, len(said.get(type_, ())) / able)


# -- what was believed


def beliefs(
    topology: Topology, evidence: Sequence[Evidence], now: float, config: Config, cause: int
) -> dict[int, float]:
    """What each candidate is given, in all 1, before anybody says which it was. Of several faults at once, in the
    slot that the cause is a candidate of.
    """
    known = [e for e in evidence if e.element >= 0 or e.about >= 0]
    diagnosis = diagnose(topology, known, now, config) if known else None
    if diagnosis is None or not diagnosis.slots:
        return {}
    slot = _slot_of(diagnosis, cause)
    shares = {m.element: answer.confidence * share for answer in slot for m, share in _shared(answer)}
    whole = sum(shares.values())
    return {element: share / whole for element, share in shares.items()}


def _slot_of(diagnosis: Diagnosis, cause: int) -> tuple[Answer, ...]:
    for slot in diagnosis.slots:
        if any(m.element == cause for answer in slot for m in answer.members):
            return slot
    return diagnosis.slots[0]


def _shared(answer: Answer) -> list[tuple[Scored, float]]:
    """An answer's elements can't be told apart by alarms: each has its share by how often such a thing fails."""
    rates = [exp(m.prior) for m in answer.members]
    return [(m, rate / sum(rates)) for m, rate in zip(answer.members, rates, strict=True)]


def kind_of(topology: Topology, element: int) -> tuple[str, str]:
    """The (family, kind) whose prior an element has."""
    return family(topology, element), topology.kind(element)


def with_knowledge(config: Config, knowledge: Knowledge) -> Config:
    """The same settings with other numbers."""
    return replace(config, knowledge=knowledge)
