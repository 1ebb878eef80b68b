"""Telling the people an incident affects, each on the channel they prefer."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy import select

from atlas.helpdesk import notices
from atlas.itsm import exclusions, incidents
from atlas.itsm.models import Incident, IncidentLine
from atlas.itsm.words import plain_cause_of
from atlas.ledger.withdrawal import withdraw
from policies.spec import Locality, Risk, ToolContext, tool
from tools.incidents import NOC
from tools.words import IncidentReference


class NotifyFacts(BaseModel):
    """What the rules on notices decide by."""

    subscribers: int
    untold: int = Field(description="Of those, how many have not heard of the outage from us.")
    is_certain: bool
    is_held: bool = Field(description="A person holds the notices of this incident back.")
    is_doubtful: bool = Field(description="Whether a person must look before any subscriber is told.")


class Sending(BaseModel):
    """Notices on their way."""

    incident: str
    subscribers: int
    channels: dict[str, int]
    text: str


async def _cut_off(ctx: ToolContext, incident: str) -> set[int]:
    incident_id = incidents.parse_reference(incident)
    query = select(IncidentLine.subscriber_id).where(
        IncidentLine.incident_id == incident_id, IncidentLine.restored_at.is_(None)
    )
    return set(await ctx.session.scalars(query))


async def outage_targets(ctx: ToolContext, incident: str, message: str | None = None) -> set[int]:  # noqa: ARG001
    """Everyone cut off who has not been told yet; nobody once it is over, or told of as part of another."""
    row = await incidents.get_incident(ctx.session, incident)
    if row.state not in incidents.OPEN_STATES:
        return set()
    return await _cut_off(ctx, incident) - await notices.told(ctx.session, row.id, "outage")


async def restored_targets(ctx: ToolContext, incident: str) -> set[int]:
    """Everyone who was told of the outage, is back, and has not been told so."""
    row = await incidents.get_incident(ctx.session, incident)
    told = await notices.told(ctx.session, row.id, "outage")
    gone = await _cut_off(ctx, incident) | await notices.told(ctx.session, row.id, "restored")
    return told - gone - await exclusions.excluded_subscribers(ctx.session, row.id)


async def correction_targets(ctx: ToolContext, incident: str) -> set[int]:
    """Everyone who was told of what was none: of a retracted incident, or of one they were taken out of."""
    row = await incidents.get_incident(ctx.session, incident)
    told = await notices.told(ctx.session, row.id, "outage") - await notices.told(ctx.session, row.id, "restored")
    if row.state != "retracted":
        told &= await exclusions.excluded_subscribers(ctx.session, row.id)
    return told - await notices.told(ctx.session, row.id, "correction")


async def notify_facts(ctx: ToolContext, incident: str, message: str | None = None) -> NotifyFacts:  # noqa: ARG001
    """How many would be told, and of how sure a thing."""
    row = await incidents.get_incident(ctx.session, incident)
    told = await notices.told(ctx.session, row.id, "outage")
    return NotifyFacts(
        subscribers=len(ctx.targets),
        untold=len(set(ctx.targets) - told),
        is_certain=row.is_certain or row.verdict_by is not None,
        is_held=row.held_by is not None,
        is_doubtful=row.is_doubtful,
    )


async def lock_incident(ctx: ToolContext, incident: str, **_: object) -> None:
    """Two calls about one incident take turns, so that the second sees whom the first has told."""
    await incidents.get_incident(ctx.session, incident, lock=True)


def say_notify(facts: BaseModel | None, incident: str, message: str | None = None) -> str:
    """What a person signs."""
    count = facts.subscribers if isinstance(facts, NotifyFacts) else 0
    words = f": “{message}”" if message else ""
    return f"Tell {count} subscribers about {incident}{words}"


def say_restored(facts: BaseModel | None, incident: str) -> str:
    """What a person signs."""
    count = facts.subscribers if isinstance(facts, NotifyFacts) else 0
    return f"Tell {count} subscribers that {incident} is over"


def say_correction(facts: BaseModel | None, incident: str) -> str:
    """What a person signs."""
    count = facts.subscribers if isinstance(facts, NotifyFacts) else 0
    return f"Tell {count} subscribers that {incident} did not concern them"


def outage_words(incident: Incident, now: datetime) -> str:
    """The notice, from what is known: cause in plain words, and when the next word comes."""
    cause = plain_cause_of(incident)
    words = [f"Your internet is down because of {cause}. You need not do anything."]
    if incident.expected_repair_at and incident.expected_repair_at > now:
        words.append(f"We expect it back by {incident.expected_repair_at:%H:%M}.")
    elif incident.next_update_at:
        words.append(f"Next update by {incident.next_update_at:%H:%M}.")
    return " ".join([*words, f"Ref {incident.reference}."])


@tool(
    risk=Risk.NOTIFY,
    audience=NOC | {"forge"},
    locality=Locality.OUTSIDE,
    workflow="send_notices",
    facts=notify_facts,
    targets=outage_targets,
    lock=lock_incident,
    summarise=say_notify,
)
async def notify_affected(
    ctx: ToolContext,
    incident: IncidentReference,
    message: Annotated[
        str | None, Field(description="Own words instead of the standard notice.", max_length=600)
    ] = None,
) -> Sending:
    """Tell everyone an incident cuts off about it, on the channel each prefers; nobody is told twice."""
    row = await incidents.get_incident(ctx.session, incident)
    reason = "Superseded: the people affected are being told."
    await withdraw(
        ctx.session,
        incident_id=row.id,
        tool="notify_affected",
        reason=reason,
        now=ctx.clock.now(),
        but=ctx.action_id,
        by=ctx.principal.id,
    )
    return await _send(ctx, row, "outage", message or outage_words(row, ctx.clock.now()))


@tool(
    risk=Risk.NOTIFY,
    audience=NOC | {"forge"},
    locality=Locality.OUTSIDE,
    workflow="send_notices",
    facts=notify_facts,
    targets=restored_targets,
    lock=lock_incident,
    summarise=say_restored,
)
async def notify_restored(ctx: ToolContext, incident: IncidentReference) -> Sending:
    """Tell those who heard of an outage, and are back, that it is over."""
    row = await incidents.get_incident(ctx.session, incident)
    words = f"Your internet is working again. We are sorry for the trouble. Ref {row.reference}."
    return await _send(ctx, row, "restored", words)


@tool(
    risk=Risk.NOTIFY,
    audience=NOC | {"forge"},
    locality=Locality.OUTSIDE,
    workflow="send_notices",
    facts=notify_facts,
    targets=correction_targets,
    lock=lock_incident,
    summarise=say_correction,
)
async def notify_correction(ctx: ToolContext, incident: IncidentReference) -> Sending:
    """Tell those who heard of an outage that was none, or not theirs, that we were wrong."""
    row = await incidents.get_incident(ctx.session, incident)
    words = (
        "We told you of an outage on your line. That was a mistake, and we are sorry for the trouble. "
        f"If your internet does not work, please tell us. Ref {row.reference}."
    )
    return await _send(ctx, row, "correction", words)


async def _send(ctx: ToolContext, incident: Incident, kind: str, words: str) -> Sending:
    assert ctx.action_id is not None
    channels = await notices.draft(
        ctx.session,
        kind=kind,
        action_id=ctx.action_id,
        incident_id=incident.id,
        subscribers=ctx.targets,
        words=words,
        now=ctx.clock.now(),
    )
    return Sending(incident=incident.reference, subscribers=len(ctx.targets), channels=channels, text=words)
