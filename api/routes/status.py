"""The public status page: whether an area is disturbed, and what has been said about it. Nothing personal.

Answers are by zone, the smallest area spoken of: a postcode can hold a single household.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import InHouse, Session
from api.errors import Problem, problems
from atlas.gis.models import Address, Zone
from atlas.itsm.incidents import OPEN_STATES, SPEAKABLE
from atlas.itsm.models import Incident, IncidentLine, IncidentUpdate
from atlas.itsm.words import plain_cause_of

router = APIRouter(tags=["status"])


class Disturbance(BaseModel):
    """One incident, as far as it is public."""

    reference: str
    since: datetime
    cause: str = Field(description="In plain words, naming no equipment.")
    words: str = Field(description="The latest that was said in public; empty before anything was.")
    is_being_watched: bool = Field(description="The cause has gone; lines are being watched.")
    expected_repair_at: datetime | None
    next_update_at: datetime | None


class AreaStatus(BaseModel):
    """How a zone is."""

    zone: int
    name: str
    ok: bool
    disturbances: list[Disturbance]


class Status(BaseModel):
    """The areas asked for, as they are now."""

    at: datetime
    areas: list[AreaStatus]


@router.get("/status", summary="Status by area", responses=problems(404, 422))
async def get_status(
    session: Session,
    house: InHouse,
    postcode: Annotated[str | None, Query(max_length=12)] = None,
    zone: Annotated[int | None, Query(ge=0, lt=2**31, description="Zone number.")] = None,
) -> Status:
    """The zone of a postcode, one zone by number, or all of them. No token needed."""
    areas = select(Zone).order_by(Zone.number)
    if zone is not None:
        areas = areas.where(Zone.number == zone)
    if postcode is not None:
        inside = select(Address.zone_id).where(Address.postcode == postcode.strip())
        areas = areas.where(Zone.id.in_(inside))
    found = list(await session.scalars(areas))
    if not found and (zone is not None or postcode is not None):
        raise Problem.not_found("such area; check the postcode or the zone number")
    disturbed = await _disturbances(session, [each.id for each in found])
    return Status(
        at=house.store.clock.now(),
        areas=[
            AreaStatus(
                zone=each.number,
                name=each.name,
                ok=not disturbed.get(each.id),
                disturbances=disturbed.get(each.id, []),
            )
            for each in found
        ],
    )


async def _disturbances(session: AsyncSession, zones: list[int]) -> dict[int, list[Disturbance]]:
    """Open incidents with lines still cut off, per zone id."""
    rows = await session.execute(
        select(IncidentLine.zone_id, Incident)
        .join(Incident, Incident.id == IncidentLine.incident_id)
        .where(
            IncidentLine.zone_id.in_(zones),
            IncidentLine.restored_at.is_(None),
            Incident.state.in_(OPEN_STATES),
            SPEAKABLE,
        )
        .ext(distinct_on(IncidentLine.zone_id, Incident.id))
        .order_by(IncidentLine.zone_id, Incident.id)
    )
    pairs = rows.all()
    said = await _last_words(session, {incident.id for _, incident in pairs})
    found: dict[int, list[Disturbance]] = {}
    for zone_id, incident in pairs:
        found.setdefault(zone_id, []).append(_public(incident, said.get(incident.id, "")))
    return found


def _public(incident: Incident, words: str) -> Disturbance:
    return Disturbance(
        reference=incident.reference,
        since=incident.started_at,
        cause=plain_cause_of(incident),
        words=words,
        is_being_watched=incident.state == "monitoring",
        expected_repair_at=incident.expected_repair_at,
        next_update_at=incident.next_update_at,
    )


async def _last_words(session: AsyncSession, incident_ids: set[int]) -> dict[int, str]:
    rows = await session.execute(
        select(IncidentUpdate.incident_id, IncidentUpdate.text)
        .where(IncidentUpdate.incident_id.in_(incident_ids), IncidentUpdate.is_public)
        .ext(distinct_on(IncidentUpdate.incident_id))
        .order_by(IncidentUpdate.incident_id, IncidentUpdate.id.desc())
    )
    return dict(rows.all())
