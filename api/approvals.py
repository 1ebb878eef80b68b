"""What waits for a signature, as people who sign see it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.errors import Problem
from atlas.ledger.models import Action, ActionTarget, SignOff
from policies.decision import Decision


class SignatureView(BaseModel):
    """One person's signature under, or against, an action."""

    signer: str
    role: str
    approved: bool
    reason: str
    at: datetime


class ApprovalView(BaseModel):
    """An action that waits, or waited, for signatures."""

    id: uuid.UUID
    reference: int = Field(description="A short number to say aloud.")
    tool: str
    state: str = Field(description="awaiting_sign_off, or what became of it.")
    summary: str = Field(description="What is signed, in one sentence.")
    arguments: dict[str, Any]
    requested_by: str
    requested_by_role: str
    proposed_at: datetime
    expires_at: datetime | None
    approvers: list[str] = Field(description="Roles whose signature counts.")
    quorum: int = Field(description="How many signatures it takes.")
    reason: str = Field(description="Why it needs them.")
    targets: int = Field(description="How many subscribers it would touch.")
    signatures: list[SignatureView]
    result: dict[str, Any] | None
    error: str | None


async def waiting(session: AsyncSession, limit: int, *, everything: bool = False) -> list[ApprovalView]:
    """Actions awaiting sign-off, the most urgent first; with `everything`, all that ever did, newest first."""
    query = select(Action).limit(limit)
    if everything:
        asked = Action.decision["effect"].astext == "sign_off"
        query = query.where(asked).order_by(Action.reference.desc())
    else:
        query = query.where(Action.state == "awaiting_sign_off").order_by(Action.expires_at, Action.reference)
    return await _views(session, list(await session.scalars(query)))


async def view_of(session: AsyncSession, action_id: uuid.UUID) -> ApprovalView:
    """One of them, by id."""
    return (await _views(session, [await session.get_one(Action, action_id)]))[0]


async def find_action(session: AsyncSession, reference: str) -> uuid.UUID:
    """The id behind an id or a short number. Problem 404 for what never awaited a signature."""
    query = select(Action.id, Action.decision)
    number = reference.removeprefix("#")
    if number.isdecimal() and int(number) < 2**63:
        query = query.where(Action.reference == int(number))
    else:
        query = query.where(Action.id == _uuid(reference))
    row = (await session.execute(query)).first()
    if row is None or row.decision.get("effect") != "sign_off":
        raise Problem.not_found(f"approval {reference[:40]}; GET /approvals lists what waits")
    action_id: uuid.UUID = row.id
    return action_id


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Problem.not_found(f"approval {text[:40]}; GET /approvals lists what waits") from error


async def _views(session: AsyncSession, actions: Sequence[Action]) -> list[ApprovalView]:
    ids = [action.id for action in actions]
    signed: dict[uuid.UUID, list[SignatureView]] = {}
    for row in await session.scalars(select(SignOff).where(SignOff.action_id.in_(ids)).order_by(SignOff.id)):
        signature = SignatureView(signer=row.signer, role=row.role, approved=row.approved, reason=row.reason, at=row.at)
        signed.setdefault(row.action_id, []).append(signature)
    counted = await session.execute(
        select(ActionTarget.action_id, func.count())
        .where(ActionTarget.action_id.in_(ids))
        .group_by(ActionTarget.action_id)
    )
    targets = dict(counted.all())
    return [_view(action, targets.get(action.id, 0), signed.get(action.id, [])) for action in actions]


def _view(action: Action, targets: int, signatures: list[SignatureView]) -> ApprovalView:
    decision = Decision.from_dict(action.decision)
    return ApprovalView(
        id=action.id,
        reference=action.reference,
        tool=action.tool,
        state=action.state,
        summary=action.summary,
        arguments=action.arguments,
        requested_by=action.principal_id,
        requested_by_role=action.principal_role,
        proposed_at=action.proposed_at,
        expires_at=action.expires_at,
        approvers=list(decision.approvers),
        quorum=decision.quorum,
        reason=decision.reason,
        targets=targets,
        signatures=signatures,
        result=action.result,
        error=action.error,
    )
