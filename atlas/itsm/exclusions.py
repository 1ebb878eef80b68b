"""What people took out of an incident, and how it is kept out of everything that is found later.

Alarms, nodes and lines that a person excluded are rows of their own. Every finding passes through here before it
is written down, so that nothing excluded comes back with the next one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm.models import Incident
from atlas.itsm.schemas import Assessment
from atlas.itsm.verdict_models import ExcludedAlarm, ExcludedLine, ExcludedNode
from atlas.network.enums import DEVICE_KINDS

BAR = """
INSERT INTO {table} (incident_id, {key}) SELECT :incident, x FROM unnest(CAST(:ids AS bigint[])) x
ON CONFLICT DO NOTHING
"""
LET_BACK = "DELETE FROM {table} WHERE incident_id = :incident AND {key} = ANY(:ids)"
INHERIT = """
INSERT INTO {table} (incident_id, {key}) SELECT :into, x.{key} FROM {table} x
WHERE x.incident_id = :incident
  AND NOT EXISTS (SELECT 1 FROM {mine} m WHERE m.incident_id = :into AND m.{key} = x.{key})
ON CONFLICT DO NOTHING
"""
TABLES = {"alarm": "excluded_alarm", "node": "excluded_node", "service": "excluded_line"}
BELONGS = {"alarm": "incident_alarm", "node": "incident_node", "service": "incident_line"}

# The same sums as a topology's weights, so that what is taken off is what was counted.
COUNTS = """
SELECT count(DISTINCT s.subscriber_id), count(*) FILTER (WHERE b.segment = 'business'),
       count(*) FILTER (WHERE b.is_vulnerable), coalesce(sum(p.monthly_price) / 730, 0)
FROM service s JOIN subscriber b ON b.id = s.subscriber_id JOIN plan p ON p.id = s.plan_id
WHERE s.state = 'active' AND (s.access_node_id = ANY(:nodes) OR s.id = ANY(:lines))
"""
DEVICES = "SELECT count(*) FROM node WHERE id = ANY(:nodes) AND device_id IS NOT NULL AND kind = ANY(:kinds)"
SUBSCRIBERS = """
SELECT DISTINCT s.subscriber_id FROM service s
WHERE (s.id IN (SELECT service_id FROM excluded_line WHERE incident_id = :incident)
       OR s.access_node_id IN (SELECT node_id FROM excluded_node WHERE incident_id = :incident))
  AND NOT EXISTS (SELECT 1 FROM incident_line l WHERE l.incident_id = :incident AND l.subscriber_id = s.subscriber_id)
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """What hangs on some nodes and lines. Money per hour, in the operator's currency."""

    devices: int
    subscribers: int
    business: int
    vulnerable: int
    revenue_per_hour: Decimal


async def bar(session: AsyncSession, incident_id: int, what: str, ids: Collection[int]) -> None:
    """Keep these out of an incident from now on. `what`: alarm, node or service."""
    statement = text(BAR.format(table=TABLES[what], key=f"{what}_id"))
    await session.execute(statement, {"incident": incident_id, "ids": sorted(ids)})


async def let_back(session: AsyncSession, incident_id: int, what: str, ids: Collection[int]) -> None:
    """A person put these into the incident again: the last word counts."""
    statement = text(LET_BACK.format(table=TABLES[what], key=f"{what}_id"))
    await session.execute(statement, {"incident": incident_id, "ids": sorted(ids)})


async def inherit(session: AsyncSession, incident_id: int, into_id: int) -> None:
    """What was taken out of an incident stays out of the one it is merged into, unless it belongs there."""
    for what, table in TABLES.items():
        statement = text(INHERIT.format(table=table, key=f"{what}_id", mine=BELONGS[what]))
        await session.execute(statement, {"incident": incident_id, "into": into_id})


async def excluded_nodes(session: AsyncSession, incident_id: int) -> set[int]:
    """Nodes that a person took out of an incident."""
    return set(await session.scalars(select(ExcludedNode.node_id).where(ExcludedNode.incident_id == incident_id)))


async def excluded_lines(session: AsyncSession, incident_id: int) -> set[int]:
    """Lines, as service ids, that a person took out of an incident."""
    return set(await session.scalars(select(ExcludedLine.service_id).where(ExcludedLine.incident_id == incident_id)))


async def excluded_subscribers(session: AsyncSession, incident_id: int) -> set[int]:
    """Subscribers of whom no line is left in the incident, because a person took it out."""
    return set((await session.execute(text(SUBSCRIBERS), {"incident": incident_id})).scalars())


async def counts_of(session: AsyncSession, nodes: Collection[int], lines: Collection[int] = ()) -> Counts:
    """What hangs on these nodes, and on these lines besides."""
    subscribers, business, vulnerable, revenue = (
        await session.execute(text(COUNTS), {"nodes": sorted(nodes), "lines": sorted(lines)})
    ).one()
    kinds = sorted(DEVICE_KINDS)
    devices = (await session.execute(text(DEVICES), {"nodes": sorted(nodes), "kinds": kinds})).scalar_one()
    return Counts(devices, subscribers, business, vulnerable, Decimal(revenue))


async def without_excluded(session: AsyncSession, incident_id: int, seen: Assessment) -> Assessment:
    """A finding less all that a person took out of the incident."""
    barred = select(ExcludedAlarm.alarm_id).where(ExcludedAlarm.incident_id == incident_id)
    alarms, nodes = set(await session.scalars(barred)), await excluded_nodes(session, incident_id)
    lines = await excluded_lines(session, incident_id)
    if not (alarms or nodes or lines):
        return seen
    gone = nodes & set(seen.node_ids)
    less = await counts_of(session, gone, await _lines_at(session, lines, set(seen.node_ids) - gone))
    return replace(
        seen,
        alarm_ids=[a for a in seen.alarm_ids if a not in alarms],
        node_ids=[n for n in seen.node_ids if n not in gone],
        devices=max(0, seen.devices - less.devices),
        subscribers=max(0, seen.subscribers - less.subscribers),
        business=max(0, seen.business - less.business),
        vulnerable=max(0, seen.vulnerable - less.vulnerable),
        revenue_per_hour=max(0.0, seen.revenue_per_hour - float(less.revenue_per_hour)),
    )


def take_off(incident: Incident, less: Counts) -> None:
    """Count these out of an incident, until the next finding counts anew."""
    incident.devices = max(0, incident.devices - less.devices)
    incident.subscribers = max(0, incident.subscribers - less.subscribers)
    incident.business = max(0, incident.business - less.business)
    incident.vulnerable = max(0, incident.vulnerable - less.vulnerable)
    incident.revenue_per_hour = max(Decimal(0), incident.revenue_per_hour - less.revenue_per_hour)


async def _lines_at(session: AsyncSession, lines: Collection[int], nodes: Collection[int]) -> Sequence[int]:
    """Of these lines, those that end at one of these nodes."""
    query = text("SELECT id FROM service WHERE id = ANY(:lines) AND access_node_id = ANY(:nodes)")
    found = await session.execute(query, {"lines": sorted(lines), "nodes": sorted(nodes)})
    return list(found.scalars())
