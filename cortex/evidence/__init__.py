"""What each kind of alarm says about the element it speaks of: tables as data, one file per technology."""

from cortex.evidence import base, docsis, ip, pon, power, services, wireless
from cortex.evidence.base import AlarmRow, Relation, Row, Voice

TABLES = (base, ip, pon, docsis, wireless, power, services)
ALARMS: dict[str, AlarmRow] = {row.type: row for table in TABLES for row in table.ALARMS}
ROWS: dict[tuple[str, Relation], Row] = {(row.type, row.relation): row for table in TABLES for row in table.ROWS}

#: Sessions and ports: alarms in which the speaker says that its way to a neighbour is gone.
ADJACENCY = frozenset(row.type for row in ip.ALARMS) - {"optical-power-low", "interface-errors", "interface-flapping"}
#: Alarms that say their element is silent.
SILENCE = frozenset(
    {"unreachable", "radius-interim-missing", "ont-loss-of-signal", "ont-dying-gasp", "modem-offline", "cpe-lost"}
)

#: Events, which nobody clears.
EVENTS = frozenset(kind for kind, row in ALARMS.items() if not row.lasts)


def alarm(type_: str) -> AlarmRow:
    """What holds for an alarm type; an unknown type counts as "other"."""
    return ALARMS.get(type_) or ALARMS["other"]


def given(type_: str, relation: Relation, cause_is_node: bool) -> float:
    """P(seen | cause) of an alarm in that relation to it; 0 where the cause does not explain it."""
    row = ROWS.get((type_ if type_ in ALARMS else "other", relation))
    return row.given(cause_is_node) if row else 0.0


__all__ = [
    "ADJACENCY",
    "ALARMS",
    "EVENTS",
    "ROWS",
    "SILENCE",
    "AlarmRow",
    "Relation",
    "Row",
    "Voice",
    "alarm",
    "given",
]
