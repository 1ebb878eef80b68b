"""Taking back what was proposed and has not happened, when its reason is gone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.ledger import service
from atlas.ledger.models import Action

#: Proposed or signed, and without effect so far.
PENDING = ("allowed", "awaiting_sign_off", "approved")


async def withdraw(
    session: AsyncSession,
    *,
    incident_id: int,
    tool: str | None,
    reason: str,
    now: datetime,
    but: UUID | None = None,
    but_tool: str | None = None,
    by: str = "forge",
) -> int:
    """Expire the pending actions of an incident, of one tool or of all, except `but` and those of
    `but_tool`; returns how many.
    """
    query = select(Action).where(Action.incident_id == incident_id, Action.state.in_(PENDING))
    if tool:
        query = query.where(Action.tool == tool)
    if but:
        query = query.where(Action.id != but)
    if but_tool:
        query = query.where(Action.tool != but_tool)
    pending = list(await session.scalars(query.order_by(Action.id).with_for_update(skip_locked=True)))
    for action in pending:
        await service.move_action(session, action, "expired", by=by, now=now, error=reason)
    return len(pending)
