"""The effect of an action, at most once: one transaction that locks, looks again, decides again and acts.

In this order: lock the action and the subject of any limit; re-read targets and facts; decide again; check the
signatures against the new decision; consume; run the body; keep its typed result. Whatever is not an answer of
the house undoes all of it, and the action can be tried again.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.db import transaction
from atlas.errors import DomainError
from atlas.ledger import service as ledger
from atlas.ledger import stops
from atlas.ledger.models import Action
from forge.kit import Considered, Kit, requester_of
from forge.outcome import Outcome, outcome_of
from forge.queue import enqueue
from forge.signing import retire, satisfied
from forge.wall import writing_session
from policies.spec import Locality, ToolContext, ToolSpec

#: PostgreSQL's SQLSTATE for a row or table that the role may not touch.
INSUFFICIENT_PRIVILEGE = "42501"


async def carry_out(kit: Kit, action_id: UUID) -> Outcome:
    """Carry out an action that is ready for it; for any other, say how it stands."""
    async with transaction(kit.sessions) as session:
        action = await ledger.lock_action(session, action_id)
        if action.state in ledger.READY and not await retire(kit, session, action):
            await _attempt(kit, session, action)
        return outcome_of(action)


async def _attempt(kit: Kit, session: AsyncSession, action: Action) -> None:
    spec = kit.tools[action.tool]
    arguments = spec.parse(action.arguments)
    ctx = kit.context(session, requester_of(action), conversation_id=action.conversation_id, action_id=action.id)
    try:
        considered = await _look_again(kit, spec, ctx, action, arguments)
        if await _still_wanted(kit, session, action, considered):
            await ledger.move_action(session, action, "consumed", by=action.principal_id, now=kit.clock.now())
            await _act(kit, session, spec, ctx, action, arguments)
    except DomainError as error:
        await _fail(kit, session, action, error.message)


async def _look_again(
    kit: Kit, spec: ToolSpec, ctx: ToolContext, action: Action, arguments: dict[str, Any]
) -> Considered:
    """Lock what a limit counts against *before* the facts: ten at once would else all see the old sum."""
    await stops.begin_effect(ctx.session)
    if spec.lock:
        await spec.lock(ctx, **arguments)
    if spec.targets:
        proposed = await ledger.targets_of(ctx.session, action.id)
        ctx.targets = tuple(sorted(proposed & set(await spec.targets(ctx, **arguments))))
    return await kit.consider(spec, ctx, arguments)


async def _still_wanted(kit: Kit, session: AsyncSession, action: Action, considered: Considered) -> bool:
    """Whether the rules, as they are now, and the signatures there are let it go ahead."""
    decision, now = considered.decision, kit.clock.now()
    action.facts, action.decision = considered.known, decision.as_dict()
    if decision.effect == "denied":
        await ledger.move_action(session, action, "denied", by="forge", now=now, error=decision.reason)
        return False
    if await satisfied(session, action, decision):
        return True
    if decision.expires is not None and action.expires_at is not None:
        action.expires_at = min(action.expires_at, action.proposed_at + decision.expires)
    await ledger.move_action(session, action, "awaiting_sign_off", by="forge", now=now)
    return False


async def _act(
    kit: Kit,
    session: AsyncSession,
    spec: ToolSpec,
    ctx: ToolContext,
    action: Action,
    arguments: dict[str, Any],
) -> None:
    """Run the body behind the requester's wall, then end the action or send its workflow on its way."""
    try:
        async with writing_session(await session.connection(), ctx.principal) as ctx.session:
            result = spec.dump(await spec.body(ctx, **arguments))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        raise DomainError("It reached for data of somebody else and was stopped; nothing was done.") from error
    action.result = result
    if spec.locality is Locality.OUTSIDE:
        assert spec.workflow is not None
        await enqueue(session, spec.workflow, str(action.id), str(action.id))
    else:
        await ledger.move_action(session, action, "done", by=action.principal_id, now=kit.clock.now())


async def _fail(kit: Kit, session: AsyncSession, action: Action, reason: str) -> None:
    await ledger.move_action(session, action, "failed", by="forge", now=kit.clock.now(), error=reason)
