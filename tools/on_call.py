"""Doubtful incidents: waking somebody who looks, and their word that it is so."""

from pydantic import BaseModel, Field

from atlas.errors import DomainError
from atlas.itsm import incidents, on_call
from forge.queue import tell_saga
from policies.spec import Locality, Risk, ToolContext, tool
from tools.incidents import NOC, IncidentRow, row_of
from tools.words import IncidentReference


class Paged(BaseModel):
    """Somebody is being woken."""

    incident: str
    person: str
    channel: str
    turn: int = Field(description="0 for the first who was paged.")
    text: str


@tool(risk=Risk.NOTE, audience=NOC | {"forge"}, locality=Locality.OUTSIDE, workflow="send_pages")
async def page_on_call(ctx: ToolContext, incident: IncidentReference) -> Paged:
    """Page the next person on call about an incident; who acknowledges it ends the paging."""
    row = await incidents.get_incident(ctx.session, incident, lock=True)
    if row.state not in incidents.OPEN_STATES:
        raise DomainError(f"{row.reference} is over; nobody needs to be woken for it.")
    now = ctx.clock.now()
    doubt = row.doubts[0] if row.doubts else "look at it"
    words = f"{row.reference}: {row.title}. Nobody has been told: {doubt}. Confirm or name the cause."
    assert ctx.action_id is not None
    page = await on_call.draft(ctx.session, row, ctx.action_id, words, on_call.contacts(ctx.settings), now)
    await incidents.note(ctx.session, row.id, f"Paged {page.person} by {page.channel}.", now, by=ctx.principal.id)
    return Paged(incident=row.reference, person=page.person, channel=page.channel, turn=page.turn, text=words)


@tool(risk=Risk.NOTE, audience=NOC)
async def confirm_incident(ctx: ToolContext, incident: IncidentReference) -> IncidentRow:
    """Say that a doubtful incident is real, so that subscribers may be told and a crew may be sent."""
    row = await incidents.get_incident(ctx.session, incident, lock=True)
    await incidents.confirm(ctx.session, row, ctx.principal.id, ctx.clock.now())
    await tell_saga(ctx.session, row.id, "changed")
    return row_of(row)
