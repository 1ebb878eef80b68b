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
from cortex.dependencies import ANYONE, Dependencies, Watched
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
        seen = {(e.type, e.element, e.about) for e in evidence}
        self.silent = [w for w in dependencies.watched - seen if w[1] not in blind and w[2] not in blind]
        self._by_name = {p for pool in dependencies.pools.values() for c, ps in pool.items() if c != ANYONE for p in ps}
        self._told_by: dict[int, set[int]] = {}
        self._silent_of: dict[int, list[Watched]] = {}
        for place, e in enumerate(evidence):
            for end in (e.element, e.about):
                self._told_by.setdefault(end, set()).add(place)
        for each in self.silent:
            for end in dict.fromkeys(each[1:]):
                self._silent_of.setdefault(end, []).append(each)

    def suspects(self) -> list[Suspect]:
        """Providers, pools, and whatever else the signs are about, such as whoever holds sessions."""
        known = self.dependencies.providers
        others = sorted({v for v in self._told_by if v >= 0} - known.keys())
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
            return sign.above if sign.above and self.dependencies.serves(subject, suspect.elements[0]) else 0.0
        if self.dependencies.bereft(suspect.role, element, suspect.elements):
            return sign.bereft
        return sign.covered if self.dependencies.depends(suspect.role, element, suspect.elements) else 0.0

    def gain(self, suspect: Suspect, e: Evidence) -> float:
        """Nats that one sign adds."""
        likely, leak = self.likely(suspect, e.type, e.element, e.about), alarm(e.type).leak
        return log((likely + (1 - likely) * leak) / leak) if likely else 0.0

    def score(self, suspect: Suspect, places: Sequence[int]) -> float:
        """The case for a suspect from these signs, and from those that stay away."""
        told: dict[str, list[float]] = {}
        first = self._first(places)
        for place in self._near(suspect, places):
            gain = self.gain(suspect, self.evidence[place])
            if gain:
                told.setdefault(self.evidence[place].type, []).append(gain)
        for type_, element, about in self._silent_near(suspect):
            likely = self.likely(suspect, type_, element, about)
            if likely:
                told.setdefault(type_, []).append(log(1 - likely * self.ramp(type_, first)))
        return suspect.prior + sum(sum(nats) * min(1.0, WITNESSES / len(nats)) for nats in told.values())

    def _near(self, suspect: Suspect, places: Sequence[int]) -> Iterable[int]:
        """Signs that may follow from a suspect: any from a provider's failure, its own, and those about who serves
        it by name, from a BNG's.
        """
        if suspect.role:
            return places
        (one,) = suspect.elements
        ends = (one, *(p for p in self._by_name if self.dependencies.serves(p, one)))
        return sorted(set().union(*(self._told_by.get(end, set()) for end in ends)).intersection(places))

    def _silent_near(self, suspect: Suspect) -> Sequence[Watched]:
        return self.silent if suspect.role else self._silent_of.get(suspect.elements[0], ())

    def _first(self, places: Sequence[int]) -> float:
        return min((self.evidence[place].at for place in places), default=self.now)

    def ramp(self, type_: str, first: float) -> float:
        """How much of what takes its time to show should have shown since the first sign."""
        return min(1.0, max(0.05, (self.now - first) / alarm(type_).delay))

    def answers(self, places: Sequence[int]) -> list[Answer]:
        """The possible causes of these signs, the likeliest first; empty where nothing explains any of them."""
        suspects = [s for s in self.suspects() if any(self._explains(s, p) for p in self._near(s, places))]
        scored = [(self.score(s, places), s) for s in suspects]
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
        explained = tuple(p for p in self._near(suspect, places) if self._explains(suspect, p))
        first = self._first(places)
        unheard = sum(
            1 for w in self._silent_near(suspect) if self.likely(suspect, *w) > 0.5 and self.ramp(w[0], first) >= 1.0
        )
        return Answer(suspect, confidence, explained, unheard)


@dataclass(frozen=True, slots=True)
class Fault:
    """The signs of one failure: its possible causes, none where nothing known explains them."""

    answers: tuple[Answer, ...]
    places: tuple[int, ...]


def faults(case: ServiceCase) -> list[Fault]:
    """The failures behind all signs, as few as will do: the likeliest cause of all, then of what it leaves over.

    Each sign then goes to the one it follows from most, and the causes are weighed again by their own signs.
    """
    left, chosen = list(range(len(case.evidence))), list[Suspect]()
    while left and len(chosen) < case.config.max_faults:
        answers = case.answers(left)
        if not answers or answers[0].confidence < 2 * LEAST:
            break
        chosen.append(answers[0].suspect)
        left = [place for place in left if place not in answers[0].explained]
    parts: list[list[int]] = [[] for _ in chosen]
    for place in sorted(set(range(len(case.evidence))) - set(left)):
        gains = [case.gain(suspect, case.evidence[place]) for suspect in chosen]
        parts[gains.index(max(gains))].append(place)
    found = [Fault(tuple(case.answers(part)), tuple(part)) for part in parts if part]
    return [*found, Fault((), tuple(left))] if left else found
