"""The SNMP trap door: v1, v2c and v3 notifications over one UDP port become alarms.

Whose community or key is wrong is counted as refused and leaves nothing behind: anyone may send to a UDP port.
An inform is acknowledged when it has been taken, and one that comes again is acknowledged again, not counted twice.
"""

import asyncio
import hashlib
import hmac
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import structlog

from atlas.clock import Clock
from atlas.feed_settings import SnmpUser
from atlas.network.enums import Feed
from atlas.network.schemas import Alarm, DeadLetter
from atlas.settings import Settings
from forge.feeds.buffer import AlarmBuffer
from forge.feeds.informs import Seen
from forge.feeds.messages import dead_letter
from forge.feeds.metrics import MESSAGES, count
from forge.feeds.snmp import SnmpError, acknowledgement, decode, version_of
from forge.feeds.snmp_v3 import Engine, Received
from forge.feeds.syslog_server import widen
from forge.feeds.trap_meaning import understand

log = structlog.get_logger()

V3 = 3
#: 2020-01-01 in Unix seconds, from which the starts of our engine are numbered by the minute.
EPOCH = 1_577_836_800


@dataclass(frozen=True)
class Gate:
    """What a sender must know: the community, or the keys of a user of the engine."""

    community: str
    engine: Engine

    def admit(self, data: bytes) -> Received:
        """Take a datagram apart. Raises `SnmpError` for what is no SNMP message."""
        if version_of(data) == V3:
            return self.engine.receive(data)
        message = decode(data)
        known = message.community.partition("@")[0]
        if not hmac.compare_digest(known.encode(), self.community.encode()):
            return Received(refused="community")
        reply = acknowledgement(data) if message.kind == "inform" else b""
        return Received(message, reply, sender=message.community)


def gate_for(settings: Settings) -> Gate:
    """The gate as the settings have it."""
    engine = make_engine(settings.snmp_engine_id, settings.snmp_users)
    return Gate(settings.snmp_community.get_secret_value(), engine)


def make_engine(id: str, users: Sequence[SnmpUser]) -> Engine:
    """Our SNMP v3 engine.

    Its id stays the same from start to start: as set, else of the host's name (RFC 3411, format 5, under the
    enterprise number for documentation). Its starts are numbered by the minute of the wall clock, so that nothing
    need be kept: two within a minute share a number, which the 150 s of the time window forgive.
    """
    own = bytes.fromhex("80007ed905") + hashlib.sha256(socket.gethostname().encode()).digest()[:12]
    return Engine(bytes.fromhex(id) if id else own, int(time.time() - EPOCH) // 60, users)


@asynccontextmanager
async def trap_receiver(
    host: str, port: int, buffer: AlarmBuffer, clock: Clock, gate: Gate, names: Mapping[str, str] | None = None
) -> AsyncIterator[int]:
    """Listen while the block runs; gives the port. OSError when it is taken."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Receiver(buffer, clock, gate, names or {}), local_addr=(host, port)
    )
    widen(transport)
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, buffer: AlarmBuffer, clock: Clock, gate: Gate, names: Mapping[str, str]) -> None:
        self._buffer, self._clock, self._gate, self._names = buffer, clock, gate, names
        self._seen, self._told = Seen(), Seen()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now = self._clock.now()
        try:
            received = self._gate.admit(data)
        except SnmpError as error:
            self._take(dead_letter(Feed.SNMP_TRAP, addr[0], str(error), data[:4_000].hex(), now))
            return
        message = received.message
        if message is None:
            self._refuse(received, addr)
            return
        key, seconds = (addr[0], received.sender, message.request_id, hash(message.varbinds)), time.monotonic()
        is_new = message.kind != "inform" or not self._seen.has(key, seconds)
        if is_new and not self._take(understand(message, addr[0], now, self._names)):
            return
        if message.kind == "inform":
            self._seen.add(key, seconds)
            self._send(received.reply, addr)

    def _take(self, item: Alarm | DeadLetter | None) -> bool:
        if item is not None and not self._buffer.offer(item):
            MESSAGES.labels(Feed.SNMP_TRAP.value, "dropped").inc()
            return False
        count(Feed.SNMP_TRAP, item)
        return True

    def _refuse(self, received: Received, addr: tuple[str, int]) -> None:
        """A question for our engine's id or time is no refusal, though the answer is the same report."""
        if not received.is_discovery:
            MESSAGES.labels(Feed.SNMP_TRAP.value, "refused").inc()
            key, seconds = (addr[0], received.refused), time.monotonic()
            if not self._told.has(key, seconds):  # a flood of them must not flood the log too
                log.info("traps.refused", sender=addr[0], reason=received.refused)
                self._told.add(key, seconds)
        self._send(received.reply, addr)

    def _send(self, reply: bytes, addr: tuple[str, int]) -> None:
        if reply and self._transport is not None:
            self._transport.sendto(reply, addr)

    def error_received(self, exc: Exception) -> None:
        log.info("traps.socket_error", error=str(exc))
