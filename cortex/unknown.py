"""Alarms of devices that no topology knows: joined by device and by session, the cause is who is on most of them.

A session's two ends name each other's addresses, never their own. On a point-to-point link numbered from a
/31 (RFC 3021) or a /127 (RFC 6164) the two share one prefix, so both ends can be taken for the same session.
Elsewhere an end stands for itself. Nothing is learned, and nothing here is ever certain.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network

from cortex.config import Config
from cortex.evidence import alarm
from cortex.explain import listed
from cortex.finding import UNKNOWN, Cause
from cortex.group import Evidence

#: Confidence in a cause that is only the name of a device no topology knows.
GUESS = 0.3
#: The most where sessions with its neighbours were lost at both ends.
HEARD_TWICE = 0.6
#: A further device must explain so many sessions that the others don't.
ANOTHER = 3


@lru_cache(maxsize=65536)
def names_of(key: str) -> tuple[str, str]:
    """The device of a resource "device/part", and the session where the part ends in a neighbour's address;
    else the resource.
    """
    device, _, part = key.partition("/")
    device = device or "unknown"
    try:
        address = ip_address(part.rpartition("/")[2])
    except ValueError:
        return device, key
    return device, str(ip_network((address, address.max_prefixlen - 1), strict=False))


def causes_of(evidence: Sequence[Evidence], config: Config) -> tuple[tuple[Cause, ...], int, tuple[str, ...]]:
    """The devices to suspect, how many of them together, and why."""
    ends = _ends(e.key for e in evidence)
    chosen = _cover(ends, config.max_faults)
    words = listed(sorted({alarm(e.type).words for e in evidence}))
    reason = f"{len(evidence)} conditions of {listed(sorted(ends))}, which the topology does not know: {words}"
    causes = tuple(_cause(device, chosen, ends, reason) for device in chosen)
    return causes, len(chosen), (reason, *(why for cause in causes for why in cause.why[1:]))


def _ends(keys: Iterable[str]) -> dict[str, set[str]]:
    ends: dict[str, set[str]] = {}
    for device, session in map(names_of, keys):
        ends.setdefault(device, set()).add(session)
    return ends


def _cover(ends: dict[str, set[str]], most: int) -> list[str]:
    """Devices that are an end of all sessions between them, as few as will do, the most telling first."""
    left = set().union(*ends.values())
    chosen: list[str] = []
    while len(chosen) < most:
        best = min(ends, key=lambda d: (-len(ends[d] & left), d))
        if chosen and len(ends[best] & left) < ANOTHER:
            break
        chosen.append(best)
        left -= ends[best]
    return chosen


def _cause(device: str, chosen: Sequence[str], ends: dict[str, set[str]], reason: str) -> Cause:
    """One suspect, against the device that shares most of its sessions."""
    own = ends[device]
    shared = [len(own & other) for name, other in ends.items() if name not in chosen]
    rival, twice = max(shared, default=0), sum(1 for n in shared if n)
    confidence = (HEARD_TWICE if twice else GUESS) * len(own) / (len(own) + rival)
    why = [reason]
    if twice:
        why.append(f"{device} is an end of {len(own)} lost sessions with {twice} neighbours that say so too")
    return Cause(UNKNOWN, f"device {device}", "device", round(confidence, 3), tuple(why))
