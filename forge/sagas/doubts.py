"""What a doubtful incident changes for its saga: what was held back, and whose turn it is to be woken."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm import on_call
from atlas.itsm.models import Incident
from atlas.ledger.models import Action
from atlas.settings import Settings

#: Why a proposal was taken back.
HELD_BACK = "Held back: it is doubtful, and a person must look first."


async def times_held_back(session: AsyncSession, incident_id: int) -> int:
    """How often notices were taken back for doubt: each time they are proposed anew afterwards."""
    query = select(func.count()).select_from(Action)
    held = (Action.incident_id == incident_id, Action.tool == "notify_affected", Action.error == HELD_BACK)
    return (await session.execute(query.where(*held))).scalar_one()


async def turn_due(session: AsyncSession, incident: Incident, settings: Settings, now: datetime) -> int | None:
    """Whose turn it is to be paged by now; None where nobody's is, or nobody is on call."""
    due = await on_call.next_page_at(session, incident, settings)
    if due is None or due > now or not on_call.contacts(settings):
        return None
    return len(await on_call.pages_of(session, incident.id))
