"""How far apart the clocks of neighbours are, learned from both ends' words about the same sessions.

A file of recorded messages may be stamped in a zone that nobody stated. Both ends of a session see it come and
go within seconds, and so do all neighbours of one router; the difference that most of the pairs agree on is
the difference of the clocks. Only whole quarters of an hour are taken for a zone: what is less is skew.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cortex.adjacency.ends import others_of, plain

#: Zones differ by whole quarters of an hour, by 26 hours at most (UTC-12 to UTC+14).
QUARTER, FURTHEST = 900.0, 26 * 3600.0
#: How far from a whole quarter a pair may be and still count, in seconds.
LEEWAY = 20.0
#: At least so many pairs of messages must agree, and so many times more than agree that there is no difference.
AGREE, RATIO = 4, 3.0


class Change(NamedTuple):
    """A session came or went, at one end: `up` or not. `at` by that device's clock, epoch seconds."""

    device: str
    peer: str
    up: bool
    at: float
    peer_as: str = ""


def zone_errors(changes: Iterable[Change]) -> dict[str, float]:
    """Devices whose clock is off by a zone, and by how many seconds it is ahead; the majority is right.

    Found one after another: a device that is mended is a witness for the next.
    """
    changes = list(changes)
    votes = _votes(_by_end(changes), {plain(change.peer): change.peer_as for change in changes})
    off: dict[str, float] = {}
    for _ in range(len(votes)):
        worst = max(((_verdict(votes[d], off), d) for d in votes if d not in off), default=None)
        if worst is None or worst[0][0] <= 0:
            break
        off[worst[1]] = worst[0][1]
    return off


_Ends = dict[tuple[str, str, bool], list[float]]
_Votes = dict[str, dict[str, Counter[float]]]


def _by_end(changes: Iterable[Change]) -> _Ends:
    found: _Ends = defaultdict(list)
    for change in changes:
        found[change.device, plain(change.peer), change.up].append(change.at)
    return {end: sorted(times) for end, times in found.items()}


def _votes(ends: _Ends, as_of: Mapping[str, str]) -> _Votes:
    """Per device and witness, how many pairs of messages fit each difference in quarters of an hour."""
    at_end: dict[tuple[str, bool], list[tuple[str, list[float]]]] = defaultdict(list)
    in_as: dict[tuple[str, bool], list[tuple[str, list[float]]]] = defaultdict(list)
    for (device, peer, up), times in ends.items():
        at_end[peer, up].append((device, times))
        if as_of[peer]:
            in_as[as_of[peer], up].append((device, times))
    votes: _Votes = defaultdict(lambda: defaultdict(Counter))
    for (device, peer, up), times in ends.items():
        far = [end for other in others_of(peer)[:1] for end in at_end.get((other.address, up), ())]
        for witness, theirs in far or in_as.get((as_of[peer], up), []):
            if witness != device:
                for each in times:
                    votes[device][witness].update(_differences(each, theirs))
    return votes


def _differences(at: float, theirs: list[float]) -> set[float]:
    near = theirs[bisect_left(theirs, at - FURTHEST) : bisect_left(theirs, at + FURTHEST)]
    quarters = ((at - other, round((at - other) / QUARTER) * QUARTER) for other in near)
    return {quarter for exact, quarter in quarters if abs(exact - quarter) <= LEEWAY}


def _verdict(votes: Mapping[str, Counter[float]], off: Mapping[str, float]) -> tuple[float, float]:
    """How clearly a device's clock is off, and by how much; 0 where it is not."""
    sum_: Counter[float] = Counter()
    for far, counter in votes.items():
        for difference, count in counter.items():
            sum_[difference + off.get(far, 0.0)] += count
    best = max(sum_, key=lambda d: (sum_[d], -abs(d)), default=0.0)
    if best == 0.0 or sum_[best] < max(AGREE, RATIO * sum_[0.0]):
        return 0.0, 0.0
    return sum_[best] / (1 + sum_[0.0]), best
