"""What became of a call is told in its thread, once, as a message that a turn answers."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import FrozenClock, Ids
from atlas.db import Sessions, transaction
from atlas.helpdesk import service as helpdesk
from atlas.helpdesk.models import Message, Turn
from forge.executor import Call, Executor
from forge.outcome import AwaitingSignOff
from forge.relay import relay_outcomes
from tests.forge import effects
from tests.forge.effects import ALICE, BOB, LEAD

Relay = Callable[[], Awaitable[int]]


@pytest.fixture
async def run(engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, ids: Ids, tmp_path: Path) -> Executor:
    await effects.settle_town(sessions, clock)
    return effects.executor(engine, effects.gate(tmp_path), clock, ids)


@pytest.fixture
async def thread(sessions: Sessions, clock: FrozenClock, ids: Ids) -> UUID:
    """Alice's conversation."""
    async with transaction(sessions) as session:
        conversation = await helpdesk.open_conversation(
            session,
            principal_kind="staff",
            principal_id="alice",
            role="noc",
            subscriber_id=None,
            verified="token",
            channel="webchat",
            now=clock.now(),
            ids=ids,
        )
    return conversation.id


@pytest.fixture
async def relay(sessions: Sessions, clock: FrozenClock, ids: Ids) -> Relay:
    """A relay that has run before, and so hears of all that comes."""

    async def once() -> int:
        return await relay_outcomes(sessions, clock, ids)

    await once()
    return once


async def ask(run: Executor, thread: UUID | None, key: str = "1") -> AwaitingSignOff:
    asked = await run.propose(Call("tell_people", {"text": "hello"}, key, conversation_id=thread), ALICE)
    assert isinstance(asked, AwaitingSignOff)
    return asked


async def told(sessions: Sessions) -> list[str]:
    """The messages in threads, each of which must owe one turn."""
    async with sessions() as session:
        messages = list(await session.scalars(select(Message).order_by(Message.position)))
        turns = list(await session.scalars(select(Turn.message_id)))
    assert sorted(message.id for message in messages) == sorted(turns)
    return [message.text for message in messages]


async def test_a_signed_call_is_told_as_done(run: Executor, thread: UUID, relay: Relay, sessions: Sessions) -> None:
    asked = await ask(run, thread)
    await run.sign(asked.action, BOB, approve=True)
    assert [await relay(), await relay()] == [1, 0]
    assert await told(sessions) == [f"#{asked.reference} is done: Tell 4 people: hello"]


async def test_a_rejection_is_told_with_its_reason(
    run: Executor, thread: UUID, relay: Relay, sessions: Sessions
) -> None:
    asked = await ask(run, thread)
    await run.sign(asked.action, BOB, approve=False, reason="wrong zone")
    await relay()
    words = f"#{asked.reference} was rejected by bob: Tell 4 people: hello (bob rejected it: wrong zone)"
    assert await told(sessions) == [words]


async def test_what_nobody_signed_is_told_when_it_expires(
    run: Executor, thread: UUID, relay: Relay, sessions: Sessions, clock: FrozenClock
) -> None:
    await ask(run, thread)
    clock.advance(31 * 60)
    await run.expire_due()
    await relay()
    (words,) = await told(sessions)
    assert "expired unsigned" in words


async def test_a_signed_call_that_the_rules_refuse_by_now_is_told_so(
    run: Executor, thread: UUID, relay: Relay, sessions: Sessions
) -> None:
    asked = await ask(run, thread)
    await run.freeze("notify", LEAD, "look first")
    await run.sign(asked.action, BOB, approve=True)
    await relay()
    (words,) = await told(sessions)
    assert "is not allowed any more" in words and "stopped right now" in words


async def test_a_signed_call_that_needs_no_signature_by_now_is_told_all_the_same(
    run: Executor, thread: UUID, relay: Relay, sessions: Sessions
) -> None:
    asked = await ask(run, thread)
    async with transaction(sessions) as session:
        await session.execute(text("UPDATE subscriber SET name = 'safe' WHERE id > 1"))
    await run.sign(asked.action, BOB, approve=True)
    await relay()
    (words,) = await told(sessions)
    assert "is done" in words


async def test_what_was_answered_in_its_own_turn_is_no_news(
    run: Executor, thread: UUID, relay: Relay, sessions: Sessions
) -> None:
    await run.propose(Call("write_note", {"text": "hi"}, "1", conversation_id=thread), ALICE)
    await run.propose(Call("write_note", {"text": "refuse"}, "2", conversation_id=thread), ALICE)
    assert await relay() == 0
    assert await told(sessions) == []


async def test_a_call_without_a_thread_is_told_nobody(run: Executor, relay: Relay, sessions: Sessions) -> None:
    asked = await ask(run, None)
    await run.sign(asked.action, BOB, approve=True)
    assert await relay() == 0


async def test_many_relays_at_once_tell_each_outcome_once(
    run: Executor, thread: UUID, relay: Relay, sessions: Sessions
) -> None:
    asked = [await ask(run, thread, key=str(n)) for n in range(5)]
    for each in asked:
        await run.sign(each.action, BOB, approve=True)
    assert sum(await asyncio.gather(*(relay() for _ in range(8)))) == 5
    assert len(await told(sessions)) == 5


async def test_relays_that_start_at_once_begin_at_the_present(
    run: Executor, thread: UUID, sessions: Sessions, clock: FrozenClock, ids: Ids
) -> None:
    asked = await ask(run, thread)
    await run.sign(asked.action, BOB, approve=True)
    counts = await asyncio.gather(*(relay_outcomes(sessions, clock, ids) for _ in range(4)))
    assert counts == [0, 0, 0, 0]
    assert await told(sessions) == []
