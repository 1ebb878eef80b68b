"""Which fault modes fit a group's alarms, at the few places its signs have in common, and by how many nats.

First the alarms that can start a mode are laid to its places; where they are enough, and near enough in time, the
mode is weighed there with all its signs. Places that lack them cost nothing more.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
import numpy.typing as npt

from cortex.evidence import Relation, alarm
from cortex.likelihood import LINES, Case
from cortex.modes import MODES
from cortex.modes.row import Against, Hits, Mode, Sign, Where
from cortex.modes.spots import Spot, Spots, starters

#: Places weighed in full, those with the most signs first.
MOST = 24
_STARTERS = starters(MODES)

ZONE = frozenset({"zone"})

Shown = dict[int, list[int]]  # element, or the unit it counts as -> places in `Case.evidence`


@dataclass(frozen=True, slots=True)
class Fit:
    """A mode at a place: how much speaks for it, what it explains, and which elements show which sign."""

    mode: Mode
    spot: Spot
    nats: float
    explained: frozenset[int]
    shown: Mapping[str, tuple[int, ...]]
    dead: tuple[int, ...] = ()
    refuted: int = 0

    @property
    def total(self) -> float:
        """Evidence and prior together."""
        return self.nats + log(self.mode.prior)


@dataclass(slots=True)
class _Tally:
    """Signs of one mode at one place, by their place in `Mode.signs`."""

    mode: Mode
    spot: Spot
    shown: dict[int, Shown] = field(default_factory=dict)

    def take(self, sign: int, unit: int, place: int) -> None:
        self.shown.setdefault(sign, {}).setdefault(unit, []).append(place)

    def of(self, kind: str) -> set[int]:
        """Units that show this type in any relation."""
        return {unit for at, shown in self.shown.items() if self.mode.signs[at].type == kind for unit in shown}


def fits(case: Case, spots: Spots) -> list[Fit]:
    """The modes worth a thought, the best first; of one mode that explains the same at several places the nearest."""
    found = weighed(case, spots)
    found.sort(key=lambda fit: (-round(fit.total, 6), -spots.depth(fit.spot), fit.spot))
    seen: set[tuple[str, frozenset[int]]] = set()
    return [f for f in found if f.total > 0 and not _again(seen, (f.mode.name, f.explained))]


def weighed(case: Case, spots: Spots) -> list[Fit]:
    """Every mode whose needed signs are there, with what speaks for and against it; at most `MOST`."""
    tallies = [t for t in _started(case, spots) if _is_enough(case, spots, t)]
    if not tallies:
        return []
    tallies.sort(key=lambda t: -sum(len(shown) for shown in t.shown.values()))
    by_type = _by_type(case)
    return [_weighed(case, spots, tally, by_type) for tally in tallies[:MOST]]


def _again(seen: set[tuple[str, frozenset[int]]], one: tuple[str, frozenset[int]]) -> bool:
    if one in seen:
        return True
    seen.add(one)
    return False


def subject(case: Case, place: int) -> int:
    """Whom an alarm speaks of: its element, or the link or risk where no element is known."""
    e = case.evidence[place]
    return e.element if e.element >= 0 else e.about


# -- which modes are worth a thought


def _started(case: Case, spots: Spots) -> Iterable[_Tally]:
    tallies: dict[tuple[str, Spot], _Tally] = {}
    for place, e in enumerate(case.evidence):
        for mode, sign in _STARTERS.get(e.type, ()):
            for spot in spots.of(e, mode.signs[sign].where, mode.kinds):
                tally = tallies.setdefault((mode.name, spot), _Tally(mode, spot))
                tally.take(sign, unit_of(spots, mode.signs[sign], subject(case, place)), place)
    return tallies.values()


def unit_of(spots: Spots, sign: Sign, element: int) -> int:
    """The element, or what it counts as."""
    topology = spots.topology
    if not sign.unit or element >= topology.vertices or topology.kind(element) in sign.unit:
        return element
    return next((v for v in topology.ancestors(element) if topology.kind(v) in sign.unit), element)


def _is_enough(case: Case, spots: Spots, tally: _Tally) -> bool:
    """Whether one of the sets of signs the mode needs is there: number, branches, share, and in time."""
    mode = tally.mode
    for need in mode.needs:
        if all(_count(case, tally, kind) >= least for kind, least in need.items()):
            units = {unit for kind in need for unit in tally.of(kind)}
            if len(units) >= least_share(mode, need, spots.below(tally.spot)) and _is_spread(spots, tally, need):
                return True
    return False


def least_share(mode: Mode, need: Mapping[str, int], lines: int) -> float:
    """How many of so many lines must show a needed sign; one that is enough alone needs no company."""
    return mode.share * lines if sum(need.values()) > 1 else 0.0


def _count(case: Case, tally: _Tally, kind: str) -> int:
    """How many units showed it within the mode's time."""
    first: dict[int, float] = {}
    for at, shown in tally.shown.items():
        if tally.mode.signs[at].type == kind:
            for unit, places in shown.items():
                first[unit] = min(first.get(unit, float("inf")), *(case.evidence[i].at for i in places))
    times = sorted(first.values())
    return max((i + 1 - bisect_left(times, at - tally.mode.within) for i, at in enumerate(times)), default=0)


def _is_spread(spots: Spots, tally: _Tally, need: Mapping[str, int]) -> bool:
    """Whether the signs lie on as many branches as they must."""
    for at, shown in tally.shown.items():
        sign = tally.mode.signs[at]
        if sign.spread == 1 or sign.type not in need or tally.spot.kind != "element":
            continue
        if len({spots.branch(unit, tally.spot.id) for unit in shown}) < sign.spread:
            return False
    return True


# -- how well one fits


@dataclass(frozen=True, slots=True)
class _Kind:
    """The alarms of one type, and where they lie along the tour; -1 where nowhere."""

    places: tuple[int, ...]
    at: npt.NDArray[np.int64]


def _by_type(case: Case) -> dict[str, _Kind]:
    places: dict[str, list[int]] = {}
    for i, e in enumerate(case.evidence):
        places.setdefault(e.type, []).append(i)
    vertices = case.topology.vertices
    found = {}
    for kind, rows in places.items():
        subjects = [subject(case, i) for i in rows]
        known = np.asarray([v if v < vertices else 0 for v in subjects], dtype=np.int64)
        at = np.where(np.asarray(subjects) < vertices, case.tin[known], -1)
        found[kind] = _Kind(tuple(rows), at)
    return found


def _weighed(case: Case, spots: Spots, tally: _Tally, by_type: Mapping[str, _Kind]) -> Fit:
    mode, spot = tally.mode, tally.spot
    for place, sign in enumerate(mode.signs):
        if place not in tally.shown:
            for i in _lying(case, spots, spot, mode, sign.type, sign.where, by_type):
                tally.take(place, unit_of(spots, sign, subject(case, i)), i)
    explained = {i for shown in tally.shown.values() for places in shown.values() for i in places}
    dead = _dead(case, tally) if mode.hits is Hits.DEAD else ()
    nats = sum(_sign(case, spots, tally, place) for place in range(len(mode.signs)))
    if dead:
        nats += _died(case, dead, explained)
        explained |= _follows(case, dead)
    nats += _unsaid(case, spots, tally, by_type)
    counts = [(row, _counted(case, spots, tally, row, by_type)) for row in mode.against]
    nats -= sum(row.nats * min(row.most, count) for row, count in counts)
    shown = {kind: tuple(sorted(tally.of(kind))) for kind in dict.fromkeys(s.type for s in mode.signs)}
    refuted = sum(count for _, count in counts)
    return Fit(mode, spot, nats, frozenset(explained), {k: v for k, v in shown.items() if v}, dead, refuted)


def _lying(
    case: Case, spots: Spots, spot: Spot, mode: Mode, kind: str, where: Where, by_type: Mapping[str, _Kind]
) -> list[int]:
    """The alarms of a type that stand in that relation to the place."""
    rows = by_type.get(kind)
    if rows is None:
        return []
    if where is Where.BELOW:
        if spot.kind != "element" or spot.id >= case.topology.vertices:
            return []
        tour = case.topology.tour
        inside = (rows.at > tour.tin[spot.id]) & (rows.at < tour.tout[spot.id])
        return [rows.places[i] for i in np.flatnonzero(inside).tolist()]
    if where is Where.AREA and spot.kind == "element":
        spot, around = Spot("zone", spots.zone(spot.id)), ZONE
        return [i for i in rows.places if spot in spots.of(case.evidence[i], where, around)]
    return [i for i in rows.places if spot in spots.of(case.evidence[i], where, mode.kinds)]


def _sign(case: Case, spots: Spots, tally: _Tally, place: int) -> float:
    """Nats for a sign at all that show it, less what its absence elsewhere takes away."""
    sign = tally.mode.signs[place]
    row = alarm(sign.type)
    count = len(tally.shown.get(place, ()))
    leak = case.config.knowledge.leak(sign.type)
    is_counted = tally.mode.hits is Hits.DEAD and sign.type == "unreachable"  # by the case for the dead devices
    nats = 0.0 if is_counted else count * log((sign.given + (1 - sign.given) * leak) / leak)
    if not sign.is_expected:
        return nats
    there = _population(spots, tally.spot, sign.where)
    missing = max(0, there - count) * min(1.0, LINES / max(1, there))
    return nats + missing * log(1 - sign.given * case.ramp(row.delay))


def _population(spots: Spots, spot: Spot, where: Where) -> int:
    """How many could show a sign."""
    topology = spots.topology
    match where:
        case Where.BELOW:
            return spots.below(spot)
        case Where.SITE:
            return sum(topology.is_device(node) for node in spots.nodes(spot))
        case Where.END:
            return sum(topology.is_device(n) for n in topology.ends(spot.id)) if topology.is_link(spot.id) else 1
        case Where.ITSELF:
            return 1
    return 0


def _unsaid(case: Case, spots: Spots, tally: _Tally, by_type: Mapping[str, _Kind]) -> float:
    """Nats for what a dead element would have made its ends say by now, and nobody said."""
    row = tally.mode.unsaid
    if row is None or _counted(case, spots, tally, Against(row.types, Where.END, 0.0), by_type):
        return 0.0
    return row.nats * _population(spots, tally.spot, Where.END) * case.ramp(5.0)


def _counted(case: Case, spots: Spots, tally: _Tally, row: Against, by_type: Mapping[str, _Kind]) -> int:
    """How many elements speak against the mode."""
    found: set[int] = set()
    for kind in row.types:
        places = _lying(case, spots, tally.spot, tally.mode, kind, row.where, by_type)
        found.update(subject(case, i) for i in places)
    return len(found)


# -- devices that died of it


def _dead(case: Case, tally: _Tally) -> tuple[int, ...]:
    silent = tally.of("unreachable")
    return tuple(sorted(i for i in silent if case.topology.is_device(i)))


def _died(case: Case, dead: Sequence[int], own: Iterable[int]) -> float:
    """The case for these devices being dead, without what they said, which the mode's own signs count."""
    said = sum(
        case.weight(e.type, Relation.ITSELF, True)
        for e in (case.evidence[i] for i in own)
        if e.element in dead and e.type != "unreachable"
    )
    return case.score(dead).nats - said


def _follows(case: Case, dead: Sequence[int]) -> set[int]:
    """The alarms that follow from their death."""
    explained = case.explained(dead, case.score(dead))
    return {case.bulk[i] for lo, hi in explained.runs for i in range(lo, hi)} | explained.apart
