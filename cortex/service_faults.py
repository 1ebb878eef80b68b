"""Which service failed, by its signs: every provider, every pool, every BNG is tried as the cause.

The score is a log likelihood ratio against "nothing failed", as for paths: a sign that a cause explains adds
log(P(seen | cause) / leak), one that is watched for and stays away subtracts. Three BNGs of twenty-four that
miss an answer of one RADIUS server don't speak for that server; one that misses the answers of all speaks for
itself.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from cortex.config import Config
from cortex.dependencies import Dependencies
from cortex.evidence import alarm
from cortex.evidence.services import PRIOR, PRIOR_OTHER, TOGETHER, WAYS, sign_of
from cortex.group import Evidence
from cortex.topology import Topology

#: The most that is claimed, and the least worth a word.
MOST, LEAST = 0.98, 0.05
#: Nats from which a sign counts as explained.
EXPLAINED = 1.0
#: Witnesses of one type that are counted in full: beyond them they only repeat one another.
WITNESSES = 6


@dataclass(frozen=True, slots=True)
class Suspect:
    """What may have failed, and in which way: one element, or all providers of a role; `role` is empty for a BNG or
    another element.
    """

    kind: str
    role: str
    elements: tuple[int, ...]
    way: str

    @property
    def prior(self) -> float:
        """Log of how often it fails."""
        often = PRIOR.get(self.way, PRIOR_OTHER)
        return log(often * TOGETHER if len(self.elements) > 1 else often)


@dataclass(frozen=True, slots=True)
class Answer:
    """A suspect, how sure, and the places in the evidence of what it explains."""

    suspect: Suspect
    confidence: float
    explained: tuple[int, ...]
    unheard: int


class ServiceCase:
    """The signs of services that stand now, laid out for scoring."""

    def __init__(
        self,
        topology: Topology,
        dependencies: Dependencies,
        evidence: Sequence[Evidence],
        now: float,
        config: Config,
        blind: Collection[int] = (),
    ) -> None:
        """`blind`: elements that are cut off and can't be expected to measure anything."""
        self.topology, self.dependencies, self.config = topology, dependencies, config
        self.evidence, self.now = evidence, now
        self.first = min((e.at for e in evidence), default=now)
        seen = {(e.type, e.element, e.about) for e in evidence}
        self.silent = [w for w in dependencies.watched - seen if w[1] not in blind and w[2] not in blind]

    def suspects(self) -> list[Suspect]:
        """Providers, pools, whoever holds sessions, and what the signs are about."""
        known = self.dependencies.providers
        about = {v for e in self.evidence for v in (e.element, e.about) if v >= 0}
        others = sorted((about | set(self.dependencies.consumers())) - known.keys())
        found = [(role, (p,)) for p, role in known.items()] + list(self.dependencies.whole_pools())
        found += [("", (v,)) for v in others]
        kinds = [self.topology.kind(elements[0]) for _, elements in found]
        return [
            Suspect(kind, role, elements, way)
            for kind, (role, elements) in zip(kinds, found, strict=True)
            for way in WAYS.get(kind, (kind,))
        ]

    def likely(self, suspect: Suspect, type_: str, element: int, about: int) -> float:
        """P(this sign | the suspect failed); 0 where it does not follow."""
        sign = sign_of(suspect.way, type_)
        subject = about if about >= 0 else element
        if subject in suspect.elements:
            return sign.itself
        if element in suspect.elements:
            return sign.there
        if not suspect.role:
            return 0.0
        if self.dependencies.bereft(suspect.role, element, suspect.elements):
            return sign.bereft
        return sign.covered if self.dependencies.depends(suspect.role, element, suspect.elements) else 0.0

    def gain(self, suspect: Suspect, e: Evidence) -> float:
        """Nats that one sign adds."""
        likely, leak = self.likely(suspect, e.type, e.element, e.about), alarm(e.type).leak
        return log((likely + (1 - likely) * leak) / leak) if likely else 0.0

    def score(self, suspect: Suspect, places: Iterable[int]) -> float:
        """The case for a suspect from these signs, and from those that stay away."""
        gains: dict[str, list[float]] = {}
        for place in places:
            gain = self.gain(suspect, self.evidence[place])
            gains.setdefault(self.evidence[place].type, []).append(gain)
        losses: dict[str, list[float]] = {}
        for type_, element, about in self.silent:
            likely = self.likely(suspect, type_, element, about)
            if likely:
                losses.setdefault(type_, []).append(log(1 - likely * self.ramp(type_)))
        nats = suspect.prior
        for type_ in gains.keys() | losses.keys():
            told = [*gains.get(type_, ()), *losses.get(type_, ())]
            nats += sum(told) * min(1.0, WITNESSES / len(told))
        return nats

    def ramp(self, type_: str) -> float:
        """How much of what takes its time to show should have shown by now."""
        return min(1.0, max(0.05, (self.now - self.first) / alarm(type_).delay))

    def answers(self, places: Sequence[int]) -> list[Answer]:
        """The possible causes of these signs, the likeliest first; empty where nothing explains any of them."""
        scored = [(self.score(s, places), s) for s in self.suspects() if any(self._explains(s, p) for p in places)]
        scored.sort(key=lambda pair: (-pair[0], len(pair[1].elements), pair[1].elements))
        if not scored:
            return []
        top, temper = max(0.0, scored[0][0]), self.config.temper
        masses = [exp(temper * (nats - top)) for nats, _ in scored]
        whole = sum(masses) + exp(-temper * top)
        found = [self._answer(s, min(MOST, m / whole), places) for (_, s), m in zip(scored, masses, strict=True)]
        return [found[0], *(a for a in found[1:] if a.confidence >= LEAST)]

    def _explains(self, suspect: Suspect, place: int) -> bool:
        return self.gain(suspect, self.evidence[place]) >= EXPLAINED

    def _answer(self, suspect: Suspect, confidence: float, places: Sequence[int]) -> Answer:
        explained = tuple(p for p in places if self._explains(suspect, p))
        unheard = sum(1 for w in self.silent if self.likely(suspect, *w) > 0.5 and self.ramp(w[0]) >= 1.0)
        return Answer(suspect, confidence, explained, unheard)


@dataclass(frozen=True, slots=True)
class Fault:
    """The signs of one failure: its possible causes, none where nothing known explains them."""

    answers: tuple[Answer, ...]
    places: tuple[int, ...]


def faults(case: ServiceCase) -> list[Fault]:
    """The failures behind all signs, as few as will do: the likeliest cause of all, then of what it leaves over."""
    left, found = list(range(len(case.evidence))), list[Fault]()
    while left and len(found) < case.config.max_faults:
        answers = case.answers(left)
        if not answers or answers[0].confidence < 2 * LEAST:
            break
        places = answers[0].explained
        found.append(Fault(tuple(answers), places))
        left = [place for place in left if place not in places]
    return [*found, Fault((), tuple(left))] if left else found
