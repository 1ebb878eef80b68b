"""Moving what belongs to an incident: alarms, nodes, lines, and the word that went out about them.

An incident's parts are rows that say which incident they are of. A person may move them to another incident, or
take them out of any; this is where the rows move.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm.models import IncidentAlarm, IncidentNode

# Alarms that speak of one of these nodes, or of a part of it.
SPEAK_OF = """
SELECT i.alarm_id FROM incident_alarm i JOIN alarm a ON a.id = i.alarm_id
JOIN node n ON n.name IN (a.resource, a.device)
WHERE i.incident_id = :incident AND n.id = ANY(:nodes)
"""
# Nodes that these alarms speak of and no other alarm of the incident does.
SPOKEN_OF = """
SELECT n.id FROM alarm a JOIN node n ON n.name IN (a.resource, a.device) WHERE a.id = ANY(:alarms)
EXCEPT
SELECT n.id FROM incident_alarm i JOIN alarm a ON a.id = i.alarm_id JOIN node n ON n.name IN (a.resource, a.device)
WHERE i.incident_id = :incident AND NOT a.id = ANY(:alarms)
"""
MOVE_ALARMS = """
WITH gone AS (DELETE FROM incident_alarm WHERE incident_id = :incident AND alarm_id = ANY(:ids) RETURNING alarm_id)
INSERT INTO incident_alarm (alarm_id, incident_id) SELECT alarm_id, :into FROM gone ON CONFLICT DO NOTHING
"""
MOVE_NODES = """
WITH gone AS (DELETE FROM incident_node WHERE incident_id = :incident AND node_id = ANY(:ids) RETURNING node_id)
INSERT INTO incident_node (incident_id, node_id) SELECT :into, node_id FROM gone ON CONFLICT DO NOTHING
"""
MOVE_LINES = """
WITH gone AS (
    DELETE FROM incident_line l USING service s
    WHERE l.incident_id = :incident AND s.id = l.service_id AND s.access_node_id = ANY(:ids) RETURNING l.*)
INSERT INTO incident_line (incident_id, service_id, subscriber_id, zone_id, back_at, restored_at)
SELECT :into, service_id, subscriber_id, zone_id, back_at, restored_at FROM gone ON CONFLICT DO NOTHING
"""
TAKE_OUT_LINES = """
DELETE FROM incident_line l USING service s
WHERE l.incident_id = :incident AND s.id = l.service_id
  AND (s.id = ANY(:lines) OR s.access_node_id = ANY(:nodes)) RETURNING l.subscriber_id
"""
TAKE_OUT_NODES = "DELETE FROM incident_node WHERE incident_id = :incident AND node_id = ANY(:nodes)"
TAKE_OUT_ALARMS = "DELETE FROM incident_alarm WHERE incident_id = :incident AND alarm_id = ANY(:alarms)"
RELEASE_TICKETS = """
UPDATE ticket t SET incident_id = NULL, parent_id = NULL, state = 'open'
WHERE t.incident_id = :incident AND t.kind = 'subscriber' AND t.state IN ('open', 'in_progress')
  AND NOT EXISTS (SELECT 1 FROM incident_line l WHERE l.incident_id = :incident AND l.subscriber_id = t.subscriber_id)
"""
# Of those without a line left in the incident: what was not begun is not sent.
GIVE_UP = """
UPDATE notice n SET state = 'skipped', reason = :reason, updated_at = :now
WHERE n.incident_id = :incident AND n.state = 'drafted' AND n.kind = 'outage'
  AND NOT EXISTS (SELECT 1 FROM incident_line l WHERE l.incident_id = :incident AND l.subscriber_id = n.subscriber_id)
"""
# Whoever was told of the one incident was told of the part that is another now.
CARRY = """
UPDATE notice n SET incident_id = :into
WHERE n.incident_id = :incident AND n.state <> 'skipped'
  AND EXISTS (SELECT 1 FROM incident_line l WHERE l.incident_id = :into AND l.subscriber_id = n.subscriber_id)
  AND NOT EXISTS (SELECT 1 FROM incident_line l WHERE l.incident_id = :incident AND l.subscriber_id = n.subscriber_id)
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of an incident: ids of alarms, nodes and lines (services). `by_alarm`: only alarms were named, so whom
    they cut off is for Cortex to say.
    """

    alarms: frozenset[int] = field(default_factory=frozenset)
    nodes: frozenset[int] = field(default_factory=frozenset)
    lines: frozenset[int] = field(default_factory=frozenset)
    by_alarm: bool = False


async def whole(session: AsyncSession, incident_id: int) -> Part:
    """All alarms and nodes of an incident."""
    alarms = await session.scalars(select(IncidentAlarm.alarm_id).where(IncidentAlarm.incident_id == incident_id))
    nodes = await session.scalars(select(IncidentNode.node_id).where(IncidentNode.incident_id == incident_id))
    return Part(frozenset(alarms), frozenset(nodes))


async def alarms_at(session: AsyncSession, incident_id: int, nodes: Collection[int]) -> set[int]:
    """The incident's alarms that speak of these nodes."""
    found = await session.execute(text(SPEAK_OF), {"incident": incident_id, "nodes": sorted(nodes)})
    return set(found.scalars())


async def nodes_of_alarms(session: AsyncSession, incident_id: int, alarms: Collection[int]) -> set[int]:
    """The nodes that these alarms speak of, and no other alarm of the incident does."""
    found = await session.execute(text(SPOKEN_OF), {"incident": incident_id, "alarms": sorted(alarms)})
    return set(found.scalars())


async def move(session: AsyncSession, incident_id: int, into_id: int, part: Part, now: datetime) -> None:
    """Alarms, nodes and the lines at those nodes become the other incident's, with the word that went out."""
    for statement, ids in ((MOVE_ALARMS, part.alarms), (MOVE_NODES, part.nodes), (MOVE_LINES, part.nodes)):
        await session.execute(text(statement), {"incident": incident_id, "into": into_id, "ids": sorted(ids)})
    await _let_go(session, incident_id, "it belongs to another incident", now)
    await session.execute(text(CARRY), {"incident": incident_id, "into": into_id})


async def take_out(session: AsyncSession, incident_id: int, part: Part, now: datetime) -> set[int]:
    """Alarms, nodes and lines are no longer the incident's; returns the subscribers whose lines left."""
    values = {
        "incident": incident_id,
        "alarms": sorted(part.alarms),
        "nodes": sorted(part.nodes),
        "lines": sorted(part.lines),
    }
    left = set((await session.execute(text(TAKE_OUT_LINES), values)).scalars())
    await session.execute(text(TAKE_OUT_NODES), values)
    await session.execute(text(TAKE_OUT_ALARMS), values)
    await _let_go(session, incident_id, "a person took the line out of the incident", now)
    return left


async def _let_go(session: AsyncSession, incident_id: int, reason: str, now: datetime) -> None:
    """Tickets of lines that left are free for another incident, and their notices are not begun."""
    await session.execute(text(RELEASE_TICKETS), {"incident": incident_id})
    await session.execute(text(GIVE_UP), {"incident": incident_id, "reason": reason, "now": now})
