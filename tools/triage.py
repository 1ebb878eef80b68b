"""Tickets and incidents weighed before anyone acts on them, and a visit to a subscriber with the odds in view."""

from typing import Annotated

from pydantic import BaseModel, Field

from atlas.errors import DomainError
from atlas.field import service as field
from atlas.itsm import incidents
from atlas.itsm.models import Ticket
from atlas.learning import cases, predictions
from atlas.references import number_in
from cortex.triage.no_fault import Risk as NoFaultRisk
from forge.triage import incidents as similarity
from forge.triage import tickets, visits
from policies.spec import STAFF, Risk, ToolContext, tool
from tools.field import Skill, WorkOrderRow, row_of
from tools.incidents import NOC
from tools.words import IncidentReference

TicketReference = Annotated[str, Field(description="A ticket's reference, such as TT-12.", max_length=20)]


class SimilarIncident(BaseModel):
    """A past incident, and what fixed it."""

    reference: str
    likeness: float
    reasons: list[str]
    resolution: str
    minutes_to_repair: int | None


class SimilarIncidents(BaseModel):
    """The past incidents most like one, the likest first."""

    incident: str
    usual_minutes_to_repair: int | None = Field(description="The middle of theirs.")
    incidents: list[SimilarIncident]


class Double(BaseModel):
    """Another ticket that is probably about the same thing."""

    reference: str
    reasons: list[str]


class TicketTriage(BaseModel):
    """How a ticket is to be taken."""

    ticket: str
    category: str | None = Field(description="By its words; null when they don't tell.")
    category_confidence: float
    priority: str
    priority_reasons: list[str]
    duplicates: list[Double]


class NoFaultFound(BaseModel):
    """How likely a visit finds nothing."""

    ticket: str
    probability: float | None = Field(description="Null when nothing was learnt yet.")
    ask_first: bool = Field(description="Sure enough to ask for a wired test before a visit.")
    advice: str


class VisitFacts(BaseModel):
    """What the rules and the person who signs decide by."""

    advised_against: bool
    advice: str


def _ticket_id(reference: str) -> int:
    number = number_in(reference, "TT")
    if number is None:
        raise DomainError(f"“{reference}” is no ticket; references look like TT-12.")
    return number


@tool(risk=Risk.READ, audience=STAFF | {"forge"})
async def similar_incidents(ctx: ToolContext, incident: IncidentReference) -> SimilarIncidents:
    """Find past incidents like one, with what fixed each and how long that took."""
    row = await incidents.get_incident(ctx.session, incident)
    found = await similarity.similar_to(ctx.session, row.id)
    took = sorted(each.minutes for each in found if each.minutes is not None)
    return SimilarIncidents(
        incident=row.reference,
        usual_minutes_to_repair=round(took[len(took) // 2]) if took else None,
        incidents=[
            SimilarIncident(
                reference=each.reference,
                likeness=round(each.likeness, 2),
                reasons=each.reasons,
                resolution=each.resolution,
                minutes_to_repair=None if each.minutes is None else round(each.minutes),
            )
            for each in found
        ],
    )


@tool(risk=Risk.READ, audience=STAFF)
async def triage_ticket(ctx: ToolContext, ticket: TicketReference) -> TicketTriage:
    """Weigh a ticket: what it is about by its words, how urgent it is and why, and which others are its doubles."""
    found = await tickets.triage(ctx.session, _ticket_id(ticket), ctx.clock.now())
    return TicketTriage(
        ticket=f"TT-{_ticket_id(ticket)}",
        category=found.category,
        category_confidence=round(found.sure, 3),
        priority=found.priority.name,
        priority_reasons=found.priority.reasons,
        duplicates=[Double(reference=each.reference, reasons=each.reasons) for each in found.duplicates],
    )


@tool(risk=Risk.READ, audience=STAFF | {"forge"})
async def no_fault_found_risk(ctx: ToolContext, ticket: TicketReference) -> NoFaultFound:
    """Say how likely a visit for a ticket finds no fault, and whether to ask for a wired test first."""
    risk = await visits.risk_of(ctx.session, _ticket_id(ticket), ctx.clock.now())
    return NoFaultFound(
        ticket=f"TT-{_ticket_id(ticket)}",
        probability=None if risk is None else round(risk.probability, 3),
        ask_first=bool(risk and risk.is_advice),
        advice=_words(risk),
    )


def _words(risk: NoFaultRisk | None) -> str:
    return risk.words() if risk else "nothing was learnt yet of visits that find no fault"


async def visit_facts(ctx: ToolContext, ticket: str, skill: str, instructions: str) -> VisitFacts:  # noqa: ARG001
    """What visits for the like of this ticket came to."""
    risk = await visits.risk_of(ctx.session, _ticket_id(ticket), ctx.clock.now())
    return VisitFacts(advised_against=bool(risk and risk.is_advice), advice=_words(risk))


async def lock_ticket(ctx: ToolContext, ticket: str, **_: object) -> None:
    """Two calls about one ticket take turns, so that one visit comes of it."""
    await ctx.session.get(Ticket, _ticket_id(ticket), with_for_update=True, populate_existing=True)


def say_visit(facts: BaseModel | None, ticket: str, skill: str, instructions: str) -> str:
    """What a person signs."""
    advice = facts.advice if isinstance(facts, VisitFacts) else ""
    return f"Send a {skill} visit for {ticket}: {instructions} ({advice})"


@tool(risk=Risk.FIELD, audience=NOC | {"support"}, facts=visit_facts, lock=lock_ticket, summarise=say_visit)
async def send_visit(
    ctx: ToolContext,
    ticket: TicketReference,
    skill: Skill,
    instructions: Annotated[str, Field(description="What the crew is to do.", min_length=3, max_length=1000)],
) -> WorkOrderRow:
    """Open a work order for a subscriber's ticket, at their line; a likely visit for nothing takes a second look."""
    number = _ticket_id(ticket)
    visit = await cases.asked(ctx.session, number)
    if visit is None or visit.node is None:
        raise DomainError(f"There is no subscriber's ticket TT-{number} about a line.")
    if (there := await field.for_ticket(ctx.session, number)) is not None:
        raise DomainError(f"{there.reference} is already open for TT-{number}.")
    place, _ = await predictions.place_of(ctx.session, visit.node)
    order = await field.create_work_order(
        ctx.session,
        incident_id=None,
        ticket_id=number,
        skill=skill,
        element=await predictions.element_of(ctx.session, visit.node),
        place=place,
        instructions=instructions,
        now=ctx.clock.now(),
    )
    return row_of(order)
