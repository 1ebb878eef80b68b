"""Learning from people's verdicts: how often things fail, what each failure makes us hear, and what is heard without
cause.

The tables as they are written are the prior, and count as much as a stated number of past incidents: little data
moves little. A share is a Beta posterior; alarms of one fault depend on one another, so an incident counts once
whatever its size. Priors move by how often a kind was the cause against how often it was believed to be. Always
from the tables and all verdicts of a window anew, so that nothing counts twice. What explains verdicts it has not
seen worse than the version in use is refused.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log

from cortex.config import Config
from cortex.evidence import alarm
from cortex.knowledge import HAND_WRITTEN, Given, Knowledge
from cortex.past import Lesson, Past, beliefs, kind_of, lessons, with_knowledge
from cortex.topology import Topology

#: How many incidents the tables count for: in a share, in a leak, in a prior, and in how often one element fails.
SHARE_COUNTS, LEAK_COUNTS, PRIOR_COUNTS, ELEMENT_COUNTS = 20.0, 50.0, 10.0, 1.0
#: A learned leak stays within so many times the table's: strays of a large storm say little of a single alarm.
LEAK_MOVES = 10.0
#: Failures of one element from which it is more than chance, and the most that is made of it.
AGAIN, MOST_AGAIN = 2, 8.0
#: No share is ever certain.
LEAST_SHARE, MOST_SHARE = 0.005, 0.99
#: Fewer verdicts than this teach nothing; they are judged in so many parts, each by what the others teach.
FEWEST, PARTS = 5, 4
#: What a cause is given that was no candidate at all.
UNTHOUGHT = 1e-3


@dataclass(frozen=True, slots=True)
class Judged:
    """How well some numbers explain verdicts. `top_1`: share of causes named first. `nats`: mean log of what the
    true cause was given; 0 is perfect.
    """

    verdicts: int
    top_1: float
    nats: float


@dataclass(frozen=True, slots=True)
class Learned:
    """New numbers and what speaks for them. `held_out`: judged on verdicts they were not learned from; `in_use`: the
    version in use on the same. `untold`: verdicts that explain none of their alarms. `refused`: why not to use it.
    """

    knowledge: Knowledge
    verdicts: int
    incidents: int
    untold: int
    held_out: Judged
    in_use: Judged
    refused: str = ""


class TooFewError(ValueError):
    """There is not enough to learn from; says how much there is."""


def learn(topology: Topology, pasts: Sequence[Past], config: Config) -> Learned:
    """Numbers from all of these, judged against `config.knowledge`. TooFewError where too few verdicts can be
    learned from.
    """
    base = lessons(topology, pasts, with_knowledge(config, HAND_WRITTEN))
    usable = [each for each in base if each.is_told]
    spoken = [each for each in usable if each.past.is_verdict and each.past.cause is not None]
    if len(spoken) < FEWEST:
        raise TooFewError(
            f"There are {len(spoken)} verdicts on a cause that explain their alarms; it takes {FEWEST} to learn."
        )
    held_out = _held_out(topology, usable, config)
    in_use = judge(topology, spoken, config)
    return Learned(
        knowledge=fit(topology, usable),
        verdicts=len(spoken),
        incidents=len(usable),
        untold=sum(not each.is_told for each in base),
        held_out=held_out,
        in_use=in_use,
        refused=_refusal(held_out, in_use),
    )


def _refusal(held_out: Judged, in_use: Judged) -> str:
    """Why numbers are worse than those in use, or nothing."""
    if held_out.top_1 < in_use.top_1:
        return f"names the cause first in {held_out.top_1:.0%} of held-out verdicts, that in use in {in_use.top_1:.0%}"
    if held_out.nats < in_use.nats:
        return f"gives the true cause {held_out.nats:.3f} nats on held-out verdicts, that in use {in_use.nats:.3f}"
    return ""


def judge(topology: Topology, taught: Iterable[Lesson], config: Config) -> Judged:
    """How well `config.knowledge` explains these verdicts."""
    given, first = list[float](), list[bool]()
    for each in taught:
        cause = each.past.cause
        assert cause is not None
        believed = beliefs(topology, each.evidence, each.now, config, cause)
        given.append(log(max(believed.get(cause, 0.0), UNTHOUGHT)))
        first.append(bool(believed) and max(believed, key=lambda e: believed[e]) == cause)
    return Judged(len(given), sum(first) / len(first), sum(given) / len(given))


def _held_out(topology: Topology, usable: Sequence[Lesson], config: Config) -> Judged:
    """Every verdict judged by what the others teach, in a few parts."""
    verdicts = [each for each in usable if each.past.is_verdict and each.past.cause is not None]
    parts = list[Judged]()
    for part in range(PARTS):
        kept = verdicts[part::PARTS]
        if kept:
            seen = fit(topology, [each for each in usable if all(each is not other for other in kept)])
            parts.append(judge(topology, kept, with_knowledge(config, seen)))
    whole = sum(part.verdicts for part in parts)
    return Judged(
        whole,
        sum(part.top_1 * part.verdicts for part in parts) / whole,
        sum(part.nats * part.verdicts for part in parts) / whole,
    )


# -- the numbers


def fit(topology: Topology, taught: Sequence[Lesson]) -> Knowledge:
    """The tables moved by what these show; the tables themselves by nothing."""
    if not taught:
        return HAND_WRITTEN
    return replace(
        HAND_WRITTEN,
        given=_shares(taught),
        leaks=_leaks(taught),
        priors=_priors(topology, taught),
        elements=_elements(topology, taught),
    )


def _posterior(prior: float, counts: float, hits: float, tries: float) -> float:
    """The mean of a Beta posterior of which the prior counts for so many tries."""
    return (prior * counts + hits) / (counts + tries)


def _shares(taught: Sequence[Lesson]) -> dict[Given, float]:
    hits, tries = defaultdict[Given, float](float), defaultdict[Given, float](float)
    for each in taught:
        for key, share in each.heard.items():
            hits[key] += each.past.weight * share
            tries[key] += each.past.weight
    shares = {
        key: _posterior(prior, SHARE_COUNTS, hits[key], tries[key])
        for key in tries
        if (prior := HAND_WRITTEN.seen(*key))
    }
    return {key: min(MOST_SHARE, max(LEAST_SHARE, share)) for key, share in shares.items()}


def _leaks(taught: Sequence[Lesson]) -> dict[str, float]:
    tries = sum(each.past.weight for each in taught)
    hits = defaultdict[str, float](float)
    for each in taught:
        for kind in each.types:
            hits[alarm(kind).type] += each.past.weight * (kind in each.stray)
    return {
        kind: min(LEAK_MOVES * leak, max(leak / LEAK_MOVES, _posterior(leak, LEAK_COUNTS, stray, tries)))
        for kind, stray in hits.items()
        if (leak := HAND_WRITTEN.leak(kind))
    }


def _priors(topology: Topology, taught: Sequence[Lesson]) -> dict[tuple[str, str], float]:
    """How often a kind was the cause, against how often it was believed to be."""
    was, believed = defaultdict[tuple[str, str], float](float), defaultdict[tuple[str, str], float](float)
    for each in taught:
        if each.past.cause is not None and each.believed:
            was[kind_of(topology, each.past.cause)] += each.past.weight
            for element, share in each.believed.items():
                believed[kind_of(topology, element)] += each.past.weight * share
    return {
        key: HAND_WRITTEN.prior(*key) * (PRIOR_COUNTS + was[key]) / (PRIOR_COUNTS + believed[key])
        for key in sorted({*was, *believed})
    }


def _elements(topology: Topology, taught: Sequence[Lesson]) -> dict[str, float]:
    """Elements that were the cause again and again, by how much oftener than their kind. Only a person's word counts:
    what Cortex blames by itself would make it blame the same again.
    """
    times = Counter(each.past.cause for each in taught if each.past.is_verdict and each.past.cause is not None)
    again = {element: count for element, count in times.items() if count >= AGAIN}
    if not again:
        return {}
    there = Counter(kind_of(topology, element) for element in range(topology.size))
    of_kind = Counter[tuple[str, str]]()
    for element, count in times.items():
        of_kind[kind_of(topology, element)] += count
    return {
        topology.name(e): _oftener(count, of_kind[k := kind_of(topology, e)] / there[k]) for e, count in again.items()
    }


def _oftener(count: int, usual: float) -> float:
    """How many times as often as its kind an element fails; `usual`: failures per element of the kind."""
    return min(MOST_AGAIN, (ELEMENT_COUNTS + count) / (ELEMENT_COUNTS + usual))
