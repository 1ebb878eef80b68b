"""Work orders from creation to done, and who is best sent."""

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.errors import DomainError
from atlas.field.models import Technician, TechnicianSkill, WorkOrder
from atlas.gis.models import Zone
from atlas.references import number_in

SKILLS = ("fibre_splicing", "pon", "coax", "radio", "premises", "power")
LIVE_STATES = ("open", "assigned", "on_site")


async def get_work_order(session: AsyncSession, reference: str) -> WorkOrder:
    """A work order by "WO-7", locked. DomainError when there is none."""
    number = number_in(reference, "WO")
    if number is None:
        raise DomainError(f"“{reference}” is no work order; references look like WO-7.")
    order = await session.get(WorkOrder, number, with_for_update=True)
    if order is None:
        raise DomainError(f"There is no work order WO-{number}.")
    return order


async def for_incident(session: AsyncSession, incident_id: int) -> WorkOrder | None:
    """The incident's work order that isn't cancelled."""
    query = select(WorkOrder).where(WorkOrder.incident_id == incident_id, WorkOrder.state != "cancelled")
    return (await session.scalars(query)).first()


async def for_ticket(session: AsyncSession, ticket_id: int) -> WorkOrder | None:
    """The ticket's work order that isn't over."""
    query = select(WorkOrder).where(WorkOrder.ticket_id == ticket_id, WorkOrder.state.in_(LIVE_STATES))
    return (await session.scalars(query)).first()


async def create_work_order(
    session: AsyncSession,
    *,
    incident_id: int | None,
    ticket_id: int | None = None,
    skill: str,
    element: str,
    place: str,
    instructions: str,
    now: datetime,
) -> WorkOrder:
    """A job to be done. DomainError for an unknown skill, or when the incident has a work order already."""
    if skill not in SKILLS:
        raise DomainError(f"A crew's skill is one of {', '.join(SKILLS)}.")
    if incident_id and (there := await for_incident(session, incident_id)):
        raise DomainError(f"{there.reference} is already open for INC-{incident_id}.")
    order = WorkOrder(
        incident_id=incident_id,
        ticket_id=ticket_id,
        skill=skill,
        element=element,
        place=place,
        instructions=instructions,
        state="open",
        created_at=now,
    )
    session.add(order)
    await session.flush()
    await _tell(session, "work_order.created", order, now)
    return order


async def best_technician(session: AsyncSession, skill: str, zone: int | None) -> Technician | None:
    """Someone on shift with the skill: with the least to do, from the zone first."""
    to_do = (
        select(func.count())
        .select_from(WorkOrder)
        .where(WorkOrder.technician_id == Technician.id, WorkOrder.state.in_(LIVE_STATES))
        .correlate(Technician)
        .scalar_subquery()
    )
    query = (
        select(Technician)
        .join(TechnicianSkill, TechnicianSkill.technician_id == Technician.id)
        .join(Zone, Zone.id == Technician.home_zone_id)
        .where(TechnicianSkill.skill == skill, Technician.is_on_shift)
        .order_by(to_do, case((Zone.number == zone, 0), else_=1), Technician.id)
    )
    return (await session.scalars(query.limit(1))).first()


async def assign(session: AsyncSession, order: WorkOrder, technician_name: str, now: datetime) -> Technician:
    """Give the job to a technician. DomainError when unknown, off shift, or not trained for it."""
    query = select(Technician).where(func.lower(Technician.name) == technician_name.strip().lower())
    technician = (await session.scalars(query)).first()
    if technician is None:
        raise DomainError(f"No technician is called {technician_name}.")
    if order.state not in LIVE_STATES:
        raise DomainError(f"{order.reference} is {order.state}; nobody can be sent to it.")
    if await session.get(TechnicianSkill, (technician.id, order.skill)) is None:
        raise DomainError(f"{technician.name} is not trained for {order.skill}.")
    if not technician.is_on_shift:
        raise DomainError(f"{technician.name} is off shift.")
    order.technician_id, order.state = technician.id, "assigned"
    await _tell(session, "work_order.assigned", order, now, technician=technician.name)
    return technician


async def finish(session: AsyncSession, order: WorkOrder, outcome: str, now: datetime) -> None:
    """The job is done."""
    if order.state in LIVE_STATES:
        order.state, order.outcome, order.done_at = "done", outcome, now
        await _tell(session, "work_order.done", order, now, outcome=outcome)


async def cancel(session: AsyncSession, order: WorkOrder, reason: str, now: datetime) -> None:
    """The job is no longer needed."""
    if order.state in LIVE_STATES:
        order.state, order.outcome, order.done_at = "cancelled", reason, now
        await _tell(session, "work_order.cancelled", order, now, reason=reason)


async def _tell(session: AsyncSession, kind: str, order: WorkOrder, now: datetime, **more: str) -> None:
    payload = {
        "incident": f"INC-{order.incident_id}" if order.incident_id else None,
        "skill": order.skill,
        "place": order.place,
        **more,
    }
    await session.flush()
    await events.emit(session, kind, order.reference, payload, at=now)
