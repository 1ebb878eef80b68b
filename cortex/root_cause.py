"""Which failed elements best explain a group's alarms: candidates near the evidence, scored, taken greedily.

One fault is looked for first; each further one must bring evidence of its own. Every fault is then weighed
again with the others held, because a pair of cuts in a ring explains what neither does alone. Elements that
predict the same alarms form one answer, a stated tie; among answers the posterior is spread, so "A (0.6) or
B (0.3)" comes out as that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np

from cortex.config import Config
from cortex.evidence import ADJACENCY, SILENCE
from cortex.group import Evidence
from cortex.likelihood import UNNAMED, Case, Explained, Score
from cortex.topology import Topology

#: The most that is ever claimed for one cause: the tables themselves may be wrong.
MOST = 0.98
#: Below this an alternative is not worth a word.
LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate in its slot, the other faults held: `nats` without, `prior` with the log of how often it
    fails.
    """

    element: int
    nats: float
    prior: float
    score: Score

    @property
    def total(self) -> float:
        """Evidence and prior together."""
        return self.nats + self.prior


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible cause: the customary element first among those the alarms can't tell apart."""

    members: tuple[Scored, ...]
    confidence: float
    explained: Explained

    @property
    def element(self) -> int:
        """The element named first."""
        return self.members[0].element


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """For every simultaneous fault its answers, the likeliest first."""

    slots: tuple[tuple[Answer, ...], ...]
    case: Case

    @property
    def failed(self) -> tuple[int, ...]:
        """The likeliest element of every fault."""
        return tuple(answers[0].element for answers in self.slots)


def diagnose(
    topology: Topology,
    evidence: Sequence[Evidence],
    now: float,
    config: Config,
    likelier: Mapping[int, float] | None = None,
) -> Diagnosis:
    """The likeliest causes of one group's alarms as things stand at `now`. `likelier`: nats by which elements
    that were changed lately fail more often than others of their kind.
    """
    case = Case(topology, evidence, now, config)
    case.likelier = likelier or {}
    candidates = near(case)
    if not candidates:
        return Diagnosis((), case)
    faults = _cover(case, candidates)
    slots = [_answers(case, candidates, faults, slot) for slot in range(len(faults))]
    return Diagnosis(tuple(slots), case)


# -- candidates


def near(case: Case) -> list[int]:
    """Elements the alarms point at, the most promising first: lost links and what they ride, the neighbours
    lost, and the single points that the silent depend on."""
    named = _named(case)
    limit = case.config.max_candidates
    hung = _above_the_silent(case)
    found = dict.fromkeys([*named[: 2 * limit], *hung])
    for element in list(found):
        if case.topology.is_link(element):
            found.update(dict.fromkeys(case.topology.risks_of(element)))
    return _promising(case, list(found))


def _named(case: Case) -> list[int]:
    """Links, neighbours and elements that alarms name, the most named first."""
    votes: dict[int, int] = {}
    for (speaker, link), alarms in case.far.items():
        for element in (link, case.topology.across(link, speaker)):
            votes[element] = votes.get(element, 0) + len(alarms)
    for element, alarms in case.itself.items():
        if any(case.evidence[i].type not in SILENCE for i in alarms):
            votes[element] = votes.get(element, 0) + len(alarms)
            for risk_or_link in case.topology.neighbours(element) if element >= case.topology.vertices else ():
                votes.setdefault(risk_or_link, 1)
    for e in case.evidence:
        if e.type in ADJACENCY and 0 <= e.about < case.topology.nodes:
            votes.setdefault(e.about, 1)
    for speaker in case.unnamed:
        for link in case.topology.neighbours(speaker)[:UNNAMED]:
            for element in _passive(case.topology, link, speaker):
                votes.setdefault(element, 1)
    return sorted(votes, key=lambda v: (-votes[v], v))


def _passive(topology: Topology, link: int, speaker: int) -> list[int]:
    """A link, what lies across it, and on while that is passive and leads to one place only."""
    found = [link, topology.across(link, speaker)]
    while topology.is_silent(found[-1]) and len(found) < UNNAMED:
        onward = [i for i in topology.neighbours(found[-1]) if i != found[-2]]
        if len(onward) != 1:
            break
        found += [onward[0], topology.across(onward[0], found[-1])]
    return found


def _above_the_silent(case: Case) -> list[int]:
    """What cut-off elements depend on, and they themselves, by what each explains; all branches climbed at
    once.
    """
    topology, above = case.topology, case.topology.above
    climbed: set[int] = set()
    for vertex in case.where:
        while vertex >= 0 and vertex not in climbed:
            climbed.add(vertex)
            vertex = above[vertex]
    seen = np.fromiter(climbed, dtype=np.int64, count=len(climbed))
    seen.sort()
    if not seen.size:
        return []
    positions, sums = np.asarray(case.behind.at), np.asarray(case.behind.sums)
    lo, hi = topology.tour.tin[seen], topology.tour.tout[seen]
    gain = sums[np.searchsorted(positions, hi)] - sums[np.searchsorted(positions, lo)]
    silent = np.asarray(case.silent.at)
    missed = topology.device_sums[hi] - topology.device_sums[lo]
    missed = missed - (np.searchsorted(silent, hi) - np.searchsorted(silent, lo))
    crude = gain - 2.3 * case.ramp(case.config.silence) * missed
    best: list[int] = seen[np.argsort(-crude, kind="stable")[: case.config.max_candidates]].tolist()
    return best


def _promising(case: Case, found: list[int]) -> list[int]:
    """At most `max_candidates`, by their score alone."""
    limit = case.config.max_candidates
    if len(found) <= limit:
        return found
    return sorted(found, key=lambda v: -(case.score((v,)).nats + prior(case, v)))[:limit]


def prior(case: Case, element: int) -> float:
    """Log of how often such an element fails, and more if it was changed lately."""
    topology, knowledge = case.topology, case.config.knowledge
    usual = knowledge.log_prior(family(topology, element), topology.kind(element), topology.name(element))
    return usual + case.likelier.get(element, 0.0)


def family(topology: Topology, element: int) -> str:
    """What an element is: a node, a link, or a risk that links share."""
    if element < topology.nodes:
        return "node"
    return "link" if element < topology.vertices else "risk"


# -- several faults


def _cover(case: Case, candidates: list[int]) -> tuple[int, ...]:
    """The set of faults that explains most. Where something that it cuts off still spoke, the best set that
    nobody contradicts is weighed against it: two links lost at a live router, and not the router.
    """
    faults = _greedy(case, candidates)
    if not faults or not case.score(faults).refuted:
        return faults
    others = _greedy(case, [c for c in candidates if not case.score((c,)).refuted])
    return max((faults, others), key=lambda f: worth(case, f))


def worth(case: Case, faults: tuple[int, ...]) -> float:
    """Evidence and priors of a set of faults, with the price of each further one."""
    price = case.config.another_fault * max(0, len(faults) - 1)
    return case.score(faults).nats + sum(prior(case, f) for f in faults) - price if faults else 0.0


def _greedy(case: Case, candidates: list[int]) -> tuple[int, ...]:
    """Faults taken one by one while each brings evidence of its own, then each once more with the others
    held.
    """
    faults: tuple[int, ...] = ()
    nats = 0.0
    while len(faults) < case.config.max_faults:
        best = max((_scored(case, faults, c) for c in candidates if c not in faults), key=_by_total, default=None)
        if best is None or (faults and best.total - nats < case.config.another_fault):
            break
        faults, nats = (*faults, best.element), best.nats
        if case.explains_all(faults, best.score):
            break
    return _settled(case, candidates, faults) if len(faults) > 1 else faults


def _settled(case: Case, candidates: list[int], faults: tuple[int, ...]) -> tuple[int, ...]:
    """Each fault replaced by what explains more beside the others; dropped where it explains nothing beside
    them.
    """
    for _ in range(2):
        before = faults
        for slot in range(len(faults)):
            others = faults[:slot] + faults[slot + 1 :]
            best = max((_scored(case, others, c) for c in candidates if c not in others), key=_by_total)
            faults = (*others[:slot], best.element, *others[slot:])
        if faults == before:
            break
    for fault in faults:
        others = tuple(f for f in faults if f != fault)
        if others and _scored(case, others, fault).total - case.score(others).nats < case.config.another_fault:
            faults = others
    return faults


def _scored(case: Case, others: tuple[int, ...], element: int) -> Scored:
    score = case.score((*others, element))
    return Scored(element, score.nats, prior(case, element), score)


def _by_total(scored: Scored) -> tuple[float, int]:
    return (scored.total, -scored.element)


# -- answers


def _answers(case: Case, candidates: list[int], faults: tuple[int, ...], slot: int) -> tuple[Answer, ...]:
    """The possible causes of one fault, the others held: ties joined, the posterior spread over them and
    "none".
    """
    others = faults[:slot] + faults[slot + 1 :]
    floor = case.score(others).nats if others else 0.0
    ranked = sorted((_scored(case, others, c) for c in candidates if c not in others), key=_by_total, reverse=True)
    top = ranked[0].total
    classes = _tied(case, others, [s for s in ranked if s.total > top - 8.0])
    masses = [exp(case.config.temper * (members[0].total - top)) for members, _ in classes]
    whole = sum(masses) + exp(case.config.temper * (floor - top))
    answers = [
        Answer(tuple(members), min(MOST, mass / whole), explained)
        for (members, explained), mass in zip(classes, masses, strict=True)
    ]
    return (answers[0], *(a for a in answers[1:] if a.confidence >= LEAST))


def _tied(case: Case, others: tuple[int, ...], ranked: Iterable[Scored]) -> list[tuple[list[Scored], Explained]]:
    """Candidates that predict the same alarms, together; the order within is by evidence and prior."""
    classes: dict[tuple[object, ...], list[tuple[list[Scored], Explained]]] = {}
    found: list[tuple[list[Scored], Explained]] = []
    for s in ranked:
        explained = case.explained((*others, s.element), s.score)
        same = (explained, s.score.devices, s.score.lines, s.score.unheard, s.score.refuted)
        for members, _ in classes.get(same, ()):
            if abs(members[0].nats - s.nats) <= case.config.tie:
                members.append(s)
                break
        else:
            entry = ([s], explained)
            classes.setdefault(same, []).append(entry)
            found.append(entry)
    return found
