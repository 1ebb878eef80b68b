"""The demo's exporters: what BNGs, servers and probes measure, by the minute, with whatever is broken in it.

They measure what they could: a BNG that is cut off posts nothing, one that misses its RADIUS counts time-outs and
asks three times as often. Nothing here knows of Cortex; the numbers go through the same door as anybody's.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from atlas.demo.gear.nas import Line
from atlas.demo.gear.world import Reach, World
from atlas.demo.vitals import Cast, Meter, draw, meters
from atlas.network.enums import Metric

#: Seconds between two posts.
EVERY = 60.0
Post = Callable[[list[dict[str, Any]]], Awaitable[None]]

#: How much traffic is left: without names, without NAT ports, at a BNG that lost its sessions, beyond a dead transit.
NO_NAMES, NO_PORTS, NO_SESSIONS, NO_ROUTES = 0.3, 0.5, 0.08, 0.03
#: How much more often is asked what does not answer.
RETRIES = 3.0


@dataclass(frozen=True)
class Broken:
    """What does not work: servers by name, whether broken or cut off, BNGs that lost their sessions, lines lost."""

    names: frozenset[str]
    cut_off: frozenset[str]
    online: dict[str, float]

    def all_of(self, servers: Collection[str]) -> bool:
        """Whether there are any of these, and none is left."""
        return bool(servers) and set(servers) <= self.names


class Seen(NamedTuple):
    """How a measurement differs from the usual: so many times as much, and this part fails (None: as usual)."""

    times: float = 1.0
    part: float | None = None


def broken(faults: Iterable[str], cast: Cast, world: World, reach: Reach, lines: list[Line]) -> Broken:
    """What does not work, given the faults that people have set and what the network reaches."""
    kinds = {"radius": cast.radius, "dhcp": cast.dhcp, "dns": cast.dns, "transit": cast.transits, "cgnat": cast.cgnats}
    names: set[str] = set()
    for fault in faults:
        if fault.startswith("service:"):
            name = fault.removeprefix("service:")
            names.update(kinds.get(name, (name,)))
    servers = {*cast.radius, *cast.dhcp, *cast.dns, *cast.cgnats, *cast.transits, *cast.bngs}
    cut_off = {n for n in servers if n in world.by_name and not reach.up[world.by_name[n]]}
    whole: dict[str, int] = {}
    up: dict[str, int] = {}
    for line in lines:
        bng = world.nodes[line.nas].name
        whole[bng] = whole.get(bng, 0) + 1
        up[bng] = up.get(bng, 0) + bool(reach.up[line.node] and reach.up[line.nas])
    return Broken(frozenset(names | cut_off), frozenset(cut_off), {b: up[b] / n for b, n in whole.items()})


class Exporters:
    """Measures and posts, once a minute."""

    def __init__(self, cast: Cast, post: Post, seed: int = 1) -> None:
        self.cast, self.post = cast, post
        self.broken = Broken(frozenset(), frozenset(), {})
        self._meters = meters(cast)
        self._rng = np.random.default_rng(seed)
        self._nat_of = {bng: cgnat for cgnat, bngs in cast.cgnats.items() for bng in bngs}

    def measure(self, at: datetime) -> list[dict[str, Any]]:
        """The measurements of the last minute."""
        found = []
        for meter in self._meters:
            seen = self._seen(meter)
            if seen is None:
                continue
            value, total = draw(meter, at, self._rng, times=seen.times, part=seen.part)
            row = {"element": meter.element, "metric": meter.metric.value, "value": value, "at": at.isoformat()}
            if total is not None:
                row["total"] = total
            found.append(row | ({"about": meter.about} if meter.about else {}))
        return found

    def _seen(self, meter: Meter) -> Seen | None:
        """What this meter shows now; None where nobody is there to post it."""
        now = self.broken
        if meter.element in now.cut_off:
            return None
        if meter.metric is Metric.TRAFFIC:
            return Seen(self._traffic(meter.element))
        if meter.metric is Metric.PREFIXES:
            return Seen(0.01 if meter.element in now.names else 1.0)
        if meter.metric is Metric.NAT_FAILURES:
            return Seen(part=0.6) if meter.element in now.names else Seen(self._online(meter.element))
        if meter.metric is Metric.PROBE_FAILURES:
            return Seen(part=0.97) if self._is_dark(meter.about) else Seen()
        return self._asked(meter)

    def _asked(self, meter: Meter) -> Seen:
        """A BNG that asks a server: answered, or not, or it can't ask."""
        now, is_rejects = self.broken, meter.metric is Metric.AUTH_REJECTS
        is_dead = meter.about in now.names or meter.element in now.names
        if is_dead and is_rejects:
            return Seen(0.0)  # nobody answers, not even no
        if is_dead and not (meter.element in now.names and meter.metric is Metric.DNS_FAILURES):
            return Seen(RETRIES, 0.98)
        if meter.metric is Metric.DNS_FAILURES and now.all_of(self.cast.transits):
            return Seen(RETRIES, 0.9)
        return Seen()

    def _is_dark(self, about: str) -> bool:
        """Whether a probe of this fails: a transit or BNG that is broken; from homes also for want of names."""
        now = self.broken
        if about in now.names:
            return True
        return about in self.cast.bngs and (now.all_of(self.cast.transits) or now.all_of(self.cast.dns))

    def _traffic(self, element: str) -> float:
        """How much of the usual goes through an element."""
        now = self.broken
        transits = [t for t in self.cast.transits if t not in now.names]
        world = 1.0 if transits else NO_ROUTES
        names = NO_NAMES if now.all_of(self.cast.dns) and transits else 1.0
        if element in self.cast.transits:
            share = len(self.cast.transits) / len(transits) if element in transits else NO_ROUTES
            return share * names * self._online(element)
        if element in self.cast.cgnats:
            ports = NO_PORTS if element in now.names else 1.0
            return world * names * ports * self._online(element)
        own = NO_SESSIONS if element in now.names else now.online.get(element, 1.0)
        ports = NO_PORTS if self._nat_of.get(element) in now.names else 1.0
        return world * names * own * (1.0 + ports) / 2

    def _online(self, element: str) -> float:
        """The share of the lines behind a transit or a CGNAT that are online."""
        bngs = self.cast.cgnats.get(element, self.cast.bngs)
        whole = sum(self.cast.bngs.get(b, 0) for b in bngs)
        up = sum(self.cast.bngs.get(b, 0) * self.broken.online.get(b, 1.0) * (b not in self.broken.names) for b in bngs)
        return up / whole if whole else 1.0
