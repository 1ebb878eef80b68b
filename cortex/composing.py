"""What a group's alarms mean: dead elements, fault modes, or some of both, weighed against one another.

The search for dead elements and the search for modes look at the same alarms in the same nats. The better takes what
it explains; what is left is looked at again, and a further fault must bring evidence of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import exp

from cortex.config import Config
from cortex.explain import explanation, place, why
from cortex.finding import UNKNOWN, Cause
from cortex.group import Evidence
from cortex.likelihood import Case
from cortex.modes.search import Fit, fits
from cortex.modes.spots import Spots
from cortex.modes.words import because, phrase, whereabouts
from cortex.root_cause import LEAST, MOST, Answer, Diagnosis, diagnose, worth
from cortex.topology import Topology


@dataclass(frozen=True, slots=True)
class Part:
    """What one look at the alarms found: the dead elements of a diagnosis, or one mode; with what rivals it."""

    causes: tuple[Cause, ...]
    rivals: tuple[Cause, ...]
    explained: frozenset[int]
    said: tuple[str, ...]
    failed: tuple[int, ...] = ()
    ties: tuple[int, ...] = ()
    fit: Fit | None = None
    took: tuple[Evidence, ...] = ()


class Composer:
    """Composes the parts of a finding over one topology."""

    def __init__(self, topology: Topology, config: Config) -> None:
        """Nothing is looked at yet."""
        self.topology, self.config = topology, config
        self.spots = Spots(topology)

    def parts(
        self, evidence: Sequence[Evidence], now: float, alarms: int, likelier: Mapping[int, float] | None = None
    ) -> list[Part]:
        """The faults behind these alarms of known elements, the first found first; empty where nothing fits.
        `likelier`: nats by which elements that were changed lately fail more often than others of their kind.
        """
        look = partial(diagnose, self.topology, now=now, config=self.config, likelier=likelier)
        found: list[Part] = []
        left = list(evidence)
        diagnosis = look(left)
        while left and len(found) < self.config.max_faults:
            tried = fits(diagnosis.case, self.spots)
            dead = worth(diagnosis.case, diagnosis.failed)
            if found:
                tried, dead = self._worth_adding(tried), dead - self.config.another_fault
            if not tried and (found or not diagnosis.slots):
                break  # a cut beside a cut was looked for by the search for dead elements already
            if not tried or tried[0].total <= dead:
                part = self._dead(diagnosis, dead, tried, alarms)
                found.append(replace(part, took=tuple(left[i] for i in sorted(part.explained))))
                left = _without(left, part.explained)
                if not left or not fits(Case(self.topology, left, now, self.config), self.spots):
                    break
                diagnosis = look(left)
            else:
                took = tuple(left[i] for i in sorted(tried[0].explained))
                left = _without(left, tried[0].explained)
                after = look(left)
                part = self._mode(diagnosis, dead - worth(after.case, after.failed), tried)
                found.append(replace(part, took=took))
                diagnosis = after
                if not diagnosis.slots and not left:
                    break
        return found

    def _worth_adding(self, tried: Sequence[Fit]) -> list[Fit]:
        """A further fault must bring evidence of its own."""
        price = self.config.another_fault
        return [replace(fit, nats=fit.nats - price) for fit in tried if fit.total > price]

    # -- dead elements

    def _dead(self, diagnosis: Diagnosis, dead: float, tried: Sequence[Fit], alarms: int) -> Part:
        """The dead elements of a diagnosis, and the modes that explain most of the same alarms."""
        answers = [row[0] for row in diagnosis.slots]
        explained = _explained(diagnosis)
        rivals = [fit for fit in tried if 2 * len(fit.explained & explained) >= len(explained)]
        masses = [exp(self.config.temper * (fit.total - dead)) for fit in rivals]
        share = 1 / (1 + sum(masses))
        winners = [self._answer(diagnosis, answer, share) for answer in answers]
        ties = tuple(t for c in winners if c.confidence >= 0.5 for t in c.tied_with)
        others = self._others(diagnosis, winners, share)
        others += [self._cause(f, share * mass) for f, mass in zip(rivals, masses, strict=True)]
        return Part(
            causes=tuple(winners),
            rivals=tuple(c for c in others if c.confidence >= LEAST),
            explained=explained,
            said=explanation(diagnosis.case, diagnosis, alarms),
            failed=diagnosis.failed,
            ties=ties,
        )

    def _others(self, diagnosis: Diagnosis, winners: Sequence[Cause], share: float) -> list[Cause]:
        """The alternatives of all slots, the likeliest first and each element once."""
        rest = sorted((a for answers in diagnosis.slots for a in answers[1:]), key=lambda a: -a.confidence)
        named = {c.element for c in winners} | {t for c in winners for t in c.tied_with}
        found = []
        for answer in rest:
            if answer.element not in named:
                named.add(answer.element)
                found.append(self._answer(diagnosis, answer, share))
        return found

    def _answer(self, diagnosis: Diagnosis, answer: Answer, share: float = 1.0) -> Cause:
        return Cause(
            element=answer.element,
            name=self.topology.name(answer.element),
            kind=self.topology.kind(answer.element),
            confidence=round(answer.confidence * share, 3),
            why=why(diagnosis.case, answer),
            tied_with=tuple(m.element for m in answer.members[1:]),
            place=place(diagnosis.case, answer.element),
        )

    # -- modes

    def _mode(self, diagnosis: Diagnosis, dead: float, tried: Sequence[Fit]) -> Part:
        """The best mode; `dead` is what dead elements would make of its alarms."""
        best = tried[0]
        temper = self.config.temper
        rivals = [fit for fit in tried[1:] if fit.explained & best.explained]
        masses = [exp(temper * (fit.total - best.total)) for fit in rivals]
        dead_mass = exp(temper * (min(dead, best.total) - best.total)) if diagnosis.slots else 0.0
        whole = 1 + sum(masses) + dead_mass + exp(-temper * best.total)
        cause = self._cause(best, min(MOST, 1 / whole))
        others = [self._cause(fit, mass / whole) for fit, mass in zip(rivals, masses, strict=True)]
        others += [self._answer(diagnosis, answer, dead_mass / whole) for row in diagnosis.slots for answer in row[:1]]
        others.sort(key=lambda c: -c.confidence)
        rest = tuple(c for c in others if c.confidence >= LEAST)
        return Part((cause,), rest, best.explained, self._said(cause), failed=best.dead, fit=best)

    def _cause(self, fit: Fit, confidence: float) -> Cause:
        is_element = fit.spot.kind == "element"
        kind = self.topology.kind(fit.spot.id) if is_element else fit.spot.kind
        return Cause(
            element=fit.spot.id if is_element else UNKNOWN,
            name=self.spots.name(fit.spot),
            kind=fit.mode.kind or kind,
            confidence=round(confidence, 3),
            why=because(self.spots, fit),
            place=whereabouts(self.spots, fit),
            mode=fit.mode.name,
            remedy=fit.mode.remedy,
            phrase=phrase(fit),
            skill=fit.mode.skill,
        )

    def _said(self, cause: Cause) -> tuple[str, ...]:
        what = cause.name.replace(":", " ", 1).removeprefix("node ")
        says = cause.phrase.format(what=what)
        unsure = "" if cause.confidence >= self.config.sure else "not sure: "
        return (f"{unsure}{says} ({cause.confidence:.2f}): {'; '.join(cause.why)}",)


def _explained(diagnosis: Diagnosis) -> frozenset[int]:
    """Places of the alarms that the dead elements explain."""
    case = diagnosis.case
    runs = (i for row in diagnosis.slots for lo, hi in row[0].explained.runs for i in case.bulk[lo:hi])
    apart = (i for row in diagnosis.slots for i in row[0].explained.apart)
    return frozenset([*runs, *apart])


def _without(evidence: Sequence[Evidence], explained: frozenset[int]) -> list[Evidence]:
    return [e for i, e in enumerate(evidence) if i not in explained]
