"""The SNMP trap door: v2c notifications over UDP become alarms.

Generic traps are those of RFC 3418 and RFC 2863. The vendor's are of an optical line terminal whose enterprise
number is 32473, which RFC 5612 keeps for documentation:

    1.3.6.1.4.1.32473.1.0.1  oltPonLos        a PON port sees none of its ONTs
    1.3.6.1.4.1.32473.1.0.2  oltPonLosClear
    1.3.6.1.4.1.32473.1.0.3  oltOntDyingGasp  an ONT's power failed
    1.3.6.1.4.1.32473.1.0.4  oltOntOnline
    1.3.6.1.4.1.32473.1.1.1  ponPort          text, "0/1/3"
    1.3.6.1.4.1.32473.1.1.2  ontId            integer

The device is named by the community ("public@z3-olt-2"), by sysName among the varbinds, or by its address.
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import structlog
from pydantic import ValidationError

from atlas.clock import Clock
from atlas.network.enums import AlarmType, EventType, Feed, Severity
from atlas.network.schemas import Alarm, DeadLetter
from forge.feeds.buffer import AlarmBuffer
from forge.feeds.messages import dead_letter, device_name, short_interface
from forge.feeds.metrics import MESSAGES, count
from forge.feeds.snmp import SNMP_TRAP_OID, SYS_NAME, SYS_UP_TIME, SnmpError, SnmpMessage, decode, encode
from forge.feeds.syslog_server import widen

log = structlog.get_logger()

VENDOR = "1.3.6.1.4.1.32473.1"
PON_PORT = f"{VENDOR}.1.1"
ONT_ID = f"{VENDOR}.1.2"
IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
IF_ADMIN_STATUS = "1.3.6.1.2.1.2.2.1.7"
ADMIN_DOWN = 2


@dataclass(frozen=True, slots=True)
class Trap:
    """What one notification means."""

    name: str
    alarm_type: AlarmType
    is_cleared: bool = False
    severity: Severity = Severity.MAJOR
    event_type: EventType = EventType.COMMUNICATIONS
    probable_cause: str = "lossOfSignal"


_EQUIPMENT = EventType.EQUIPMENT
TRAPS = {
    "1.3.6.1.6.3.1.1.5.1": Trap("coldStart", AlarmType.RESTARTED, False, Severity.WARNING, _EQUIPMENT, ""),
    "1.3.6.1.6.3.1.1.5.2": Trap("warmStart", AlarmType.RESTARTED, False, Severity.WARNING, _EQUIPMENT, ""),
    "1.3.6.1.6.3.1.1.5.3": Trap("linkDown", AlarmType.LINK_DOWN),
    "1.3.6.1.6.3.1.1.5.4": Trap("linkUp", AlarmType.LINK_DOWN, True),
    f"{VENDOR}.0.1": Trap("oltPonLos", AlarmType.PON_LOS, False, Severity.CRITICAL),
    f"{VENDOR}.0.2": Trap("oltPonLosClear", AlarmType.PON_LOS, True, Severity.CRITICAL),
    f"{VENDOR}.0.3": Trap(
        "oltOntDyingGasp", AlarmType.ONT_DYING_GASP, False, Severity.MINOR, _EQUIPMENT, "powerProblem"
    ),
    f"{VENDOR}.0.4": Trap("oltOntOnline", AlarmType.ONT_DYING_GASP, True, Severity.MINOR, _EQUIPMENT, "powerProblem"),
}


class WrongCommunityError(Exception):
    """The sender does not know our community; the message is counted and dropped."""


def read_trap(
    data: bytes, address: str, received_at: datetime, community: str, names: Mapping[str, str]
) -> Alarm | DeadLetter | None:
    """Read one datagram; None for a notification that is no alarm. Raises `WrongCommunityError`."""
    try:
        message = decode(data)
    except SnmpError as error:
        return dead_letter(Feed.SNMP_TRAP, address, str(error), data[:4_000].hex(), received_at)
    known, _, device = message.community.partition("@")
    if not hmac.compare_digest(known.encode(), community.encode()):
        raise WrongCommunityError
    trap = TRAPS.get(str(message.value(SNMP_TRAP_OID)))
    if message.kind not in {"trap", "inform"} or trap is None or _is_shut(trap, message):
        return None
    device = device or device_name(str(message.value(SYS_NAME) or names.get(address, address)))
    try:
        return _alarm(trap, message, device, received_at)
    except ValidationError as error:
        reason = f"Not a valid alarm: {error.errors()[0]['msg']}."
        return dead_letter(Feed.SNMP_TRAP, address, reason, data.hex(), received_at)


def _is_shut(trap: Trap, message: SnmpMessage) -> bool:
    """A port that someone shut down on purpose is no fault."""
    return trap.name == "linkDown" and message.column(IF_ADMIN_STATUS) == ADMIN_DOWN


def _part(message: SnmpMessage) -> str:
    port, ont = message.column(PON_PORT), message.column(ONT_ID)
    if port is not None:
        return f"{port}/{ont}" if ont is not None else str(port)
    name = message.column(IF_NAME) or message.column(IF_DESCR)
    index = message.column(IF_INDEX)
    return short_interface(str(name)) if name else f"ifIndex {index}" if index is not None else ""


def _alarm(trap: Trap, message: SnmpMessage, device: str, received_at: datetime) -> Alarm:
    part = _part(message)
    return Alarm(
        resource=f"{device}/{part}" if part else device,
        alarm_type=trap.alarm_type,
        severity=trap.severity,
        is_cleared=trap.is_cleared,
        event_type=trap.event_type,
        probable_cause=trap.probable_cause,
        event_time=received_at,  # a trap carries the sender's uptime, never a time of day
        text=f"{trap.name} {part}".strip(),
        feed=Feed.SNMP_TRAP,
        extra={"trap": trap.name, "uptime_s": (_int(message.value(SYS_UP_TIME))) / 100},
    )


def _int(value: int | str | None) -> int:
    return value if isinstance(value, int) else 0


@asynccontextmanager
async def trap_receiver(
    host: str,
    port: int,
    buffer: AlarmBuffer,
    clock: Clock,
    community: str,
    names: Mapping[str, str] | None = None,
) -> AsyncIterator[int]:
    """Listen while the block runs; gives the port. OSError when it is taken."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Receiver(buffer, clock, community, names or {}), local_addr=(host, port)
    )
    widen(transport)
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, buffer: AlarmBuffer, clock: Clock, community: str, names: Mapping[str, str]) -> None:
        self._buffer, self._clock, self._community, self._names = buffer, clock, community, names
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            item = read_trap(data, addr[0], self._clock.now(), self._community, self._names)
        except WrongCommunityError:
            MESSAGES.labels(Feed.SNMP_TRAP.value, "refused").inc()
            return
        if item is not None and not self._buffer.offer(item):
            MESSAGES.labels(Feed.SNMP_TRAP.value, "dropped").inc()
            return
        count(Feed.SNMP_TRAP, item)
        if not isinstance(item, DeadLetter):
            self._acknowledge(data, addr)

    def _acknowledge(self, data: bytes, addr: tuple[str, int]) -> None:
        """An inform is answered with what it said (RFC 3416 section 4.2.7); a trap is not answered."""
        message = decode(data)
        if message.kind == "inform" and self._transport is not None:
            varbinds = [(name, value) for name, value in message.varbinds]
            self._transport.sendto(encode("response", message.request_id, message.community, varbinds), addr)

    def error_received(self, exc: Exception) -> None:
        log.info("traps.socket_error", error=str(exc))
