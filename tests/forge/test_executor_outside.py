"""Effects outside: queued in the transaction that consumes the action, and ended by their workflow once."""

from pathlib import Path

import pytest
from dbos import run_dbos_database_migrations
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import FrozenClock, Ids
from atlas.db import Sessions, transaction
from atlas.events import Event
from atlas.ledger import service as ledger
from forge.executor import Executor
from forge.outcome import Done, Failed, Started
from tests.forge import effects
from tests.forge.effects import ALICE, call, notes


@pytest.fixture
async def run(
    database: str, engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, ids: Ids, tmp_path: Path
) -> Executor:
    """An executor over a town of four, with the queue's tables and no worker."""
    run_dbos_database_migrations(database)
    await effects.settle_town(sessions, clock)
    return effects.executor(engine, effects.gate(tmp_path), clock, ids)


async def queued(sessions: Sessions) -> list[tuple[str, str, str]]:
    async with sessions() as session:
        rows = await session.execute(text("SELECT workflow_uuid, name, queue_name FROM dbos.workflow_status"))
        return [(row[0], row[1], row[2]) for row in rows]


async def test_the_workflow_is_queued_once_under_the_actions_id(run: Executor, sessions: Sessions) -> None:
    outcomes = [await run.propose(call("go_out", "k", text="hello"), ALICE) for _ in range(2)]
    assert isinstance(outcomes[0], Started)
    assert outcomes[0] == outcomes[1]
    assert outcomes[0].result == {"drafted": "hello"}
    assert await queued(sessions) == [(str(outcomes[0].action), "walk", "outside")]
    assert await notes(sessions) == ["hello"]


async def test_without_a_queue_nothing_is_consumed(run: Executor, sessions: Sessions) -> None:
    async with sessions() as session, session.begin():
        await session.execute(text("ALTER SCHEMA dbos RENAME TO away"))
    with pytest.raises(Exception, match="dbos"):
        await run.propose(call("go_out", "k", text="hello"), ALICE)
    assert await notes(sessions) == []
    async with sessions() as session, session.begin():
        await session.execute(text("ALTER SCHEMA away RENAME TO dbos"))
    assert isinstance(await run.propose(call("go_out", "k", text="hello"), ALICE), Started)
    assert await notes(sessions) == ["hello"]


@pytest.mark.parametrize(("state", "kind"), [("done", Done), ("failed", Failed), ("unknown", Failed)])
async def test_the_workflow_ends_the_action_once(
    run: Executor, sessions: Sessions, clock: FrozenClock, state: str, kind: type
) -> None:
    started = await run.propose(call("go_out", "k", text="hello"), ALICE)
    assert isinstance(started, Started)
    for _ in range(2):
        async with transaction(sessions) as session:
            await ledger.finish_action(session, started.action, state=state, now=clock.now(), result={"sent": 1})
    assert isinstance(await run.propose(call("go_out", "k", text="hello"), ALICE), kind)
    async with sessions() as session:
        told = (await session.scalars(select(Event.kind).order_by(Event.id))).all()
    assert told == ["action.proposed", f"action.{state}"]


async def test_a_finished_effect_cannot_be_finished_otherwise(
    run: Executor, sessions: Sessions, clock: FrozenClock
) -> None:
    started = await run.propose(call("go_out", text="hello"), ALICE)
    assert isinstance(started, Started)
    async with transaction(sessions) as session:
        await ledger.finish_action(session, started.action, state="done", now=clock.now())
        with pytest.raises(RuntimeError, match="from done to failed"):
            await ledger.finish_action(session, started.action, state="failed", now=clock.now())
