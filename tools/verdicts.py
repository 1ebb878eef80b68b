"""A person's word on an incident, which is final: its cause, what belongs to it, who may be told, that it was none.

Each takes effect at once and needs no second signature. What follows outside, a notice or a crew, is proposed by the
incident's saga and goes through its own rule.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from atlas.errors import DomainError
from atlas.itsm import incidents, verdicts
from atlas.network.elements import find_element
from forge.part import Meant, part_of
from forge.queue import enqueue, tell_saga, workflow_of
from policies.spec import Risk, ToolContext, tool
from tools.incidents import NOC
from tools.words import IncidentReference

Why = Annotated[str, Field(description="Why, in a sentence; kept with the verdict.", max_length=500)]
Element = Annotated[
    str | None,
    Field(description="The element that is the cause: a key like fibre:F-1, or its bare name.", max_length=220),
]
Alarms = Annotated[list[int], Field(description="Numbers from the alarm list.", max_length=10_000)]
Name = Annotated[str, Field(max_length=220)]
Elements = Annotated[
    list[Name], Field(description="Elements, each with all that hangs on it: keys or bare names.", max_length=100)
]
Lines = Annotated[list[Name], Field(description="Subscriber numbers, or user names of lines.", max_length=10_000)]


class Given(BaseModel):
    """A verdict that stands, and what it did."""

    incident: str
    verdict: str
    said: str
    other: str | None = Field(default=None, description="The incident it was merged into, or that was split off.")
    subscribers: int = Field(default=0, description="Whom it concerns: excluded, stopped, or owed a correction.")


@tool(risk=Risk.NOTE, audience=NOC)
async def correct_cause(
    ctx: ToolContext,
    incident: IncidentReference,
    element: Element = None,
    cause: Annotated[
        str | None, Field(description="The cause in your words, where it is no element of ours.", max_length=200)
    ] = None,
    reason: Why = "",
) -> Given:
    """Say what the cause of an incident is; Cortex never overwrites it. Names an element, or a cause outside."""
    if (element is None) == (not (cause or "").strip()):
        raise DomainError("Name either an element, or in your words a cause that is none of ours.")
    row = await incidents.get_incident(ctx.session, incident, lock=True)
    key = await find_element(ctx.session, element) if element else None
    verdict = await verdicts.correct_cause(
        ctx.session,
        row,
        element=key,
        words=(cause or "").strip(),
        by=ctx.principal.id,
        reason=reason,
        now=ctx.clock.now(),
    )
    await tell_saga(ctx.session, row.id, "changed")
    return Given(incident=row.reference, verdict=verdict.kind, said=verdicts.words_of(verdict))


@tool(risk=Risk.NOTE, audience=NOC)
async def merge_incidents(
    ctx: ToolContext,
    incident: IncidentReference,
    into: Annotated[str, Field(description="The incident that lives on, such as INC-3.", max_length=20)],
    reason: Why = "",
) -> Given:
    """Say that an incident is part of another: its alarms, lines and tickets become the other's, for good."""
    row, survivor = await verdicts.lock_open(ctx.session, incident, into)
    now, by = ctx.clock.now(), ctx.principal.id
    verdict = await verdicts.merge(ctx.session, row, survivor, by=by, reason=reason, now=now)
    await tell_saga(ctx.session, row.id, "merged")
    await tell_saga(ctx.session, survivor.id, "changed")
    said = verdicts.words_of(verdict)
    return Given(incident=row.reference, verdict="merge", said=said, other=survivor.reference)


@tool(risk=Risk.NOTE, audience=NOC)
async def split_incident(
    ctx: ToolContext,
    incident: IncidentReference,
    alarms: Alarms = [],  # noqa: B006 - pydantic copies it
    elements: Elements = [],  # noqa: B006
    zone: Annotated[int | None, Field(description="All of it in this zone.", ge=0, le=100_000)] = None,
    lines: Lines = [],  # noqa: B006
    reason: Why = "",
) -> Given:
    """Say that part of an incident is another incident, which is opened; Cortex never joins the two again."""
    (row,) = await verdicts.lock_open(ctx.session, incident)
    part = await part_of(ctx.session, row, Meant(alarms, elements, zone, lines))
    now, by = ctx.clock.now(), ctx.principal.id
    other = await verdicts.split(ctx.session, row, part, by=by, reason=reason, now=now)
    await enqueue(ctx.session, "fault_response", workflow_of(other.id), other.id)
    await tell_saga(ctx.session, row.id, "changed")
    said = f"{other.reference} is another"
    return Given(
        incident=row.reference, verdict="split", said=said, other=other.reference, subscribers=other.subscribers
    )


@tool(risk=Risk.NOTE, audience=NOC)
async def exclude_from_incident(
    ctx: ToolContext,
    incident: IncidentReference,
    elements: Elements = [],  # noqa: B006
    zone: Annotated[int | None, Field(description="All of it in this zone.", ge=0, le=100_000)] = None,
    lines: Lines = [],  # noqa: B006
    reason: Why = "",
) -> Given:
    """Say that nodes or lines are no part of an incident: they get no notice, and their tickets are free again."""
    (row,) = await verdicts.lock_open(ctx.session, incident)
    part = await part_of(ctx.session, row, Meant((), elements, zone, lines))
    left = await verdicts.exclude(ctx.session, row, part, by=ctx.principal.id, reason=reason, now=ctx.clock.now())
    await tell_saga(ctx.session, row.id, "changed")
    said = f"{left} subscribers are no part of it"
    return Given(incident=row.reference, verdict="exclude", said=said, subscribers=left)


@tool(risk=Risk.NOTE, audience=NOC)
async def hold_notices(ctx: ToolContext, incident: IncidentReference, reason: Why = "") -> Given:
    """Hold every notice of an incident back until somebody releases them, whoever proposes or signs one."""
    (row,) = await verdicts.lock_open(ctx.session, incident)
    stopped = await verdicts.hold(ctx.session, row, by=ctx.principal.id, reason=reason, now=ctx.clock.now())
    return Given(incident=row.reference, verdict="hold", said="nobody is told", subscribers=stopped)


@tool(risk=Risk.NOTE, audience=NOC)
async def release_notices(ctx: ToolContext, incident: IncidentReference, reason: Why = "") -> Given:
    """Let the notices of an incident go out again; whoever has not heard of it is told, by the usual rule."""
    row = await incidents.get_incident(ctx.session, incident, lock=True)
    await verdicts.release(ctx.session, row, by=ctx.principal.id, reason=reason, now=ctx.clock.now())
    await tell_saga(ctx.session, row.id, "changed")
    return Given(incident=row.reference, verdict="release", said="people may be told")


@tool(risk=Risk.NOTE, audience=NOC)
async def retract_incident(
    ctx: ToolContext,
    incident: IncidentReference,
    reason: Annotated[str, Field(description="Why it was none; the tickets say so.", min_length=3, max_length=500)],
) -> Given:
    """Say that an incident was a false alarm: what waits is withdrawn, the crew called back, the public word put
    right, and a correction proposed to whoever was told.
    """
    (row,) = await verdicts.lock_open(ctx.session, incident)
    told = await verdicts.retract(ctx.session, row, by=ctx.principal.id, reason=reason, now=ctx.clock.now())
    await tell_saga(ctx.session, row.id, "retracted")
    said = f"a false alarm; {told} subscribers were told of it"
    return Given(incident=row.reference, verdict="retract", said=said, subscribers=told)


@tool(risk=Risk.NOTE, audience=NOC)
async def confirm_cause(ctx: ToolContext, incident: IncidentReference, reason: Why = "") -> Given:
    """Say that Cortex names the right cause; from now on it is a person's word, and Cortex learns from it."""
    row = await incidents.get_incident(ctx.session, incident, lock=True)
    if row.element is None:
        raise DomainError(f"Cortex names no element for {row.reference}; correct the cause instead.")
    now, by = ctx.clock.now(), ctx.principal.id
    verdict = await verdicts.correct_cause(ctx.session, row, element=row.element, by=by, reason=reason, now=now)
    await tell_saga(ctx.session, row.id, "changed")
    return Given(incident=row.reference, verdict=verdict.kind, said=verdicts.words_of(verdict))
