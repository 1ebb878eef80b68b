"""Conversations and their turns: what people said, who answers it now, and what was answered.

A message is stored before anything acts on it, together with the turn it is owed. A turn is leased by one
process at a time, one running per thread, by the database's own clock: processes need not agree on the time.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from atlas.clock import Ids
from atlas.errors import DomainError
from atlas.events import emit
from atlas.helpdesk.models import Conversation, Message, Turn

OPEN, WITH_PERSON = "open", "with_person"


class LeaseLostError(DomainError):
    """Another process has taken this turn over; whatever this one worked out must not be stored."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says at the end of a turn; `data` are the references it cites."""

    agent: str
    text: str
    data: dict[str, Any]


async def open_conversation(
    session: AsyncSession,
    *,
    principal_kind: str,
    principal_id: str,
    role: str,
    subscriber_id: int | None,
    verified: str,
    channel: str,
    now: datetime,
    ids: Ids,
) -> Conversation:
    """Start a thread between a principal, as its channel has verified them, and the assistant."""
    conversation = Conversation(
        id=ids(),
        principal_kind=principal_kind,
        principal_id=principal_id,
        role=role,
        subscriber_id=subscriber_id,
        verified=verified,
        channel=channel,
        state=OPEN,
        created_at=now,
    )
    session.add(conversation)
    await session.flush()
    return conversation


async def receive(
    session: AsyncSession,
    conversation: Conversation,
    *,
    text: str,
    channel: str,
    channel_message_id: str | None,
    now: datetime,
    ids: Ids,
    hold_seconds: float = 0.0,
) -> Message:
    """Store what a person said, once per channel id, with the turn it is owed.

    For `hold_seconds` only `lease_turn_of` this conversation gets the turn: time for the receiving process to
    run it itself. A conversation that a person has taken over is owed no turn.
    """
    await _lock(session, conversation.id)
    message = await _store(
        session,
        id=ids(),
        conversation_id=conversation.id,
        role="person",
        channel=channel,
        channel_message_id=channel_message_id,
        text=text,
        data={},
        at=now,
    )
    if message is None:
        return await _by_channel_id(session, channel, channel_message_id)
    await _tell(session, "message.received", message)
    if conversation.state == OPEN:
        await _owe_turn(session, message, now, ids, hold_seconds)
    return message


async def receive_event(
    session: AsyncSession,
    conversation_id: uuid.UUID,
    text: str,
    data: dict[str, Any],
    now: datetime,
    ids: Ids,
    *,
    key: str | None = None,
) -> Message:
    """Put something that happened (a sign-off's outcome) into a thread, which then owes a turn about it.

    `key` makes it happen once.
    """
    await _lock(session, conversation_id)
    message = await _store(
        session,
        id=ids(),
        conversation_id=conversation_id,
        role="event",
        channel="event",
        channel_message_id=key,
        text=text,
        data=data,
        at=now,
    )
    if message is None:
        return await _by_channel_id(session, "event", key)
    await _tell(session, "message.received", message)
    conversation = await session.get_one(Conversation, conversation_id)
    if conversation.state == OPEN:
        await _owe_turn(session, message, now, ids, 0.0)
    return message


async def answer(
    session: AsyncSession,
    conversation_id: uuid.UUID,
    *,
    agent: str,
    text: str,
    data: dict[str, Any],
    now: datetime,
    ids: Ids,
) -> Message:
    """Store what the assistant says."""
    conversation = await session.get_one(Conversation, conversation_id)
    message = await _store(
        session,
        id=ids(),
        conversation_id=conversation_id,
        role="assistant",
        channel=conversation.channel,
        channel_message_id=None,
        agent=agent,
        text=text,
        data=data,
        at=now,
    )
    assert message is not None  # no channel id, so no conflict
    await _tell(session, "message.answered", message)
    return message


async def list_messages(session: AsyncSession, conversation_id: uuid.UUID) -> list[Message]:
    """All that was said in a thread, in order."""
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.position)
    return list(await session.scalars(query))


async def answer_to(session: AsyncSession, message: Message) -> Message | None:
    """What the assistant said to a message, by the mark that ending its turn leaves; None if nothing."""
    query = (
        select(Message)
        .where(Message.conversation_id == message.conversation_id, Message.role == "assistant")
        .where(Message.data["answers"].as_string() == str(message.id))
    )
    return (await session.scalars(query)).first()


async def lease_turn(session: AsyncSession, *, worker: str, lease_seconds: float) -> Turn | None:
    """The oldest turn nobody runs, or whose runner is gone; None when there is none."""
    unheld = or_(Turn.leased_until.is_(None), Turn.leased_until < func.clock_timestamp())
    return await _lease(session, and_(Turn.state == "waiting", unheld), worker, lease_seconds)


async def lease_turn_of(
    session: AsyncSession, conversation_id: uuid.UUID, *, worker: str, lease_seconds: float
) -> Turn | None:
    """The turn that is next in one thread, held back or not; None while another process runs one there."""
    mine = and_(Turn.state == "waiting", Turn.conversation_id == conversation_id)
    return await _lease(session, mine, worker, lease_seconds, Turn.conversation_id == conversation_id)


async def renew_lease(session: AsyncSession, turn: Turn, *, lease_seconds: float) -> None:
    """Keep a running turn. LeaseLostError when another process has taken it over."""
    until = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, lease_seconds)
    await _update_held(session, turn, leased_until=until)


async def finish_turn(
    session: AsyncSession, turn: Turn, reply: Answer | None, *, now: datetime, ids: Ids
) -> Message | None:
    """Store the answer and end the turn, both or neither. LeaseLostError when it isn't ours any more.

    `reply` is None when there is nothing to say.
    """
    await _update_held(session, turn, state="done", finished_at=now, leased_until=None)
    return await _reply(session, turn, reply, now, ids) if reply else None


async def release_turn(session: AsyncSession, turn: Turn, *, error: str, retry_seconds: float) -> None:
    """Give a turn back after a mishap, to be tried again by anyone in `retry_seconds`."""
    until = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, retry_seconds)
    await _update_held(session, turn, state="waiting", error=error, leased_by=None, leased_until=until)


async def fail_turn(
    session: AsyncSession, turn: Turn, *, error: str, reply: Answer, now: datetime, ids: Ids
) -> Message:
    """Give a turn up: record why, and tell the person."""
    await _update_held(session, turn, state="failed", error=error, finished_at=now, leased_until=None)
    return await _reply(session, turn, reply, now, ids)


async def hand_to_person(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """From now on people answer in this thread, not the assistant."""
    await session.execute(update(Conversation).where(Conversation.id == conversation_id).values(state=WITH_PERSON))


async def _reply(session: AsyncSession, turn: Turn, reply: Answer, now: datetime, ids: Ids) -> Message:
    data = {**reply.data, "answers": str(turn.message_id)}
    conversation_id = turn.conversation_id
    return await answer(session, conversation_id, agent=reply.agent, text=reply.text, data=data, now=now, ids=ids)


async def _lease(
    session: AsyncSession,
    is_waiting: ColumnElement[bool],
    worker: str,
    lease_seconds: float,
    *others: ColumnElement[bool],
) -> Turn | None:
    """Only the oldest unfinished turn of a thread can be leased, so a thread's messages keep their order."""
    message, earlier, earlier_message = Message, aliased(Turn), aliased(Message)
    has_earlier = (
        exists()
        .where(earlier.conversation_id == Turn.conversation_id, earlier.state.in_(("waiting", "running")))
        .where(earlier_message.id == earlier.message_id, earlier_message.position < message.position)
    )
    is_abandoned = and_(Turn.state == "running", Turn.leased_until < func.clock_timestamp())
    query = (
        select(Turn)
        .join(message, message.id == Turn.message_id)
        .where(or_(is_waiting, is_abandoned), ~has_earlier, *others)
        .order_by(message.position)
        .limit(1)
        .with_for_update(of=Turn, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    turn = await session.scalar(query)
    if turn is None:
        return None
    # Each lease has a holder of its own, so that even the same process cannot finish under an old one.
    turn.leased_by = f"{worker}#{turn.attempts + 1}"
    turn.attempts += 1
    turn.state = "running"
    await session.flush()
    await renew_lease(session, turn, lease_seconds=lease_seconds)
    return turn


async def _update_held(session: AsyncSession, turn: Turn, **values: Any) -> None:
    held = and_(Turn.id == turn.id, Turn.state == "running", Turn.leased_by == turn.leased_by)
    statement = update(Turn).where(held).values(**values).execution_options(synchronize_session=False)
    found = await session.scalar(statement.returning(Turn.id))
    if found is None:
        raise LeaseLostError("This turn has been taken over by another process.")


async def _lock(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """Messages of one thread commit in the order of their positions."""
    query = select(Conversation.id).where(Conversation.id == conversation_id).with_for_update(key_share=True)
    if await session.scalar(query) is None:
        raise DomainError("There is no such conversation.")


async def _store(session: AsyncSession, **values: Any) -> Message | None:
    """The new message, or None when its channel id is known already."""
    statement = (
        insert(Message).values(**values).on_conflict_do_nothing(index_elements=["channel", "channel_message_id"])
    )
    return await session.scalar(statement.returning(Message))


async def _by_channel_id(session: AsyncSession, channel: str, channel_message_id: str | None) -> Message:
    query = select(Message).where(Message.channel == channel, Message.channel_message_id == channel_message_id)
    return (await session.scalars(query)).one()


async def _owe_turn(session: AsyncSession, message: Message, now: datetime, ids: Ids, hold_seconds: float) -> None:
    hold = func.clock_timestamp() + func.make_interval(0, 0, 0, 0, 0, 0, hold_seconds)
    turn_id = ids()
    await session.execute(
        insert(Turn).values(
            id=turn_id,
            conversation_id=message.conversation_id,
            message_id=message.id,
            state="waiting",
            attempts=0,
            leased_until=hold if hold_seconds else None,
            created_at=now,
        )
    )
    payload = {"turn": str(turn_id), "message": str(message.id)}
    await emit(session, "turn.waiting", str(message.conversation_id), payload, at=now)


async def _tell(session: AsyncSession, kind: str, message: Message) -> None:
    payload = {
        "message": str(message.id),
        "role": message.role,
        "agent": message.agent,
        "text": message.text,
    }
    await emit(session, kind, str(message.conversation_id), payload, at=message.at)
