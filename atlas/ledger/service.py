"""The life of an action: proposed, signed, moved from state to state, each move with its event and audit line.

A move that the table below doesn't list is a mistake of the caller and raises: an effect can only come out of
`allowed` or `approved`, and no state is entered twice but `awaiting_sign_off`.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.events import emit
from atlas.ledger import audit
from atlas.ledger.models import Action, ActionTarget, SignOff

#: States from which the effect may happen.
READY = frozenset({"allowed", "approved"})
MOVES = {
    "allowed": {"consumed", "awaiting_sign_off", "denied", "failed", "expired"},
    "awaiting_sign_off": {"approved", "rejected", "denied", "expired"},
    "approved": {"consumed", "awaiting_sign_off", "denied", "failed", "expired"},
    "consumed": {"done", "failed", "unknown"},
    "unknown": {"done", "failed"},
}
#: Steps on the way that nobody has to hear of.
QUIET = frozenset({"allowed", "consumed"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """A call as the ledger takes it in. `facts` hold the common ones too; `decision` is the gate's."""

    key: str
    tool: str
    schema_version: str
    arguments: dict[str, Any]
    principal_kind: str
    principal_id: str
    principal_role: str
    subscriber_id: int | None
    conversation_id: UUID | None
    incident_id: int | None
    facts: dict[str, Any]
    decision: dict[str, Any]
    state: str
    summary: str
    error: str | None
    expires_at: datetime | None
    targets: tuple[int, ...] = field(default=())


async def propose_action(session: AsyncSession, proposal: Proposal, *, action_id: UUID, now: datetime) -> Action | None:
    """Write a proposal and tell of it. None when its key is taken: somebody else has proposed it."""
    values = {name: getattr(proposal, name) for name in Proposal.__slots__ if name != "targets"}
    row = {"id": action_id, "proposed_at": now, "digest": digest_of(proposal, proposal.schema_version), **values}
    row |= {"result": None, "decided_at": None, "finished_at": now if proposal.state == "denied" else None}
    insertion = upsert(Action).values(row).on_conflict_do_nothing(index_elements=["key"])
    action = (await session.scalars(insertion.returning(Action))).one_or_none()
    if action is None:
        return None
    if proposal.targets:
        members = [{"action_id": action_id, "subscriber_id": each} for each in proposal.targets]
        await session.execute(insert(ActionTarget), members)
    await tell(session, action, "proposed", by=action.principal_id, now=now)
    if action.state not in QUIET:
        await tell(session, action, action.state, by=action.principal_id, now=now)
    return action


def digest_of(action: Action | Proposal, schema_version: str, targets: Collection[int] | None = None) -> str:
    """What a signature stands for: tool, schema version, arguments, principal and target set, in SHA-256."""
    members = action.targets if isinstance(action, Proposal) else targets
    words = {
        "tool": action.tool,
        "schema_version": schema_version,
        "arguments": action.arguments,
        "principal": [action.principal_kind, action.principal_id, action.principal_role, action.subscriber_id],
        "verified": action.facts.get("verified"),
        "targets": sorted(members or ()),
    }
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


async def find_action(session: AsyncSession, key: str) -> Action | None:
    """The action proposed under a key."""
    return (await session.scalars(select(Action).where(Action.key == key))).one_or_none()


async def lock_action(session: AsyncSession, action_id: UUID) -> Action:
    """The action, locked until the transaction ends. DomainError when there is none."""
    action = await session.get(Action, action_id, with_for_update=True, populate_existing=True)
    if action is None:
        raise DomainError("There is no such action; list the open ones and choose again.")
    return action


async def targets_of(session: AsyncSession, action_id: UUID) -> frozenset[int]:
    """The subscribers the action was proposed for."""
    query = select(ActionTarget.subscriber_id).where(ActionTarget.action_id == action_id)
    return frozenset((await session.scalars(query)).all())


async def signatures_of(session: AsyncSession, action_id: UUID) -> list[SignOff]:
    """Every signature under, or against, an action, oldest first."""
    query = select(SignOff).where(SignOff.action_id == action_id).order_by(SignOff.id)
    return list((await session.scalars(query)).all())


async def sign_action(
    session: AsyncSession,
    action: Action,
    *,
    signer: str,
    role: str,
    approved: bool,
    reason: str,
    now: datetime,
) -> None:
    """Put one person's signature under, or against, a locked action."""
    signature = SignOff(
        action_id=action.id,
        signer=signer,
        role=role,
        approved=approved,
        reason=reason,
        digest=action.digest,
        at=now,
    )
    session.add(signature)
    await session.flush()
    await _audit(session, action, "signed" if approved else "refused", by=signer, now=now)


async def move_action(
    session: AsyncSession, action: Action, state: str, *, by: str, now: datetime, error: str | None = None
) -> None:
    """Bring a locked action into another state and tell of it. RuntimeError for a move there is not."""
    if state not in MOVES.get(action.state, ()):
        raise RuntimeError(f"action {action.id} cannot go from {action.state} to {state}")
    action.state = state
    action.error = error
    if state in {"approved", "rejected"}:
        action.decided_at = now
    if state not in MOVES or state == "unknown":
        action.finished_at = now
    await session.flush()
    await tell(session, action, state, by=by, now=now)


async def finish_action(
    session: AsyncSession,
    action_id: UUID,
    *,
    state: str,
    now: datetime,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """End an effect outside: `done`, `failed` or `unknown`. Ending it the same way again does nothing."""
    action = await lock_action(session, action_id)
    if action.state == state:
        return
    if result is not None:
        action.result = result
    await move_action(session, action, state, by="forge", now=now, error=error)


async def tell(session: AsyncSession, action: Action, verb: str, *, by: str, now: datetime) -> None:
    """The event and the audit line of something that happened to an action."""
    if verb not in QUIET:
        payload = {
            "tool": action.tool,
            "reference": action.reference,
            "conversation_id": str(action.conversation_id) if action.conversation_id else None,
            "incident_id": action.incident_id,
            "summary": action.summary,
            "by": by,
            "reason": action.error,
        }
        await emit(session, f"action.{verb}", str(action.id), payload, at=now)
    await _audit(session, action, verb, by=by, now=now)


async def _audit(session: AsyncSession, action: Action, verb: str, *, by: str, now: datetime) -> None:
    """One audit line; where a subscriber is involved, nothing in it names or can confirm them without their key."""
    detail = {"action": str(action.id), "tool": action.tool, "rules": action.decision["rules"]}
    subject, actor, digest = f"action:{action.reference}", by, action.digest
    if action.subscriber_id is not None:
        subject = await audit.pseudonym_of(session, action.subscriber_id)
        digest = await audit.bind(session, action.subscriber_id, digest)
        actor = subject if by == action.principal_id else by
    await audit.record_entry(
        session,
        at=now,
        actor=actor,
        verb=f"action.{verb}",
        subject=subject,
        detail={**detail, "digest": digest},
    )
