"""What can be learned from who speaks when: owners of loopbacks, and a weak hint that two devices are related.

Both ends of a session speak of its loss within seconds, so the device that keeps speaking when an address is
lost, and never names that address itself, is likely the one that holds it. Devices whose bursts coincide far
more often than chance are hinted at as related, nothing more: they may share a site, a maintenance window, a poll.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from scipy.stats import false_discovery_control, hypergeom

from cortex.adjacency.ends import plain
from cortex.adjacency.learner import Heard, Learner

#: Seconds within which two ends speak of one loss where both saw it at once; a hold time may part them further.
TOGETHER = 3.0
#: An owner must have been there in at least so many separate losses, and in this share of all.
LOSSES, SHARE = 3, 0.8
#: Seconds of one slot in which devices are taken to speak together.
SLOT = 30.0
#: Share of the hints that may be false (Benjamini and Hochberg, 1995), and the least number of common slots.
FALSE_HINTS, COMMON = 0.01, 3


class Hint(NamedTuple):
    """Two devices that speak in the same slots: in `common` of them, where chance would give `expected`."""

    a: str
    z: str
    common: int
    expected: float
    p_value: float


def owners_by_timing(learner: Learner, heard: Sequence[Heard]) -> dict[str, str]:
    """Owners of addresses that no link's numbering tells, with too little evidence left out."""
    times: dict[str, list[float]] = defaultdict(list)
    losses: dict[str, list[float]] = defaultdict(list)
    for each in sorted(heard, key=lambda h: h.at):
        times[each.device].append(each.at)
        peer = plain(each.peer)
        is_open = learner.owner(peer) is None and len(learner.namers[peer]) > 1
        if is_open and not each.cleared and not (losses[peer] and each.at - losses[peer][-1] <= TOGETHER):
            losses[peer].append(each.at)
    found = {peer: _present(times, learner.namers[peer], at) for peer, at in losses.items() if len(at) >= LOSSES}
    return {peer: device for peer, device in found.items() if device is not None}


def _present(times: Mapping[str, list[float]], namers: set[str], losses: Sequence[float]) -> str | None:
    """The one device, not among the namers, that spoke in most of these moments, clearly ahead of the next."""
    seen = Counter(
        {device: sum(_spoke(own, at) for at in losses) for device, own in times.items() if device not in namers}
    )
    (first, best), (_, second) = [*seen.most_common(2), ("", 0), ("", 0)][:2]
    return first if best >= SHARE * len(losses) and second <= best / 2 else None


def _spoke(times: Sequence[float], at: float) -> bool:
    return bisect_right(times, at + TOGETHER) > bisect_left(times, at - TOGETHER)


def hints(spoke: Iterable[tuple[str, float]]) -> list[Hint]:
    """Pairs of devices that speak together more often than chance, the surest first.

    Each device's slots are taken as drawn from all slots in which anybody spoke, which is what makes a storm
    heard by all no evidence for any pair. Fisher's exact test, and the share of false hints held at FALSE_HINTS.
    """
    slots: dict[str, set[int]] = defaultdict(set)
    for device, at in spoke:
        slots[device].add(int(at // SLOT))
    whole = len(set().union(*slots.values())) if slots else 0
    pairs = [(a, z, len(slots[a] & slots[z])) for a, z in combinations(sorted(slots), 2)]
    pairs = [pair for pair in pairs if pair[2] >= COMMON]
    if not pairs:
        return []
    chances = [float(hypergeom.sf(n - 1, whole, len(slots[a]), len(slots[z]))) for a, z, n in pairs]
    kept = false_discovery_control(chances)
    found = [
        Hint(a, z, n, len(slots[a]) * len(slots[z]) / whole, p)
        for (a, z, n), p, q in zip(pairs, chances, kept, strict=True)
        if q <= FALSE_HINTS
    ]
    return sorted(found, key=lambda hint: (hint.p_value, hint.a, hint.z))
