"""Do subscribers contact us about no service more than chance explains, and what do those who do have in common?

A scan over places (everyone, zones, BNGs, access sites): in each, how likely are so many contacts where so many
are usual? The usual rate is itself known only from so many contacts in so much time, so the tail is that of a
negative binomial (a Poisson whose rate has a gamma posterior). The least likely place is named; where the rest
of the network calls too, nothing in common is named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import nbinom

#: P(by chance) of the least likely of all places, from which contacts are a cluster; and fewest contacts of one.
BY_CHANCE, FEWEST = 1e-5, 5
#: The place that holds everyone.
EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """Contacts there were in earlier times: `contacts` of `line_hours` (lines times hours watched)."""

    contacts: float
    line_hours: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """More contacts at a place than chance explains: EVERYWHERE when they have nothing else in common."""

    place: str
    contacts: int
    expected: float
    by_chance: float


def chance(contacts: int, line_hours: float, usual: Usual) -> float:
    """P(at least so many contacts of so many line hours), the usual rate known only from what was seen of it."""
    if contacts <= 0:
        return 1.0
    shape = usual.contacts + 0.5
    return float(nbinom.sf(contacts - 1, shape, usual.line_hours / (usual.line_hours + line_hours)))


def find(contacts: Sequence[frozenset[str]], lines: Mapping[str, int], hours: float, usual: Usual) -> Cluster | None:
    """The cluster in the contacts of the last `hours`: each contact is the set of places it comes from.

    `lines`: how many lines each place has, EVERYWHERE among them. None where chance will do, or history is short.
    """
    if usual.line_hours < 24 * lines.get(EVERYWHERE, 0) or not lines:
        return None
    best = _least_likely(contacts, lines, hours, usual)
    if best is None or best.place == EVERYWHERE:
        return best
    rest = [places for places in contacts if best.place not in places]
    others = {EVERYWHERE: lines[EVERYWHERE] - lines[best.place]}
    elsewhere = _least_likely(rest, others, hours, usual)
    if elsewhere is None:
        return best
    return _cluster(EVERYWHERE, len(contacts), lines[EVERYWHERE] * hours, usual)


def _least_likely(
    contacts: Sequence[frozenset[str]], lines: Mapping[str, int], hours: float, usual: Usual
) -> Cluster | None:
    counts: dict[str, int] = {EVERYWHERE: len(contacts)}
    for places in contacts:
        for place in places - {EVERYWHERE}:
            counts[place] = counts.get(place, 0) + 1
    found = [
        _cluster(place, count, lines[place] * hours, usual)
        for place, count in counts.items()
        if count >= FEWEST and place in lines
    ]
    likely = min(found, key=lambda c: (c.by_chance, lines[c.place]), default=None)
    return likely if likely and likely.by_chance * len(lines) < BY_CHANCE else None


def _cluster(place: str, contacts: int, line_hours: float, usual: Usual) -> Cluster:
    expected = usual.contacts / usual.line_hours * line_hours
    return Cluster(place, contacts, expected, chance(contacts, line_hours, usual))
