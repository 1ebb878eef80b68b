"""Incidents from the first finding to resolution. A person's verdict is final: it is never overwritten here."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.errors import DomainError
from atlas.helpdesk import notices
from atlas.itsm import exclusions, lines
from atlas.itsm.models import Incident, IncidentAlarm, IncidentNode, IncidentUpdate
from atlas.itsm.schemas import Assessment
from atlas.references import number_in

OPEN_STATES = ("open", "monitoring")
#: What a finding may not change where a person has named the cause.
KEPT_FOR_A_VERDICT = {"started_at", "title"}
#: Incidents that subscribers may hear of: nothing about them is doubtful, or a person says that they are so.
SPEAKABLE = or_(
    func.jsonb_array_length(Incident.doubts) == 0,
    Incident.confirmed_by.is_not(None),
    Incident.verdict_by.is_not(None),
)

TOUCHES_ZONE = """
(EXISTS (SELECT 1 FROM incident_node i JOIN node n ON n.id = i.node_id JOIN zone z ON z.id = n.zone_id
         WHERE i.incident_id = incident.id AND z.number = :zone)
 OR EXISTS (SELECT 1 FROM incident_line l JOIN zone z ON z.id = l.zone_id
            WHERE l.incident_id = incident.id AND z.number = :zone)
 OR CASE WHEN incident.verdict_by IS NULL THEN incident.element ELSE incident.verdict_element END IN (
    SELECT e.key FROM zone z JOIN (
        SELECT 'node:' || name AS key, zone_id FROM node UNION ALL
        SELECT 'fibre:' || name, zone_id FROM fibre UNION ALL
        SELECT 'duct:' || name, zone_id FROM duct UNION ALL
        SELECT 'site:' || name, zone_id FROM site UNION ALL
        SELECT 'zone:' || number, id FROM zone UNION ALL
        SELECT 'link:' || l.name, n.zone_id FROM link l JOIN node n ON n.id IN (l.a_node_id, l.z_node_id)
    ) e ON e.zone_id = z.id WHERE z.number = :zone))
"""

#: A fault told apart from another takes its alarms along.
TAKE_OVER = """
DELETE FROM incident_alarm x USING incident c
WHERE x.alarm_id = ANY(:alarms) AND x.incident_id <> :incident AND c.id = x.incident_id AND c.state = 'open'
"""


def parse_reference(reference: str) -> int:
    """The id behind "INC-12". DomainError when it is no incident reference."""
    number = number_in(reference, "INC")
    if number is None:
        raise DomainError(f"“{reference}” is no incident; references look like INC-12.")
    return number


async def get_incident(session: AsyncSession, reference: str | int, *, lock: bool = False) -> Incident:
    """An incident by reference or id. DomainError when there is none."""
    incident_id = reference if isinstance(reference, int) else parse_reference(reference)
    incident = await session.get(Incident, incident_id, with_for_update=lock or None, populate_existing=lock)
    if incident is None:
        raise DomainError(f"There is no incident INC-{incident_id}.")
    return incident


async def open_incidents(session: AsyncSession, *, zone: int | None = None) -> list[Incident]:
    """Incidents not yet resolved, the largest first; with `zone`, those whose cause or effect lies in it."""
    query = select(Incident).where(Incident.state.in_(OPEN_STATES))
    if zone is not None:
        query = query.where(text(TOUCHES_ZONE).bindparams(zone=zone))
    query = query.order_by(Incident.subscribers.desc(), Incident.id)
    return list(await session.scalars(query))


async def open_incident(session: AsyncSession, seen: Assessment, now: datetime) -> Incident:
    """Write down a new incident with all it touches."""
    incident = Incident(state="open", detected_at=now, **_columns(seen))
    session.add(incident)
    await session.flush()
    await _attach(session, incident.id, seen, now)
    await tell(session, "incident.opened", incident, now, alarms=len(seen.alarm_ids))
    return incident


async def reassess(session: AsyncSession, incident: Incident, seen: Assessment, now: datetime) -> bool:
    """Bring an incident up to date with what is seen now; a person's verdict stays. Says whether it is news."""
    before = _headline(incident)
    seen = await exclusions.without_excluded(session, incident.id, seen)
    kept = KEPT_FOR_A_VERDICT if incident.verdict_by else {"started_at"}
    for name, value in _columns(seen).items():
        if name not in kept:
            setattr(incident, name, value)
    if incident.state == "monitoring":
        incident.state, incident.cleared_at = "open", None
        await lines.cut_again(session, incident.id, seen.node_ids)
        await tell(session, "incident.reopened", incident, now)
    await _attach(session, incident.id, seen, now)
    changed = _headline(incident) != before
    if changed:
        await tell(session, "incident.updated", incident, now, alarms=len(seen.alarm_ids))
    return changed


def _headline(incident: Incident) -> tuple[object, ...]:
    """What people want to hear of when it changes."""
    counts = (incident.devices, incident.subscribers, incident.at_risk, incident.degraded)
    return (incident.element, incident.is_certain, *counts, incident.mode, incident.remedy, incident.is_doubtful)


async def clear(session: AsyncSession, incident: Incident, now: datetime) -> None:
    """Every alarm of the incident has cleared: watch it before calling it resolved."""
    if incident.state == "open":
        incident.state, incident.cleared_at = "monitoring", now
        await lines.all_back(session, incident.id, now)
        await tell(session, "incident.cleared", incident, now)


async def merge(session: AsyncSession, incident: Incident, into: Incident, now: datetime) -> None:
    """Two incidents turned out to be one cause. What people said of the one holds for the other from now on."""
    incident.state, incident.resolved_at, incident.merged_into_id = "merged", now, into.id
    await session.execute(delete(IncidentAlarm).where(IncidentAlarm.incident_id == incident.id))
    into.held_by = into.held_by or incident.held_by
    if incident.verdict_by and not into.verdict_by:
        into.verdict_element, into.verdict_cause = incident.verdict_element, incident.verdict_cause
        into.verdict_by, into.title = incident.verdict_by, incident.title
    await exclusions.inherit(session, incident.id, into.id)
    await notices.carry_over(session, incident.id, into.id, now)
    await note(session, incident.id, f"Merged into {into.reference}: one cause explains both.", now)
    await tell(session, "incident.merged", incident, now, into=into.reference)


async def resolve(session: AsyncSession, incident: Incident, now: datetime) -> None:
    """The incident is over."""
    incident.state, incident.resolved_at, incident.next_update_at = "resolved", now, None
    await tell(session, "incident.resolved", incident, now)


async def acknowledge(session: AsyncSession, incident: Incident, by: str, now: datetime) -> None:
    """A person has it in hand. DomainError when somebody else does already."""
    if incident.acknowledged_by and incident.acknowledged_by != by:
        raise DomainError(f"{incident.reference} is already acknowledged by {incident.acknowledged_by}.")
    incident.acknowledged_by = by
    await note(session, incident.id, f"Acknowledged by {by}.", now, by=by)
    await tell(session, "incident.acknowledged", incident, now, by=by)


async def confirm(session: AsyncSession, incident: Incident, by: str, now: datetime) -> None:
    """A person says that it is so: from now on it is handled like any other. DomainError when nothing is doubtful."""
    if not incident.is_doubtful:
        raise DomainError(f"Nothing about {incident.reference} is in doubt.")
    incident.confirmed_by = by
    await note(session, incident.id, f"Confirmed by {by}; what was in doubt: {'; '.join(incident.doubts)}.", now, by=by)
    await tell(session, "incident.confirmed", incident, now, by=by)


async def expect_repair(session: AsyncSession, incident: Incident, at: datetime, source: str, now: datetime) -> None:
    """When it should work again, as a person or stated history says. DomainError when that is past."""
    if at <= now:
        raise DomainError("The expected repair must lie in the future.")
    incident.expected_repair_at, incident.expected_repair_source = at, source
    await note(session, incident.id, f"Repair expected {at:%H:%M} UTC, says {source}.", now, by=source)
    await tell(session, "incident.updated", incident, now)


async def note(
    session: AsyncSession, incident_id: int, words: str, now: datetime, *, by: str = "bedrock", public: bool = False
) -> None:
    """Add a line to the incident's history; public lines are what status and chat may say."""
    session.add(IncidentUpdate(incident_id=incident_id, at=now, by=by, is_public=public, text=words))
    await session.flush()
    await events.emit(
        session, "incident.note", f"INC-{incident_id}", {"text": words, "by": by, "public": public}, at=now
    )


def _columns(seen: Assessment) -> dict[str, Any]:
    row = asdict(seen)
    for name in ("alarm_ids", "node_ids"):
        row.pop(name)
    row["confidence"] = min(1.0, max(0.0, seen.confidence))
    row["revenue_per_hour"] = Decimal(str(round(seen.revenue_per_hour, 3)))
    return row


async def _attach(session: AsyncSession, incident_id: int, seen: Assessment, now: datetime) -> None:
    """Tie alarms, nodes and lines to the incident; what no longer belongs is let go."""
    await session.flush()
    await session.execute(
        text(
            "INSERT INTO incident_alarm (alarm_id, incident_id)"
            " SELECT a, :incident FROM unnest(CAST(:alarms AS bigint[])) a ON CONFLICT DO NOTHING"
        ),
        {"incident": incident_id, "alarms": seen.alarm_ids},
    )
    await session.execute(text(TAKE_OVER), {"incident": incident_id, "alarms": seen.alarm_ids})
    known = set(await session.scalars(select(IncidentNode.node_id).where(IncidentNode.incident_id == incident_id)))
    cut_off = set(seen.node_ids)
    if gone := sorted(known - cut_off):
        belongs = (IncidentNode.incident_id == incident_id, IncidentNode.node_id.in_(gone))
        await session.execute(delete(IncidentNode).where(*belongs))
        await lines.let_go(session, incident_id, gone, now)
    if new := sorted(cut_off - known):
        rows = [{"incident_id": incident_id, "node_id": node} for node in new]
        await session.execute(insert(IncidentNode), rows)
        await lines.take_in(session, incident_id, new)


async def tell(session: AsyncSession, kind: str, incident: Incident, now: datetime, **more: Any) -> None:
    """Say what became of an incident, to whoever listens."""
    payload = {
        "title": incident.title,
        "state": incident.state,
        "element": incident.element,
        "confidence": round(incident.confidence, 3),
        "devices": incident.devices,
        "subscribers": incident.subscribers,
    }
    await session.flush()
    await events.emit(session, kind, incident.reference, payload | more, at=now)
