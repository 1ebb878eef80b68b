"""The poller, against an agent that answers for many devices on one port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.network.enums import AlarmType, Feed
from atlas.network.ingest import record_alarms
from atlas.network.schemas import Alarm
from forge.feeds.poller import WRAP, Asker, Poller, Target, asker
from forge.feeds.snmp import SYS_UP_TIME, V2C, decode, encode
from forge.feeds.standing import Key, standing_alarms
from tests.forge.feeds.conftest import Caught

HOST = "127.0.0.1"


class Agent(asyncio.DatagramProtocol):
    """Answers for devices by community, with the uptime set for each; says nothing for others."""

    def __init__(self) -> None:
        self.uptimes: dict[str, int] = {}
        self.deaf = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.deaf:
            self.deaf -= 1
            return
        request = decode(data)
        uptime = self.uptimes.get(request.community.partition("@")[2])
        if uptime is not None:
            value = [(SYS_UP_TIME, V2C.TimeTicks(uptime))]
            self.transport.sendto(encode("response", request.request_id, request.community, value), addr)


@asynccontextmanager
async def agent() -> AsyncIterator[tuple[Agent, int]]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Agent, local_addr=(HOST, 0))
    yield protocol, transport.get_extra_info("sockname")[1]
    transport.close()


def target(name: str, port: int) -> Target:
    return Target(name, HOST, port, f"public@{name}")


def keys(alarms: list[Alarm]) -> set[Key]:
    return {(a.resource, a.alarm_type, a.qualifier) for a in alarms if not a.is_cleared}


async def test_a_device_that_is_silent_is_raised_and_cleared_when_it_answers(
    caught: Caught, clock: FrozenClock
) -> None:
    async with agent() as (devices, port), asker() as ask:
        poller = Poller(ask, caught.buffer, clock, timeout=0.05)
        targets = [target(f"r{n}", port) for n in range(20)]
        devices.uptimes = {f"r{n}": 100 for n in range(20) if n != 7}
        await poller.poll_round(targets, set(), 0)
        await caught.wait_for(1)
        assert keys(caught.alarms) == {("r7", AlarmType.UNREACHABLE, "")}
        standing = keys(caught.alarms)

        await poller.poll_round(targets, standing, 0)
        devices.uptimes["r7"] = 5
        await poller.poll_round(targets, standing, 0)
        await caught.wait_for(2)
    assert [(a.resource, a.is_cleared) for a in caught.alarms] == [("r7", False), ("r7", True)]
    assert caught.alarms[0].feed is Feed.POLLER


async def test_one_lost_datagram_is_no_alarm(caught: Caught, clock: FrozenClock) -> None:
    async with agent() as (devices, port), asker() as ask:
        devices.uptimes, devices.deaf = {"r1": 100}, 1
        await Poller(ask, caught.buffer, clock, timeout=0.05).poll_round([target("r1", port)], set(), 0)
        await caught.buffer.drain()
    assert caught.items == []


async def test_an_answer_to_another_question_is_not_taken(caught: Caught, clock: FrozenClock) -> None:
    async with agent() as (devices, port), asker() as ask:
        devices.uptimes = {"r1": 100}
        stray = encode("response", 12345, "public@r1", [(SYS_UP_TIME, V2C.TimeTicks(1))])
        ask.datagram_received(stray, (HOST, port))
        ask.datagram_received(b"\xff\xffgarbage", (HOST, port))
        assert await ask.ask(target("r1", port), 1.0) == 100


def test_an_uptime_that_goes_back_is_a_restart_and_the_next_poll_clears_it(caught: Caught, clock: FrozenClock) -> None:
    poller = Poller(Asker(), caught.buffer, clock)
    assert poller.judge("r1", 5_000, set()) == []
    [restarted] = poller.judge("r1", 200, set())
    assert (restarted.alarm_type, restarted.is_cleared) == (AlarmType.RESTARTED, False)
    [stays] = poller.judge("r1", 900, keys([restarted]))
    assert (stays.alarm_type, stays.is_cleared) == (AlarmType.RESTARTED, True)


def test_the_counter_of_uptime_running_over_is_no_restart(caught: Caught, clock: FrozenClock) -> None:
    poller = Poller(Asker(), caught.buffer, clock)
    poller.judge("r1", WRAP - 100, set())
    assert poller.judge("r1", 200, set()) == []


async def test_what_stands_is_read_from_atlas(session: AsyncSession, clock: FrozenClock) -> None:
    def alarm(name: str, is_cleared: bool = False) -> Alarm:
        kind = AlarmType.UNREACHABLE
        return Alarm(resource=name, alarm_type=kind, is_cleared=is_cleared, event_time=clock.now())

    await record_alarms(session, [alarm("r1"), alarm("r2")], clock.now())
    clock.advance(1)
    await record_alarms(session, [alarm("r2", is_cleared=True)], clock.now())
    assert await standing_alarms(session, AlarmType.UNREACHABLE) == {("r1", AlarmType.UNREACHABLE, "")}
    assert await standing_alarms(session, AlarmType.RESTARTED) == set()
