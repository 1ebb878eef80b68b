"""What a worker process holds while it lives, and DBOS on Bedrock's own database.

The only process-global of the house: a workflow that DBOS recovers has no caller to hand it an engine, so it
finds one here. Executor ids are stable and held by an advisory lock: with ids that change, a dead worker's
workflows stay pending for ever; with two live processes under one id, steps run twice.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from dbos import DBOS, AsyncSQLAlchemyDatasource, StepOptions, run_dbos_database_migrations
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from atlas.clock import Clock, Ids
from atlas.db import Sessions
from atlas.settings import Settings
from channels.base import ChannelAdapter
from forge.drivers import NetworkDrivers
from forge.executor import Executor
from forge.queue import APPLICATION_VERSION, QUEUE

P = ParamSpec("P")
R = TypeVar("R")

SLOT_LOCK = 0x0BED_0002
SLOTS = 64
#: A step that fails is tried for about a minute in all before its workflow fails.
TRY_AGAIN = StepOptions(retries_allowed=True, interval_seconds=1.0, backoff_rate=2.0, max_attempts=7)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything a step may need."""

    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    clock: Clock
    ids: Ids
    executor: Executor
    channels: dict[str, ChannelAdapter]
    drivers: NetworkDrivers
    datasource: AsyncSQLAlchemyDatasource


_runtime: Runtime | None = None


def current() -> Runtime:
    """The runtime of this process. RuntimeError where no worker runs."""
    if _runtime is None:
        raise RuntimeError("no worker runs in this process")
    return _runtime


def prepare(url: str) -> None:
    """Create or update DBOS's own tables on a libpq URL."""
    run_dbos_database_migrations(url)


def hold_slot(url: str) -> tuple[psycopg.Connection[Any], str]:
    """Take the first free worker slot; it is ours for as long as the connection lives."""
    connection = psycopg.connect(url, autocommit=True)
    for slot in range(SLOTS):
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (SLOT_LOCK, slot)).fetchone()
        if row and row[0]:
            return connection, f"worker-{slot}"
    connection.close()
    raise RuntimeError(f"all {SLOTS} worker slots are taken")


async def launch(
    *,
    url: str,
    settings: Settings,
    engine: AsyncEngine,
    sessions: Sessions,
    clock: Clock,
    ids: Ids,
    executor: Executor,
    channels: dict[str, ChannelAdapter],
    drivers: NetworkDrivers,
    executor_id: str,
) -> Runtime:
    """Start DBOS in this process; workflows a dead worker of this slot left behind go on."""
    global _runtime
    DBOS(
        config={
            "name": "bedrock",
            "system_database_url": url,
            "sys_db_pool_size": 5,
            "log_level": "WARNING",
            "application_version": APPLICATION_VERSION,
            "executor_id": executor_id,
            "use_listen_notify": True,
        }
    )
    datasource = await AsyncSQLAlchemyDatasource.create(database_url=url, engine=engine)
    _runtime = Runtime(settings, engine, sessions, clock, ids, executor, channels, drivers, datasource)
    DBOS.launch()
    await DBOS.register_queue_async(QUEUE, polling_interval_sec=0.1)
    return _runtime


def shut_down() -> None:
    """Stop DBOS; running workflows go on in the next worker of this slot."""
    global _runtime
    DBOS.destroy()
    _runtime = None


async def in_transaction(
    function: Callable[Concatenate[AsyncSession, P], Awaitable[R]], *args: P.args, **kwargs: P.kwargs
) -> R:
    """A workflow step that is one transaction: its rows and its record commit together, exactly once."""
    datasource = current().datasource

    async def body() -> R:
        return await function(datasource.sql_session(), *args, **kwargs)

    return await datasource.run_tx_step_async(
        {"name": getattr(function, "__name__", "step"), "isolation_level": "READ COMMITTED"}, body
    )


async def at_least_once(function: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    """A workflow step that may run again after a crash: for reads, and for what its receiver tells apart.

    It is tried again when it fails, too: a database that restarts must not be the end of a saga.
    """

    async def body() -> R:
        return await function(*args, **kwargs)

    options: StepOptions = {"name": getattr(function, "__name__", "step"), **TRY_AGAIN}
    return await DBOS.run_step_async(options, body)


def process_name() -> str:
    """A name for logs and leases, unique among living processes of one machine."""
    return f"{os.uname().nodename}:{os.getpid()}"
