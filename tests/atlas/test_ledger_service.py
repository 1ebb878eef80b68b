"""The ledger by itself: an action's moves, what they tell, and what the audit trail knows of a subscriber."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock, Ids
from atlas.crm.models import Subscriber
from atlas.errors import DomainError
from atlas.events import Event
from atlas.ledger import audit, stops
from atlas.ledger import service as ledger
from atlas.ledger.models import Action, AuditEntry

PROPOSAL = ledger.Proposal(
    key="k",
    tool="write_note",
    schema_version="1",
    arguments={"text": "hello"},
    principal_kind="staff",
    principal_id="alice",
    principal_role="noc",
    subscriber_id=None,
    conversation_id=None,
    incident_id=None,
    facts={"verified": "none"},
    decision={"effect": "allowed", "rules": ["note"], "requirements": [], "reason": ""},
    state="allowed",
    summary="Write a note",
    error=None,
    expires_at=None,
)


async def proposed(session: AsyncSession, clock: FrozenClock, ids: Ids, **changes: Any) -> Action:
    action = await ledger.propose_action(session, replace(PROPOSAL, **changes), action_id=ids(), now=clock.now())
    assert action is not None
    return action


async def test_a_taken_key_gives_nothing(session: AsyncSession, clock: FrozenClock, ids: Ids) -> None:
    await proposed(session, clock, ids)
    assert await ledger.propose_action(session, PROPOSAL, action_id=ids(), now=clock.now()) is None


@pytest.mark.parametrize("state", ["denied", "rejected", "expired", "done", "failed"])
async def test_from_an_end_there_is_no_way_to_an_effect(
    session: AsyncSession, clock: FrozenClock, ids: Ids, state: str
) -> None:
    action = await proposed(session, clock, ids, state=state)
    for target in (*ledger.MOVES, "done"):
        with pytest.raises(RuntimeError, match=f"from {state} to"):
            await ledger.move_action(session, action, target, by="forge", now=clock.now())


async def test_only_what_is_ready_is_consumed(session: AsyncSession) -> None:
    assert {state for state, moves in ledger.MOVES.items() if "consumed" in moves} == ledger.READY
    assert {state for state, moves in ledger.MOVES.items() if "done" in moves} == {"consumed", "unknown"}


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "other"},
        {"arguments": {"text": "hello!"}},
        {"principal_id": "bob"},
        {"principal_role": "admin"},
        {"facts": {"verified": "otp"}},
        {"targets": (1,)},
    ],
)
def test_the_digest_binds_everything_that_was_signed(change: dict[str, Any]) -> None:
    assert ledger.digest_of(replace(PROPOSAL, **change), "1") != ledger.digest_of(PROPOSAL, "1")
    assert ledger.digest_of(PROPOSAL, "2") != ledger.digest_of(PROPOSAL, "1")


async def test_nobody_signs_twice(session: AsyncSession, clock: FrozenClock, ids: Ids) -> None:
    action = await proposed(session, clock, ids, state="awaiting_sign_off")
    words = {"signer": "bob", "role": "noc", "approved": True, "reason": "", "now": clock.now()}
    await ledger.sign_action(session, action, **words)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError):
        await ledger.sign_action(session, action, **words)  # type: ignore[arg-type]


async def test_each_move_is_told_and_kept(session: AsyncSession, clock: FrozenClock, ids: Ids) -> None:
    action = await proposed(session, clock, ids)
    await ledger.move_action(session, action, "consumed", by="alice", now=clock.now())
    await ledger.finish_action(session, action.id, state="failed", now=clock.now(), error="No answer.")
    events = (await session.scalars(select(Event).where(Event.subject == str(action.id)).order_by(Event.id))).all()
    assert [each.kind for each in events] == ["action.proposed", "action.failed"]
    assert events[1].payload["reason"] == "No answer."
    lines = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [each.verb for each in lines] == ["action.proposed", "action.consumed", "action.failed"]


async def test_the_trail_names_no_subscriber(session: AsyncSession, clock: FrozenClock, ids: Ids) -> None:
    person = Subscriber(
        number="SUB-4711", name="Ann", segment="residential", preferred_channel="sms", since=clock.now()
    )
    session.add(person)
    await session.flush()
    caller = {"principal_kind": "subscriber", "principal_id": "SUB-4711", "subscriber_id": person.id}
    action = await proposed(session, clock, ids, **caller)
    line = (await session.scalars(select(AuditEntry))).one()
    assert line.actor == line.subject == await audit.pseudonym_of(session, person.id)
    assert "4711" not in f"{line.actor}{line.detail}"
    assert line.detail["digest"] == await audit.bind(session, person.id, action.digest)
    await audit.forget(session, person.id)
    assert line.detail["digest"] != await audit.bind(session, person.id, action.digest)


async def test_an_unknown_action_is_said_to_be_unknown(session: AsyncSession, ids: Ids) -> None:
    with pytest.raises(DomainError, match="no such action"):
        await ledger.lock_action(session, ids())


async def test_the_off_switch(session: AsyncSession, clock: FrozenClock) -> None:
    assert not await stops.is_stopped(session, "notify")
    for reason in ("first", "second"):
        await stops.stop_effects(session, "all", by="alice", reason=reason, now=clock.now())
    assert await stops.is_stopped(session, "notify")
    assert await stops.resume_effects(session, "all", by="lena", now=clock.now())
    assert not await stops.resume_effects(session, "all", by="lena", now=clock.now())
    assert not await stops.is_stopped(session, "notify")
