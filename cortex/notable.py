"""Whether a group is worth an incident: alarms enough of their type, and either harm or agreement."""

from collections.abc import Sequence
from typing import NamedTuple

from cortex.evidence import alarm
from cortex.finding import Cause
from cortex.group import Evidence
from cortex.impact import Impact


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
}
ONCE = Threshold(1, 0.0)
#: So many kinds of alarm at once are no coincidence: then all of them count.
KINDS = 3


def counting(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence of those types that were raised often enough, close enough together."""
    by_type: dict[str, list[Evidence]] = {}
    for each in evidence:
        by_type.setdefault(each.type, []).append(each)
    enough = [kind for kind, found in by_type.items() if len(by_type) >= KINDS or _is_enough(kind, found)]
    return [each for kind in enough for each in by_type[kind]]


def _is_enough(kind: str, found: Sequence[Evidence]) -> bool:
    """Whether any stretch of the type's time holds as many raises as it takes."""
    raises, within = THRESHOLDS.get(kind, ONCE)
    if raises == 1:
        return True
    times = sorted(at for e in found for at in ([e.at] + [e.last] * (e.raises - 1)))
    return any(last - first <= within for first, last in zip(times, times[raises - 1 :], strict=False))


def is_notable(evidence: Sequence[Evidence], causes: Sequence[Cause], impact: Impact) -> bool:
    """Service is affected or redundancy lost and the alarm stands alone or another agrees; or several agree.
    Kinds of alarm that are ordinary in ones and twos don't count until there are more of them.
    """
    count = counting(evidence)
    hurts = impact.devices > 0 or impact.at_risk > 0 or any(v > 0 for v in impact.totals.values())
    alone = any(alarm(e.type).alone and e.element >= 0 for e in count)
    speakers = len({e.element if e.element >= 0 else e.key for e in count})
    likely = bool(causes) and causes[0].confidence >= 0.5
    return (hurts and likely and (alone or speakers >= 2)) or (len(count) >= 3 and (speakers >= 2 or not likely))
