"""Who is on call, and the pages that woke them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.errors import DomainError
from atlas.itsm.models import Incident, Page
from atlas.settings import Settings

CHANNELS = ("sms", "whatsapp", "email", "voice")
#: The demo's: numbers that Ofcom keeps free for drama.
DEMO = "anna sms +447700900801, lena voice +447700900802"
#: How often everybody is paged in turn before it is given up.
ROUNDS = 3


class Contact(NamedTuple):
    """Somebody on call and how to wake them."""

    person: str
    channel: str
    address: str


def contacts(settings: Settings) -> list[Contact]:
    """Those on call, in the order in which they are paged. ValueError when the setting can't be read."""
    words = settings.on_call or (DEMO if settings.demo else "")
    found = []
    for each in filter(None, (part.strip() for part in words.split(","))):
        fields = each.split()
        if len(fields) != 3 or fields[1] not in CHANNELS:
            channels = ", ".join(CHANNELS)
            raise ValueError(f"BEDROCK_ON_CALL: “{each}” is not `name channel address`; channels are {channels}.")
        found.append(Contact(*fields))
    return found


async def pages_of(session: AsyncSession, incident_id: int) -> list[Page]:
    """An incident's pages, the first first."""
    query = select(Page).where(Page.incident_id == incident_id).order_by(Page.turn)
    return list(await session.scalars(query))


async def next_page_at(session: AsyncSession, incident: Incident, settings: Settings) -> datetime | None:
    """When somebody is to be paged next; None when nobody is: it is not doubtful, somebody has it in hand, or
    everybody on call was paged often enough.
    """
    if not incident.is_doubtful or incident.state != "open" or incident.acknowledged_by:
        return None
    sent = await pages_of(session, incident.id)
    if not sent:
        return incident.detected_at
    if len(sent) >= ROUNDS * len(contacts(settings)):
        return None
    return sent[-1].at + timedelta(seconds=settings.page_again)


async def draft(
    session: AsyncSession, incident: Incident, action_id: UUID, text: str, on_call: Sequence[Contact], now: datetime
) -> Page:
    """Write down a page to the next one on call. DomainError when nobody is."""
    if not on_call:
        raise DomainError("Nobody is on call; name them in BEDROCK_ON_CALL.")
    turn = len(await pages_of(session, incident.id))
    person = on_call[turn % len(on_call)]
    page = Page(
        incident_id=incident.id, action_id=action_id, turn=turn, text=text, state="drafted", at=now, **person._asdict()
    )
    session.add(page)
    await session.flush()
    payload = {"person": person.person, "channel": person.channel, "turn": turn}
    await events.emit(session, "incident.paged", incident.reference, payload, at=now)
    return page
