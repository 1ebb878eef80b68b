"""Whether the whole house works: the schema is this version's, and each process has lately said it is alive.

The processes of one installation beat into `feed_heartbeat` as the feeds do, under the source `process:<name>`.
"""

import asyncio
from functools import cache
from pathlib import Path

import structlog
from alembic.config import Config
from alembic.script import ScriptDirectory
from pydantic import BaseModel, Field
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

import atlas
from api.store import Store
from atlas.clock import Clock
from atlas.db import transaction
from atlas.network.enums import Feed
from atlas.network.ingest import beat
from atlas.network.models import FeedHeartbeat

log = structlog.get_logger()

#: Wall-clock seconds between two beats, and how many may be missed.
EVERY = 2.0
MISSABLE = 5
#: Processes without which the house only half works.
NEEDED = ("worker", "stream")


class Check(BaseModel):
    """One thing that must hold before requests should be sent here."""

    name: str
    ok: bool
    detail: str = Field(description="What was found, in one sentence.")


async def check_ready(session: AsyncSession, clock: Clock) -> list[Check]:
    """Every check with its finding; a database that cannot be asked is one failed check."""
    try:
        return [await _schema(session), *await _processes(session, clock)]
    except DBAPIError as error:
        log.warning("not ready", error=type(error).__name__)
        return [Check(name="database", ok=False, detail="The database cannot be reached.")]


async def _schema(session: AsyncSession) -> Check:
    head = schema_head()
    at = None
    if await session.scalar(text("SELECT to_regclass('alembic_version')")):
        at = await session.scalar(text("SELECT version_num FROM alembic_version"))
    if at == head:
        return Check(name="database", ok=True, detail=f"The schema is at {head}.")
    detail = f"The schema is at {at or 'nothing'}, this version needs {head}; run `bedrock migrate`."
    return Check(name="database", ok=False, detail=detail)


async def _processes(session: AsyncSession, clock: Clock) -> list[Check]:
    query = select(FeedHeartbeat).where(FeedHeartbeat.source.like("process:%"))
    if await session.scalar(text("SELECT to_regclass('feed_heartbeat')")) is None:
        return []
    beats = {row.source.removeprefix("process:"): row for row in await session.scalars(query)}
    return [_alive(name, beats.get(name), clock) for name in NEEDED]


def _alive(name: str, row: FeedHeartbeat | None, clock: Clock) -> Check:
    if row is None:
        return Check(name=name, ok=False, detail=f"The {name} has never been seen; start it with `bedrock serve`.")
    silent = clock.real((clock.now() - row.last_at).total_seconds())
    if silent > EVERY * MISSABLE:
        return Check(name=name, ok=False, detail=f"The {name} was last seen {silent:.0f} s ago.")
    return Check(name=name, ok=True, detail=f"The {name} is alive.")


@cache
def schema_head() -> str:
    """The newest migration there is."""
    config = Config()
    config.set_main_option("script_location", str(Path(atlas.__file__).parent / "migrations"))
    return str(ScriptDirectory.from_config(config).get_current_head())


async def keep_beating(store: Store, name: str, stop: asyncio.Event) -> None:
    """Say every two seconds that process `name` is alive, until told to stop; a missed beat is not an error."""
    # In the clock's own seconds, as whoever watches all heartbeats counts; a pause of a few is no news to them.
    every = EVERY * MISSABLE / max(store.clock.real(1.0), 1e-9)
    while not stop.is_set():
        try:
            async with transaction(store.sessions) as session:
                await beat(session, Feed.INTERNAL, f"process:{name}", store.clock.now(), every)
        except (DBAPIError, OSError) as error:
            log.warning("no heartbeat", process=name, error=type(error).__name__)
        try:
            await asyncio.wait_for(stop.wait(), EVERY)
        except TimeoutError:
            continue
