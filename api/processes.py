"""The processes of an installation, each put together from its parts and run until told to stop."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog
import uvicorn

from api.compose import Store, build_executor, open_store, open_turns
from api.main import create_app
from api.readiness import keep_beating
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

Run = Callable[[Settings, asyncio.Event], Awaitable[None]]

#: Wall-clock seconds between two looks for actions that lapsed or that a dead process left behind.
SWEEP_EVERY = 5.0
#: Held by the one stream of a partition: a second would open every incident twice.
STREAM_LOCK = 0x0BED_0004


class CannotStart(Exception):  # noqa: N818 - says what is the case
    """A process cannot start, now or on a second try; the message says what to change."""


async def run_api(settings: Settings, stop: asyncio.Event) -> None:
    """Serve HTTP until told to stop; streams that are open then are closed after a moment."""
    listener = _listen(settings)
    config = uvicorn.Config(
        create_app(settings), log_config=None, timeout_graceful_shutdown=5, timeout_keep_alive=65, server_header=False
    )
    server = uvicorn.Server(config)

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ending = asyncio.create_task(end())
    try:
        await server.serve(sockets=[listener])
    finally:
        ending.cancel()
        listener.close()


def _listen(settings: Settings) -> socket.socket:
    """The socket, bound here so that a taken port is one clear sentence."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
        where = f"{settings.host}:{settings.port}"
        raise CannotStart(f"Address {where} {why}; set BEDROCK_PORT or BEDROCK_HOST.") from error
    return listener


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Run sagas, turns that nobody runs, and the sweeps over the ledger."""
    async with open_store(settings) as store:
        drivers = NetworkDrivers.build(settings)
        executor = build_executor(store, drivers)
        slot, executor_id = await asyncio.to_thread(runtime.hold_slot, store.url)
        with slot:
            async with _durable(store, executor, drivers, executor_id), open_turns(store, executor) as turns:
                log.info("worker ready", executor=executor_id)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(keep_beating(store, "worker", stop))
                    tasks.create_task(turns.run_waiting(stop))
                    tasks.create_task(_relay(store, stop))
                    tasks.create_task(_sweep(store, executor, stop))


@asynccontextmanager
async def _durable(store: Store, executor: Executor, drivers: NetworkDrivers, executor_id: str) -> AsyncIterator[None]:
    """DBOS, running in this process while the block does; sagas a dead worker left behind go on."""
    sagas.register()
    await runtime.launch(
        url=store.url,
        settings=store.settings,
        engine=store.engine,
        sessions=store.sessions,
        clock=store.clock,
        ids=store.ids,
        executor=executor,
        channels=adapters(store.settings, store.sessions, store.clock),
        drivers=drivers,
        executor_id=executor_id,
    )
    try:
        yield
    finally:
        await asyncio.to_thread(runtime.shut_down)


async def _relay(store: Store, stop: asyncio.Event) -> None:
    """Tell threads what became of their calls, as it happens."""
    async for _ in events.wakes(store.engine):
        if stop.is_set():
            return
        await _guarded(lambda: relay_outcomes(store.sessions, store.clock, store.ids), "relay")


async def _sweep(store: Store, executor: Executor, stop: asyncio.Event) -> None:
    """Close what lapsed, carry out what a dead process had signed, seal the audit trail."""
    while not await _stopped(stop, SWEEP_EVERY):
        await _guarded(executor.expire_due, "expire")
        await _guarded(executor.execute_approved, "execute")
        await _guarded(lambda: _seal(store), "seal")


async def _seal(store: Store) -> int:
    async with transaction(store.sessions) as session:
        return await audit.seal_batch(session)


async def _guarded(job: Callable[[], Awaitable[int]], name: str) -> None:
    """One failed round must not end the process; the next one comes in seconds."""
    try:
        await job()
    except Exception:
        log.exception("round failed", job=name)


async def _stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds`, or less when told to stop; whether told to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def run_stream(settings: Settings, stop: asyncio.Event) -> None:
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
            if await _stopped(stop, 1.0):
                break
        yield


async def run_gear(settings: Settings, stop: asyncio.Event) -> None:
    """The demo's simulated network: devices that answer, complain and fall silent."""
    from atlas.demo.gear import run_gear as run

    async with open_store(settings) as store:
        await run(settings, store.clock, stop)


PROCESSES: dict[str, Run] = {"api": run_api, "worker": run_worker, "stream": run_stream, "gear": run_gear}


def processes_of(settings: Settings) -> list[str]:
    """The processes this installation has."""
    return [name for name in PROCESSES if name != "gear" or settings.demo]
