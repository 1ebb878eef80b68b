"""The reachability poller: every device is asked for its sysUpTime once per interval, spread evenly over it.

No answer to any try raises `unreachable`, an answer clears it; an uptime that went back raises `restarted`,
which the next poll clears. Only changes are sent, compared with the alarms that stand in Atlas, so a restart
of the poller changes nothing. One UDP socket asks all devices; answers are told apart by their request id.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import Clock
from atlas.cmdb.models import Device
from atlas.network.enums import AlarmType, EventType, Feed, Severity
from atlas.network.models import Node
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from forge.feeds.buffer import AlarmBuffer
from forge.feeds.metrics import MESSAGES
from forge.feeds.snmp import SYS_UP_TIME, SnmpError, decode, encode
from forge.feeds.standing import Key
from forge.feeds.syslog_server import widen

log = structlog.get_logger()

#: sysUpTime counts hundredths of a second in 32 bits: it starts again after 497 days, which is no restart.
WRAP = 2**32
_GET = [(SYS_UP_TIME, None)]


@dataclass(frozen=True, slots=True)
class Target:
    """A device to poll; `name` is what its alarms are about."""

    name: str
    address: str
    port: int
    community: str


async def load_targets(session: AsyncSession, settings: Settings) -> list[Target]:
    """Every node whose device has a management address. The demo's all answer on one port, by community."""
    rows = await session.execute(
        select(Node.name, Device.management_address)
        .join(Device, Device.id == Node.device_id)
        .where(Device.management_address.is_not(None))
        .order_by(Node.name)
    )
    community, port = settings.snmp_community.get_secret_value(), settings.snmp_port
    if settings.demo:
        return [Target(name, settings.feed_host, port, f"{community}@{name}") for name, _ in rows]
    return [Target(name, str(address), port, community) for name, address in rows]


class Asker(asyncio.DatagramProtocol):
    """One socket that asks for uptimes and waits for the answers."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: dict[int, asyncio.Future[int]] = {}
        self._last_id = random.SystemRandom().randrange(2**30)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    async def ask(self, target: Target, timeout: float) -> int | None:  # noqa: ASYNC109 - per try
        """The uptime in hundredths of a second, or None when no answer came within `timeout` wall seconds."""
        assert self._transport is not None
        self._last_id = (self._last_id + 1) % 2**31
        request_id = self._last_id
        answer = self._waiting[request_id] = asyncio.get_running_loop().create_future()
        self._transport.sendto(encode("get", request_id, target.community, _GET), (target.address, target.port))
        try:
            return await asyncio.wait_for(answer, timeout)
        except TimeoutError:
            return None
        finally:
            del self._waiting[request_id]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        try:
            message = decode(data)
        except SnmpError:
            MESSAGES.labels(Feed.POLLER.value, "dead_letter").inc()
            return
        answer, uptime = self._waiting.get(message.request_id), message.value(SYS_UP_TIME)
        if message.kind == "response" and answer is not None and not answer.done():
            answer.set_result(uptime if isinstance(uptime, int) else 0)

    def error_received(self, exc: Exception) -> None:
        log.debug("poller.socket_error", error=str(exc))  # a closed port; the time-out tells the same


@asynccontextmanager
async def asker() -> AsyncIterator[Asker]:
    """An `Asker` with its socket open."""
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        Asker,
        local_addr=("0.0.0.0", 0),  # noqa: S104 - an ephemeral port that hears answers only
    )
    widen(transport)
    try:
        yield protocol
    finally:
        transport.close()


#: Tries per poll, and wall seconds each waits: together, how long a dead device keeps a poll waiting.
TRIES, TRY_SECONDS = 2, 1.0
PATIENCE = TRIES * TRY_SECONDS


@dataclass
class Poller:
    """Polls in rounds. `timeout` is in wall seconds: the wire does not run on the demo's clock."""

    asker: Asker
    buffer: AlarmBuffer
    clock: Clock
    tries: int = TRIES
    timeout: float = TRY_SECONDS
    concurrency: int = 256
    _has_heard: bool = False
    _unreachable: dict[str, bool] = field(default_factory=dict)  # as said last; what is standing may lag behind
    _uptimes: dict[str, int] = field(default_factory=dict)

    async def poll_round(self, targets: Sequence[Target], standing: set[Key], seconds: float) -> None:
        """Poll each target once, evenly over `seconds` of the clock; returns when all have answered or not."""
        loop = asyncio.get_running_loop()
        started, step = loop.time(), self.clock.real(seconds) / max(1, len(targets))
        room = asyncio.Semaphore(self.concurrency)
        async with asyncio.TaskGroup() as group:
            for number, target in enumerate(targets):
                await asyncio.sleep(started + number * step - loop.time())
                await room.acquire()
                group.create_task(self._poll(target, standing)).add_done_callback(lambda _: room.release())

    async def _poll(self, target: Target, standing: set[Key]) -> None:
        uptime = None
        for _ in range(self.tries):
            uptime = await self.asker.ask(target, self.timeout)
            if uptime is not None:
                break
        changes = self.judge(target.name, uptime, standing)
        for alarm in changes:
            await self.buffer.put(alarm)
        MESSAGES.labels(Feed.POLLER.value, "alarm" if changes else "ignored").inc()

    def judge(self, name: str, uptime: int | None, standing: set[Key]) -> list[Alarm]:
        """What changed for a device, given its answer: hundredths of a second of uptime, or None."""
        is_unreachable = self._unreachable.get(name, (name, AlarmType.UNREACHABLE, "") in standing)
        is_restarted = (name, AlarmType.RESTARTED, "") in standing
        if uptime is None:
            # As long as nobody at all has answered, it is the poller that is cut off, not every device.
            if is_unreachable or not self._has_heard:
                return []
            self._unreachable[name] = True
            return [self._alarm(name, AlarmType.UNREACHABLE, "No answer to polls.")]
        self._has_heard, self._unreachable[name] = True, False
        changes = []
        if is_unreachable:
            changes.append(self._alarm(name, AlarmType.UNREACHABLE, "Answers polls again.", is_cleared=True))
        last = self._uptimes.get(name)
        self._uptimes[name] = uptime
        if last is not None and uptime < last < WRAP - WRAP // 100:
            text = f"Up for {uptime / 100:.0f} s; it was {last / 100:.0f} s at the last poll."
            changes.append(self._alarm(name, AlarmType.RESTARTED, text))
        elif is_restarted and last is not None:
            changes.append(self._alarm(name, AlarmType.RESTARTED, "Stays up.", is_cleared=True))
        return changes

    def _alarm(self, name: str, kind: AlarmType, text: str, is_cleared: bool = False) -> Alarm:
        unreachable = kind is AlarmType.UNREACHABLE
        return Alarm(
            resource=name,
            alarm_type=kind,
            severity=Severity.MAJOR if unreachable else Severity.WARNING,
            is_cleared=is_cleared,
            event_type=EventType.COMMUNICATIONS if unreachable else EventType.EQUIPMENT,
            probable_cause="communicationsProtocolError" if unreachable else "",
            event_time=self.clock.now(),
            text=text,
            feed=Feed.POLLER,
        )
