"""Sending people out."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from atlas.field import service
from atlas.field.models import WorkOrder
from atlas.itsm import incidents
from policies.spec import Risk, ToolContext, tool
from tools.incidents import NOC
from tools.words import IncidentReference

Skill = Annotated[
    Literal["fibre_splicing", "pon", "coax", "radio", "premises", "power"],
    Field(description="The skill the crew needs."),
]


class WorkOrderRow(BaseModel):
    """One job."""

    reference: str
    incident: str | None
    state: str
    skill: str
    place: str
    technician: str | None = None


def row_of(order: WorkOrder, technician: str | None = None) -> WorkOrderRow:
    """A work order as tools show it."""
    return WorkOrderRow(
        reference=order.reference,
        incident=f"INC-{order.incident_id}" if order.incident_id else None,
        state=order.state,
        skill=order.skill,
        place=order.place,
        technician=technician,
    )


@tool(risk=Risk.FIELD, audience=NOC | {"forge"})
async def create_work_order(
    ctx: ToolContext,
    incident: IncidentReference,
    skill: Skill,
    instructions: Annotated[str, Field(description="What the crew is to do.", min_length=3, max_length=1000)],
) -> WorkOrderRow:
    """Open a work order for an incident at the place its cause was located."""
    row = await incidents.get_incident(ctx.session, incident)
    element = row.verdict_element or row.element or ""
    order = await service.create_work_order(
        ctx.session,
        incident_id=row.id,
        skill=skill,
        element=element,
        place=row.place or element,
        instructions=instructions,
        now=ctx.clock.now(),
    )
    return row_of(order)


@tool(risk=Risk.FIELD, audience=NOC | {"forge"})
async def assign_technician(
    ctx: ToolContext,
    work_order: Annotated[str, Field(description="A work order's reference, such as WO-7.", max_length=20)],
    technician: Annotated[str, Field(description="The technician's name.", max_length=200)],
) -> WorkOrderRow:
    """Send a technician who has the skill to a work order."""
    order = await service.get_work_order(ctx.session, work_order)
    person = await service.assign(ctx.session, order, technician, ctx.clock.now())
    return row_of(order, person.name)
