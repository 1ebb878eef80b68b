"""The audit chain: it seals what has settled, shows any change to the past, and forgets people."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import Delete, Update, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.crm.models import Subscriber
from atlas.db import Sessions, transaction
from atlas.events import SETTLED
from atlas.ledger import audit
from atlas.ledger.models import AuditEntry


async def write(session: AsyncSession, clock: FrozenClock, *subjects: str) -> None:
    for subject in subjects:
        await audit.record_entry(
            session, at=clock.now(), actor="alice", verb="action.done", subject=subject, detail={"rules": ["r"]}
        )


async def settle(sessions: Sessions) -> None:
    """Wait until all that is written is below the horizon, which other databases of the server hold back too."""
    query = select(func.max(AuditEntry.xid), SETTLED)
    async with sessions() as session:
        while (row := (await session.execute(query)).one())[0] >= row[1]:
            await session.rollback()
            await asyncio.sleep(0.01)


async def seal(sessions: Sessions, limit: int = 1000) -> int:
    async with transaction(sessions) as session:
        return await audit.seal_batch(session, limit)


async def verify(sessions: Sessions) -> audit.Verification:
    async with sessions() as session:
        return await audit.verify_chain(session)


async def test_batches_make_one_chain(sessions: Sessions, clock: FrozenClock) -> None:
    async with transaction(sessions) as session:
        await write(session, clock, *"abcde")
    await settle(sessions)
    assert [await seal(sessions, 2) for _ in range(4)] == [2, 2, 1, 0]
    verified = await verify(sessions)
    assert (verified.length, verified.broken_at, verified.unsealed) == (5, None, 0)


async def test_what_has_not_settled_waits(sessions: Sessions, clock: FrozenClock) -> None:
    async with sessions() as slow:
        await write(slow, clock, "early id, late commit")
        async with transaction(sessions) as session:
            await write(session, clock, "late id, early commit")
        assert await seal(sessions) == 0  # it would come before what is sealed
        await slow.commit()
    await settle(sessions)
    assert await seal(sessions) == 2
    assert (await verify(sessions)).broken_at is None


SECOND = select(AuditEntry.id).where(AuditEntry.sequence == 2).scalar_subquery()


@pytest.mark.parametrize(
    "change",
    [
        lambda: update(AuditEntry).where(AuditEntry.id == SECOND).values(actor="mallory"),
        lambda: update(AuditEntry).where(AuditEntry.id == SECOND).values(detail={"rules": []}),
        lambda: update(AuditEntry).where(AuditEntry.id == SECOND).values(subject="other"),
        lambda: delete(AuditEntry).where(AuditEntry.id == SECOND),
    ],
    ids=["actor", "detail", "subject", "deleted"],
)
async def test_a_change_to_the_past_shows(
    sessions: Sessions, clock: FrozenClock, change: Callable[[], Update | Delete]
) -> None:
    async with transaction(sessions) as session:
        await write(session, clock, *"abc")
    await settle(sessions)
    await seal(sessions)
    async with transaction(sessions) as session:
        await session.execute(change())
    assert (await verify(sessions)).broken_at == 2


async def test_a_chain_cut_short_shows_against_a_head_kept_elsewhere(sessions: Sessions, clock: FrozenClock) -> None:
    async with transaction(sessions) as session:
        await write(session, clock, *"abc")
    await settle(sessions)
    await seal(sessions)
    kept = await verify(sessions)
    async with transaction(sessions) as session:
        await session.execute(delete(AuditEntry).where(AuditEntry.sequence == 3))
    now = await verify(sessions)
    assert now.broken_at is None
    assert now.head != kept.head


async def test_a_forgotten_person_leaves_a_chain_that_verifies(sessions: Sessions, clock: FrozenClock) -> None:
    async with transaction(sessions) as session:
        session.add(
            Subscriber(id=1, number="1", name="Ann", segment="residential", preferred_channel="sms", since=clock.now())
        )
        await session.flush()
        name = await audit.pseudonym_of(session, 1)
        assert name == await audit.pseudonym_of(session, 1)
        await write(session, clock, name)
    await settle(sessions)
    await seal(sessions)
    async with transaction(sessions) as session:
        await audit.forget(session, 1)
        assert await audit.pseudonym_of(session, 1) != name
    assert (await verify(sessions)).broken_at is None
