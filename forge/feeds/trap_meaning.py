"""What an SNMP notification means, by the tables: a message in, an alarm out.

The device is named by the community ("public@z3-olt-2"), by sysName among the varbinds, or by the address of the
agent, which of a v1 trap may be another than the sender's.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from pydantic import ValidationError

from atlas.network.enums import Feed
from atlas.network.schemas import Alarm, DeadLetter
from forge.feeds.messages import dead_letter, device_name, short_interface
from forge.feeds.snmp import SNMP_TRAP_ADDRESS, SNMP_TRAP_OID, SYS_NAME, SYS_UP_TIME, SnmpMessage, Value
from forge.feeds.trap_tables import TRAPS, Trap

IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
IF_ADMIN_STATUS = "1.3.6.1.2.1.2.2.1.7"
ADMIN_DOWN = 2

#: Characters of a varbind that are read.
LONGEST = 500


def understand(
    message: SnmpMessage, address: str, received_at: datetime, names: Mapping[str, str]
) -> Alarm | DeadLetter | None:
    """The alarm a notification is; None for one that is no alarm. `names`: which device an address is."""
    if message.kind not in {"trap", "inform"}:
        return None
    trap = _row(message)
    if trap is None or _is_shut(trap, message):
        return None
    device = message.community.partition("@")[2] or device_name(_agent(message, address, names))
    try:
        return _alarm(trap, message, device, received_at)
    except ValidationError as error:
        reason = f"Not a valid alarm: {error.errors()[0]['msg']}."
        return dead_letter(Feed.SNMP_TRAP, address, reason, str(message.varbinds), received_at)


def _row(message: SnmpMessage) -> Trap | None:
    """The first row of the notification whose conditions hold."""
    rows = TRAPS.get(str(message.value(SNMP_TRAP_OID)), ())
    return next((row for row in rows if all(_holds(message, *condition) for condition in row.when)), None)


def _holds(message: SnmpMessage, column: str, expression: str) -> bool:
    value = message.column(column)
    return value is not None and _compiled(expression).fullmatch(str(value)[:LONGEST]) is not None


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression, re.IGNORECASE | re.DOTALL)


def _agent(message: SnmpMessage, address: str, names: Mapping[str, str]) -> str:
    said = message.value(SYS_NAME)
    if said:
        return str(said)
    agent = str(message.value(SNMP_TRAP_ADDRESS) or address)
    return names.get(agent) or names.get(address) or (address if agent == "0.0.0.0" else agent)  # noqa: S104 - no bind


def _is_shut(trap: Trap, message: SnmpMessage) -> bool:
    """A port that someone shut down on purpose is no fault."""
    return trap.name == "linkDown" and message.column(IF_ADMIN_STATUS) == ADMIN_DOWN


def _part(trap: Trap, message: SnmpMessage) -> str:
    said = [str(value) for column in trap.part if (value := message.column(column)) not in (None, "")]
    if said:
        return "/".join(said)
    if trap.neighbour:  # a session is the device's; the interface beside it is how the peer is reached
        return ""
    name = message.column(IF_NAME) or message.column(IF_DESCR)
    index = message.column(IF_INDEX)
    return short_interface(str(name)) if name else f"ifIndex {index}" if index is not None else ""


def _neighbour(trap: Trap, message: SnmpMessage) -> str:
    value = message.column(trap.neighbour) if trap.neighbour else None
    if value in (None, "") and trap.neighbour_index:
        value = message.instance(trap.neighbour_index)
    return str(value or "")


def _alarm(trap: Trap, message: SnmpMessage, device: str, received_at: datetime) -> Alarm:
    part, neighbour = _part(trap, message), _neighbour(trap, message)
    extra: dict[str, object] = {"trap": trap.name, "uptime_s": _int(message.value(SYS_UP_TIME)) / 100}
    if neighbour:
        extra["neighbour"] = neighbour
    return Alarm(
        resource=f"{device}/{part}" if part else device,
        alarm_type=trap.alarm_type,
        qualifier=" ".join(filter(None, (trap.qualifier, neighbour))),
        severity=trap.severity,
        is_cleared=trap.is_cleared,
        event_type=trap.event_type,
        probable_cause=trap.probable_cause,
        event_time=received_at,  # a trap carries the sender's uptime, never a time of day
        text=" ".join(filter(None, (trap.name, part, neighbour))),
        feed=Feed.SNMP_TRAP,
        extra=extra,
    )


def _int(value: Value) -> int:
    return value if isinstance(value, int) else 0
