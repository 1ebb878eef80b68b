"""Conversations as people may see them: their own; and support, who help, those of subscribers."""

import uuid
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import Problem
from api.views import View
from api.visibility import HELPERS
from atlas.helpdesk.models import Conversation, Message
from policies.spec import Principal


class ConversationView(View):
    """One thread between a person and the assistant."""

    id: uuid.UUID
    principal_kind: str = Field(description="subscriber | staff")
    principal_id: str
    role: str
    channel: str
    state: str = Field(description="open | with_person | closed")
    created_at: datetime


class MessageView(View):
    """One thing said."""

    id: uuid.UUID
    position: int = Field(description="Grows along the thread; pass the last as `after`.")
    role: str = Field(description="person | assistant | event")
    agent: str | None = Field(description="Which agent answered.")
    channel: str
    text: str
    at: datetime
    data: dict[str, Any] = Field(description="References the message cites.")


async def list_conversations(session: AsyncSession, caller: Principal, limit: int) -> list[ConversationView]:
    """Those the caller may see, the newest first."""
    mine: ColumnElement[bool] = and_(Conversation.principal_kind == caller.kind, Conversation.principal_id == caller.id)
    if caller.role in HELPERS:
        mine = or_(mine, Conversation.principal_kind == "subscriber")
    query = select(Conversation).where(mine).order_by(Conversation.created_at.desc()).limit(limit)
    return [ConversationView.model_validate(row) for row in await session.scalars(query)]


async def conversation_of(
    session: AsyncSession, conversation_id: uuid.UUID, caller: Principal, *, to_read: bool = False
) -> Conversation:
    """A conversation of the caller's own, or one they may read. Problem 404 for any other."""
    found = await session.get(Conversation, conversation_id)
    if found is not None:
        if (found.principal_kind, found.principal_id) == (caller.kind, caller.id):
            return found
        if to_read and caller.role in HELPERS and found.principal_kind == "subscriber":
            return found
    raise Problem.not_found("such conversation of yours")


async def messages_after(
    session: AsyncSession, conversation_id: uuid.UUID, after: int, limit: int
) -> list[MessageView]:
    """What was said after a position, in order."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.position > after)
        .order_by(Message.position)
        .limit(limit)
    )
    return [MessageView.model_validate(row) for row in await session.scalars(query)]
