"""Between a feed and Atlas: items are gathered for a moment and written many at a time.

A batch is written every 50 ms, or when 1,000 items wait. The buffer is bounded: `put` waits for room (TCP and
HTTP pass the wait on to the sender), `offer` says no (UDP, where the loss is counted). While the database does
not answer the batch is kept and tried again; an item that the database refuses is set apart from its batch.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

import psycopg
import structlog
from sqlalchemy.exc import DataError, IntegrityError

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.network.ingest import record_alarms, record_dead_letters
from atlas.network.schemas import Alarm, DeadLetter
from forge.feeds.messages import dead_letter
from forge.feeds.metrics import LOST, RETRIES, WAITING, WRITTEN

log = structlog.get_logger()

T = TypeVar("T")
#: Writes a batch in one transaction; the time is when the batch was received.
Write = Callable[[Sequence[T], datetime], Awaitable[None]]

#: What says that an item is at fault, not the database. COPY goes past SQLAlchemy, so psycopg's own are met.
REFUSALS = (DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError, ValueError, TypeError)


class Buffer(Generic[T]):
    """A bounded queue with one writer. `refused` is told of each item that the database would not take."""

    def __init__(
        self,
        name: str,
        write: Write[T],
        refused: Write[T],
        clock: Clock,
        *,
        capacity: int = 20_000,
        batch: int = 1_000,
        every: float = 0.05,
        patience: float = 5.0,
    ) -> None:
        self._name, self._write, self._refused, self._clock = name, write, refused, clock
        self._batch, self._every, self._patience = batch, every, patience
        self._queue: asyncio.Queue[T] = asyncio.Queue(capacity)

    async def put(self, item: T) -> None:
        """Take an item; waits while there is no room."""
        await self._queue.put(item)

    def offer(self, item: T) -> bool:
        """Take an item if there is room."""
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            return False
        return True

    async def drain(self) -> None:
        """Wait until everything taken so far is written."""
        await self._queue.join()

    async def run(self) -> None:
        """Write batches until cancelled; only one `run` at a time."""
        while True:
            items = await self._gather()
            WAITING.labels(self._name).set(self._queue.qsize())
            try:
                await self._write_all(items, self._clock.now())
            finally:
                for _ in items:
                    self._queue.task_done()

    async def _gather(self) -> list[T]:
        first = await self._queue.get()
        if self._queue.qsize() < self._batch - 1:
            await asyncio.sleep(self._every)
        more = min(self._queue.qsize(), self._batch - 1)
        return [first, *(self._queue.get_nowait() for _ in range(more))]

    async def _write_all(self, items: Sequence[T], received_at: datetime) -> None:
        """Write a batch, or find the items in it that the database refuses, by halves."""
        try:
            await self._insist(items, received_at)
        except REFUSALS as error:
            if len(items) == 1:
                await self._set_apart(items, received_at, error)
                return
            middle = len(items) // 2
            await self._write_all(items[:middle], received_at)
            await self._write_all(items[middle:], received_at)

    async def _insist(self, items: Sequence[T], received_at: datetime) -> None:
        """Write a batch, again and again while the database fails; raises only what the items are to blame for."""
        wait = self._every
        while True:
            try:
                await self._write(items, received_at)
            except REFUSALS:
                raise
            except Exception as error:
                RETRIES.labels(self._name).inc()
                log.warning("feeds.write_failed", buffer=self._name, items=len(items), error=str(error)[:300])
                await asyncio.sleep(wait)
                wait = min(2 * wait, self._patience)
            else:
                WRITTEN.labels(self._name).inc(len(items))
                return

    async def _set_apart(self, items: Sequence[T], received_at: datetime, error: Exception) -> None:
        log.warning("feeds.item_refused", buffer=self._name, error=str(error)[:300])
        try:
            await self._refused(items, received_at)
        except Exception as again:
            LOST.labels(self._name).inc(len(items))
            log.error("feeds.item_lost", buffer=self._name, error=str(again)[:300])


Item = Alarm | DeadLetter
AlarmBuffer = Buffer[Item]


def alarm_buffer(sessions: Sessions, clock: Clock, max_text: int = 2_000) -> AlarmBuffer:
    """The buffer that all feeds share: alarms and dead letters, each batch in one transaction."""

    async def write(items: Sequence[Item], received_at: datetime) -> None:
        async with transaction(sessions) as session:
            alarms = [item for item in items if isinstance(item, Alarm)]
            await record_alarms(session, alarms, received_at, max_text)
            await record_dead_letters(session, [item for item in items if isinstance(item, DeadLetter)])

    async def refused(items: Sequence[Item], received_at: datetime) -> None:
        async with transaction(sessions) as session:
            await record_dead_letters(session, [_refusal(item, received_at) for item in items])

    return Buffer("alarms", write, refused, clock)


def _refusal(item: Item, received_at: datetime) -> DeadLetter:
    feed, sender = (item.feed, item.device) if isinstance(item, Alarm) else (item.feed, item.sender)
    content = ascii(item.model_dump())  # as plain as can be: something in it was not to the database's taste
    return dead_letter(feed, ascii(sender), "The database refused it.", content, received_at)
