"""Events to everyone who listens: one reader of the outbox per process, fanned out through bounded queues.

A listener that falls behind is dropped and told so; it comes back with the cursor of the last event it got,
and what it missed is read from Atlas. So a slow client costs a bounded amount of memory and loses nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.exc import DBAPIError

from api.metrics import Metrics
from api.store import Store
from atlas import events
from atlas.events import Cursor, Happened

log = structlog.get_logger()

QUEUE = 1_000
#: Events from Atlas before the live ones, at most so many a page.
PAGE = 500


class TooSlow(Exception):  # noqa: N818 - says what the listener is
    """The listener's queue was full; it is to come back with its last cursor."""


class Listener:
    """One client's queue. `lost` is set when an event did not fit."""

    def __init__(self, size: int) -> None:
        self.queue: asyncio.Queue[Happened] = asyncio.Queue(size)
        self.lost = False

    def put(self, event: Happened) -> None:
        """Queue an event, or mark the listener as lost; never waits. Past a lost event nothing is queued."""
        if self.lost:
            return
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.lost = True


class Hub:
    """Reads the outbox once and hands each event to every listener of this process."""

    def __init__(self, store: Store, metrics: Metrics, queue: int = QUEUE) -> None:
        self.store, self.metrics, self.size = store, metrics, queue
        self.listeners: set[Listener] = set()
        self.position = Cursor()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the outbox while the block runs."""
        async with self.store.sessions() as session:
            self.position = await events.latest(session)
        task = asyncio.create_task(self._follow(), name="event hub")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self) -> None:
        """Fan out for ever; when the database goes away, go on from the same place once it is back."""
        while True:
            try:
                async for event in events.follow(self.store.engine, self.store.sessions, self.position):
                    self.position = event.cursor
                    for listener in self.listeners:
                        listener.put(event)
            except (DBAPIError, OSError) as error:
                log.warning("event hub waits for the database", error=type(error).__name__)
                await asyncio.sleep(1.0)

    async def listen(self, after: Cursor | None = None) -> AsyncIterator[Happened]:
        """Every event after a cursor, or from now on; TooSlow when the caller does not keep up."""
        listener = Listener(self.size)
        self.listeners.add(listener)  # before reading from Atlas: what commits meanwhile waits in the queue
        self.metrics.listeners.set(len(self.listeners))
        try:
            seen = after or Cursor()
            if after:
                async for event in self._missed(after, listener):
                    seen = event.cursor
                    yield event
            while not (listener.lost and listener.queue.empty()):
                event = await listener.queue.get()
                if event.cursor > seen:
                    seen = event.cursor
                    yield event
            self.metrics.dropped.inc()
            raise TooSlow
        finally:
            self.listeners.discard(listener)
            self.metrics.listeners.set(len(self.listeners))

    async def _missed(self, after: Cursor, listener: Listener) -> AsyncIterator[Happened]:
        while True:
            if listener.lost:  # there is a gap between what was read from Atlas and what is queued
                self.metrics.dropped.inc()
                raise TooSlow
            async with self.store.sessions() as session:
                page = await events.read(session, after, limit=PAGE)
            for event in page:
                after = event.cursor
                yield event
            if len(page) < PAGE:
                return
