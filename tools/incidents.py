"""What the NOC asks about incidents, and what it writes into their history."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import text

from atlas.errors import DomainError
from atlas.field import service as field
from atlas.itsm import incidents, tickets
from atlas.itsm.models import Incident
from policies.spec import STAFF, Risk, ToolContext, tool
from tools.words import IncidentReference, ZoneNumber

NOC = frozenset({"noc", "noc_lead", "admin"})


class IncidentRow(BaseModel):
    """One incident in short."""

    reference: str
    title: str
    state: str
    confidence: float
    is_certain: bool
    started_at: datetime
    devices: int
    subscribers: int
    place: str
    acknowledged_by: str | None
    expected_repair_at: datetime | None
    next_update_at: datetime | None


class Incidents(BaseModel):
    """Open incidents, the largest first."""

    zone: int | None
    total: int
    incidents: list[IncidentRow]


class ZoneImpact(BaseModel):
    """What one zone suffers."""

    zone: int
    name: str
    subscribers: int
    restored: int


class PlanImpact(BaseModel):
    """What the holders of one plan suffer, and what they were promised."""

    plan: str
    repair_hours: int = Field(description="Promised time to repair.")
    subscribers: int


class Affected(BaseModel):
    """Who an incident, or all open incidents of a zone, cut off."""

    incidents: list[str]
    cause: str
    devices: int
    subscribers: int
    business: int
    vulnerable: int
    at_risk: int = Field(description="Up, but one fault away from being cut off.")
    open_tickets: int
    revenue_per_hour: float
    zones: list[ZoneImpact]
    plans: list[PlanImpact] = Field(description="The shortest promise first.")
    explanation: list[str]


class Noted(BaseModel):
    """A line in an incident's history."""

    incident: str
    text: str


def row_of(incident: Incident) -> IncidentRow:
    """An incident as tools show it."""
    return IncidentRow.model_validate(incident, from_attributes=True)


@tool(risk=Risk.READ, audience=STAFF)
async def find_incidents(
    ctx: ToolContext,
    zone: Annotated[ZoneNumber | None, Field(description="Only incidents that touch this zone.")] = None,
) -> Incidents:
    """List the open incidents: what is down, why, since when, and how many are affected."""
    found = await incidents.open_incidents(ctx.session, zone=zone)
    return Incidents(zone=zone, total=len(found), incidents=[row_of(incident) for incident in found[:20]])


ZONES = """
SELECT z.number, z.name, count(DISTINCT l.subscriber_id),
       count(DISTINCT l.subscriber_id) FILTER (WHERE l.restored_at IS NOT NULL)
FROM incident_line l JOIN zone z ON z.id = l.zone_id
WHERE l.incident_id = ANY(:incidents) GROUP BY z.id ORDER BY z.number
"""


PLANS = """
SELECT p.name, p.repair_hours, count(DISTINCT l.subscriber_id)
FROM incident_line l JOIN service s ON s.id = l.service_id JOIN plan p ON p.id = s.plan_id
WHERE l.incident_id = ANY(:incidents) GROUP BY p.id ORDER BY p.repair_hours, p.name
"""


@tool(risk=Risk.READ, audience=STAFF | {"forge"})
async def who_is_affected(
    ctx: ToolContext,
    incident: Annotated[IncidentReference | None, Field(description="The incident; or give a zone.")] = None,
    zone: Annotated[ZoneNumber | None, Field(description="A zone; or give an incident.")] = None,
) -> Affected:
    """Count who an incident, or everything open in a zone, cuts off: devices, subscribers, tickets, money."""
    if incident is None and zone is None:
        raise DomainError("Say which incident or which zone.")
    if incident is not None:
        found = [await incidents.get_incident(ctx.session, incident)]
    else:
        found = await incidents.open_incidents(ctx.session, zone=zone)
    return await _affected(ctx, found)


async def _affected(ctx: ToolContext, found: list[Incident]) -> Affected:
    these = {"incidents": [incident.id for incident in found]}
    zones = await ctx.session.execute(text(ZONES), these)
    plans = await ctx.session.execute(text(PLANS), these)
    return Affected(
        incidents=[incident.reference for incident in found],
        cause="; ".join(incident.title for incident in found) or "nothing is down",
        devices=sum(incident.devices for incident in found),
        subscribers=sum(incident.subscribers for incident in found),
        business=sum(incident.business for incident in found),
        vulnerable=sum(incident.vulnerable for incident in found),
        at_risk=sum(incident.at_risk for incident in found),
        open_tickets=sum([await tickets.count_open_tickets(ctx.session, incident.id) for incident in found]),
        revenue_per_hour=float(sum(incident.revenue_per_hour for incident in found)),
        zones=[ZoneImpact(zone=n, name=name, subscribers=all_, restored=back) for n, name, all_, back in zones],
        plans=[PlanImpact(plan=name, repair_hours=hours, subscribers=count) for name, hours, count in plans],
        explanation=[line for incident in found for line in incident.explanation][:10],
    )


@tool(risk=Risk.NOTE, audience=NOC)
async def acknowledge_incident(ctx: ToolContext, incident: IncidentReference) -> IncidentRow:
    """Take an incident in hand, so that everyone sees who works on it."""
    row = await incidents.get_incident(ctx.session, incident, lock=True)
    await incidents.acknowledge(ctx.session, row, ctx.principal.id, ctx.clock.now())
    return row_of(row)


@tool(risk=Risk.NOTE, audience=NOC)
async def report_repair(
    ctx: ToolContext,
    incident: IncidentReference,
    note: Annotated[str, Field(description="What the crew reports, in a sentence.", min_length=3, max_length=500)],
    expected_at: Annotated[AwareDatetime | None, Field(description="When it should work again, if not yet.")] = None,
    done: Annotated[bool, Field(description="True when the crew says the repair is finished.")] = False,
) -> Noted:
    """Write down what the crew reports on an incident: an expected repair time, or that it is repaired."""
    row = await incidents.get_incident(ctx.session, incident, lock=True)
    now, by = ctx.clock.now(), ctx.principal.id
    if expected_at:
        await incidents.expect_repair(ctx.session, row, expected_at, by, now)
    await incidents.note(ctx.session, row.id, note, now, by=by)
    if done and (order := await field.for_incident(ctx.session, row.id)):
        await field.finish(ctx.session, order, note, now)
    return Noted(incident=row.reference, text=note)
