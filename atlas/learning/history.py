"""What Atlas remembers of a window of time, element by element and day by day: what models are made from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.network.enums import PREMISES_KINDS, AlarmType

#: Alarms that say an element is gone: a fault began with the first of them, not with the call that followed.
GONE = (
    AlarmType.LOSS_OF_SIGNAL, AlarmType.LINK_DOWN, AlarmType.UNREACHABLE, AlarmType.ONT_LOS, AlarmType.MODEM_OFFLINE,
    AlarmType.CPE_LOST, AlarmType.EQUIPMENT_FAILURE, AlarmType.PON_LOS,
)  # fmt: skip
DAY = "floor(extract(epoch FROM {} - CAST(:start AS timestamptz)) / 86400)::int"


class NodeTraits(NamedTuple):
    """A node that is measured. `above`: what its line hangs on, for premises."""

    id: int
    name: str
    kind: str
    above: str | None
    batch: str | None
    firmware: str | None
    installed_day: float | None


class Measurements(NamedTuple):
    """Daily means of one metric of one node."""

    node: int
    metric: str
    days: list[int]
    values: list[float]


class Heard(NamedTuple):
    """Alarms of one node on one day: different ones, and raises besides the first of each."""

    node: int
    day: int
    alarms: int
    again: int


class Repair(NamedTuple):
    """A job done, or an incident resolved: when the fault began and ended (days), and what was found, in words."""

    node: int
    began: float
    ended: float
    kind: str
    outcome: str


NODES = f"""
SELECT n.id, n.name, n.kind, above.name, d.hardware_batch, d.firmware, {DAY.format("d.installed_on::timestamptz")}
FROM node n LEFT JOIN device d ON d.id = n.device_id
LEFT JOIN LATERAL (
    SELECT a.name FROM link l JOIN node a ON a.id = l.a_node_id
    WHERE l.z_node_id = n.id AND n.kind = ANY(:premises) ORDER BY l.id LIMIT 1) above ON true
WHERE EXISTS (SELECT 1 FROM sample s WHERE s.node_id = n.id AND s.metric = ANY(:metrics) AND s.at >= :start
              AND s.at < :until) {{only}}
ORDER BY n.id
"""
SAMPLES = f"""
SELECT node_id, metric, array_agg(day), array_agg(value) FROM (
    SELECT node_id, metric, {DAY.format("at")} AS day, avg(value)::real AS value FROM sample
    WHERE at >= :start AND at < :until AND metric = ANY(:metrics) {{only}} GROUP BY 1, 2, 3) daily
GROUP BY 1, 2
"""
ALARMS = f"""
SELECT n.id, {DAY.format("o.event_at")}, count(DISTINCT o.alarm_id), count(*) - count(DISTINCT o.alarm_id)
FROM alarm_occurrence o JOIN node n ON n.name = o.resource OR (n.name = o.device AND NOT EXISTS (
    SELECT 1 FROM node x WHERE x.name = o.resource))
WHERE NOT o.is_cleared AND o.event_at >= :start AND o.event_at < :until {{only}} GROUP BY 1, 2
"""
# A fault of an element is known by the job that mended it, or by the incident it caused. It began when the element
# went, as its alarms tell, at the latest when somebody called.
REPAIRS = """
SELECT n.id, extract(epoch FROM least(r.at, gone.at) - CAST(:start AS timestamptz)) / 86400.0,
       extract(epoch FROM r.done - CAST(:start AS timestamptz)) / 86400.0, r.kind, r.outcome
FROM (
    SELECT w.element, coalesce(t.opened_at, w.created_at) AS at, w.done_at AS done, coalesce(w.outcome, '') AS outcome,
           CASE WHEN EXISTS (SELECT 1 FROM prediction p WHERE p.work_order_id = w.id) THEN 'preventive' ELSE 'job' END
           AS kind
    FROM work_order w LEFT JOIN ticket t ON t.id = w.ticket_id
    WHERE w.state = 'done' AND w.incident_id IS NULL AND w.done_at >= :start AND w.done_at < :until
    UNION ALL
    SELECT coalesce(i.verdict_element, i.element), i.started_at, i.resolved_at, i.title, 'incident'
    FROM incident i WHERE i.state = 'resolved' AND i.resolved_at >= :start AND i.resolved_at < :until
      AND i.effect IN ('down', 'degraded') AND i.mode = ''
) r JOIN node n ON 'node:' || n.name = r.element
LEFT JOIN LATERAL (
    SELECT min(o.event_at) AS at FROM alarm_occurrence o JOIN alarm a ON a.id = o.alarm_id
    WHERE a.resource = n.name AND a.alarm_type = ANY(:gone) AND NOT o.is_cleared
      AND o.event_at BETWEEN r.at - interval '3 days' AND r.at) gone ON true
"""


SIBLINGS = """
SELECT DISTINCT s.z_node_id FROM link l JOIN link s ON s.a_node_id = l.a_node_id WHERE l.z_node_id = :node
UNION SELECT CAST(:node AS bigint)
"""


def _asked(query: str, column: str, only: Sequence[int] | None) -> tuple[TextClause, dict[str, Any]]:
    """A query about some nodes, or about all, and the values for that."""
    if only is None:
        return text(query.format(only="")), {}
    return text(query.format(only=f"AND {column} = ANY(:only)")), {"only": list(only)}


async def siblings(session: AsyncSession, node: int) -> list[int]:
    """A node and those that hang on the same one above."""
    return sorted((await session.execute(text(SIBLINGS), {"node": node})).scalars())


async def measured_nodes(
    session: AsyncSession, metrics: list[str], start: datetime, until: datetime, only: Sequence[int] | None = None
) -> list[NodeTraits]:
    """Nodes with a reading in the window; days count from its start."""
    query, values = _asked(NODES, "n.id", only)
    values |= {"premises": sorted(PREMISES_KINDS), "metrics": metrics, "start": start, "until": until}
    return [NodeTraits(*row) for row in await session.execute(query, values)]


async def measurements(
    session: AsyncSession, metrics: list[str], start: datetime, until: datetime, only: Sequence[int] | None = None
) -> list[Measurements]:
    """Daily means of the window."""
    query, values = _asked(SAMPLES, "node_id", only)
    values |= {"metrics": metrics, "start": start, "until": until}
    return [Measurements(*row) for row in await session.execute(query, values)]


async def alarms(
    session: AsyncSession, start: datetime, until: datetime, only: Sequence[int] | None = None
) -> list[Heard]:
    """What each node raised, day by day."""
    query, values = _asked(ALARMS, "n.id", only)
    return [Heard(*row) for row in await session.execute(query, values | {"start": start, "until": until})]


async def repairs(session: AsyncSession, start: datetime, until: datetime) -> list[Repair]:
    """Jobs done and incidents over in the window, each with the node it was about."""
    values: dict[str, Any] = {"start": start, "until": until, "gone": [each.value for each in GONE]}
    rows = await session.execute(text(REPAIRS), values)
    return [Repair(node, float(began), float(ended), kind, outcome) for node, began, ended, kind, outcome in rows]


async def first_sample(session: AsyncSession, metrics: list[str]) -> datetime | None:
    """When the oldest reading was taken."""
    query = "SELECT min(at) FROM sample WHERE metric = ANY(:metrics)"
    found: datetime | None = (await session.execute(text(query), {"metrics": metrics})).scalar()
    return found
