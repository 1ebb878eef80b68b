"""The process that acts: sagas, turns that nobody runs, outcomes told to their threads, sweeps over the ledger."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from api.compose import build_executor, open_turns
from api.processes import stopped
from api.readiness import keep_beating
from api.store import Store, open_store
from atlas import events
from atlas.db import transaction
from atlas.ledger import audit
from atlas.settings import Settings
from channels.registry import adapters
from forge import runtime, sagas
from forge.documentation import review
from forge.drivers import NetworkDrivers
from forge.executor import Executor
from forge.prediction.daily import look_ahead_if_due
from forge.relay import relay_outcomes

log = structlog.get_logger()

#: Wall-clock seconds between two looks for actions that lapsed or that a dead process left behind.
SWEEP_EVERY = 5.0
#: Wall-clock seconds between two reviews of the documentation: it reads a month of the log, and nobody is in a hurry.
REVIEW_EVERY = 900.0
#: And between two looks whether the daily look ahead is due.
LOOK_AHEAD_EVERY = 60.0


async def run(settings: Settings, stop: asyncio.Event) -> None:
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
                    tasks.create_task(_review(store, stop))
                    tasks.create_task(_look_ahead(store, executor, stop))


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
    while not await stopped(stop, SWEEP_EVERY):
        await _guarded(executor.expire_due, "expire")
        await _guarded(executor.execute_approved, "execute")
        await _guarded(lambda: _seal(store), "seal")


async def _review(store: Store, stop: asyncio.Event) -> None:
    """Hold the documented network against what its devices say of their neighbours."""
    while not await stopped(stop, REVIEW_EVERY):
        await _guarded(lambda: review(store.sessions, store.clock), "documentation")


async def _look_ahead(store: Store, executor: Executor, stop: asyncio.Event) -> None:
    """Once a day of the house's clock, foresee failures and propose preventive work."""
    while not await stopped(stop, LOOK_AHEAD_EVERY):
        await _guarded(lambda: look_ahead_if_due(store.sessions, executor, store.settings, store.clock), "look ahead")


async def _seal(store: Store) -> int:
    async with transaction(store.sessions) as session:
        return await audit.seal_batch(session)


async def _guarded(job: Callable[[], Awaitable[int]], name: str) -> None:
    """One failed round must not end the process; the next one comes in seconds."""
    try:
        await job()
    except Exception:
        log.exception("round failed", job=name)
