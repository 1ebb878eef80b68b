"""The buffer: batches, back-pressure, a database that comes and goes, and the one item it refuses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from sqlalchemy import func, select

from atlas.clock import FrozenClock
from atlas.db import Sessions
from atlas.network.enums import AlarmType, Feed
from atlas.network.models import AlarmOccurrence, DeadLetterRecord
from atlas.network.schemas import Alarm, DeadLetter
from forge.feeds.buffer import Buffer, Write, alarm_buffer


@asynccontextmanager
async def running(buffer: Buffer[int]) -> AsyncIterator[None]:
    task = asyncio.create_task(buffer.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Database:
    """Takes batches; `down` makes it fail, and `hates` items it refuses."""

    def __init__(self, down: int = 0, hates: frozenset[int] = frozenset()) -> None:
        self.down, self.hates = down, hates
        self.batches: list[list[int]] = []
        self.refused: list[int] = []

    async def write(self, items: Sequence[int], at: datetime) -> None:
        if self.down:
            self.down -= 1
            raise ConnectionError("the database is away")
        if self.hates & set(items):
            raise ValueError("not to my taste")
        self.batches.append(list(items))

    async def refuse(self, items: Sequence[int], at: datetime) -> None:
        self.refused += items


def make(database: Database, **limits: int) -> Buffer[int]:
    write: Write[int] = database.write
    return Buffer("test", write, database.refuse, FrozenClock(), every=0.001, patience=0.002, **limits)


async def test_items_are_written_in_order_and_in_batches_of_the_size_set() -> None:
    database = Database()
    buffer = make(database, batch=10)
    for number in range(25):
        await buffer.put(number)
    async with running(buffer):
        await buffer.drain()
    assert [number for batch in database.batches for number in batch] == list(range(25))
    assert max(len(batch) for batch in database.batches) == 10


async def test_nothing_is_lost_while_the_database_is_away() -> None:
    database = Database(down=5)
    buffer = make(database)
    async with running(buffer):
        for number in range(7):
            await buffer.put(number)
        await buffer.drain()
    assert sorted(number for batch in database.batches for number in batch) == list(range(7))


async def test_a_refused_item_is_set_apart_and_its_neighbours_are_written() -> None:
    database = Database(hates=frozenset({3, 11}))
    buffer = make(database)
    for number in range(16):
        await buffer.put(number)
    async with running(buffer):
        await buffer.drain()
    assert database.refused == [3, 11]
    assert sorted(n for batch in database.batches for n in batch) == [n for n in range(16) if n not in {3, 11}]


async def test_a_full_buffer_says_no_to_udp_and_makes_tcp_wait() -> None:
    database = Database()
    buffer = make(database, capacity=2)
    assert [buffer.offer(number) for number in range(3)] == [True, True, False]
    waiting = asyncio.create_task(buffer.put(3))
    await asyncio.sleep(0)
    assert not waiting.done()
    async with running(buffer):
        await waiting
        await buffer.drain()
    assert [number for batch in database.batches for number in batch] == [0, 1, 3]


AlarmMaker = Callable[[int], Alarm]


@pytest.fixture
def alarm(clock: FrozenClock) -> AlarmMaker:
    return lambda n: Alarm(resource=f"r{n}/Te0", alarm_type=AlarmType.LINK_DOWN, event_time=clock.now())


async def test_alarms_and_dead_letters_reach_atlas(sessions: Sessions, clock: FrozenClock, alarm: AlarmMaker) -> None:
    buffer = alarm_buffer(sessions, clock)
    for n in range(5):
        await buffer.put(alarm(n))
    await buffer.put(DeadLetter(feed=Feed.SYSLOG, reason="unreadable", payload="?", received_at=clock.now()))
    task = asyncio.create_task(buffer.run())
    await buffer.drain()
    task.cancel()
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(AlarmOccurrence)) == 5
        assert await session.scalar(select(DeadLetterRecord.reason)) == "unreadable"


async def test_an_alarm_the_database_refuses_becomes_a_dead_letter(
    sessions: Sessions, clock: FrozenClock, alarm: AlarmMaker
) -> None:
    buffer = alarm_buffer(sessions, clock)
    await buffer.put(alarm(1))
    await buffer.put(alarm(2).model_copy(update={"qualifier": "a\x00b"}))
    await buffer.put(alarm(3))
    task = asyncio.create_task(buffer.run())
    await buffer.drain()
    task.cancel()
    async with sessions() as session:
        resources = (await session.scalars(select(AlarmOccurrence.resource).order_by(AlarmOccurrence.id))).all()
        assert resources == ["r1/Te0", "r3/Te0"]
        payload = await session.scalar(select(DeadLetterRecord.payload))
        assert payload is not None
        assert "r2/Te0" in payload
