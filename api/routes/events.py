"""Everything that happens, as it happens: a stream of server-sent events that can be resumed."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import Caller, InHouse
from api.errors import Problem, problems
from api.house import House
from api.hub import TooSlow
from api.visibility import may_see
from atlas.events import Cursor, Happened
from policies.spec import Principal

router = APIRouter(tags=["events"])


class EventData(BaseModel):
    """The `data` of each event; its `event` is the kind, its `id` the place to resume from."""

    at: datetime
    kind: str
    subject: str
    payload: dict[str, Any]


@router.get(
    "/events",
    summary="Listen to events",
    response_class=EventSourceResponse,
    responses={
        200: {"model": EventData, "description": "text/event-stream; each event's data is one EventData."},
        **problems(400, 401),
    },
)
async def get_events(
    house: InHouse,
    caller: Caller,
    last_event_id: Annotated[str | None, Header(description="Resume after this event.")] = None,
    kind: Annotated[list[str] | None, Query(description="Only these kinds; `incident.` for a family.")] = None,
) -> EventSourceResponse:
    """Staff hear of the network and of actions; anyone, of their own conversations; support, of all of them.

    The first event, `listening`, carries the place this starts from. With the id of the last event that was
    received in `Last-Event-ID` nothing is lost and nothing repeated. A listener that cannot keep up gets
    `dropped` and is to come back.
    """
    after = parse_cursor(last_event_id) if last_event_id else None
    return EventSourceResponse(_stream(house, caller, after, tuple(kind or ())), ping=15, send_timeout=30)


def parse_cursor(text: str) -> Cursor:
    """`<xid>-<id>` as a cursor. Problem 400 for anything else."""
    xid, _, id = text.partition("-")
    if not (xid.isdecimal() and id.isdecimal() and len(text) <= 40):
        raise Problem(400, "Last-Event-ID is not the id of an event from here.")
    return Cursor(int(xid), int(id))


def format_cursor(cursor: Cursor) -> str:
    """A cursor as an event id."""
    return f"{cursor.xid}-{cursor.id}"


async def _stream(
    house: House, caller: Principal, after: Cursor | None, kinds: tuple[str, ...]
) -> AsyncIterator[ServerSentEvent]:
    after = after or house.hub.position
    yield ServerSentEvent(event="listening", id=format_cursor(after), data="{}")
    try:
        async for event in house.hub.listen(after):
            if (not kinds or event.kind.startswith(kinds)) and await may_see(caller, event, house.owners):
                yield _sent(event)
    except TooSlow:
        yield ServerSentEvent(event="dropped", data='"You fell behind; come back with your Last-Event-ID."')


def _sent(event: Happened) -> ServerSentEvent:
    data = EventData(at=event.at, kind=event.kind, subject=event.subject, payload=event.payload)
    return ServerSentEvent(event=event.kind, id=format_cursor(event.cursor), data=data.model_dump_json())
