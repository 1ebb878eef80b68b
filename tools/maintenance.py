"""Planned work: what is planned, planning it, and calling it off."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from atlas.cmdb import maintenance
from atlas.cmdb.models import MaintenanceWindow
from atlas.network.enums import AlarmType
from policies.spec import STAFF, Risk, ToolContext, tool
from tools.incidents import NOC

Reference = Annotated[str, Field(description="The work's reference, such as CHG-3.", max_length=20)]


class Work(BaseModel):
    """Planned work on one element."""

    reference: str
    element: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    expects: list[str] = Field(description="Alarm types it may raise; empty means any.")
    with_dependents: bool = Field(description="Whether what depends on the element may go down with it.")
    planned_by: str
    state: str = Field(description="planned | going on | over | cancelled")
    alarms: int = Field(description="Alarms it has explained so far; they opened no incident.")


class PlannedWork(BaseModel):
    """All work ahead, going on, or done within a day."""

    work: list[Work]


def view_of(window: MaintenanceWindow, alarms: int, now: datetime) -> Work:
    """Planned work as tools show it."""
    if window.cancelled_at:
        state = "cancelled"
    elif now < window.starts_at:
        state = "planned"
    else:
        state = "going on" if now < window.ends_at else "over"
    return Work(
        reference=window.reference,
        element=window.element,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        reason=window.reason,
        expects=list(window.expects),
        with_dependents=window.with_dependents,
        planned_by=window.planned_by,
        state=state,
        alarms=alarms,
    )


@tool(risk=Risk.READ, audience=STAFF)
async def find_maintenance(ctx: ToolContext) -> PlannedWork:
    """List planned work that lies ahead, is going on, or was done within a day."""
    now = ctx.clock.now()
    found = await maintenance.listed(ctx.session, now)
    return PlannedWork(work=[view_of(window, alarms, now) for window, alarms in found])


@tool(risk=Risk.NOTE, audience=NOC)
async def plan_maintenance(
    ctx: ToolContext,
    element: Annotated[str, Field(description="Element key, such as node:z3-agg-1 or fibre:F-1.", max_length=220)],
    starts_at: Annotated[AwareDatetime, Field(description="When the work starts.")],
    ends_at: Annotated[AwareDatetime, Field(description="When it ends; alarms that stand longer page.")],
    reason: Annotated[str, Field(description="What is done, in a sentence.", min_length=3, max_length=300)],
    expects: Annotated[
        list[AlarmType] | None, Field(description="Alarm types it may raise; any when left out.", max_length=30)
    ] = None,
    with_dependents: Annotated[
        bool, Field(description="Whether what depends on the element may go down with it.")
    ] = True,
) -> Work:
    """Plan work on an element: its expected alarms open no incident while it lasts; anything else does."""
    now = ctx.clock.now()
    window = await maintenance.plan(
        ctx.session,
        element=element,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        by=ctx.principal.id,
        now=now,
        expects=expects or (),
        with_dependents=with_dependents,
    )
    return view_of(window, 0, now)


@tool(risk=Risk.NOTE, audience=NOC)
async def cancel_maintenance(ctx: ToolContext, work: Reference) -> Work:
    """Call planned work off, or end it early: from now on its alarms are alarms."""
    now = ctx.clock.now()
    return view_of(await maintenance.cancel(ctx.session, work, ctx.principal.id, now), 0, now)
