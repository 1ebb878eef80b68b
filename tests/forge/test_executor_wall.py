"""The second wall: what a subscriber's body can reach, whatever mistake is in it."""

from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import FrozenClock, Ids
from atlas.crm.models import Interaction, Subscriber
from atlas.db import Sessions, transaction
from atlas.ledger.models import Action
from forge.executor import Executor
from forge.outcome import Done, Failed
from forge.wall import reading_session, writing_session
from tests.forge import effects
from tests.forge.effects import ALICE, ANN, BEN, call, notes


@pytest.fixture
async def run(engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, ids: Ids, tmp_path: Path) -> Executor:
    """An executor over a town of four."""
    await effects.settle_town(sessions, clock)
    return effects.executor(engine, effects.gate(tmp_path), clock, ids)


async def test_a_body_that_rolled_back_still_sees_its_subscriber_only(run: Executor, sessions: Sessions) -> None:
    outcome = await run.propose(call("snoop", text="look"), ANN)
    assert isinstance(outcome, Done)
    assert outcome.result == {"seen": 1}
    assert await notes(sessions) == []


async def test_writing_another_subscribers_row_is_refused_by_postgresql(run: Executor, sessions: Sessions) -> None:
    outcome = await run.propose(call("snoop", "k", text="write"), ANN)
    assert outcome == Failed("It reached for data of somebody else and was stopped; nothing was done.")
    assert await notes(sessions) == []
    async with sessions() as session:  # the ledger, outside the wall, could still be written
        assert (await session.scalars(select(Action.state))).all() == ["failed"]


async def test_the_same_body_without_a_subscriber_has_no_wall(run: Executor, engine: AsyncEngine) -> None:
    """That the wall, and nothing else, is what stops it."""
    async with engine.connect() as connection, writing_session(connection, ALICE) as session:
        assert len((await session.scalars(select(Subscriber))).all()) == 4


async def test_a_look_is_behind_the_wall_and_stays_there(run: Executor, sessions: Sessions, clock: FrozenClock) -> None:
    async with transaction(sessions) as session:
        for n in (1, 2):
            session.add(Interaction(subscriber_id=n, at=clock.now(), channel="sms", direction="in", summary=f"of {n}"))
    for who, theirs in ((ANN, ["of 1"]), (BEN, ["of 2"])):
        outcome = await run.propose(call("my_notes"), who)
        assert isinstance(outcome, Done)
        assert outcome.result == {"result": theirs}
    async with sessions() as session:
        assert (await session.scalars(select(Action.id))).all() == []


async def test_a_look_cannot_write(run: Executor, sessions: Sessions) -> None:
    with pytest.raises(Exception, match="read-only transaction"):
        await run.propose(call("peek"), ALICE)
    assert await notes(sessions) == []


async def test_what_a_body_left_unflushed_meets_the_wall(
    run: Executor, engine: AsyncEngine, clock: FrozenClock
) -> None:
    async with engine.connect() as connection:
        with pytest.raises(ProgrammingError, match="row-level security"):
            async with writing_session(connection, ANN) as session:
                session.add(
                    Interaction(subscriber_id=2, at=clock.now(), channel="sms", direction="in", summary="not mine")
                )


async def test_after_the_body_the_role_and_the_subscriber_are_gone(engine: AsyncEngine, run: Executor) -> None:
    query = text("SELECT current_user, coalesce(current_setting('bedrock.subscriber_id', true), '')")
    async with engine.connect() as connection:
        before = tuple((await connection.execute(query)).one())
        async with writing_session(connection, ANN) as session:
            assert tuple((await session.execute(query)).one()) == ("bedrock_subscriber", "1")
        assert tuple((await connection.execute(query)).one()) == before
        with pytest.raises(effects.BreakDown):
            async with writing_session(connection, ANN):
                raise effects.BreakDown
        assert tuple((await connection.execute(query)).one()) == before


async def test_every_transaction_of_a_look_begins_behind_the_wall(engine: AsyncEngine, run: Executor) -> None:
    async with reading_session(engine, ANN) as session:
        for end in (session.rollback, session.commit, session.rollback):
            assert (await session.scalars(select(Subscriber.id))).all() == [1]
            await end()
