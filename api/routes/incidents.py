"""Incidents: what is broken, what it rests on, and a person's say in it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.calling import call_tool
from api.deps import InHouse, Noc, Session, Staff
from api.errors import Problem, problems
from api.views import IncidentDetail, IncidentView, LineCounts, PageView, TicketView, UpdateView
from atlas.crm.models import Subscriber
from atlas.gis.models import Zone
from atlas.itsm import incidents, lines, on_call, tickets
from atlas.itsm.models import Incident, IncidentAlarm, IncidentLine, IncidentUpdate
from forge.triage import incidents as similarity

router = APIRouter(prefix="/incidents", tags=["incidents"])

Reference = Annotated[str, Path(description="INC-12, or 12.", max_length=30)]


class IncidentPage(BaseModel):
    """Incidents, the largest open ones first."""

    incidents: list[IncidentView]


class SimilarView(BaseModel):
    """A past incident like another."""

    reference: str
    likeness: float = Field(ge=0, le=1.001)
    reasons: list[str]
    resolution: str = Field(description="What fixed it, as it was written down; may be empty.")
    minutes: float | None = Field(description="From its first alarm to the last one cleared.")


class SimilarPage(BaseModel):
    """Past incidents, the likest first."""

    similar: list[SimilarView]


class ExpectedRepair(BaseModel):
    """When it should work again."""

    at: AwareDatetime
    source: str = Field(default="", max_length=200, description="Who says so; the caller when empty.")


@router.get("", summary="Incidents", responses=problems(401, 403, 422))
async def get_incidents(
    session: Session,
    caller: Staff,  # noqa: ARG001
    state: Annotated[Literal["open", "all"], Query(description="`open` includes those being watched.")] = "open",
    zone: Annotated[int | None, Query(ge=0, lt=2**31, description="Only those that touch this zone.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> IncidentPage:
    """Open incidents, the largest first; with `state=all`, also what is over, the newest first."""
    if state == "open":
        found = await incidents.open_incidents(session, zone=zone)
    else:
        found = list(await session.scalars(select(Incident).order_by(Incident.id.desc()).limit(limit)))
    return IncidentPage(incidents=[IncidentView.model_validate(each) for each in found[:limit]])


@router.get("/{reference}", summary="One incident", responses=problems(401, 403, 404))
async def get_incident(session: Session, caller: Staff, reference: Reference) -> IncidentDetail:  # noqa: ARG001
    """The incident with its causes, history, tickets and line counts."""
    return await _detail(session, await _find(session, reference))


class AffectedLine(BaseModel):
    """One line an incident cut off."""

    subscriber: str = Field(description="The subscriber's number.")
    zone: int
    preferred_channel: str
    is_vulnerable: bool
    restored_at: AwareDatetime | None


class AffectedLines(BaseModel):
    """Lines an incident cut off: those not back yet first, of them the vulnerable first."""

    total: int
    lines: list[AffectedLine]


@router.get("/{reference}/lines", summary="Lines it cut off", responses=problems(401, 403, 404))
async def get_lines(
    session: Session,
    caller: Staff,  # noqa: ARG001
    reference: Reference,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AffectedLines:
    """Who is affected, line by line: "who isn't back"."""
    incident = await _find(session, reference)
    rows = await session.execute(
        select(
            Subscriber.number.label("subscriber"),
            Zone.number.label("zone"),
            Subscriber.preferred_channel,
            Subscriber.is_vulnerable,
            IncidentLine.restored_at,
        )
        .join(Subscriber, Subscriber.id == IncidentLine.subscriber_id)
        .join(Zone, Zone.id == IncidentLine.zone_id)
        .where(IncidentLine.incident_id == incident.id)
        .order_by(IncidentLine.restored_at.is_not(None), Subscriber.is_vulnerable.desc(), Subscriber.number)
        .limit(limit)
    )
    return AffectedLines(
        total=(await lines.count_lines(session, incident.id)).total,
        lines=[AffectedLine.model_validate(dict(row._mapping)) for row in rows],
    )


@router.get("/{reference}/similar", summary="Past incidents like it", responses=problems(401, 403, 404))
async def get_similar(
    session: Session,
    caller: Staff,  # noqa: ARG001
    reference: Reference,
) -> SimilarPage:
    """What a veteran would remember: the likest first, with what fixed each and how long it took."""
    incident = await _find(session, reference)
    found = await similarity.similar_to(session, incident.id)
    return SimilarPage(similar=[SimilarView.model_validate(each._asdict()) for each in found])


@router.post("/{reference}/acknowledge", summary="Take it in hand", responses=problems(401, 403, 404, 409))
async def acknowledge(session: Session, house: InHouse, caller: Noc, reference: Reference) -> IncidentView:
    """Says that the caller has it in hand. 409 when somebody else has already."""
    incident = await _find(session, reference, lock=True)
    await incidents.acknowledge(session, incident, caller.id, house.store.clock.now())
    return IncidentView.model_validate(incident)


@router.post("/{reference}/confirm", summary="Say that it is real", responses=problems(401, 403, 404, 409))
async def confirm(house: InHouse, caller: Noc, reference: Reference) -> IncidentView:
    """Ends the doubt about it: subscribers may be told, and a crew may be sent. 409 when nothing is in doubt."""
    async with house.store.sessions() as session:
        incident = await _find(session, reference)
    await call_tool(house, caller, "confirm_incident", incident=incident.reference)
    async with house.store.sessions() as session:
        return IncidentView.model_validate(await _find(session, reference))


@router.post(
    "/{reference}/expected-repair", summary="Say when it should work", responses=problems(401, 403, 404, 409, 422)
)
async def expect_repair(
    session: Session, house: InHouse, caller: Noc, reference: Reference, expected: ExpectedRepair
) -> IncidentView:
    """What subscribers will be told. 409 when it lies in the past."""
    incident = await _find(session, reference, lock=True)
    source = expected.source or caller.id
    await incidents.expect_repair(session, incident, expected.at, source, house.store.clock.now())
    return IncidentView.model_validate(incident)


async def _find(session: AsyncSession, reference: str, *, lock: bool = False) -> Incident:
    digits = reference.upper().removeprefix("INC-")
    incident = None
    if digits.isdecimal() and int(digits) < 2**63:
        incident = await session.get(Incident, int(digits), with_for_update=lock or None)
    if incident is None:
        raise Problem.not_found("such incident; references look like INC-12")
    return incident


async def _detail(session: AsyncSession, incident: Incident) -> IncidentDetail:
    history = await session.scalars(
        select(IncidentUpdate)
        .where(IncidentUpdate.incident_id == incident.id)
        .order_by(IncidentUpdate.at, IncidentUpdate.id)
    )
    count = await lines.count_lines(session, incident.id)
    alarms = await session.scalar(select(func.count()).where(IncidentAlarm.incident_id == incident.id))
    work = await tickets.tickets_of_incident(session, incident.id)
    return IncidentDetail(
        **IncidentView.model_validate(incident).model_dump(),
        causes=incident.causes,
        explanation=incident.explanation,
        alarms=alarms or 0,
        updates=[UpdateView.model_validate(row) for row in history],
        pages=[PageView.model_validate(row) for row in await on_call.pages_of(session, incident.id)],
        tickets=[TicketView.model_validate(row) for row in work],
        open_subscriber_tickets=await tickets.count_open_tickets(session, incident.id),
        lines=LineCounts(cut=count.total, restored=count.restored),
    )
