"""Findings, incidents and tickets, as small as they can be."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.events import Event
from atlas.itsm import incidents
from atlas.itsm.models import Incident, Ticket
from atlas.itsm.schemas import Assessment
from atlas.network.models import AlarmRecord, Node
from tests.factories.subscribers import save

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FIBRE = "fibre:F-Z3-BH-1"

SEEN = Assessment(
    group=1,
    element=FIBRE,
    title="Fibre F-Z3-BH-1, zone 3 backhaul",
    confidence=0.92,
    is_certain=True,
    causes=[{"element": FIBRE, "confidence": 0.92}],
    explanation=["Two ports lost light at once."],
    place="between z3-bng-1 and z3-agg-1",
    started_at=NOON,
    devices=1,
    subscribers=0,
    business=0,
    vulnerable=0,
    at_risk=0,
    revenue_per_hour=1.5,
)


def seen(nodes: Sequence[Node] = (), **more: Any) -> Assessment:
    """A finding that these nodes are cut off."""
    return replace(SEEN, **{"node_ids": [node.id for node in nodes], **more})


async def incident(session: AsyncSession, nodes: Sequence[Node] = (), *, now: datetime = NOON, **more: Any) -> Incident:
    """An open incident that cuts these nodes off."""
    return await incidents.open_incident(session, seen(nodes, **more), now)


async def alarm(session: AsyncSession, resource: str = "z3-bng-1/Te0/0/0/1", **more: Any) -> AlarmRecord:
    """An active alarm on the list."""
    row: dict[str, Any] = {
        "resource": resource, "alarm_type": "loss-of-signal", "device": resource.partition("/")[0],
        "severity": "critical", "is_cleared": False, "event_type": "communications", "probable_cause": "",
        "text": "LOS", "raised_at": NOON, "last_event_at": NOON, "repeats": 1,
    } | more  # fmt: skip
    return await save(session, AlarmRecord(**row))


async def ticket(session: AsyncSession, subscriber_id: int, **more: Any) -> Ticket:
    """A subscriber's own open ticket."""
    row = {"state": "open", "category": "no_service", "subject": "No service", "opened_at": NOON} | more
    return await save(session, Ticket(kind="subscriber", subscriber_id=subscriber_id, **row))


async def told(session: AsyncSession) -> list[tuple[str, str]]:
    """(kind, subject) of every event so far, in order."""
    rows = await session.execute(select(Event.kind, Event.subject).order_by(Event.id))
    return [(row.kind, row.subject) for row in rows]


async def how_many(session: AsyncSession, model: Any, *where: Any) -> int:
    """Rows of a table that fit."""
    return (await session.execute(select(func.count()).select_from(model).where(*where))).scalar_one()
