"""Notices: one message to each affected subscriber, on the channel they prefer, never twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from atlas.helpdesk.models import Notice

# The preferred channel if it has a contact that wants to hear, else any that does; else the notice says why not.
DRAFT = """
INSERT INTO notice (id, kind, action_id, incident_id, subscriber_id, channel, address, text, state, reason, updated_at)
SELECT gen_random_uuid(), :kind, :action, :incident, s.id, coalesce(c.channel, 'none'), coalesce(c.address, ''),
       :text, CASE WHEN c.id IS NULL THEN 'skipped' ELSE 'drafted' END,
       CASE WHEN c.id IS NULL THEN 'no channel that has not opted out' END, :now
FROM subscriber s
LEFT JOIN LATERAL (
    SELECT * FROM contact c WHERE c.subscriber_id = s.id AND c.opted_out_at IS NULL
    ORDER BY c.channel <> s.preferred_channel, c.id LIMIT 1
) c ON true
WHERE s.id = ANY(:subscribers)
ON CONFLICT (incident_id, subscriber_id, kind) WHERE state <> 'skipped' DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that is about to be handed over."""

    id: str
    channel: str
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one hand-over."""

    id: str
    state: str
    reference: str | None = None
    reason: str | None = None


async def draft(
    session: AsyncSession,
    *,
    kind: str,
    action_id: UUID,
    incident_id: int,
    subscribers: Sequence[int],
    words: str,
    now: datetime,
) -> dict[str, int]:
    """Write one notice per subscriber who has not had this news; returns how many per channel, and skipped."""
    values = {"kind": kind, "action": action_id, "incident": incident_id, "text": words, "now": now}
    await session.execute(text(DRAFT), {**values, "subscribers": list(subscribers)})
    query = (
        select(func.coalesce(func.nullif(Notice.channel, "none"), "skipped"), func.count())
        .where(Notice.action_id == action_id)
        .group_by(Notice.channel)
    )
    return dict((await session.execute(query)).all())


async def claim(session: AsyncSession, action_id: UUID, limit: int, now: datetime) -> list[Claimed]:
    """Mark the next notices as being sent, before any vendor is called, and return them."""
    due = (
        select(Notice.id)
        .where(Notice.action_id == action_id, Notice.state == "drafted")
        .order_by(Notice.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await session.execute(
        update(Notice)
        .where(Notice.id.in_(due))
        .values(state="sending", updated_at=now)
        .returning(Notice.id, Notice.channel, Notice.address, Notice.text)
    )
    return [Claimed(str(id_), channel, address, words) for id_, channel, address, words in rows]


async def record(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down what became of each hand-over."""
    for outcome in outcomes:
        await session.execute(
            update(Notice)
            .where(Notice.id == UUID(outcome.id))
            .values(state=outcome.state, vendor_reference=outcome.reference, reason=outcome.reason, updated_at=now)
        )


async def skip_drafted(session: AsyncSession, action_id: UUID, reason: str, now: datetime) -> int:
    """Give up what was never claimed; returns how many."""
    left = await session.scalars(
        update(Notice)
        .where(Notice.action_id == action_id, Notice.state == "drafted")
        .values(state="skipped", reason=reason, updated_at=now)
        .returning(Notice.id)
    )
    return len(list(left))


async def give_up(
    session: AsyncSession, incident_id: int, reason: str, now: datetime, *, kind: str | None = "outage"
) -> int:
    """Send no further word of an outage, whichever action drafted it: it is over, or told of elsewhere; with no
    `kind`, no word at all. Returns how many were not begun.
    """
    query = update(Notice).where(Notice.incident_id == incident_id, Notice.state == "drafted")
    if kind:
        query = query.where(Notice.kind == kind)
    gone = await session.scalars(query.values(state="skipped", reason=reason, updated_at=now).returning(Notice.id))
    return len(list(gone))


# Claimed, and no longer to be said: held by a person, of a false alarm, or to somebody it does not concern.
UNWANTED = """
SELECT n.id FROM notice n JOIN incident i ON i.id = n.incident_id
WHERE n.id = ANY(CAST(:ids AS uuid[])) AND (
    i.held_by IS NOT NULL
    OR (n.kind = 'outage' AND i.state = 'retracted')
    OR (n.kind = 'outage' AND EXISTS (
            SELECT 1 FROM service s WHERE s.subscriber_id = n.subscriber_id AND (
                EXISTS (SELECT 1 FROM excluded_line x WHERE x.incident_id = i.id AND x.service_id = s.id)
                OR EXISTS (SELECT 1 FROM excluded_node x
                           WHERE x.incident_id = i.id AND x.node_id = s.access_node_id)))
        AND NOT EXISTS (
            SELECT 1 FROM incident_line l WHERE l.incident_id = i.id AND l.subscriber_id = n.subscriber_id)))
"""


async def unwanted(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    """Of these claimed notices, those that a person's verdict has overtaken."""
    return {str(id_) for id_ in (await session.execute(text(UNWANTED), {"ids": list(ids)})).scalars()}


async def carry_over(session: AsyncSession, incident_id: int, into_id: int, now: datetime) -> None:
    """Whoever was told of an incident was told of the one it is part of, and hears only once that it is over."""
    await give_up(session, incident_id, "told of with the incident it is part of", now)
    heard = aliased(Notice)
    has_heard = (
        exists()
        .where(heard.incident_id == into_id, heard.subscriber_id == Notice.subscriber_id, heard.kind == Notice.kind)
        .where(heard.state != "skipped")
    )
    await session.execute(
        update(Notice)
        .where(Notice.incident_id == incident_id, Notice.state.not_in(("skipped", "failed")), ~has_heard)
        .values(incident_id=into_id)
        .execution_options(synchronize_session=False)
    )


async def count(session: AsyncSession, action_id: UUID) -> dict[str, int]:
    """How many notices of an action are in which state."""
    query = select(Notice.state, func.count()).where(Notice.action_id == action_id).group_by(Notice.state)
    return dict((await session.execute(query)).all())


async def told(session: AsyncSession, incident_id: int, kind: str) -> set[int]:
    """The subscribers who have had this news, or are about to."""
    query = select(Notice.subscriber_id).where(
        Notice.incident_id == incident_id, Notice.kind == kind, Notice.state.not_in(("skipped", "failed"))
    )
    return set(await session.scalars(query))
