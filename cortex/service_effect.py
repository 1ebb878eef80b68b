"""What subscribers notice of a failed service, and the sentences that say why and what to expect.

A line that is up outlives its RADIUS and its DHCP server: it stays until its session or lease ends, and can't
come back then. Names and transit are missed by everyone within seconds. Without NAT new IPv4 connections fail,
while IPv6 goes on. A BNG that no longer holds its sessions takes its lines with it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from cortex.dependencies import Dependencies
from cortex.evidence import alarm
from cortex.explain import listed, short
from cortex.finding import Effect
from cortex.group import Evidence
from cortex.impact import NO_IMPACT, Impact, Weights, measure_nodes
from cortex.service_faults import Answer, Suspect
from cortex.topology import Topology
from cortex.tour import Ints

#: Share of a BNG's traffic that is gone from which its lines count as cut off.
GONE = 0.5
SUBSCRIBERS = "subscribers"

MODES = {
    "authentication-timeouts": "does not answer",
    "authentication-rejects": "rejects",
    "dhcp-failures": "gives no addresses",
    "dns-failures": "does not resolve names",
    "nat-ports-exhausted": "ports exhausted",
    "bgp-prefixes-lost": "routes lost beyond our network",
    "probe-failed": "unreachable from outside",
}
#: What it means for the lines of which no provider is left.
MEANS = {
    "authentication": "lines that are on stay on until their session ends and can't come back then; sessions missing"
    " from accounting are not taken for dead",
    "addresses": "lines keep their address until the lease ends and get none after that; new lines come up without",
    "names": "nothing opens by name, which to subscribers is no internet",
    "nat": "new IPv4 connections fail, IPv6 goes on",
    "routes": "nothing outside our network can be reached",
    "": "its lines lose their sessions, or can't start new ones",
}
LEFT = {
    "routes": "others carry its traffic: theirs to mend, not ours",
}


@dataclass(frozen=True, slots=True)
class Felt:
    """What is felt of a failure: the effect, who is cut off, how many subscribers are badly served, and in words."""

    effect: Effect
    impact: Impact
    degraded: int
    words: str


def mode_of(suspect: Suspect, evidence: Sequence[Evidence]) -> str:
    """How it is at fault, by the first telling sign."""
    if suspect.kind == "bng":
        return "subscriber sessions fail"
    telling = [e for e in evidence if e.type in MODES]
    return MODES[min(telling, key=lambda e: e.at).type] if telling else "less goes through it than usual"


def felt(
    topology: Topology,
    weights: Weights,
    dependencies: Dependencies,
    suspect: Suspect,
    shares: Sequence[tuple[Evidence, float]],
    down: Collection[int],
) -> Felt:
    """What is felt. `shares`: its signs that stand, with how much fails or is gone; `down`: what else is known dead."""
    if not suspect.role:
        return _of_element(topology, weights, dependencies, suspect, shares)
    failed = {*suspect.elements, *down}
    consumers = dependencies.consumers()
    bereft = [c for c in consumers if dependencies.bereft(suspect.role, c, failed)]
    lines = dependencies.lines_of(bereft)
    if not len(lines):
        concerned = [c for c in consumers if dependencies.depends(suspect.role, c, failed)]
        at_risk = len(dependencies.lines_of(concerned))
        left = LEFT.get(suspect.role, "the others of its pool serve its lines")
        return Felt(Effect.AT_RISK, _at_risk(at_risk), 0, f"{left}; redundancy is lost for {at_risk:,} lines")
    means = f"no other is left for {len(lines):,} lines: {MEANS[suspect.role]}"
    if suspect.role in {"names", "routes"}:
        return Felt(Effect.DOWN, measure_nodes(topology, weights, lines), 0, means)
    if suspect.role == "nat":
        return Felt(Effect.DEGRADED, NO_IMPACT, _subscribers(weights, lines), means)
    missed = max((s for e, s in shares if e.type == "traffic-below-expected"), default=0.0)
    if not missed:
        return Felt(Effect.AT_RISK, _at_risk(len(lines)), 0, means)
    degraded = round(missed * _subscribers(weights, lines))
    return Felt(Effect.DEGRADED, _at_risk(len(lines)), degraded, f"{means}; {missed:.0%} of the traffic is gone")


def _of_element(
    topology: Topology,
    weights: Weights,
    dependencies: Dependencies,
    suspect: Suspect,
    shares: Sequence[tuple[Evidence, float]],
) -> Felt:
    """A BNG, or another element that only effects speak of."""
    lines = dependencies.lines_of(suspect.elements)
    missed = max((s for e, s in shares if e.type == "traffic-below-expected"), default=0.0)
    if not len(lines):
        return Felt(Effect.DEGRADED, NO_IMPACT, 0, "how many lines it concerns is not known")
    words = f"it holds the sessions of {len(lines):,} lines: {MEANS['']}"
    if missed >= GONE:
        return Felt(Effect.DOWN, measure_nodes(topology, weights, lines), 0, words)
    if missed:
        return Felt(Effect.DEGRADED, _at_risk(len(lines)), round(missed * _subscribers(weights, lines)), words)
    return Felt(Effect.AT_RISK, _at_risk(len(lines)), 0, words)


def _at_risk(lines: int) -> Impact:
    return Impact(0, {}, {}, NO_IMPACT.cut_off, at_risk=lines)


def _subscribers(weights: Weights, lines: Ints) -> int:
    if SUBSCRIBERS not in weights.columns:
        return len(lines)
    return int(np.sum(weights.table[lines, weights.columns.index(SUBSCRIBERS)]))


def name_of(topology: Topology, suspect: Suspect) -> str:
    """The element's key; "service:radius" where all of a pool failed."""
    return f"service:{suspect.kind}" if len(suspect.elements) > 1 else topology.name(suspect.elements[0])


def called(topology: Topology, suspect: Suspect) -> str:
    """A suspect as people call it."""
    if len(suspect.elements) == 1:
        return short(topology, suspect.elements[0])
    return f"every {suspect.kind} ({listed([topology.name(i).partition(':')[2] for i in suspect.elements])})"


def why(topology: Topology, answer: Answer, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """What speaks for a suspect, by type of sign, and what speaks against it."""
    mine = [evidence[place] for place in answer.explained]
    said = []
    for type_ in dict.fromkeys(e.type for e in sorted(mine, key=lambda e: e.at)):
        who = sorted({_speaker(topology, e) for e in mine if e.type == type_})
        said.append(f"{alarm(type_).words} at {listed(who)}")
    if answer.unheard:
        said.append(f"against it: {answer.unheard} that would notice report nothing")
    return tuple(said)


def _speaker(topology: Topology, e: Evidence) -> str:
    return topology.name(e.element).partition(":")[2] if e.element >= 0 else e.key
