"""People's signatures: who may give one, what it stands for, and when there are enough."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.db import transaction
from atlas.ledger import service as ledger
from atlas.ledger.models import Action
from forge.kit import Kit
from forge.outcome import Denied, Outcome, outcome_of
from policies.decision import Decision
from policies.spec import Principal

CHANGED = "It is no longer what was proposed; propose it again."
LAPSED = "It was not signed and carried out in time; propose it again if it is still wanted."


async def sign(kit: Kit, action_id: UUID, signer: Principal, *, approve: bool, reason: str) -> tuple[Outcome, bool]:
    """Take one signature. Returns what there is to say, and whether the action may now be carried out."""
    async with transaction(kit.sessions) as session:
        action = await ledger.lock_action(session, action_id)
        refusal = None
        if action.state == "awaiting_sign_off" and not await retire(kit, session, action):
            refusal = await _refusal(session, action, signer)
            if refusal is None:
                await _take(kit, session, action, signer, approve=approve, reason=reason)
        return refusal or outcome_of(action), action.state in ledger.READY


async def retire(kit: Kit, session: AsyncSession, action: Action) -> bool:
    """End a locked, open action that has lapsed, or whose row or tool is not what was proposed."""
    now = kit.clock.now()
    if action.expires_at is None or now >= action.expires_at:
        await ledger.move_action(session, action, "expired", by="forge", now=now, error=LAPSED)
        return True
    spec = kit.tools.get(action.tool)
    targets = await ledger.targets_of(session, action.id)
    if spec is None or ledger.digest_of(action, spec.schema_version, targets) != action.digest:
        await ledger.move_action(session, action, "denied", by="forge", now=now, error=CHANGED)
        return True
    return False


async def satisfied(session: AsyncSession, action: Action, decision: Decision) -> bool:
    """Whether the signatures there are, under this very digest, are what a decision asks for."""
    signatures = await ledger.signatures_of(session, action.id)
    valid = [s for s in signatures if s.approved and s.digest == action.digest]
    return decision.satisfied_by([s.role for s in valid])


async def _refusal(session: AsyncSession, action: Action, signer: Principal) -> Denied | None:
    """Why this person's signature is not taken; None when it is."""
    approvers = Decision.from_dict(action.decision).approvers
    if (signer.kind, signer.id) == (action.principal_kind, action.principal_id):
        return Denied("Who asks for something can't sign it; another person must.")
    if signer.kind != "staff" or signer.role not in approvers:
        return Denied(f"Signing this takes {' or '.join(approvers)}; you are {signer.role}.")
    if any(s.signer == signer.id for s in await ledger.signatures_of(session, action.id)):
        return Denied("You have signed this already; it still waits for another person.")
    return None


async def _take(
    kit: Kit, session: AsyncSession, action: Action, signer: Principal, *, approve: bool, reason: str
) -> None:
    now = kit.clock.now()
    await ledger.sign_action(
        session, action, signer=signer.id, role=signer.role, approved=approve, reason=reason, now=now
    )
    if not approve:
        error = f"{signer.id} rejected it" + (f": {reason}" if reason else ".")
        await ledger.move_action(session, action, "rejected", by=signer.id, now=now, error=error)
    elif await satisfied(session, action, Decision.from_dict(action.decision)):
        await ledger.move_action(session, action, "approved", by=signer.id, now=now)
