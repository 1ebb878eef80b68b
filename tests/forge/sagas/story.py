"""Telling the story of a cut to worker processes, and reading in Atlas what they made of it."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import id_source
from atlas.db import Sessions, make_sessions, transaction
from atlas.itsm import incidents
from atlas.itsm.models import IncidentNode
from atlas.network.ingest import record_alarms
from forge.executor import Executor
from forge.queue import tell, workflow_of
from forge.stream import Stream
from policies.spec import Principal
from tests.factories.incidents import SEEN
from tests.factories.network import Cut, cut_fibre, storm
from tests.forge.sagas.life import Plan, StoryClock, executor_of, live

FIBRE = "F-Z3-BH-1"
NOON = datetime(2030, 3, 2, 12, 0, tzinfo=UTC)
ALICE, LENA = Principal("staff", "alice", "noc"), Principal("staff", "lena", "noc_lead")
#: Wall-clock seconds after which something that should happen did not. Not a measure: only an end to waiting.
PATIENCE = 60.0

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.forge.sagas.life"])


@dataclass
class Story:
    """One incident on a database of its own. `run`: as an engineer's clients have it."""

    plan: Plan
    sessions: Sessions
    clock: StoryClock
    run: Executor
    cut: Cut
    stream: Stream
    incident: int = 0
    heard: int = 0

    async def rows(self, query: str, **values: Any) -> list[Any]:
        """Rows of Atlas; `:incident` is the story's."""
        async with self.sessions() as session:
            found = await session.execute(text(query), {"incident": self.incident, **values})
            return [row[0] if len(row) == 1 else tuple(row) for row in found]

    async def until(self, query: str, **values: Any) -> Any:
        """The first row of a query, as soon as there is one."""
        async with asyncio.timeout(PATIENCE):
            while not (found := await self.rows(query, **values)):
                await asyncio.sleep(0.05)
        return found[0]

    async def clear(self) -> None:
        """The splice is done: every alarm clears."""
        await self.hear(cleared=True)

    def pass_time(self, **span: float) -> None:
        """Let time go by, in minutes or whatever `timedelta` takes."""
        self.clock.move(self.clock.now() + timedelta(**span))

    async def break_again(self) -> None:
        """And it was not done well."""
        await self.hear()

    async def sign(self) -> Any:
        """Wait until the notices wait for a signature, and sign them; returns the action's id."""
        return await self.sign_other_than(None)

    async def sign_other_than(self, action: Any) -> Any:
        """Sign the notices that wait, but not those of one action."""
        waiting = (
            "SELECT id FROM action WHERE incident_id = :incident AND tool = 'notify_affected'"
            " AND state = 'awaiting_sign_off' AND id IS DISTINCT FROM :other"
        )
        found = await self.until(waiting, other=action)
        await self.run.sign(found, LENA, approve=True)
        return found

    async def merge_into_another(self) -> int:
        """It turns out to be part of a larger incident, as the stream would say it; returns that one's id."""
        async with transaction(self.sessions) as session:
            nodes = await session.scalars(select(IncidentNode.node_id).where(IncidentNode.incident_id == self.incident))
            whole = await incidents.open_incident(session, replace(SEEN, node_ids=list(nodes)), self.clock.now())
            part = await incidents.get_incident(session, self.incident, lock=True)
            await incidents.merge(session, part, whole, self.clock.now())
            await tell(session, workflow_of(part.id), "incident", {"state": "merged"})
        return whole.id

    async def ended(self, action: Any) -> tuple[str, Any]:
        """Wait for the end of an action; its state and result."""
        over = "SELECT state, result FROM action WHERE id = :action AND finished_at IS NOT NULL"
        state, result = await self.until(over, action=action)
        return state, result

    async def resolved(self) -> None:
        """Wait for the end of the saga."""
        await self.until(
            "SELECT 1 FROM dbos.workflow_status WHERE workflow_uuid = :saga AND status = 'SUCCESS'",
            saga=f"fault-response-{self.incident}",
        )

    async def hear(self, *, cleared: bool = False) -> None:
        """The whole storm, a second later than the last one."""
        self.heard += 1
        began = self.clock.now() - timedelta(seconds=90 - self.heard)
        async with transaction(self.sessions) as session:
            receipt = await record_alarms(session, storm(self.cut, began, cleared=cleared), self.clock.now())
        unread = receipt.accepted
        async with asyncio.timeout(PATIENCE):
            while unread := unread - await self.stream.step():
                await asyncio.sleep(0.02)  # it does not read past a transaction that is still open


async def begin(url: str, engine: AsyncEngine, folder: Path, **plan: Any) -> Story:
    """The demo ISP with its zone 3 backhaul just cut, found, and waiting for a worker."""
    sessions = make_sessions(engine)
    async with sessions() as session:
        cut = await cut_fibre(session, FIBRE)
    given = Plan(url, folder, silent=frozenset(cut.devices), **plan)
    clock = StoryClock(given)
    clock.move(NOON)
    run = executor_of(given, engine, clock, id_source(None))
    story = Story(given, sessions, clock, run, cut, await Stream.load(sessions, clock))
    await story.hear()
    story.incident = (await story.rows("SELECT max(id) FROM incident WHERE state = 'open'"))[0]
    assert story.incident is not None
    return story


@asynccontextmanager
async def a_worker(plan: Plan) -> AsyncIterator[ForkServerProcess]:
    """A worker that is ready, and is killed at the end of the block."""
    worker = start(plan)
    try:
        await _wait_for(lambda: (plan.folder / f"slot-{worker.pid}").exists() or not worker.is_alive())
        yield worker
    finally:
        kill(worker)


@asynccontextmanager
async def workers(plan: Plan) -> AsyncIterator[list[int]]:
    """A worker, and another whenever one dies by its own hand; the list holds how each of them ended."""
    ends: list[int] = []
    living = asyncio.create_task(_one_after_another(plan, ends))
    try:
        yield ends
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


def start(plan: Plan, **changes: Any) -> ForkServerProcess:
    """A new worker process."""
    worker = _forks.Process(target=live, args=(replace(plan, **changes),), daemon=True)
    worker.start()
    return worker


def kill(worker: ForkServerProcess) -> None:
    """kill -9, and wait until it is gone."""
    worker.kill()
    worker.join()


async def died(worker: ForkServerProcess) -> int:
    """Wait until a worker has died; how."""
    await _wait_for(lambda: not worker.is_alive())
    assert worker.exitcode is not None
    return worker.exitcode


async def _one_after_another(plan: Plan, ends: list[int]) -> None:
    while True:
        worker = start(plan)
        try:
            while worker.is_alive():
                await asyncio.sleep(0.02)
        finally:
            kill(worker)
        ends.append(worker.exitcode or 0)


async def _wait_for(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not is_so():
            await asyncio.sleep(0.02)
