"""The graph's checkpoints in our own PostgreSQL: the saver, on a pool of its own, and its tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.ext.asyncio import AsyncEngine

SETUP_LOCK = 0x0BED_0003


@asynccontextmanager
async def open_checkpointer(engine: AsyncEngine, *, pool_size: int = 4) -> AsyncIterator[AsyncPostgresSaver]:
    """A saver on the engine's database, its tables made if they aren't there."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options: dict[str, Any] = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
        url, min_size=1, max_size=pool_size, kwargs=options, open=False
    )
    async with pool:
        saver = AsyncPostgresSaver(pool)
        await _set_up(url, saver)
        yield saver


async def _set_up(url: str, saver: AsyncPostgresSaver) -> None:
    """One process at a time, and without waiting *inside* PostgreSQL: the saver's CREATE INDEX CONCURRENTLY
    waits for every running statement, so a process that waits there for the lock would hold it up for ever."""
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (SETUP_LOCK,))
            row = await cursor.fetchone()
            if row and row[0]:
                break
            await asyncio.sleep(0.1)
        await saver.setup()
