"""What a subscriber may know of their own line. Runs behind the row-level wall."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.catalogue.models import Plan
from atlas.itsm.incidents import SPEAKABLE
from atlas.itsm.models import Incident, IncidentLine, IncidentUpdate
from atlas.itsm.words import plain_cause_of
from atlas.network.models import AccessSession
from atlas.orders.models import Service
from policies.spec import Risk, ToolContext, tool

State = Literal["online", "outage", "restored", "offline", "suspended", "unknown"]


class Outage(BaseModel):
    """The outage that cuts this line off, in words for the person who lives with it."""

    reference: str
    cause: str
    since: datetime
    expected_repair_at: datetime | None
    next_update_at: datetime | None
    latest: str | None = Field(description="The latest public word.")


class Line(BaseModel):
    """One line of the subscriber."""

    plan: str
    state: State
    last_heard_at: datetime | None
    outage: Outage | None


class MyService(BaseModel):
    """The subscriber's lines, as they are now."""

    lines: list[Line]
    checked_at: datetime


@tool(risk=Risk.READ, audience={"subscriber"})
async def my_service_status(ctx: ToolContext) -> MyService:
    """Check this subscriber's own lines: online or not, and the outage that explains it if there is one."""
    query = (
        select(Service, Plan.name)
        .join(Plan, Plan.id == Service.plan_id)
        .where(Service.subscriber_id == ctx.subscriber_id, Service.state.in_(("active", "suspended")))
        .order_by(Service.id)
        .limit(20)
    )
    rows = (await ctx.session.execute(query)).all()
    return MyService(
        lines=[await _line(ctx.session, service, plan) for service, plan in rows], checked_at=ctx.clock.now()
    )


async def _line(session: AsyncSession, service: Service, plan: str) -> Line:
    online = await _session(session, service.id)
    incident, line = await _incident(session, service.id)
    return Line(
        plan=plan,
        state=_state(service, online, incident, line),
        last_heard_at=online.last_interim_at if online else None,
        outage=await _outage(session, incident) if incident and line and line.back_at is None else None,
    )


async def _session(session: AsyncSession, service_id: int) -> AccessSession | None:
    query = select(AccessSession).where(AccessSession.service_id == service_id, AccessSession.stopped_at.is_(None))
    return (await session.scalars(query.order_by(AccessSession.last_interim_at.desc()).limit(1))).first()


async def _incident(session: AsyncSession, service_id: int) -> tuple[Incident | None, IncidentLine | None]:
    query = (
        select(Incident, IncidentLine)
        .join(IncidentLine, IncidentLine.incident_id == Incident.id)
        .where(IncidentLine.service_id == service_id, Incident.state.in_(("open", "monitoring")), SPEAKABLE)
        .order_by(Incident.id.desc())
        .limit(1)
    )
    found = (await session.execute(query)).first()
    return (found[0], found[1]) if found else (None, None)


def _state(
    service: Service, online: AccessSession | None, incident: Incident | None, line: IncidentLine | None
) -> State:
    if service.state == "suspended":
        return "suspended"
    if incident is not None and line is not None:
        return "outage" if line.back_at is None else "restored"
    if online is None or online.silent_since is not None:
        return "offline"
    return "online"


async def _outage(session: AsyncSession, incident: Incident) -> Outage:
    query = select(IncidentUpdate.text).where(IncidentUpdate.incident_id == incident.id, IncidentUpdate.is_public)
    latest = (await session.scalars(query.order_by(IncidentUpdate.id.desc()).limit(1))).first()
    return Outage(
        reference=incident.reference,
        cause=plain_cause_of(incident),
        since=incident.started_at,
        expected_repair_at=incident.expected_repair_at,
        next_update_at=incident.next_update_at,
        latest=latest,
    )
