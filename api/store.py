"""What every process has: the database, ids, and the time.

The demo's clock is shared by all processes through one file in `home`, written by whoever comes first.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from atlas import server
from atlas.clock import Clock, Ids, SystemClock, id_source
from atlas.db import Sessions, make_engine, make_sessions
from atlas.settings import Settings


@dataclass(slots=True)
class Store:
    """What every process has: the database, the time and ids."""

    settings: Settings
    url: str
    engine: AsyncEngine
    sessions: Sessions
    clock: Clock
    ids: Ids


@asynccontextmanager
async def open_store(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Store]:
    """Connect to the database, starting the embedded one if it is used; disconnect at the end.

    `clock`: another time than the settings give, such as a recording's.
    """
    url = await asyncio.to_thread(server.database_url, settings)
    engine = make_engine(url, settings.pool_size)
    try:
        yield Store(
            settings, url, engine, make_sessions(engine), clock or clock_for(settings), id_source(settings.seed)
        )
    finally:
        await engine.dispose()


def clock_for(settings: Settings) -> Clock:
    """The wall's time; in the demo, the accelerated time that all its processes share."""
    if not settings.demo or settings.clock_speed == 1.0:
        return SystemClock()
    return SystemClock(speed=settings.clock_speed, epoch=_shared_epoch(settings))


def resume_clock(settings: Settings, last: datetime | None) -> None:
    """Let the demo's time go on from `last`, the latest moment it has told; the first process to ask starts it.

    Time an installation was switched off is not lived through: else every session would be overdue.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    _resume_file(settings).write_text((last or datetime.now(UTC)).isoformat())
    _epoch_file(settings).unlink(missing_ok=True)


def _epoch_file(settings: Settings) -> Path:
    return settings.home / "epoch"


def _resume_file(settings: Settings) -> Path:
    return settings.home / "resume"


def _shared_epoch(settings: Settings) -> datetime:
    """The epoch in `home`; written whole by whoever comes first, so that all read the same."""
    file = _epoch_file(settings)
    if not file.exists():
        settings.home.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"epoch.{os.getpid()}")
        wall, kept = datetime.now(UTC), _resume_file(settings)
        begin = datetime.fromisoformat(kept.read_text()) if kept.exists() else wall
        draft.write_text(_epoch_from(settings.clock_speed, begin, wall).isoformat())
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return datetime.fromisoformat(file.read_text())


def _epoch_from(speed: float, begin: datetime, wall: datetime) -> datetime:
    """The epoch with which the clock shows `begin` at the moment `wall`: epoch + (wall - epoch) * speed."""
    return wall - (begin - wall) / (speed - 1.0)
