"""Alarms in, by the batch, and the alarm list out."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json
from sqlalchemy import select

from api.bodies import read_body
from api.deps import InHouse, Noc, Session, Staff
from api.errors import Problem, problems
from atlas.network.ingest import record_alarms
from atlas.network.models import AlarmRecord
from atlas.network.schemas import Alarm, Receipt
from forge.feeds.metrics import MESSAGES

router = APIRouter(tags=["alarms"])

ALARMS: TypeAdapter[list[Alarm]] = TypeAdapter(list[Alarm])
#: Bytes of one post per alarm allowed in it. Free text is cut when stored, but it must be read first.
BYTES_PER_ALARM = 2_048
LEAST_BYTES = 4 * 1024 * 1024


class AlarmView(BaseModel):
    """One line of the alarm list (RFC 8632), as it stands now."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    resource: str
    alarm_type: str
    qualifier: str
    device: str
    severity: str
    is_cleared: bool
    text: str
    raised_at: datetime
    last_event_at: datetime
    cleared_at: datetime | None
    repeats: int
    acknowledged_by: str | None


class AlarmPage(BaseModel):
    """A part of the alarm list, newest first."""

    alarms: list[AlarmView]
    next: int | None = Field(description="Pass as `before` for the next page; none on the last.")


@router.post(
    "/alarms",
    status_code=202,
    summary="Post a batch of alarms",
    responses=problems(400, 401, 403, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Alarm"}}}
            },
        }
    },
)
async def post_alarms(request: Request, house: InHouse, session: Session, caller: Noc) -> Receipt:  # noqa: ARG001
    """Keeps every alarm that can be read and says, with its place in the batch, why another cannot.

    When this answers, what was accepted is committed. A batch may be posted again: what was seen before is
    counted as duplicate. `event_time` may be far from our clock; text past the server's limit is cut, with a
    note in it. A batch over the server's limit is refused whole, so that it can be split.
    """
    limit = house.settings.max_batch
    body = await read_body(request, max(limit * BYTES_PER_ALARM, LEAST_BYTES))
    alarms, rejected = parse_batch(body, limit)
    receipt = await record_alarms(session, alarms, house.store.clock.now(), house.settings.max_text)
    for feed, number in Counter(alarm.feed.value for alarm in alarms).items():
        MESSAGES.labels(feed, "alarm").inc(number)
    house.metrics.alarms.labels("accepted").inc(receipt.accepted)
    house.metrics.alarms.labels("duplicate").inc(receipt.duplicates)
    house.metrics.alarms.labels("rejected").inc(len(rejected))
    return receipt.model_copy(update={"rejected": rejected})


def parse_batch(body: bytes, limit: int) -> tuple[list[Alarm], list[str]]:
    """The alarms of a JSON array, and a sentence for each item that is none. Problem 400, 413 or 422."""
    try:
        alarms = ALARMS.validate_json(body)
    except ValidationError:
        items = _items(body)
        _check_size(len(items), limit)
        return _one_by_one(items)
    _check_size(len(alarms), limit)
    return alarms, []


def _check_size(count: int, limit: int) -> None:
    if count > limit:
        raise Problem(413, f"The post holds {count:,} alarms; at most {limit:,} are taken: split it.")


def _items(body: bytes) -> list[Any]:
    try:
        items = from_json(body)
    except ValueError as error:
        raise Problem(400, f"The body is not JSON: {error}.") from error
    if not isinstance(items, list):
        raise Problem(422, "The body must be a JSON array of alarms.")
    return items


def _one_by_one(items: list[Any]) -> tuple[list[Alarm], list[str]]:
    """The slow path, taken when something in the batch is wrong: keep the rest."""
    alarms, rejected = [], []
    for index, item in enumerate(items):
        try:
            alarms.append(Alarm.model_validate(item))
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in fault["loc"]) or "alarm"
            rejected.append(f"alarm {index}: {place}: {fault['msg']}")
    return alarms, rejected


@router.get("/alarms", summary="The alarm list", responses=problems(401, 403, 422))
async def get_alarms(
    session: Session,
    caller: Staff,  # noqa: ARG001
    active: Annotated[bool, Query(description="Only what is not cleared.")] = True,
    device: Annotated[str | None, Query(max_length=300)] = None,
    before: Annotated[int | None, Query(ge=1, description="Only ids below this.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AlarmPage:
    """One line per resource, type and qualifier, newest first."""
    query = select(AlarmRecord).order_by(AlarmRecord.id.desc()).limit(limit)
    if active:
        query = query.where(~AlarmRecord.is_cleared)
    if device:
        query = query.where(AlarmRecord.device == device)
    if before:
        query = query.where(AlarmRecord.id < before)
    rows = [AlarmView.model_validate(row) for row in await session.scalars(query)]
    return AlarmPage(alarms=rows, next=rows[-1].id if len(rows) == limit else None)
