"""Visits, tickets and incidents as triage reads them: what was said, what was there, and what came of it."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.learning.history import GONE


class Visit(NamedTuple):
    """A visit to a subscriber's line, over or in question, with what was known when the ticket was opened.

    `outcome` is None for one that is not done. `earlier`: the outcomes of visits to the line before.
    """

    ticket: int
    node: int | None
    opened_at: datetime
    category: str
    words: str
    outcome: str | None
    earlier: list[str]
    contacts_30d: int
    alarms_2d: int
    gone: bool
    age_years: float | None


VISIT = """
SELECT t.id, n.id, t.opened_at, t.category, trim(t.subject || ' ' || t.description), {outcome},
       coalesce((SELECT array_agg(coalesce(e.outcome, '')) FROM work_order e WHERE e.element = 'node:' || n.name
                 AND e.done_at < t.opened_at), '{{}}'),
       (SELECT count(*) FROM interaction i WHERE i.subscriber_id = t.subscriber_id AND i.direction = 'in'
        AND i.at BETWEEN t.opened_at - interval '30 days' AND t.opened_at),
       coalesce(heard.alarms, 0), coalesce(heard.gone, false),
       extract(epoch FROM t.opened_at - d.installed_on::timestamptz) / 86400.0 / 365
FROM ticket t {visits}
LEFT JOIN service s ON s.id = coalesce(t.service_id, (
    SELECT min(x.id) FROM service x WHERE x.subscriber_id = t.subscriber_id AND x.state = 'active'))
LEFT JOIN node n ON n.id = s.access_node_id
LEFT JOIN device d ON d.id = n.device_id
LEFT JOIN LATERAL (
    SELECT count(*) AS alarms, bool_or(o.alarm_type = ANY(:gone)) AS gone
    FROM alarm a JOIN alarm_occurrence o ON o.alarm_id = a.id
    WHERE a.resource = n.name AND NOT o.is_cleared
      AND o.event_at BETWEEN t.opened_at - interval '2 days' AND t.opened_at) heard ON true
WHERE t.kind = 'subscriber' {which} ORDER BY t.opened_at, t.id
"""
DONE = VISIT.format(
    outcome="w.outcome",
    visits="JOIN work_order w ON w.ticket_id = t.id AND w.state = 'done' AND w.incident_id IS NULL",
    which="AND t.opened_at >= :start AND w.done_at < :until",
)
ASKED = VISIT.format(outcome="NULL", visits="", which="AND t.id = :ticket")


async def visits(session: AsyncSession, start: datetime, until: datetime) -> list[Visit]:
    """Visits that are over, for tickets opened since `start`, the oldest first."""
    values = {"start": start, "until": until, "gone": [each.value for each in GONE]}
    return [_visit(row) for row in await session.execute(text(DONE), values)]


async def asked(session: AsyncSession, ticket: int) -> Visit | None:
    """A ticket as a visit in question; None when there is no such subscriber's ticket."""
    row = (await session.execute(text(ASKED), {"ticket": ticket, "gone": [each.value for each in GONE]})).first()
    return _visit(row) if row else None


def _visit(row: Row[Any]) -> Visit:
    visit = Visit._make(row)
    age = None if visit.age_years is None else float(visit.age_years)
    return visit._replace(age_years=age, earlier=list(visit.earlier))


class TicketCase(NamedTuple):
    """A subscriber's ticket with the circumstances that make it urgent, or another's double."""

    id: int
    opened_at: datetime
    category: str
    words: str
    service: int | None
    part: str
    zone: int | None
    is_vulnerable: bool
    is_business: bool
    has_outage: bool
    contacts_14d: int
    repair_hours: int


TICKET = """
SELECT t.id, t.opened_at, t.category, trim(t.subject || ' ' || t.description), s.id,
       coalesce((SELECT a.name FROM link l JOIN node a ON a.id = l.a_node_id WHERE l.z_node_id = s.access_node_id
                 ORDER BY l.id LIMIT 1), ''),
       z.number, p.is_vulnerable, p.segment = 'business',
       EXISTS (SELECT 1 FROM incident_line i JOIN incident c ON c.id = i.incident_id
               WHERE i.service_id = s.id AND c.state IN ('open', 'monitoring')),
       (SELECT count(*) FROM interaction i WHERE i.subscriber_id = t.subscriber_id AND i.direction = 'in'
        AND i.at BETWEEN t.opened_at - interval '14 days' AND t.opened_at),
       coalesce(pl.repair_hours, 24)
FROM ticket t JOIN subscriber p ON p.id = t.subscriber_id
LEFT JOIN service s ON s.id = coalesce(t.service_id, (
    SELECT min(x.id) FROM service x WHERE x.subscriber_id = t.subscriber_id AND x.state = 'active'))
LEFT JOIN plan pl ON pl.id = s.plan_id
LEFT JOIN address ad ON ad.id = s.address_id LEFT JOIN zone z ON z.id = coalesce(t.zone_id, ad.zone_id)
WHERE t.kind = 'subscriber' AND {which} ORDER BY t.id DESC
"""


async def ticket(session: AsyncSession, id_: int) -> TicketCase | None:
    """One subscriber's ticket."""
    row = (await session.execute(text(TICKET.format(which="t.id = :id")), {"id": id_})).first()
    return TicketCase(*row) if row else None


async def around(session: AsyncSession, case: TicketCase, limit: int = 500) -> list[TicketCase]:
    """Tickets that might be about the same thing: of the line within a fortnight, open elsewhere within six hours."""
    which = """t.id <> :id AND (
        (t.service_id = :service AND t.opened_at BETWEEN :at - interval '14 days' AND :at + interval '14 days')
        OR (t.state IN ('open', 'in_progress')
            AND t.opened_at BETWEEN :at - interval '6 hours' AND :at + interval '6 hours'))"""
    which = which.replace(":at", "CAST(:at AS timestamptz)")
    values = {"id": case.id, "service": case.service, "at": case.opened_at, "limit": limit}
    rows = await session.execute(text(TICKET.format(which=which) + " LIMIT :limit"), values)
    return [TicketCase(*row) for row in rows]


TOLD = """
SELECT trim(subject || ' ' || description), category, opened_at FROM ticket
WHERE kind = 'subscriber' AND opened_at >= :start AND opened_at < :until ORDER BY opened_at, id
"""


async def told(session: AsyncSession, start: datetime, until: datetime) -> list[tuple[str, str, datetime]]:
    """(words, category, when) of subscribers' tickets, the oldest first."""
    return [tuple(row) for row in await session.execute(text(TOLD), {"start": start, "until": until})]


class IncidentCase(NamedTuple):
    """An incident with the mix of its alarms and, where it is over, what fixed it and when."""

    id: int
    element: str
    kind: str
    mode: str
    zone: int | None
    subscribers: int
    title: str
    alarms: dict[str, int]
    resolution: str
    minutes: float | None


INCIDENT = """
SELECT i.id, coalesce(i.verdict_element, i.element, ''),
       coalesce(n.kind, split_part(coalesce(i.verdict_element, i.element, ''), ':', 1)), i.mode,
       coalesce(z.number, fz.number,
                (SELECT min(lz.number) FROM incident_line l JOIN zone lz ON lz.id = l.zone_id
                 WHERE l.incident_id = i.id)),
       i.subscribers, i.title,
       coalesce((SELECT jsonb_object_agg(k.alarm_type, k.many) FROM (
           SELECT a.alarm_type, count(*) AS many FROM incident_alarm x JOIN alarm a ON a.id = x.alarm_id
           WHERE x.incident_id = i.id GROUP BY 1) k), '{{}}'),
       coalesce(w.outcome, (SELECT u.text FROM incident_update u WHERE u.incident_id = i.id AND u.by <> 'bedrock'
                            ORDER BY u.at DESC, u.id DESC LIMIT 1), ''),
       extract(epoch FROM coalesce(i.cleared_at, i.resolved_at) - i.started_at) / 60
FROM incident i
LEFT JOIN node n ON 'node:' || n.name = coalesce(i.verdict_element, i.element) LEFT JOIN zone z ON z.id = n.zone_id
LEFT JOIN fibre f ON 'fibre:' || f.name = coalesce(i.verdict_element, i.element) LEFT JOIN zone fz ON fz.id = f.zone_id
LEFT JOIN work_order w ON w.incident_id = i.id AND w.state = 'done'
WHERE {which} ORDER BY i.id DESC
"""


async def incident(session: AsyncSession, id_: int) -> IncidentCase | None:
    """One incident."""
    row = (await session.execute(text(INCIDENT.format(which="i.id = :id")), {"id": id_})).first()
    return _incident(row) if row else None


async def past_incidents(session: AsyncSession, limit: int = 2_000) -> list[IncidentCase]:
    """Resolved incidents, the newest first."""
    query = INCIDENT.format(which="i.state = 'resolved'") + " LIMIT :limit"
    rows = await session.execute(text(query), {"limit": limit})
    return [_incident(row) for row in rows]


def _incident(row: Row[Any]) -> IncidentCase:
    case = IncidentCase._make(row)
    return case if case.minutes is None else case._replace(minutes=float(case.minutes))
