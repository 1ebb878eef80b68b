"""Model versions: one in use at most, refused ones kept, and a person's word above all."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.errors import DomainError
from atlas.learning import versions
from atlas.learning.versions import Learnt


def learnt(clock: FrozenClock, data: bytes = b"numbers") -> Learnt:
    return Learnt("failure", data, clock.now(), clock.now(), 10, 2, {"recall": 0.5}, "scikit-learn 1.9")


async def states(session: AsyncSession) -> list[tuple[int, str]]:
    return [(row.version, row.state) for row in reversed(await versions.every(session))]


async def test_the_newest_that_is_no_worse_is_in_use(session: AsyncSession, clock: FrozenClock) -> None:
    for refused in ("", "", "It is worse."):
        await versions.keep(session, learnt(clock), refused=refused, now=clock.now())
    assert await states(session) == [(1, "retired"), (2, "in_use"), (3, "refused")]
    used = await versions.in_use(session, "failure")
    assert used is not None
    assert versions.data_of(used) == b"numbers"


async def test_going_back_and_taking_a_refused_one_after_all(session: AsyncSession, clock: FrozenClock) -> None:
    for refused in ("", "", "It is worse."):
        await versions.keep(session, learnt(clock), refused=refused, now=clock.now())
    await versions.rollback(session, "failure", by="anna", now=clock.now())
    assert await states(session) == [(1, "in_use"), (2, "retired"), (3, "refused")]
    with pytest.raises(DomainError, match="no earlier version"):
        await versions.rollback(session, "failure", by="anna", now=clock.now())
    await versions.use(session, "failure", 3, by="anna", now=clock.now())
    assert await states(session) == [(1, "retired"), (2, "retired"), (3, "in_use")]
    with pytest.raises(DomainError, match="no version 9"):
        await versions.use(session, "failure", 9, by="anna", now=clock.now())


async def test_changed_bytes_are_not_used(session: AsyncSession, clock: FrozenClock) -> None:
    row = await versions.keep(session, learnt(clock), refused="", now=clock.now())
    row.data = b"something else"
    await session.flush()
    with pytest.raises(DomainError, match="its digest differs"):
        versions.data_of(row)
