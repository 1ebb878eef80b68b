"""A call becomes a row: considered once, decided, written down before anything runs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.db import transaction
from atlas.errors import DomainError
from atlas.itsm.incidents import get_incident
from atlas.ledger import service as ledger
from atlas.ledger.models import Action
from forge.kit import Call, Considered, Kit, plain, summary_of
from policies.spec import Principal, ToolContext, ToolSpec

#: An allowed call is carried out at once; one whose process died is carried out late by this much at most.
ALLOWED_FOR = timedelta(minutes=15)
STATES = {"allowed": "allowed", "sign_off": "awaiting_sign_off", "denied": "denied"}


async def write_down(kit: Kit, spec: ToolSpec, call: Call, arguments: dict[str, Any], principal: Principal) -> Action:
    """The action of this call, written now or found under its key. DomainError when the call makes no sense."""
    async with transaction(kit.sessions) as session:
        found = await ledger.find_action(session, call.key)
        if found is None:
            proposal, action_id = await _proposal(kit, session, spec, call, arguments, principal)
            found = await ledger.propose_action(session, proposal, action_id=action_id, now=kit.clock.now())
        if found is None:  # somebody else was writing the same call; they have committed by now
            found = await ledger.find_action(session, call.key)
    assert found is not None
    return found


async def _proposal(
    kit: Kit,
    session: AsyncSession,
    spec: ToolSpec,
    call: Call,
    arguments: dict[str, Any],
    principal: Principal,
) -> tuple[ledger.Proposal, UUID]:
    action_id = kit.ids()
    ctx = kit.context(session, principal, conversation_id=call.conversation_id, action_id=action_id)
    ctx.targets = await _targets(spec, ctx, arguments)
    considered = await kit.consider(spec, ctx, arguments)
    decision = considered.decision
    proposal = ledger.Proposal(
        key=call.key,
        tool=spec.name,
        schema_version=spec.schema_version,
        arguments=plain(spec, arguments),
        principal_kind=principal.kind,
        principal_id=principal.id,
        principal_role=principal.role,
        subscriber_id=principal.subscriber_id,
        conversation_id=call.conversation_id,
        incident_id=await _incident(ctx, call, arguments),
        facts=considered.known,
        decision=decision.as_dict(),
        state=STATES[decision.effect],
        summary=summary_of(spec, considered.facts, arguments),
        error=decision.reason or None,
        expires_at=_lapse(kit, considered),
        targets=ctx.targets,
    )
    return proposal, action_id


async def _incident(ctx: ToolContext, call: Call, arguments: dict[str, Any]) -> int | None:
    """The incident a call is about: as the caller says, else as its argument of that name does."""
    named = arguments.get("incident")
    if call.incident_id is not None or not isinstance(named, str):
        return call.incident_id
    try:
        return (await get_incident(ctx.session, named)).id
    except DomainError:
        return None  # what is wrong with the reference is for the tool to say


async def _targets(spec: ToolSpec, ctx: ToolContext, arguments: dict[str, Any]) -> tuple[int, ...]:
    return tuple(sorted(set(await spec.targets(ctx, **arguments)))) if spec.targets else ()


def _lapse(kit: Kit, considered: Considered) -> Any:
    if considered.decision.effect == "denied":
        return None
    return kit.clock.now() + (considered.decision.expires or ALLOWED_FOR)
