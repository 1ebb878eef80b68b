"""A person's verdicts on an incident: what is written down, and what changes at once. Nothing here is ever undone
by a finding; only another verdict changes it.

The caller holds the incident's row lock (`get_incident(..., lock=True)`), so that a verdict and a finding take
turns. Every verdict is a row: who, when, why, what stood before and what stands since.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.field import service as field
from atlas.helpdesk import notices
from atlas.itsm import belonging, exclusions, incidents, tickets
from atlas.itsm.belonging import Part
from atlas.itsm.models import Incident, IncidentLine, IncidentUpdate
from atlas.itsm.verdict_models import Verdict
from atlas.itsm.words import plain_cause_of
from atlas.ledger.withdrawal import withdraw
from atlas.network.elements import describe
from atlas.network.models import AlarmRecord
from atlas.orders.models import Service


async def lock_open(session: AsyncSession, *references: str | int) -> list[Incident]:
    """Lock these incidents, the lowest id first so that nobody waits for ever; in the order they were named.

    DomainError when one is over: what is over can have its cause corrected, and nothing else.
    """
    ids = [(await incidents.get_incident(session, each)).id for each in references]
    rows = {each: await incidents.get_incident(session, each, lock=True) for each in sorted(set(ids))}
    for row in rows.values():
        if row.state not in incidents.OPEN_STATES:
            raise DomainError(f"{row.reference} is {row.state}; only its cause can still be corrected.")
    return [rows[each] for each in ids]


async def verdicts_of(session: AsyncSession, incident_id: int) -> list[Verdict]:
    """What people said of an incident, the first first."""
    query = select(Verdict).where((Verdict.incident_id == incident_id) | (Verdict.other_id == incident_id))
    return list(await session.scalars(query.order_by(Verdict.id)))


async def correct_cause(
    session: AsyncSession,
    incident: Incident,
    *,
    element: str | None,
    words: str = "",
    by: str,
    reason: str = "",
    now: datetime,
) -> Verdict:
    """A person names the cause: an element key, or in their own `words` where it is none of ours.

    A crew on its way to another place is called back, and what waits for a signature about it is withdrawn.
    DomainError for a merged or retracted incident, which has no cause of its own.
    """
    if incident.state in ("merged", "retracted"):
        raise DomainError(f"{incident.reference} is {incident.state}; it has no cause of its own to correct.")
    before, was_plain = _cause_before(incident), plain_cause_of(incident)
    incident.verdict_element, incident.verdict_cause, incident.verdict_by = element, words or None, by
    named = await describe(session, element) if element else words
    incident.title = named[0].upper() + named[1:]
    kind = "confirm" if element is not None and element == before["element"] else "correct_cause"
    after = {"element": element, "cause": words or None}
    verdict = await _write(session, incident, kind, by=by, reason=reason, now=now, before=before, after=after)
    said = f"{by} names the cause: {element or words}."
    await incidents.note(session, incident.id, said, now, by=by)
    await _call_back(session, incident, f"The cause was corrected by {by}.", now)
    is_open = incident.state in incidents.OPEN_STATES
    if is_open and plain_cause_of(incident) != was_plain and await was_public(session, incident.id):
        words = f"We now know more: it is {plain_cause_of(incident)}."
        await incidents.note(session, incident.id, words, now, by=by, public=True)
    await incidents.tell(session, "incident.verdict", incident, now, by=by, element=element)
    return verdict


def _cause_before(incident: Incident) -> dict[str, Any]:
    """What Cortex says and what a person said before, for learning from and for the record."""
    return {
        "element": incident.element,
        "confidence": round(incident.confidence, 3),
        "verdict_element": incident.verdict_element,
        "verdict_cause": incident.verdict_cause,
        "verdict_by": incident.verdict_by,
    }


async def _call_back(session: AsyncSession, incident: Incident, reason: str, now: datetime) -> None:
    """A crew that is sent to what is not the cause."""
    order = await field.for_incident(session, incident.id)
    if order and order.element != (incident.cause or ""):
        await field.cancel(session, order, reason, now)
    for tool in ("create_work_order", "assign_technician"):
        await withdraw(
            session, incident_id=incident.id, tool=tool, reason=reason, now=now, by=incident.verdict_by or ""
        )


async def merge(
    session: AsyncSession, incident: Incident, into: Incident, *, by: str, reason: str = "", now: datetime
) -> Verdict:
    """A person says that two incidents are one. DomainError when it is one already."""
    if incident.id == into.id:
        raise DomainError(f"{incident.reference} can't be merged into itself.")
    part = await belonging.whole(session, incident.id)
    for what, ids in (("alarm", part.alarms), ("node", part.nodes)):
        await exclusions.let_back(session, into.id, what, ids)
    await belonging.move(session, incident.id, into.id, part, now)
    for name in ("devices", "subscribers", "business", "vulnerable", "revenue_per_hour"):
        setattr(into, name, getattr(into, name) + getattr(incident, name))
    verdict = await _write(
        session,
        incident,
        "merge",
        other=into,
        by=by,
        reason=reason,
        now=now,
        before={"alarms": sorted(part.alarms), "into": into.reference, **_cause_before(incident)},
        after={"state": "merged", "into": into.reference},
    )
    into.regrouped += 1
    await incidents.note(
        session, into.id, f"{by} says that {incident.reference} is part of it.{_why(reason)}", now, by=by
    )
    await incidents.merge(session, incident, into, now)
    return verdict


async def split(
    session: AsyncSession, incident: Incident, part: Part, *, by: str, reason: str = "", now: datetime
) -> Incident:
    """A person says that a part of an incident is another; returns that one. Cortex never joins them again.

    DomainError where the part has none of the incident's alarms, or has all of them.
    """
    everything = await belonging.whole(session, incident.id)
    part = replace(part, alarms=part.alarms & everything.alarms, nodes=part.nodes & everything.nodes)
    if not part.alarms:
        raise DomainError(f"No alarm of {incident.reference} belongs to that; exclude the lines instead.")
    if part.alarms == everything.alarms:
        raise DomainError(f"That is all of {incident.reference}; there is nothing to split it from.")
    other = await _split_off(session, incident, part, now)
    await _keep_apart(session, incident.id, part, other.id, everything)
    await belonging.move(session, incident.id, other.id, part, now)
    exclusions.take_off(incident, await exclusions.counts_of(session, part.nodes))
    await _write(
        session,
        incident,
        "split",
        other=other,
        by=by,
        reason=reason,
        now=now,
        before={"alarms": len(everything.alarms), "nodes": len(everything.nodes), **_cause_before(incident)},
        after={"alarms": sorted(part.alarms), "nodes": len(part.nodes), "split off": other.reference},
    )
    other.regrouped += 1
    said = f"{by} splits {len(part.alarms)} alarms off as {other.reference}.{_why(reason)}"
    await incidents.note(session, incident.id, said, now, by=by)
    await incidents.note(session, other.id, f"{by} split it off from {incident.reference}.{_why(reason)}", now, by=by)
    await incidents.tell(session, "incident.opened", other, now, alarms=len(part.alarms), split_from=incident.reference)
    return other


async def _split_off(session: AsyncSession, incident: Incident, part: Part, now: datetime) -> Incident:
    """The new incident, as far as it is known before Cortex has looked at it."""
    first = await session.scalar(select(func.min(AlarmRecord.raised_at)).where(AlarmRecord.id.in_(part.alarms)))
    counts = await exclusions.counts_of(session, part.nodes)
    other = Incident(
        state="open",
        title=f"Split off from {incident.reference}; the cause is not known yet",
        confidence=0.0,
        is_certain=False,
        causes=[],
        explanation=[f"A person split it off from {incident.reference}."],
        started_at=first or incident.started_at,
        detected_at=now,
        devices=counts.devices,
        subscribers=counts.subscribers,
        business=counts.business,
        vulnerable=counts.vulnerable,
        revenue_per_hour=counts.revenue_per_hour,
        held_by=incident.held_by,
        effect=incident.effect,
        remedy=incident.remedy,
    )
    session.add(other)
    await session.flush()
    return other


async def _keep_apart(session: AsyncSession, incident_id: int, part: Part, other_id: int, everything: Part) -> None:
    """Neither takes up again what is the other's: alarms, and nodes of which the other alone speaks."""
    rest = everything.alarms - part.alarms
    theirs = await belonging.nodes_of_alarms(session, incident_id, part.alarms)
    ours = await belonging.nodes_of_alarms(session, incident_id, rest)
    await exclusions.inherit(session, incident_id, other_id)
    await exclusions.bar(session, incident_id, "alarm", part.alarms)
    await exclusions.bar(session, incident_id, "node", part.nodes | theirs)
    await exclusions.bar(session, other_id, "alarm", rest)
    others = ours if part.by_alarm else ours | everything.nodes
    await exclusions.bar(session, other_id, "node", others - part.nodes)


async def exclude(
    session: AsyncSession, incident: Incident, part: Part, *, by: str, reason: str = "", now: datetime
) -> int:
    """A person says that these nodes and lines are no part of it: they hear nothing, and their tickets are free.

    Returns how many subscribers left. DomainError when there is nothing to exclude, or nothing would be left.
    """
    everything = await belonging.whole(session, incident.id)
    alarms = part.alarms | await belonging.alarms_at(session, incident.id, part.nodes)
    if not (part.nodes or part.lines):
        raise DomainError("Say which nodes or lines are no part of it.")
    if everything.alarms and not everything.alarms - alarms:
        raise DomainError(f"That is all of {incident.reference}; retract it instead.")
    lines_before = await _lines(session, incident.id, part)
    for what, ids in (("alarm", alarms), ("node", part.nodes), ("service", part.lines)):
        await exclusions.bar(session, incident.id, what, ids)
    less = await exclusions.counts_of(session, part.nodes & everything.nodes, lines_before)
    left = await belonging.take_out(session, incident.id, Part(frozenset(alarms), part.nodes, part.lines), now)
    exclusions.take_off(incident, less)
    await _write(
        session,
        incident,
        "exclude",
        by=by,
        reason=reason,
        now=now,
        before={"subscribers": incident.subscribers + less.subscribers},
        after={"nodes": sorted(part.nodes), "lines": sorted(part.lines), "subscribers": len(left)},
    )
    said = f"{by} takes {len(part.nodes)} nodes and {len(left)} subscribers out of it.{_why(reason)}"
    await incidents.note(session, incident.id, said, now, by=by)
    await incidents.tell(session, "incident.updated", incident, now, by=by)
    return len(left)


async def _lines(session: AsyncSession, incident_id: int, part: Part) -> Collection[int]:
    """Of the lines named, those that are in the incident and not at a node that goes as a whole."""
    query = (
        select(IncidentLine.service_id)
        .join(Service, Service.id == IncidentLine.service_id)
        .where(IncidentLine.incident_id == incident_id, IncidentLine.service_id.in_(part.lines))
        .where(Service.access_node_id.not_in(part.nodes))
    )
    return list(await session.scalars(query))


async def hold(session: AsyncSession, incident: Incident, *, by: str, reason: str = "", now: datetime) -> int:
    """Nobody is told anything about it until it is released; returns how many notices were stopped on their way."""
    if incident.held_by:
        raise DomainError(f"The notices of {incident.reference} are held by {incident.held_by} already.")
    incident.held_by = by
    words = f"Its notices are held by {by}.{_why(reason)}"
    pending = 0
    for tool in ("notify_affected", "notify_restored", "notify_correction"):
        pending += await withdraw(session, incident_id=incident.id, tool=tool, reason=words, now=now, by=by)
    stopped = await notices.give_up(session, incident.id, f"held by {by}", now, kind=None)
    after = {"held_by": by, "withdrawn": pending, "stopped": stopped}
    await _write(session, incident, "hold", by=by, reason=reason, now=now, before={"held_by": None}, after=after)
    await incidents.note(session, incident.id, words, now, by=by)
    await incidents.tell(session, "incident.updated", incident, now, held_by=by)
    return stopped


async def release(session: AsyncSession, incident: Incident, *, by: str, reason: str = "", now: datetime) -> None:
    """Notices may go out again; whoever has not heard is told as if nothing had been held."""
    if not incident.held_by:
        raise DomainError(f"Nobody holds the notices of {incident.reference}.")
    before = {"held_by": incident.held_by}
    incident.held_by = None
    await _write(session, incident, "release", by=by, reason=reason, now=now, before=before, after={"held_by": None})
    await incidents.note(session, incident.id, f"{by} releases its notices.{_why(reason)}", now, by=by)
    await incidents.tell(session, "incident.updated", incident, now, held_by=None)


async def releases(session: AsyncSession, incident_id: int) -> int:
    """How often the notices of an incident were released: each time they may be proposed once more."""
    query = select(func.count()).where(Verdict.incident_id == incident_id, Verdict.kind == "release")
    return (await session.execute(query)).scalar_one()


async def retract(session: AsyncSession, incident: Incident, *, by: str, reason: str, now: datetime) -> int:
    """A false alarm: all that waits is withdrawn, the crew is called back, the tickets are closed with the reason,
    and what was said in public is put right. Subscribers' own tickets are theirs, and go back to the desk.

    Returns how many subscribers were told of it and are owed a correction.
    """
    before = {"state": incident.state, "held_by": incident.held_by, **_cause_before(incident)}
    incident.state, incident.resolved_at, incident.next_update_at = "retracted", now, None
    incident.held_by = None  # the last word on it: who was told shall hear that it was nothing
    words = f"False alarm, says {by}.{_why(reason)}"
    await undo(session, incident, words, now)
    told = await notices.told(session, incident.id, "outage") - await notices.told(session, incident.id, "restored")
    after = {"state": "retracted", "told": len(told)}
    await _write(session, incident, "retract", by=by, reason=reason, now=now, before=before, after=after)
    await incidents.note(session, incident.id, words, now, by=by)
    if await was_public(session, incident.id):
        words = "We looked into this again: there was no fault in our network."
        await incidents.note(session, incident.id, words, now, by=by, public=True)
    await incidents.tell(session, "incident.retracted", incident, now, by=by, told=len(told))
    return len(told)


async def undo(session: AsyncSession, incident: Incident, reason: str, now: datetime) -> None:
    """Take back what can be taken back of an incident that is none. Again is as good as once."""
    await withdraw(session, incident_id=incident.id, tool=None, reason=reason, now=now, but_tool="notify_correction")
    await notices.give_up(session, incident.id, reason, now)
    if order := await field.for_incident(session, incident.id):
        await field.cancel(session, order, reason, now)
    await tickets.release(session, incident.id)
    await tickets.close_tree(session, incident, reason, now)
    for other in await incidents.open_incidents(session):
        await tickets.link_subscriber_tickets(session, other, now)


async def was_public(session: AsyncSession, incident_id: int) -> bool:
    """Whether anything was said in public about it."""
    query = select(IncidentUpdate.id).where(IncidentUpdate.incident_id == incident_id, IncidentUpdate.is_public)
    return (await session.scalar(query.limit(1))) is not None


def _why(reason: str) -> str:
    return f" {reason.strip().rstrip('.')}." if reason.strip() else ""


#: Verdicts after which Cortex has to look at its groups anew.
REGROUPS = frozenset({"correct_cause", "confirm", "merge", "split", "exclude", "retract"})


async def _write(
    session: AsyncSession,
    incident: Incident,
    kind: str,
    *,
    by: str,
    reason: str,
    now: datetime,
    before: dict[str, Any],
    after: dict[str, Any],
    other: Incident | None = None,
) -> Verdict:
    incident.regrouped += kind in REGROUPS
    verdict = Verdict(
        incident_id=incident.id,
        other_id=other.id if other else None,
        kind=kind,
        by=by,
        at=now,
        reason=reason,
        before=before,
        after=after,
    )
    session.add(verdict)
    await session.flush()
    return verdict


def words_of(verdict: Verdict) -> str:
    """A verdict in one line."""
    what = {
        "correct_cause": f"the cause is {verdict.after.get('element') or verdict.after.get('cause')}",
        "confirm": f"the cause is {verdict.after.get('element')}, as Cortex said",
        "merge": f"part of {verdict.after.get('into')}",
        "split": f"{verdict.after.get('split off')} is another",
        "exclude": f"{verdict.after.get('subscribers')} subscribers are no part of it",
        "hold": "tell nobody",
        "release": "tell people",
        "retract": "a false alarm",
    }
    return what[verdict.kind]
