"""Measurements in, by the batch: what servers, BNGs and probes see of the services that lines depend on."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from pydantic_core import from_json

from api.bodies import read_body
from api.deps import InHouse, Noc, Session
from api.errors import Problem, problems
from atlas.network.vitals import Measurement, MeasurementReceipt, record_measurements

router = APIRouter(tags=["alarms"])

#: Bytes of one post per measurement allowed in it.
BYTES_EACH, LEAST_BYTES = 512, 1024 * 1024


@router.post(
    "/measurements",
    status_code=202,
    summary="Post a batch of measurements",
    responses=problems(400, 401, 403, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Measurement"}}}
            },
        }
    },
)
async def post_measurements(request: Request, house: InHouse, session: Session, caller: Noc) -> MeasurementReceipt:  # noqa: ARG001
    """Keeps every measurement that can be read and says, with its place in the batch, why another cannot.

    Post about once a minute. Failures of so many tries, or a level; each is held against what is usual for the
    same series, and what is far beyond it becomes an alarm. A series needs some weeks of history before it is judged.
    """
    limit = house.settings.max_batch
    body = await read_body(request, max(limit * BYTES_EACH, LEAST_BYTES))
    taken, places, rejected = parse(body, limit)
    receipt = await record_measurements(session, taken, house.store.clock.now())
    late = [_placed(words, places) for words in receipt.rejected]
    return receipt.model_copy(update={"rejected": [*rejected, *late]})


def _placed(words: str, places: list[int]) -> str:
    """A sentence about the n-th measurement taken, with its place in the post instead."""
    head, _, rest = words.partition(":")
    return f"measurement {places[int(head.rpartition(' ')[2])]}:{rest}"


def parse(body: bytes, limit: int) -> tuple[list[Measurement], list[int], list[str]]:
    """The measurements of a JSON array, their places in it, and a sentence for each item that is none.

    Problem 400, 413 or 422.
    """
    try:
        items: Any = from_json(body)
    except ValueError as error:
        raise Problem(400, f"The body is not JSON: {error}.") from error
    if not isinstance(items, list):
        raise Problem(422, "The body must be a JSON array of measurements.")
    if len(items) > limit:
        raise Problem(413, f"The post holds {len(items):,} measurements; at most {limit:,} are taken: split it.")
    taken, places, rejected = [], [], []
    for place, item in enumerate(items):
        try:
            taken.append(Measurement.model_validate(item))
            places.append(place)
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in fault["loc"]) or "measurement"
            rejected.append(f"measurement {place}: {where}: {fault['msg']}")
    return taken, places, rejected
