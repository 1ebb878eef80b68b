"""The lines an incident cuts off, from the moment each is taken in until it is restored.

A line comes back when its node is no longer cut off, and is restored once it has stayed so for a while and its
session is not silent. One that nobody was told of is let go instead: it was never really part of the story.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm.models import IncidentLine

ON_NODES = "l.incident_id = :incident AND s.id = l.service_id AND s.access_node_id = ANY(:nodes)"

TAKE_IN = """
INSERT INTO incident_line AS l (incident_id, service_id, subscriber_id, zone_id)
SELECT :incident, s.id, s.subscriber_id, a.zone_id
FROM service s JOIN address a ON a.id = s.address_id
WHERE s.access_node_id = ANY(:nodes) AND s.state = 'active'
  AND NOT EXISTS (SELECT 1 FROM excluded_line x WHERE x.incident_id = :incident AND x.service_id = s.id)
ON CONFLICT (incident_id, service_id) DO UPDATE SET back_at = NULL, restored_at = NULL
"""
CUT_AGAIN = f"""
UPDATE incident_line l SET back_at = NULL, restored_at = NULL FROM service s
WHERE {ON_NODES} AND l.back_at IS NOT NULL
"""
FORGET_UNTOLD = f"""
DELETE FROM incident_line l USING service s
WHERE {ON_NODES} AND l.restored_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM notice n WHERE n.incident_id = l.incident_id AND n.subscriber_id = l.subscriber_id
      AND n.kind = 'outage' AND n.state NOT IN ('skipped', 'failed'))
"""
COME_BACK = f"UPDATE incident_line l SET back_at = :now FROM service s WHERE {ON_NODES} AND l.back_at IS NULL"
ALL_BACK = "UPDATE incident_line SET back_at = :now WHERE incident_id = :incident AND back_at IS NULL"
RESTORE = """
UPDATE incident_line l SET restored_at = :now
WHERE l.incident_id = :incident AND l.restored_at IS NULL AND l.back_at <= CAST(:now AS timestamptz) - :stable
  AND NOT EXISTS (
    SELECT 1 FROM access_session a
    WHERE a.service_id = l.service_id AND a.stopped_at IS NULL AND a.silent_since IS NOT NULL)
"""


class LineCount(NamedTuple):
    """How many lines are restored, how many are back but not yet stable, and how many are still cut off."""

    restored: int
    coming_back: int
    cut_off: int

    @property
    def missing(self) -> int:
        """Lines that are not restored."""
        return self.coming_back + self.cut_off

    @property
    def total(self) -> int:
        """Every line the incident cut off."""
        return self.restored + self.missing


async def take_in(session: AsyncSession, incident_id: int, nodes: Sequence[int]) -> None:
    """Every active line at these nodes is cut off by the incident, for the first time or again."""
    await session.execute(text(TAKE_IN), {"incident": incident_id, "nodes": list(nodes)})


async def cut_again(session: AsyncSession, incident_id: int, nodes: Sequence[int]) -> None:
    """Lines at these nodes that had come back are cut off once more."""
    await session.execute(text(CUT_AGAIN), {"incident": incident_id, "nodes": list(nodes)})


async def let_go(session: AsyncSession, incident_id: int, nodes: Sequence[int], now: datetime) -> None:
    """These nodes are no longer cut off: their lines are coming back, those nobody was told of are forgotten."""
    values = {"incident": incident_id, "nodes": list(nodes)}
    await session.execute(text(FORGET_UNTOLD), values)
    await session.execute(text(COME_BACK), values | {"now": now})


async def all_back(session: AsyncSession, incident_id: int, now: datetime) -> None:
    """Nothing is cut off any more."""
    await session.execute(text(ALL_BACK), {"incident": incident_id, "now": now})


async def restore_lines(session: AsyncSession, incident_id: int, now: datetime, stable: timedelta) -> LineCount:
    """Mark as restored the lines that have been back for `stable` and whose session is not silent."""
    await session.execute(text(RESTORE), {"incident": incident_id, "now": now, "stable": stable})
    return await count_lines(session, incident_id)


async def count_lines(session: AsyncSession, incident_id: int) -> LineCount:
    """How the lines of an incident stand."""
    query = select(
        func.count().filter(IncidentLine.restored_at.is_not(None)),
        func.count().filter(IncidentLine.restored_at.is_(None), IncidentLine.back_at.is_not(None)),
        func.count().filter(IncidentLine.restored_at.is_(None), IncidentLine.back_at.is_(None)),
    ).where(IncidentLine.incident_id == incident_id)
    return LineCount(*(await session.execute(query)).one())


async def first_back(session: AsyncSession, incident_id: int, after: datetime) -> datetime | None:
    """When the first of the lines came back that did so after this moment and are not restored."""
    waiting = (IncidentLine.incident_id == incident_id, IncidentLine.restored_at.is_(None))
    query = select(func.min(IncidentLine.back_at)).where(*waiting, IncidentLine.back_at > after)
    return (await session.execute(query)).scalar()
