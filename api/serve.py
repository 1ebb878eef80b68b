"""`bedrock serve`: prepare the database, then keep the processes running. `python -m api.serve <name>` is one.

Children take their settings from the environment, as every entry point does.
"""

import asyncio
import os
import sys
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import func, select

from api import logging, shared_counts
from api.processes import CannotStart, processes_of, run_of
from api.store import open_store, resume_clock
from api.supervisor import EX_CONFIG, Supervisor, stop_on_signals, stop_when_orphaned
from atlas import server
from atlas.events import Event
from atlas.settings import Settings

log = structlog.get_logger()

COMMAND = [sys.executable, "-m", "api.serve"]


def serve(settings: Settings) -> int:
    """Run the installation until SIGTERM or SIGINT; returns an exit status."""
    from api.prepare import prepare_database  # loads much that not every child needs

    logging.configure(settings, "supervisor")
    prepare_database(server.database_url(settings))
    return asyncio.run(_supervise(settings))


async def _supervise(settings: Settings) -> int:
    if settings.demo:
        resume_clock(settings, await _last_moment(settings))
    environment = os.environ | shared_counts.share(settings)
    forget = partial(shared_counts.forget, settings)
    supervisor = Supervisor(COMMAND, processes_of(settings), environment, ended=forget)
    stop_on_signals(supervisor.stop)
    log.info("serving", url=f"http://{settings.host}:{settings.port}", demo=settings.demo)
    return await supervisor.run()


async def _last_moment(settings: Settings) -> datetime | None:
    """The latest time that anything here has told."""
    async with open_store(settings) as store, store.sessions() as session:
        return await session.scalar(select(func.max(Event.at)))


def run_child(name: str) -> int:
    """One process of an installation; returns an exit status."""
    settings = Settings()
    logging.configure(settings, name)
    try:
        asyncio.run(_run(name, settings))
    except CannotStart as error:
        log.error("cannot start", reason=str(error))
        return EX_CONFIG
    return 0


async def _run(name: str, settings: Settings) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    watching = asyncio.create_task(stop_when_orphaned(stop))
    try:
        await run_of(name)(settings, stop)
    finally:
        watching.cancel()


if __name__ == "__main__":
    sys.exit(run_child(sys.argv[1]))
