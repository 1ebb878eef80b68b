"""A line, from being cut off to being restored."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import seeded_ids
from atlas.helpdesk.models import Notice
from atlas.itsm import incidents, lines
from atlas.itsm.lines import LineCount
from atlas.itsm.models import Incident, IncidentLine
from atlas.ledger import service as ledger
from tests.factories.incidents import NOON, incident, seen
from tests.factories.subscribers import Line, line, node, online

STABLE = timedelta(minutes=10)
LATER = NOON + timedelta(minutes=5)


async def lines_of(session: AsyncSession, row: Incident) -> set[int]:
    return set(await session.scalars(select(IncidentLine.service_id).where(IncidentLine.incident_id == row.id)))


async def tell(session: AsyncSession, row: Incident, told: Line) -> None:
    """Somebody on this line has had a notice about the outage."""
    proposal = ledger.Proposal(
        key=str(uuid4()), tool="notify_affected", schema_version="1", arguments={}, principal_kind="forge",
        principal_id="forge", principal_role="forge", subscriber_id=None, conversation_id=None, incident_id=row.id,
        facts={}, decision={"rules": []}, state="allowed", summary="", error=None, expires_at=None,
    )  # fmt: skip
    action = await ledger.propose_action(session, proposal, action_id=uuid4(), now=NOON)
    assert action is not None
    session.add(
        Notice(
            id=seeded_ids(told.subscriber.id)(), kind="outage", action_id=action.id, incident_id=row.id,
            subscriber_id=told.subscriber.id, channel="sms", address="+441632960001", text="", state="handed_over",
            updated_at=NOON,
        )
    )  # fmt: skip
    await session.flush()


async def test_a_line_is_restored_once_it_has_been_back_for_ten_minutes(session: AsyncSession) -> None:
    at = await node(session, "z3-olt-1")
    await line(session, at)
    row = await incident(session, [at])
    assert await lines.count_lines(session, row.id) == LineCount(restored=0, coming_back=0, cut_off=1)
    await incidents.clear(session, row, LATER)
    early = await lines.restore_lines(session, row.id, LATER + timedelta(minutes=9), STABLE)
    assert early == LineCount(restored=0, coming_back=1, cut_off=0)
    assert await lines.restore_lines(session, row.id, LATER + STABLE, STABLE) == LineCount(1, 0, 0)


async def test_a_silent_session_keeps_its_line_from_being_restored(session: AsyncSession) -> None:
    at = await node(session, "z3-olt-1")
    back, silent, stopped = [await line(session, at) for _ in range(3)]
    await online(session, back.service, LATER)
    await online(session, silent.service, NOON, silent_since=NOON)
    await online(session, stopped.service, NOON, silent_since=NOON, stopped_at=LATER)
    row = await incident(session, [at])
    await incidents.clear(session, row, LATER)
    assert await lines.restore_lines(session, row.id, LATER + STABLE, STABLE) == LineCount(2, 1, 0)
    missing = await session.scalars(select(IncidentLine.service_id).where(IncidentLine.restored_at.is_(None)))
    assert list(missing) == [silent.service.id]


async def test_lines_come_back_one_branch_at_a_time(session: AsyncSession) -> None:
    first, second = await node(session, "z3-olt-1"), await node(session, "z3-olt-2")
    soon, late = await line(session, first), await line(session, second)
    row = await incident(session, [first, second])
    await tell(session, row, soon)
    await tell(session, row, late)
    await incidents.reassess(session, row, seen([second]), LATER)
    assert await lines.first_back(session, row.id, after=NOON) == LATER
    assert await lines.restore_lines(session, row.id, LATER + STABLE, STABLE) == LineCount(1, 0, 1)
    restored = await session.scalars(select(IncidentLine.service_id).where(IncidentLine.restored_at.is_not(None)))
    assert list(restored) == [soon.service.id]


async def test_a_line_nobody_was_told_of_is_forgotten_when_it_turns_out_fine(session: AsyncSession) -> None:
    wrong, right = await node(session, "z3-olt-1"), await node(session, "z3-olt-2")
    await line(session, wrong)
    kept = await line(session, right)
    row = await incident(session, [wrong, right])
    await incidents.reassess(session, row, seen([right]), LATER)
    assert await lines_of(session, row) == {kept.service.id}


async def test_a_line_that_breaks_again_is_cut_off_again(session: AsyncSession) -> None:
    at = await node(session, "z3-olt-1")
    await line(session, at)
    row = await incident(session, [at])
    await incidents.clear(session, row, LATER)
    await lines.restore_lines(session, row.id, LATER + STABLE, STABLE)
    await incidents.reassess(session, row, seen([at]), LATER + STABLE)
    assert await lines.count_lines(session, row.id) == LineCount(restored=0, coming_back=0, cut_off=1)
