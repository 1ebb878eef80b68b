"""Gaps in the documentation: kept, settled by a person, and back only with new evidence."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.network import gaps
from atlas.network.gaps import FoundGap

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GAP = FoundGap(
    "no link a b", "no link", "a", "b", "a and b speak as neighbours", 0.95, 14, NOW - timedelta(days=2), NOW
)


async def the_gap(session: AsyncSession, found: list[FoundGap] | None = None) -> int:
    await gaps.keep(session, [GAP] if found is None else found, NOW)
    (gap,) = await gaps.gaps(session)
    return gap.id


async def test_a_gap_is_new_once(session: AsyncSession) -> None:
    assert await gaps.keep(session, [GAP], NOW) == 1
    assert await gaps.keep(session, [GAP._replace(messages=20)], NOW) == 0
    (gap,) = await gaps.gaps(session, device="b")
    assert (gap.messages, gap.state) == (20, "open")
    assert await gaps.gaps(session, device="c") == []


async def test_what_is_no_longer_found_is_gone_and_may_come_back(session: AsyncSession) -> None:
    await the_gap(session)
    assert await gaps.keep(session, [], NOW) == 0
    assert await gaps.gaps(session) == []
    assert await gaps.keep(session, [GAP], NOW) == 1


async def test_a_dismissed_gap_comes_back_only_with_as_much_evidence_again(session: AsyncSession) -> None:
    gap_id = await the_gap(session)
    gap = await gaps.decide(session, gap_id, "dismissed", "anna", NOW, "a lab link")
    assert (gap.state, gap.decided_by, gap.reason) == ("dismissed", "anna", "a lab link")
    assert await gaps.keep(session, [GAP._replace(messages=27)], NOW) == 0
    assert await gaps.gaps(session) == []
    assert await gaps.keep(session, [GAP._replace(messages=28)], NOW) == 1
    assert [each.id for each in await gaps.gaps(session)] == [gap_id]


async def test_a_dismissed_gap_that_is_not_found_for_a_while_stays_dismissed(session: AsyncSession) -> None:
    await gaps.decide(session, await the_gap(session), "dismissed", "anna", NOW, "a lab link")
    await gaps.keep(session, [], NOW)
    assert await gaps.keep(session, [GAP], NOW) == 0


async def test_an_accepted_gap_stays_so_until_the_documentation_says_the_same(session: AsyncSession) -> None:
    await gaps.decide(session, await the_gap(session), "accepted", "anna", NOW, "")
    await gaps.keep(session, [GAP._replace(messages=90)], NOW)
    assert [gap.state for gap in await gaps.gaps(session, everything=True)] == ["accepted"]
    await gaps.keep(session, [], NOW)
    assert [gap.state for gap in await gaps.gaps(session, everything=True)] == ["gone"]


async def test_a_dismissal_needs_a_reason_and_a_gap(session: AsyncSession) -> None:
    gap_id = await the_gap(session)
    with pytest.raises(DomainError, match=r"Say why"):
        await gaps.decide(session, gap_id, "dismissed", "anna", NOW, " ")
    with pytest.raises(DomainError, match=r"There is no gap 999\."):
        await gaps.decide(session, 999, "accepted", "anna", NOW, "")
    await gaps.keep(session, [], NOW)
    with pytest.raises(DomainError, match=r"is gone"):
        await gaps.decide(session, gap_id, "accepted", "anna", NOW, "")
