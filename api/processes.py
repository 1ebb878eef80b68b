"""The long-running processes beside the API: the worker, which acts, and the stream, which understands."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from collections.abc import AsyncIterator

import psycopg
import structlog

from api.compose import Store, build_executor, open_store, open_turns
from atlas import events
from atlas.db import transaction
from atlas.ledger import audit
from atlas.settings import Settings
from channels.registry import adapters
from forge import runtime, sagas, stream
from forge.drivers import NetworkDrivers
from forge.executor import Executor
from forge.feeds.run import run_feeds
from forge.relay import relay_outcomes

log = structlog.get_logger()

STREAM_LOCK = 0x0BED_0003
#: Wall-clock seconds between two sweeps for what a dead process left behind.
SWEEP_EVERY = 5.0


async def run_stream(settings: Settings, stop: asyncio.Event) -> None:
    """Listen to the network and keep the incidents. One process at a time; a second one waits its turn."""
    async with open_store(settings) as store:
        lock = await _only_one(store.url, STREAM_LOCK)
        async with lock, asyncio.TaskGroup() as tasks:
            tasks.create_task(run_feeds(settings, store.sessions, store.clock, stop))
            tasks.create_task(stream.run(store.engine, store.sessions, store.clock, stop))


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Run sagas, notices and the turns nobody else runs; sweep up what a dead process left behind."""
    async with open_store(settings) as store:
        slot, executor_id = await asyncio.to_thread(runtime.hold_slot, store.url)
        with slot:
            drivers = NetworkDrivers.build(settings)
            executor = build_executor(store, drivers)
            async with _running_dbos(store, executor, drivers, executor_id), open_turns(store, executor) as turns:
                log.info("worker ready", executor_id=executor_id)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(turns.run_waiting(stop))
                    tasks.create_task(_relay(store, stop))
                    tasks.create_task(_sweep(store, executor, stop))


@asynccontextmanager
async def _running_dbos(
    store: Store, executor: Executor, drivers: NetworkDrivers, executor_id: str
) -> AsyncIterator[None]:
    sagas.register()
    await runtime.launch(
        url=store.url,
        settings=store.settings,
        engine=store.engine,
        sessions=store.sessions,
        clock=store.clock,
        ids=store.ids,
        executor=executor,
        channels=dict(adapters(store.settings, store.sessions)),
        drivers=drivers,
        executor_id=executor_id,
    )
    try:
        yield
    finally:
        await asyncio.to_thread(runtime.shut_down)


async def _relay(store: Store, stop: asyncio.Event) -> None:
    async for _ in events.wakes(store.engine):
        if stop.is_set():
            return
        await _guarded(lambda: relay_outcomes(store.sessions, store.clock, store.ids), "relay")


async def _sweep(store: Store, executor: Executor, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await _guarded(executor.expire_due, "expire")
        await _guarded(executor.execute_approved, "execute")
        await _guarded(lambda: _seal(store), "seal")
        try:
            await asyncio.wait_for(stop.wait(), SWEEP_EVERY)
        except TimeoutError:
            continue


async def _seal(store: Store) -> int:
    async with transaction(store.sessions) as session:
        return await audit.seal_batch(session)


async def _guarded(job: Callable[[], Awaitable[int]], name: str) -> None:
    """One failed round must not end the process; the next one comes in seconds."""
    try:
        await job()
    except Exception:
        log.exception("sweep failed", job=name)


async def _only_one(url: str, lock: int) -> psycopg.AsyncConnection[tuple[object, ...]]:
    """Wait for an advisory lock; it is ours for as long as the connection lives."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    await connection.execute("SELECT pg_advisory_lock(%s)", (lock,))
    return connection
