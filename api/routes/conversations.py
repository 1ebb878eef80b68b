"""Conversations with the assistant: open one, say something, and hear the answer as it is made."""

import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from agents.state import Discard, Part, Token, ToolFinished, ToolStarted
from agents.turns import Answered
from api.conversations import (
    ConversationView,
    MessageView,
    conversation_of,
    list_conversations,
    messages_after,
)
from api.deps import Caller, InHouse, Session
from api.errors import Problem, problems
from api.house import House
from atlas.db import transaction
from atlas.helpdesk import service as helpdesk
from atlas.helpdesk.models import Message
from policies.spec import Principal

router = APIRouter(prefix="/conversations", tags=["conversations"])

#: Characters one message may have; more is no question to an assistant.
MAX_MESSAGE = 4_000
#: Seconds in which no other process takes the turn, so that whoever posts hears it.
HOLD = 5.0


class NewConversation(BaseModel):
    """How the caller talks."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal["webchat", "console"] = "webchat"


class NewMessage(BaseModel):
    """Something a person says."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_MESSAGE)
    key: str | None = Field(
        default=None, min_length=1, max_length=100, description="The same key again is the same message."
    )


class ConversationPage(BaseModel):
    """Conversations, the newest first."""

    conversations: list[ConversationView]


class MessagePage(BaseModel):
    """Messages in the order they were said."""

    messages: list[MessageView]


class Answer(BaseModel):
    """What was said and what was answered; no answer while a person has the conversation."""

    message: MessageView
    answer: MessageView | None


@router.get("", summary="Conversations", responses=problems(401, 422))
async def get_conversations(
    session: Session, caller: Caller, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> ConversationPage:
    """The caller's own; support see those of subscribers too."""
    return ConversationPage(conversations=await list_conversations(session, caller, limit))


@router.post("", status_code=201, summary="Open a conversation", responses=problems(401, 422))
async def open_conversation(
    session: Session, house: InHouse, caller: Caller, new: NewConversation | None = None
) -> ConversationView:
    """A thread in which the caller speaks with the rights of their token."""
    conversation = await helpdesk.open_conversation(
        session,
        principal_kind=caller.kind,
        principal_id=caller.id,
        role=caller.role,
        subscriber_id=caller.subscriber_id,
        verified=caller.verified,
        channel=(new or NewConversation()).channel,
        now=house.store.clock.now(),
        ids=house.store.ids,
    )
    return ConversationView.model_validate(conversation)


@router.get("/{conversation_id}/messages", summary="What was said", responses=problems(401, 404, 422))
async def get_messages(
    session: Session,
    caller: Caller,
    conversation_id: uuid.UUID,
    after: Annotated[int, Query(ge=0, lt=2**63, description="Only positions above this.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> MessagePage:
    """In order. Another's conversation is answered like one that does not exist."""
    conversation = await conversation_of(session, conversation_id, caller, to_read=True)
    return MessagePage(messages=await messages_after(session, conversation.id, after, limit))


@router.post(
    "/{conversation_id}/messages",
    summary="Say something",
    response_model=Answer,
    responses={
        200: {
            "model": Answer,
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
            "description": "The answer; or, asked for `text/event-stream`, how it comes about.",
        },
        **problems(401, 404, 409, 413, 422),
    },
)
async def post_message(
    house: InHouse,
    caller: Caller,
    conversation_id: uuid.UUID,
    new: NewMessage,
    accept: Annotated[str, Header(description="`text/event-stream` streams the answer.")] = "application/json",
) -> Response | Answer:
    """The message is stored first; it is answered even if the caller goes away.

    A stream has the events `message` (as stored), `token` (a piece of the answer), `discard` (forget the tokens
    so far), `tool` and `tool_result` (what is looked up or done), and last `answer`.
    """
    message = await _receive(house, caller, conversation_id, new)
    if "text/event-stream" in accept:
        return EventSourceResponse(_stream(house, message), ping=15, send_timeout=30)
    answered = None
    async for part in house.turns.answer(message):
        if isinstance(part, Answered):
            answered = part.message
    house.metrics.turns.labels("answered" if answered else "unanswered").inc()
    return Answer(message=_view(message), answer=_view(answered) if answered else None)


async def _receive(house: House, caller: Principal, conversation_id: uuid.UUID, new: NewMessage) -> Message:
    """Store the message in a transaction of its own, which ends before the turn begins."""
    async with transaction(house.store.sessions) as session:
        conversation = await conversation_of(session, conversation_id, caller)
        if conversation.role != caller.role:
            raise Problem(409, "Your role has changed since this conversation began; open a new one.")
        return await helpdesk.receive(
            session,
            conversation,
            text=new.text.replace("\x00", "\ufffd"),
            channel=conversation.channel,
            # A channel's ids are unique across conversations; the caller's key is only theirs.
            channel_message_id=f"{conversation.id}:{new.key}" if new.key else None,
            now=house.store.clock.now(),
            ids=house.store.ids,
            hold_seconds=HOLD,
        )


async def _stream(house: House, message: Message) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(event="message", data=_view(message).model_dump_json())
    async for part in house.turns.answer(message):
        yield _event(part)
        if isinstance(part, Answered):
            house.metrics.turns.labels("answered" if part.message else "unanswered").inc()


def _event(part: Part | Answered) -> ServerSentEvent:
    match part:
        case Token():
            return _sent("token", _Said(text=part.text))
        case Discard():
            return ServerSentEvent(event="discard", data="{}")
        case ToolStarted():
            return _sent("tool", _Tool(tool=part.tool))
        case ToolFinished():
            return _sent("tool_result", _ToolResult(tool=part.tool, outcome=part.outcome, text=part.text))
        case Answered():
            data = _view(part.message).model_dump_json() if part.message else "null"
            return ServerSentEvent(event="answer", data=data)


class _Said(BaseModel):
    text: str


class _Tool(BaseModel):
    tool: str


class _ToolResult(_Tool):
    outcome: str
    text: str


def _sent(event: str, data: BaseModel) -> ServerSentEvent:
    return ServerSentEvent(event=event, data=data.model_dump_json())


def _view(message: Message) -> MessageView:
    return MessageView.model_validate(message)
