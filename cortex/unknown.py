"""Alarms of devices that no topology knows: which of them belong together, and what is said of the whole.

They meet by device, by the two ends of a session, and by the router at a session's far end, as far as
`adjacency` has learned it, from this very burst too. Who is to blame is worked out in `blame`.
"""

from collections.abc import Sequence

from cortex.adjacency.ends import plain
from cortex.adjacency.learner import Heard, Learner
from cortex.adjacency.sides import Side, side_of
from cortex.blame import Loss, Suspect, suspects
from cortex.config import Config
from cortex.evidence import alarm
from cortex.explain import listed
from cortex.finding import UNKNOWN, Cause, Remedy
from cortex.group import Evidence
from cortex.signals import Signal

#: So many things of unknown devices must be lost, both ends of a session being one, to be worth an incident.
WORTH_SAYING = 3


def heard(signal: Signal) -> Heard:
    """What a signal teaches of neighbours."""
    device, _, part = signal.key.partition("/")
    return Heard(device, signal.peer, signal.at, signal.type, part, signal.peer_as, signal.cleared)


def device_of(evidence: Evidence) -> str:
    """Who says it; what names no device at all is of one that is called so."""
    return evidence.key.partition("/")[0] or "unknown"


def names_of(evidence: Evidence, learner: Learner) -> tuple[str, ...]:
    """By what this alarm and others find each other: its device, and its session's link and far end or else
    its part.
    """
    device = device_of(evidence)
    if not evidence.peer:
        return device, evidence.key
    links = tuple(other.prefix for other in learner.others(evidence.peer))
    return device, learner.router_of(evidence.peer), *links


def losses_of(evidence: Sequence[Evidence], learner: Learner) -> list[Loss]:
    """What was lost, with the ends of it: a session, heard at one or both of its ends, or a port.

    A port leads to one of the routers with which its device lost its sessions.
    """
    named = {plain(e.peer) for e in evidence if e.peer}
    losses: dict[str, Loss] = {}
    far_ends: dict[str, set[str]] = {}
    for e in evidence:
        if e.peer:
            device, far = device_of(e), learner.router_of(e.peer)
            far_ends.setdefault(device, set()).add(far)
            losses.setdefault(_session(e.peer, device, far, named, learner), Loss()).say(
                device, far, side=side_of(e.reason)
            )
    for e in evidence:
        if not e.peer:
            device = device_of(e)
            losses.setdefault(e.key, Loss()).say(device, *far_ends.get(device, ()), side=_side(e))
    return list(losses.values())


def _side(evidence: Evidence) -> Side:
    """Whom a port's alarm blames: where the light went out, the far end or the fibre."""
    return Side.SILENT if evidence.type == "loss-of-signal" else side_of(evidence.reason)


def _session(peer: str, device: str, far: str, named: set[str], learner: Learner) -> str:
    """What a session is called at both its ends: the prefix of its link, else the pair of its routers."""
    others = learner.others(peer)
    for other in others:
        if other.address in named or other.address in learner.namers:
            return other.prefix
    return others[0].prefix if others and far != learner.owner(peer) else " and ".join(sorted((device, far)))


def is_worth_saying(evidence: Sequence[Evidence], learner: Learner) -> bool:
    """Whether enough was lost: three alarms of one port are one loss."""
    return len(losses_of(evidence, learner)) >= WORTH_SAYING


def causes_of(
    evidence: Sequence[Evidence], config: Config, learner: Learner
) -> tuple[tuple[Cause, ...], int, tuple[str, ...]]:
    """The routers to suspect, how many of them together, and why."""
    found = suspects(losses_of(evidence, learner), config)
    words = listed(sorted({alarm(e.type).words for e in evidence}))
    speakers = listed(sorted({device_of(e) for e in evidence}))
    reason = f"{len(evidence)} conditions of {speakers}, which the topology does not know: {words}"
    causes = tuple(_cause(suspect, reason) for suspect in found)
    return causes, len(causes), (reason, *(why for cause in causes for why in cause.why[1:]))


def _cause(suspect: Suspect, reason: str) -> Cause:
    return Cause(
        element=UNKNOWN,
        name=suspect.name,
        kind=suspect.kind,
        confidence=round(suspect.confidence, 3),
        why=(reason, *suspect.why),
        mode="ended its sessions itself" if suspect.says_so else "",
        remedy=Remedy.DESK if suspect.says_so else Remedy.CREW,
    )
