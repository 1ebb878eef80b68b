"""RADIUS accounting (RFC 2866): who is online, and whose updates stopped coming.

A request is answered when it is stored, as the RFC wants it: what finds no room or no database gets no answer,
and the NAS sends it again. A wrong shared secret gets none either, and is counted. A session whose interim
update is overdue raises `radius-interim-missing` at the node where its line ends; its next word clears it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

import structlog
from pyrad.dictionary import Dictionary
from pyrad.packet import AccountingRequest, AcctPacket, PacketError

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.network.enums import AlarmType, Feed, Severity
from atlas.network.ingest import record_alarms, record_dead_letters
from atlas.network.schemas import Alarm, DeadLetter
from atlas.network.sessions import Interim, LineSession, overdue_sessions, record_interims, silent_nases
from forge.feeds.buffer import AlarmBuffer, Buffer
from forge.feeds.messages import dead_letter
from forge.feeds.metrics import MESSAGES
from forge.feeds.syslog_server import widen

log = structlog.get_logger()

DICTIONARY = Path(__file__).parent / "dictionary" / "accounting"
#: Seconds between updates where the NAS does not say (Acct-Interim-Interval).
INTERIM_SECONDS = 1_800
#: An update counts as missing when it is late by this many seconds and this share of its interval.
GRACE, LATE_SHARE = 60.0, 0.1
#: And by this many wall-clock seconds at least: packets don't travel faster because the demo's clock does.
WALL_GRACE = 3.0


def grace_for(clock_speed: float) -> float:
    """Seconds of the clock an update may be late, its share of the interval aside."""
    return max(GRACE, WALL_GRACE * clock_speed)


#: What a bigint holds; a NAS that counts further has lost count.
MOST_OCTETS = 2**63 - 1

_KINDS: dict[str, Literal["start", "interim", "stop"]] = {
    "Start": "start",
    "Interim-Update": "interim",
    "Stop": "stop",
}


@dataclass(frozen=True, slots=True)
class Accounted:
    """A request and how to answer it."""

    interim: Interim
    answer: Callable[[], None]


class WrongSecretError(Exception):
    """The request was not made with our shared secret."""


def load_dictionary() -> Dictionary:
    """The attributes we read; any other is kept undecoded."""
    return Dictionary(str(DICTIONARY))


def read_request(data: bytes, secret: bytes, dictionary: Dictionary) -> AcctPacket:
    """A verified Accounting-Request; raises PacketError for garbage and `WrongSecretError`."""
    packet = AcctPacket(dict=dictionary, secret=secret, packet=data)
    if packet.code != AccountingRequest:
        raise PacketError(f"Code {packet.code} is no Accounting-Request (4).")
    if not packet.VerifyAcctRequest():
        raise WrongSecretError
    return packet


def read_interim(packet: AcctPacket, address: str, received_at: datetime) -> Interim | None:
    """What a request says of a session; None where it is about the NAS itself. PacketError: something is missing."""
    status = _first(packet, "Acct-Status-Type")
    kind = _KINDS.get(str(status))
    if kind is None:
        return None
    username, session_id = _first(packet, "User-Name"), _first(packet, "Acct-Session-Id")
    if not isinstance(username, str) or not isinstance(session_id, str) or not username or not session_id:
        raise PacketError("User-Name or Acct-Session-Id is missing or unreadable.")
    nas = _first(packet, "NAS-Identifier") or _first(packet, "NAS-IP-Address") or address
    cause = _first(packet, "Acct-Terminate-Cause")
    return Interim(
        kind=kind,
        username=_text(username),
        nas=_text(nas),
        session_id=_text(session_id),
        at=_event_time(packet, received_at),
        octets_in=_octets(packet, "Input"),
        octets_out=_octets(packet, "Output"),
        framed_address=_first(packet, "Framed-IP-Address"),
        interim_seconds=min(86_400, max(60, _first(packet, "Acct-Interim-Interval") or INTERIM_SECONDS)),
        stop_cause=None if cause is None else str(cause),
    )


def _first(packet: AcctPacket, name: str) -> Any:
    values = packet.get(name) if name in packet else None
    return values[0] if values else None


def _text(value: object) -> str:
    return str(value).replace("\x00", "\ufffd")[:253]


def _octets(packet: AcctPacket, direction: str) -> int:
    low = _first(packet, f"Acct-{direction}-Octets") or 0
    return min(MOST_OCTETS, int((_first(packet, f"Acct-{direction}-Gigawords") or 0) << 32 | low))


def _event_time(packet: AcctPacket, received_at: datetime) -> datetime:
    """When it was received, less the time the NAS held it back, a day at most.

    Silence is measured by our clock: by Event-Timestamp a NAS whose clock is off would look silent for ever.
    """
    return received_at - timedelta(seconds=min(86_400, _first(packet, "Acct-Delay-Time") or 0))


def interim_alarm(line: LineSession, at: datetime, is_cleared: bool) -> Alarm:
    """The alarm of a session that fell silent, or speaks again."""
    return Alarm(
        resource=line.node,
        alarm_type=AlarmType.INTERIM_MISSING,
        qualifier=line.username,
        severity=Severity.MINOR,
        is_cleared=is_cleared,
        probable_cause="communicationsSubsystemFailure",
        event_time=at,
        text="Accounting updates come again." if is_cleared else "An expected accounting update did not come.",
        feed=Feed.RADIUS,
        extra={"nas": line.nas, "session": line.session_id},
    )


def session_buffer(sessions: Sessions, clock: Clock) -> Buffer[Accounted]:
    """Stores requests many at a time with the clears they bring, and answers each once it is stored."""

    async def write(items: Sequence[Accounted], received_at: datetime) -> None:
        async with transaction(sessions) as session:
            heard = await record_interims(session, [item.interim for item in items], received_at)
            clears = [interim_alarm(line, received_at, is_cleared=True) for line in heard.returned]
            await record_alarms(session, clears, received_at)
        for item in items:
            item.answer()

    async def refused(items: Sequence[Accounted], received_at: datetime) -> None:
        async with transaction(sessions) as session:
            letters = [_refusal(item.interim, received_at) for item in items]
            await record_dead_letters(session, letters)
        for item in items:
            item.answer()  # it is kept; sent again it would be refused again

    return Buffer("sessions", write, refused, clock)


def _refusal(interim: Interim, received_at: datetime) -> DeadLetter:
    return dead_letter(Feed.RADIUS, ascii(interim.nas), "The database refused it.", ascii(interim), received_at)


@dataclass
class Listening:
    """Since when we hear accounting, and which NASes are silent altogether or were so until lately."""

    since: datetime
    silent: set[str] = field(default_factory=set)
    resumed: dict[str, datetime] = field(default_factory=dict)

    def look(self, silent: set[str], now: datetime) -> None:
        """Take in who is silent now; one that speaks again has an interval to speak for all its lines."""
        self.resumed |= dict.fromkeys(self.silent - silent, now)
        self.silent = silent


async def raise_overdue(sessions: Sessions, now: datetime, listening: Listening, grace: float = GRACE) -> int:
    """Raise an alarm for each session whose update is overdue; how many there were.

    Updates that were due before we listened are not missed, nor are those of a NAS that is unheard altogether.
    """
    async with transaction(sessions) as session:
        listening.look(await silent_nases(session, now, grace), now)
        overdue = await overdue_sessions(session, now, grace, LATE_SHARE, listening.since, listening.resumed)
        await record_alarms(session, [interim_alarm(line, now, is_cleared=False) for line in overdue], now)
    return len(overdue)


@asynccontextmanager
async def accounting_server(
    host: str, port: int, secret: bytes, requests: Buffer[Accounted], letters: AlarmBuffer, clock: Clock
) -> AsyncIterator[int]:
    """Listen while the block runs; gives the port. OSError when it is taken."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Server(secret, requests, letters, clock), local_addr=(host, port)
    )
    widen(transport)
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


class _Server(asyncio.DatagramProtocol):
    def __init__(self, secret: bytes, requests: Buffer[Accounted], letters: AlarmBuffer, clock: Clock) -> None:
        self._secret, self._requests, self._letters, self._clock = secret, requests, letters, clock
        self._dictionary = load_dictionary()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        now = self._clock.now()
        try:
            packet = read_request(data, self._secret, self._dictionary)
            interim = read_interim(packet, addr[0], now)
        except WrongSecretError:
            MESSAGES.labels(Feed.RADIUS.value, "refused").inc()
            return
        except Exception as error:  # pyrad meets a bad attribute with several kinds of exception
            reason = f"Not an accounting request: {error}"
            self._letters.offer(dead_letter(Feed.RADIUS, addr[0], reason, data[:4_000].hex(), now))
            MESSAGES.labels(Feed.RADIUS.value, "dead_letter").inc()
            return
        if interim is None:
            self._answer(packet, addr)
            MESSAGES.labels(Feed.RADIUS.value, "ignored").inc()
            return
        taken = self._requests.offer(Accounted(interim, lambda: self._answer(packet, addr)))
        MESSAGES.labels(Feed.RADIUS.value, "interim" if taken else "dropped").inc()

    def _answer(self, packet: AcctPacket, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(packet.CreateReply().ReplyPacket(), addr)

    def error_received(self, exc: Exception) -> None:
        log.info("radius.socket_error", error=str(exc))
