"""What was handed over to people: the outbox that stands where carriers would."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from api.deps import InDemo, Session, Staff
from api.errors import problems
from api.views import View
from atlas.helpdesk.models import OutboxMessage

router = APIRouter(tags=["demo"])


class OutboxView(View):
    """One message as its channel got it."""

    id: int
    key: str
    channel: str
    address: str
    text: str
    at: datetime


class OutboxPage(BaseModel):
    """Messages in the order they were handed over."""

    messages: list[OutboxView]
    total: dict[str, int] = Field(description="How many there are, by channel.")


@router.get("/outbox", summary="Messages handed over", responses=problems(401, 403, 404, 422))
async def get_outbox(
    session: Session,
    caller: Staff,  # noqa: ARG001
    demo: InDemo,  # noqa: ARG001
    after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    address: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> OutboxPage:
    """Only in the demo: elsewhere messages are with their carriers, not kept here to be read."""
    query = select(OutboxMessage).where(OutboxMessage.id > after).order_by(OutboxMessage.id).limit(limit)
    if address is not None:
        query = query.where(OutboxMessage.address == address)
    counts = await session.execute(
        select(OutboxMessage.channel, func.count()).group_by(OutboxMessage.channel).order_by(OutboxMessage.channel)
    )
    return OutboxPage(
        messages=[OutboxView.model_validate(row) for row in await session.scalars(query)],
        total=dict(counts.all()),
    )
