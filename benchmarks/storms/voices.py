"""What the network says, and when, as its state changes from one set of failures to the next.

The live end of a lost link loses its light, its port, BFD, the IGP, LDP; a router that still forwards nothing but
shines (`hung`) is missed by timers only. Route reflectors miss whoever they can't reach by their hold time (RFC 4271).
OLT, CMTS and tower name the lines they lost; the poller misses devices, accounting misses lines. Whoever is cut off
says so when it is back.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.storms.world import ACCESS, LINES, POLLED, ROUTED, World

SYSLOG, TRAP, POLLER, RADIUS = "syslog", "snmp-trap", "poller", "radius"
#: An ONT's last words are best effort: the share that comes through.
GASPS = 0.6
#: Share of lines whose accounting is missed; others have been idle or had just spoken.
INTERIMS = 0.85


class Said(NamedTuple):
    """One alarm: `after` the change (s), by the clock of `speaker` ("" is ours); `kept` until its speaker is back."""

    element: str
    type: str
    about: str
    feed: str
    after: float
    speaker: str
    kept: bool = False

    @property
    def witness(self) -> tuple[str, str, str]:
        """What it says, whenever it does."""
        return (self.element, self.type, self.about)


@dataclass(frozen=True, slots=True)
class State:
    """What has failed: `dark` elements give no light, `hung` nodes do nothing but shine; `down`: all cut off."""

    dark: frozenset[str]
    hung: frozenset[str]
    down: frozenset[str]

    @classmethod
    def of(cls, world: World, dark: frozenset[str], hung: frozenset[str]) -> "State":
        """The state of these failures."""
        return cls(dark, hung, frozenset(world.cut_off(dark | hung)))

    @property
    def failed(self) -> frozenset[str]:
        """All that failed."""
        return self.dark | self.hung


def heard(world: World, before: State, after: State, rng: random.Random) -> Iterator[Said]:
    """Everything that is said of this change."""
    newly = after.down - before.down
    yield from _ends(world, before, after, rng)
    yield from _reflectors(world, before, after, rng)
    yield from _lines(world, newly, after, rng)
    for node in sorted(newly):
        if world.nodes[node].kind in POLLED:
            yield Said(node, "unreachable", "", POLLER, rng.uniform(0.0, world.habits.poll) + 10.0, "")
        elif world.nodes[node].kind in LINES and rng.random() < INTERIMS:
            after_s = rng.uniform(1.0, 2.0) * world.habits.interim
            yield Said(node, "radius-interim-missing", "", RADIUS, after_s, "")


def _lost(world: World, state: State) -> dict[str, bool]:
    """Links that carry nothing; True where they give no light either."""
    lost = {link: False for node in state.hung for link in world.links_of.get(node, ())}
    lost |= {link: True for node in state.dark for link in world.links_of.get(node, ())}
    return lost | dict.fromkeys(world.dead_links(state.dark), True)


def _ends(world: World, before: State, after: State, rng: random.Random) -> Iterator[Said]:
    known = _lost(world, before)
    for name, dark in sorted(_lost(world, after).items()):
        link = world.links[name]
        if known.get(name) == dark or link.kind in ("internal", "coax"):
            continue
        for end in (link.a, link.z):
            if end not in after.failed and world.nodes[end].kind in ROUTED | ACCESS:
                kept = end in after.down
                yield from _one_end(world, end, name, dark, kept, rng)


def _one_end(world: World, end: str, link: str, dark: bool, kept: bool, rng: random.Random) -> Iterator[Said]:
    habits, other = world.habits, world.across(link, end)
    kinds = {world.nodes[end].kind, world.nodes[other].kind}
    if dark:
        if world.links[link].kind == "fibre":
            yield Said(end, "loss-of-signal", link, TRAP, rng.uniform(0.0, 0.05), end, kept)
        if kinds & {"pon_port", "splitter", "sector", "fibre_node"}:
            return
        yield Said(end, "link-down", link, SYSLOG, rng.uniform(0.05, 2.0), end, kept)
    slow = 0.0 if dark else habits.hold * rng.uniform(0.7, 1.0)
    routed = kinds <= ROUTED
    if routed:
        yield Said(end, "bfd-session-down", other, SYSLOG, habits.bfd * rng.uniform(0.7, 1.3), end, kept)
        yield Said(end, "ldp-session-down", other, SYSLOG, slow + rng.uniform(0.3, 5.0), end, kept)
    if routed or (habits.igp_to_access and kinds <= ROUTED | ACCESS):
        yield Said(end, habits.igp, other, SYSLOG, slow + rng.uniform(0.1, 2.0), end, kept)
    if "transit" in kinds:
        hold = habits.bgp_hold * rng.uniform(0.67, 1.0)
        yield Said(end, "bgp-peer-down", other, SYSLOG, rng.uniform(0.1, 1.0) if dark else hold, end, kept)


def _reflectors(world: World, before: State, after: State, rng: random.Random) -> Iterator[Said]:
    """Sessions of every router with both route reflectors."""
    newly = after.down - before.down
    for reflector in world.habits.reflectors:
        for node in world.routed if newly.intersection(world.routed) else ():
            if node == reflector or not {node, reflector} & newly:
                continue
            hold = world.habits.bgp_hold * rng.uniform(0.67, 1.0)
            for end, other in ((reflector, node), (node, reflector)):
                if end not in after.failed and (other in newly) and end not in after.down:
                    yield Said(end, "bgp-peer-down", other, SYSLOG, hold, end)


def _lines(world: World, newly: frozenset[str], after: State, rng: random.Random) -> Iterator[Said]:
    """What live access devices say of the lines they lost."""
    lost: dict[str, list[str]] = {}
    for node in sorted(newly):
        if world.nodes[node].kind in LINES:
            lost.setdefault(_serving(world, node), []).append(node)
    for serving, lines in lost.items():
        kind = world.nodes[serving].kind
        device = serving if kind in ACCESS else world.across(world.nodes[serving].up, serving)
        if device in after.down:
            continue
        if kind == "pon_port":
            in_the_dark = all(line in after.down for line in world.lines_under(serving))
            if in_the_dark:
                yield Said(serving, "pon-loss-of-signal", "", TRAP, rng.uniform(0.0, 0.2), device)
            if not in_the_dark or world.habits.names_onts:
                for line in lines:
                    yield Said(line, "ont-loss-of-signal", "", TRAP, rng.uniform(0.1, 3.0), device)
        else:
            name, low, high = ("modem-offline", 20.0, 60.0) if kind == "cmts" else ("cpe-lost", 5.0, 30.0)
            for line in lines:
                yield Said(line, name, "", TRAP, rng.uniform(low, high), device)


def _serving(world: World, line: str) -> str:
    """The PON port, CMTS or tower of a line."""
    node = line
    while world.nodes[node].kind not in ACCESS and world.nodes[node].kind != "pon_port":
        node = world.across(world.nodes[node].up, node)
    return node


def gasps(lines: list[str], rng: random.Random) -> Iterator[Said]:
    """The last words of ONTs whose mains fail together."""
    for line in lines:
        if rng.random() < GASPS:
            yield Said(line, "ont-dying-gasp", "", TRAP, rng.uniform(0.0, 1.0), "")
