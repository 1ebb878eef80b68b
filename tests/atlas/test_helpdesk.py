"""Conversations, messages and the leases on turns."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock, Ids
from atlas.db import Sessions, transaction
from atlas.errors import DomainError
from atlas.events import Event
from atlas.helpdesk import service
from atlas.helpdesk.models import Conversation, Turn
from atlas.helpdesk.service import Answer, LeaseLostError


@pytest.fixture
def talk(clock: FrozenClock, ids: Ids) -> Any:
    """`await talk(session, "words")`: the message, in a conversation given or new."""

    async def say(session: AsyncSession, words: str, to: Conversation | None = None, **more: Any) -> Any:
        to = to or await service.open_conversation(
            session,
            principal_kind="staff",
            principal_id="anna",
            role="noc",
            subscriber_id=None,
            verified="token",
            channel="webchat",
            now=clock.now(),
            ids=ids,
        )
        more = {"channel": "webchat", "channel_message_id": None} | more
        return to, await service.receive(session, to, text=words, now=clock.now(), ids=ids, **more)

    return say


async def lease(session: AsyncSession, seconds: float = 30, worker: str = "w1") -> Turn | None:
    return await service.lease_turn(session, worker=worker, lease_seconds=seconds)


async def test_a_message_comes_with_the_turn_it_is_owed(session: AsyncSession, talk: Any) -> None:
    anna, message = await talk(session, "hello")
    turn = (await session.scalars(select(Turn))).one()
    assert (turn.message_id, turn.conversation_id, turn.state) == (message.id, anna.id, "waiting")
    kinds = list(await session.scalars(select(Event.kind).order_by(Event.id)))
    assert kinds == ["message.received", "turn.waiting"]


async def test_a_message_is_stored_once_per_channel_id(session: AsyncSession, talk: Any) -> None:
    anna, first = await talk(session, "hello", channel_message_id="wa-1")
    _, again = await talk(session, "hello", anna, channel_message_id="wa-1")
    _, other = await talk(session, "hello", anna, channel_message_id="wa-1", channel="sms")
    assert first.id == again.id != other.id
    assert len(await service.list_messages(session, anna.id)) == 2


async def test_an_event_is_stored_once_per_key(session: AsyncSession, talk: Any, clock: FrozenClock, ids: Ids) -> None:
    anna, _ = await talk(session, "hello")
    told = [
        await service.receive_event(session, anna.id, "#1 is done", {"n": 1}, clock.now(), ids, key="1") for _ in "ab"
    ]
    assert told[0].id == told[1].id and told[0].role == "event" and told[0].data == {"n": 1}
    assert len(list(await session.scalars(select(Turn)))) == 2


async def test_nobody_writes_into_a_conversation_that_is_not_there(
    session: AsyncSession, clock: FrozenClock, ids: Ids
) -> None:
    with pytest.raises(DomainError, match="no such conversation"):
        await service.receive_event(session, uuid.uuid4(), "hm", {}, clock.now(), ids)


async def test_a_conversation_with_a_person_owes_no_turn(session: AsyncSession, talk: Any) -> None:
    anna, _ = await talk(session, "a person please")
    await service.hand_to_person(session, anna.id)
    await session.refresh(anna)
    await talk(session, "are you there?", anna)
    assert len(list(await session.scalars(select(Turn)))) == 1


async def test_turns_of_a_thread_run_one_after_the_other(
    session: AsyncSession, talk: Any, clock: Any, ids: Ids
) -> None:
    anna, first = await talk(session, "one")
    _, second = await talk(session, "two", anna)
    _, third = await talk(session, "three")
    one, three = await lease(session), await lease(session)
    assert one is not None and three is not None
    assert [one.message_id, three.message_id] == [first.id, third.id]
    assert await lease(session) is None
    await service.finish_turn(session, one, Answer("noc", "1", {}), now=clock.now(), ids=ids)
    two = await lease(session)
    assert two is not None and two.message_id == second.id


async def test_a_held_turn_is_its_receivers_alone(session: AsyncSession, talk: Any) -> None:
    anna, _ = await talk(session, "hello", hold_seconds=60)
    assert await lease(session) is None
    assert await service.lease_turn_of(session, anna.id, worker="api", lease_seconds=30) is not None
    assert await service.lease_turn_of(session, anna.id, worker="api", lease_seconds=30) is None


async def test_an_expired_lease_is_taken_over_and_the_old_holder_is_fenced_off(
    sessions: Sessions, talk: Any, clock: FrozenClock, ids: Ids
) -> None:
    async with transaction(sessions) as session:
        await talk(session, "hello")
    async with transaction(sessions) as session:
        old = await lease(session, seconds=0)
    async with transaction(sessions) as session:
        new = await lease(session, worker="w1")  # the very same worker, restarted
    assert old is not None and new is not None and new.attempts == 2
    late: list[Callable[[AsyncSession], Awaitable[Any]]] = [
        lambda s: service.renew_lease(s, old, lease_seconds=30),
        lambda s: service.finish_turn(s, old, Answer("noc", "late", {}), now=clock.now(), ids=ids),
        lambda s: service.release_turn(s, old, error="late", retry_seconds=0),
    ]
    for attempt in late:
        async with sessions() as session:
            with pytest.raises(LeaseLostError):
                await attempt(session)
    async with transaction(sessions) as session:
        await service.finish_turn(session, new, Answer("noc", "hi", {"tools": []}), now=clock.now(), ids=ids)
    async with sessions() as session:
        said = await session.execute(
            text("SELECT text, data->>'answers' IS NOT NULL FROM message WHERE role='assistant'")
        )
        assert said.all() == [("hi", True)]


async def test_two_workers_never_get_the_same_turn(sessions: Sessions, talk: Any) -> None:
    async with transaction(sessions) as session:
        await talk(session, "hello")
    async with sessions() as one, sessions() as two:
        first = await lease(one, worker="w1")
        assert first is not None and await lease(two, worker="w2") is None
        await one.commit()
        assert await lease(two, worker="w2") is None


async def test_a_released_turn_comes_again_and_a_failed_one_is_owned_up_to(
    session: AsyncSession, talk: Any, clock: FrozenClock, ids: Ids
) -> None:
    _, message = await talk(session, "hello")
    turn = await lease(session)
    assert turn is not None
    await service.release_turn(session, turn, error="OSError", retry_seconds=0)
    again = await lease(session)
    assert again is not None and again.attempts == 2
    sorry = Answer("noc", "Sorry.", {})
    await service.fail_turn(session, again, error="OSError", reply=sorry, now=clock.now(), ids=ids)
    reply = await service.answer_to(session, message)
    assert reply is not None and reply.text == "Sorry."
    assert await lease(session) is None
