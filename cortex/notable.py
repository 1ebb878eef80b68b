"""Whether a group is worth an incident: alarms enough of their type, and either harm or agreement."""

import sys
from collections.abc import Sequence
from typing import NamedTuple

from cortex.config import Config
from cortex.evidence import ADJACENCY, alarm
from cortex.finding import Cause, Effect
from cortex.group import NONE, Evidence
from cortex.points import PORT
from cortex.toll import Toll


class Threshold(NamedTuple):
    """So many raises of a type, of one element or of several, within so many seconds, before they count."""

    raises: int
    within: float


#: Types that are ordinary in ones and twos. What is not named here counts from the first one.
THRESHOLDS = {
    "bfd-session-down": Threshold(3, 600.0),  # a flap of BFD alone, without its link or the IGP, is a busy CPU
    "bgp-peer-down": Threshold(2, 600.0),  # one session reset is the peer's maintenance
    "docsis-t3-timeouts": Threshold(5, 900.0),  # one modem's is its drop cable
    "docsis-t4-timeout": Threshold(3, 900.0),
    "docsis-partial-service": Threshold(5, 900.0),
    "modem-offline": Threshold(3, 600.0),  # people switch them off
    "modem-registered": Threshold(10, 600.0),
    "ont-dying-gasp": Threshold(5, 60.0),
    "ont-loss-of-signal": Threshold(3, 300.0),
    "ont-signal-degraded": Threshold(3, 3600.0),
    "cpe-lost": Threshold(3, 600.0),
    "radius-interim-missing": Threshold(4, 1800.0),  # accounting is UDP
    "radio-modulation-low": Threshold(2, 900.0),  # one short fade is weather
    "optical-power-low": Threshold(3, 3600.0),
    "temperature-high": Threshold(2, 3600.0),
    "restarted": Threshold(2, 600.0),
    "interface-errors": Threshold(2, 900.0),
    "other": Threshold(sys.maxsize, 0.0),  # nobody knows what it is: it may join an incident, never open one
}
ONCE = Threshold(1, 0.0)
#: So many kinds of lost session at once are no coincidence: then all of them count.
KINDS = 3


def counting(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence of those types that were raised often enough, close enough together."""
    by_type: dict[str, list[Evidence]] = {}
    for each in evidence:
        by_type.setdefault(each.type, []).append(each)
    lost = [e for e in evidence if e.type in ADJACENCY and e.about >= 0]
    is_shared = len({e.element for e in lost}) >= 2  # more than one end of what was lost says so
    sessions = ADJACENCY if is_shared or len(ADJACENCY & by_type.keys()) >= KINDS else frozenset()
    enough = [kind for kind, found in by_type.items() if kind in sessions or _is_enough(kind, found)]
    return [each for kind in enough for each in by_type[kind]]


def _is_enough(kind: str, found: Sequence[Evidence]) -> bool:
    """Whether any stretch of the type's time holds as many raises as it takes."""
    raises, within = THRESHOLDS.get(kind, ONCE)
    if raises == 1:
        return True
    times = sorted(at for e in found for at in ([e.at] + [e.last] * (e.raises - 1)))
    return any(last - first <= within for first, last in zip(times, times[raises - 1 :], strict=False))


def stands_by(evidence: Sequence[Evidence], config: Config) -> float | None:
    """By when a device that only polls miss is taken to be down: one lost poll is nothing, and by then there
    was a second. None where something else speaks of it too, or it has answered again.
    """
    heard = [e for e in counting(evidence) if not is_unnamed_port(e)]
    if {e.type for e in heard} != {"unreachable"} or len({e.element for e in heard}) > 1 or not heard[0].active:
        return None
    return max(e.last for e in heard) + config.silence


def is_notable(evidence: Sequence[Evidence], causes: Sequence[Cause], toll: Toll, now: float, config: Config) -> bool:
    """Service is affected or redundancy lost and the alarm stands alone or another agrees; or several agree.
    Kinds of alarm that are ordinary in ones and twos don't count until there are more of them.
    """
    count = _without_a_lost_poll(counting(evidence), config)
    by = stands_by(evidence, config)
    if by is not None and now < by:
        return False
    likely = bool(causes) and causes[0].confidence >= 0.5
    if likely and causes[0].mode and toll.effect is Effect.NONE:
        return False  # known for what it is, and nobody feels it
    impact = toll.impact
    hurts = max(impact.devices, impact.at_risk, toll.degraded) > 0 or any(v > 0 for v in impact.totals.values())
    named = [e for e in count if not is_unnamed_port(e)]
    alone = any(e.element >= 0 and (alarm(e.type).alone or _is_restless(e)) for e in named)
    speakers = _speakers(count)
    if hurts and likely and causes[0].mode and _speakers(evidence) >= 2:
        return True  # several agree on a fault that such alarms are the ordinary signs of
    if hurts and likely and (alone or speakers >= 2):
        return True
    return len(named) >= 3 and (speakers >= 2 or not likely)


def _speakers(evidence: Sequence[Evidence]) -> int:
    """How many elements speak, or are spoken of."""
    return len({e.element if e.element >= 0 else e.key for e in evidence})


def _without_a_lost_poll(count: list[Evidence], config: Config) -> list[Evidence]:
    """The only device that polls missed, and that answered the next one, was there all the time."""
    missed = [e for e in count if e.type == "unreachable"]
    if len(missed) != 1 or missed[0].active or missed[0].cleared_at is None:
        return count
    if missed[0].cleared_at - missed[0].last < config.silence:
        return [e for e in count if e is not missed[0]]
    return count


def _is_restless(e: Evidence) -> bool:
    """A session within the network that went down as often as it takes, all by itself."""
    return e.type in ADJACENCY and e.about >= 0 and e.raises >= THRESHOLDS.get(e.type, ONCE).raises > 1


def is_unnamed_port(e: Evidence) -> bool:
    """A port that no topology knows is most often a customer's."""
    return e.type in PORT and e.element >= 0 and e.about == NONE
