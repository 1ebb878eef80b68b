"""The process that listens to the network and understands it: the feeds, and the correlator behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from api.processes import stopped
from api.readiness import keep_beating
from api.store import Store, open_store
from atlas.settings import Settings
from forge import stream
from forge.feeds.run import run_feeds

log = structlog.get_logger()

#: Held by the one stream of a partition: a second would open every incident twice.
STREAM_LOCK = 0x0BED_0004


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Take what the network says through the feeds, and make incidents of it."""
    async with open_store(settings) as store, _only_one(store, stop), asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_beating(store, "stream", stop))
        tasks.create_task(run_feeds(settings, store.sessions, store.clock, stop))
        tasks.create_task(stream.run(settings, store.engine, store.sessions, store.clock, stop))


@asynccontextmanager
async def _only_one(store: Store, stop: asyncio.Event) -> AsyncIterator[None]:
    """Wait for the partition's lock; a stream that waits is a spare that takes over when the other dies."""
    async with store.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        waited = False
        while not (await connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({STREAM_LOCK})")).scalar_one():
            if not waited:
                log.info("another stream runs; this one waits as its spare")
                waited = True
            if await stopped(stop, 1.0):
                break
        yield
