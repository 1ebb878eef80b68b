"""A subscriber's own tickets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from atlas.itsm import tickets
from atlas.itsm.models import Ticket
from policies.spec import Risk, ToolContext, tool

Category = Annotated[
    Literal["no_service", "slow", "intermittent", "billing", "other"], Field(description="What it is about.")
]


class TicketRow(BaseModel):
    """One ticket."""

    reference: str
    subject: str
    state: str
    opened_at: datetime
    incident: str | None = Field(default=None, description="The known outage it is tied to.")


class MyTickets(BaseModel):
    """Open tickets, newest first."""

    tickets: list[TicketRow]


def row_of(ticket: Ticket) -> TicketRow:
    """A ticket as its owner sees it."""
    return TicketRow(
        reference=ticket.reference,
        subject=ticket.subject,
        state=ticket.state,
        opened_at=ticket.opened_at,
        incident=f"INC-{ticket.incident_id}" if ticket.incident_id else None,
    )


@tool(risk=Risk.READ, audience={"subscriber"})
async def my_tickets(ctx: ToolContext) -> MyTickets:
    """List this subscriber's own open tickets."""
    return MyTickets(tickets=[row_of(ticket) for ticket in await tickets.of_subscriber(ctx.session, ctx.subscriber_id)])


@tool(risk=Risk.NOTE, audience={"subscriber"})
async def open_ticket(
    ctx: ToolContext,
    category: Category,
    description: Annotated[str, Field(description="The subscriber's own words.", min_length=1, max_length=2000)],
) -> TicketRow:
    """Open a ticket for this subscriber, when no known outage explains the trouble."""
    ticket = await tickets.open_for_subscriber(ctx.session, ctx.subscriber_id, category, description, ctx.clock.now())
    return row_of(ticket)
