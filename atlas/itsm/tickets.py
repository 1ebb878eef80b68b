"""Tickets: the tree under an incident, and what subscribers report themselves."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.errors import DomainError
from atlas.gis.models import Zone
from atlas.itsm.models import Incident, IncidentLine, Ticket

OPEN_STATES = ("open", "in_progress")
CATEGORIES = ("no_service", "slow", "intermittent", "billing", "other")


async def open_tree(
    session: AsyncSession, incident: Incident, now: datetime, *, with_zones: bool = True
) -> list[Ticket]:
    """A parent ticket for the incident, a child per affected zone; the parent first. Once per incident. Without the
    zones as long as nobody knows whether they are affected.
    """
    parent = await _ticket(session, incident, None, None, incident.title, now)
    if not with_zones:
        return [parent]
    affected = await session.execute(
        select(Zone.id, Zone.number, Zone.name, func.count())
        .join(IncidentLine, IncidentLine.zone_id == Zone.id)
        .where(IncidentLine.incident_id == incident.id)
        .group_by(Zone.id)
        .order_by(Zone.number)
    )
    children = [
        await _ticket(session, incident, parent.id, zone_id, f"Zone {number} ({name}): {lines} lines down", now)
        for zone_id, number, name, lines in affected.all()
    ]
    await _link_devices(session, parent.id, incident.id)
    return [parent, *children]


async def _ticket(
    session: AsyncSession, incident: Incident, parent: int | None, zone: int | None, subject: str, now: datetime
) -> Ticket:
    kind = "incident" if zone is None else "zone"
    query = select(Ticket).where(Ticket.incident_id == incident.id, Ticket.kind == kind)
    found = (await session.scalars(query.where(Ticket.zone_id == zone) if zone is not None else query)).first()
    if found:
        return found
    ticket = Ticket(
        kind=kind,
        state="in_progress",
        category="no_service",
        subject=subject,
        parent_id=parent,
        incident_id=incident.id,
        zone_id=zone,
        opened_at=now,
    )
    session.add(ticket)
    await session.flush()
    await events.emit(
        session, "ticket.opened", ticket.reference, {"subject": subject, "incident": incident.reference}, at=now
    )
    return ticket


async def _link_devices(session: AsyncSession, ticket_id: int, incident_id: int) -> None:
    await session.execute(
        text(
            "INSERT INTO ticket_device (ticket_id, device_id) SELECT :ticket, n.device_id"
            " FROM incident_node i JOIN node n ON n.id = i.node_id"
            " WHERE i.incident_id = :incident AND n.device_id IS NOT NULL ON CONFLICT DO NOTHING"
        ),
        {"ticket": ticket_id, "incident": incident_id},
    )


# A ticket about no service or a poor one, on a line this incident cut off, is most likely this incident.
LINK = """
UPDATE ticket t SET incident_id = :incident, parent_id = z.id, state = 'in_progress'
FROM incident_line l LEFT JOIN ticket z ON z.incident_id = :incident AND z.kind = 'zone' AND z.zone_id = l.zone_id
WHERE l.incident_id = :incident AND t.subscriber_id = l.subscriber_id AND t.kind = 'subscriber'
  AND t.state IN ('open', 'in_progress') AND t.incident_id IS NULL AND t.category <> 'billing'
  AND (t.service_id IS NULL OR t.service_id = l.service_id)
RETURNING t.id
"""


async def link_subscriber_tickets(session: AsyncSession, incident: Incident, now: datetime) -> list[int]:
    """Tie subscribers' open tickets on cut-off lines to the incident; returns their ids."""
    linked = sorted(set((await session.execute(text(LINK), {"incident": incident.id})).scalars()))
    if linked:
        payload = {"incident": incident.reference, "tickets": [f"TT-{ticket}" for ticket in linked]}
        await events.emit(session, "ticket.linked", incident.reference, payload, at=now)
    return linked


async def release(session: AsyncSession, incident_id: int) -> None:
    """Untie subscribers' open tickets from an incident, for the one it is part of to take up."""
    await session.execute(
        update(Ticket)
        .where(Ticket.incident_id == incident_id, Ticket.kind == "subscriber", Ticket.state.in_(OPEN_STATES))
        .values(incident_id=None, parent_id=None, state="open")
    )


async def count_open_tickets(session: AsyncSession, incident_id: int) -> int:
    """Subscribers' own tickets, still open, about the lines an incident cut off; bills are another matter."""
    query = (
        select(func.count(Ticket.id.distinct()))
        .join(IncidentLine, IncidentLine.subscriber_id == Ticket.subscriber_id)
        .where(
            IncidentLine.incident_id == incident_id,
            Ticket.kind == "subscriber",
            Ticket.state.in_(OPEN_STATES),
            Ticket.category != "billing",
        )
    )
    return (await session.execute(query)).scalar_one()


async def tickets_of_incident(session: AsyncSession, incident_id: int) -> list[Ticket]:
    """Every ticket tied to an incident: parent, zones, subscribers."""
    return list(await session.scalars(select(Ticket).where(Ticket.incident_id == incident_id).order_by(Ticket.id)))


async def close_tree(session: AsyncSession, incident: Incident, resolution: str, now: datetime) -> int:
    """Resolve every open ticket of the incident; lines that are not back keep their subscriber's ticket open."""
    not_back = select(IncidentLine.subscriber_id).where(
        IncidentLine.incident_id == incident.id, IncidentLine.restored_at.is_(None)
    )
    closed = await session.scalars(
        update(Ticket)
        .where(
            Ticket.incident_id == incident.id,
            Ticket.state.in_(OPEN_STATES),
            (Ticket.subscriber_id.is_(None)) | Ticket.subscriber_id.not_in(not_back),
        )
        .values(state="resolved", resolved_at=now, resolution=resolution)
        .returning(Ticket.id)
    )
    count = len(list(closed))
    await events.emit(session, "ticket.closed", incident.reference, {"tickets": count}, at=now)
    return count


async def open_for_subscriber(
    session: AsyncSession, subscriber_id: int, category: str, description: str, now: datetime
) -> Ticket:
    """A subscriber reports something. DomainError for an unknown category, or where the like is open already."""
    if category not in CATEGORIES:
        raise DomainError(f"A ticket is about one of {', '.join(CATEGORIES)}.")
    if same := [t for t in await of_subscriber(session, subscriber_id) if t.category == category]:
        raise DomainError(f"{same[0].reference} is already open for this; there is no need for a second one.")
    ticket = Ticket(
        kind="subscriber",
        state="open",
        category=category,
        subject=category.replace("_", " ").capitalize(),
        description=description,
        subscriber_id=subscriber_id,
        opened_at=now,
    )
    session.add(ticket)
    await session.flush()
    await events.emit(session, "ticket.opened", ticket.reference, {"subject": ticket.subject}, at=now)
    return ticket


async def of_subscriber(session: AsyncSession, subscriber_id: int, states: Sequence[str] = OPEN_STATES) -> list[Ticket]:
    """A subscriber's own tickets, newest first."""
    query = select(Ticket).where(Ticket.subscriber_id == subscriber_id, Ticket.state.in_(states))
    return list(await session.scalars(query.order_by(Ticket.id.desc()).limit(20)))
