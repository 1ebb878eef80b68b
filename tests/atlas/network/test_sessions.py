"""RADIUS accounting becomes access sessions, and silence becomes evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.network.models import AccessSession
from atlas.network.sessions import FEW, Heard, Interim, LineSession, overdue_sessions, record_interims, silent_nases
from tests.factories.subscribers import Line, line, node

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EVERY = 1800


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def packet(of: Line, minutes: float, kind: str = "interim", session_id: str = "s1", **more: object) -> Interim:
    base = Interim("interim", of.service.username, "z3-bng-1", session_id, after(minutes), interim_seconds=EVERY)
    return replace(base, kind=kind, **more)  # type: ignore[arg-type]


@pytest.fixture
async def home(session: AsyncSession) -> Line:
    return await line(session, await node(session, "ont-1", "ont"))


async def stored(session: AsyncSession, session_id: str = "s1") -> AccessSession:
    query = select(AccessSession).where(AccessSession.session_id == session_id)
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


async def missed(
    session: AsyncSession, minutes: float, since: float = -600, grace: float = 60, resumed: float | None = None
) -> list[str]:
    again = {} if resumed is None else {"z3-bng-1": after(resumed)}
    found = await overdue_sessions(session, after(minutes), grace, 0.1, after(since), again)
    return [each.session_id for each in found]


async def test_a_session_from_start_to_stop(session: AsyncSession, home: Line) -> None:
    await record_interims(session, [packet(home, 0, "start", framed_address="100.64.0.7")], NOON)
    heard = await record_interims(session, [packet(home, 30, octets_in=7, octets_out=9)], after(30))
    assert heard == Heard(1, 0, ())
    row = await stored(session)
    assert (row.started_at, row.last_interim_at, row.framed_address) == (NOON, after(30), "100.64.0.7")
    assert (row.octets_in, row.octets_out, row.stopped_at) == (7, 9, None)
    await record_interims(session, [packet(home, 31, "stop", stop_cause="User-Request")], after(31))
    row = await stored(session)
    assert (row.stopped_at, row.stop_cause) == (after(31), "User-Request")


async def test_an_older_packet_that_comes_late_changes_nothing(session: AsyncSession, home: Line) -> None:
    await record_interims(session, [packet(home, 30, octets_in=30), packet(home, 0, octets_in=0)], after(30))
    await record_interims(session, [packet(home, 10, "stop", octets_in=10)], after(31))
    row = await stored(session)
    assert (row.last_interim_at, row.octets_in, row.stopped_at) == (after(30), 30, None)


async def test_the_same_packet_twice_is_one_session(session: AsyncSession, home: Line) -> None:
    for _ in "ab":
        await record_interims(session, [packet(home, 0, "start"), packet(home, 0, "start")], NOON)
    await stored(session)


async def test_nobodys_line_is_counted_as_unknown(session: AsyncSession, home: Line) -> None:
    stranger = replace(packet(home, 0), username="nobody", session_id="s2")
    assert await record_interims(session, [packet(home, 0), stranger], NOON) == Heard(1, 1, ())


async def test_a_line_that_dials_in_again_has_lost_its_older_session(session: AsyncSession, home: Line) -> None:
    await record_interims(session, [packet(home, 0, "start")], NOON)
    await record_interims(session, [packet(home, 5, "start", "s2")], after(5))
    old, new = await stored(session), await stored(session, "s2")
    assert (old.stopped_at, old.stop_cause, new.stopped_at) == (after(5), "Lost-Carrier", None)


async def test_silence_is_told_once_and_so_is_the_return(session: AsyncSession, home: Line) -> None:
    neighbour = await line(session, await node(session, "ont-2", "ont"))
    await record_interims(session, [packet(home, 0, "start"), packet(neighbour, 0, "start", "s2")], NOON)
    await record_interims(session, [packet(neighbour, 30, session_id="s2")], after(30))
    assert await missed(session, 33) == []  # 30 minutes, a tenth of them, and a minute of grace are not over
    assert await missed(session, 35) == ["s1"]
    assert await missed(session, 36) == []
    heard = await record_interims(session, [packet(home, 40)], after(40))
    assert heard.returned == (LineSession("s1", "z3-bng-1", home.service.username, "ont-1"),)
    assert (await stored(session)).silent_since is None
    assert (await record_interims(session, [packet(home, 41)], after(41))).returned == ()


async def test_a_silent_line_that_dials_in_anew_is_back(session: AsyncSession, home: Line) -> None:
    await record_interims(session, [packet(home, 0, "start")], NOON)
    assert await missed(session, 60) == ["s1"]
    heard = await record_interims(session, [packet(home, 61, "start", "s2")], after(61))
    assert [each.session_id for each in heard.returned] == ["s1"]


async def test_nobody_is_missed_for_what_came_while_nobody_listened(session: AsyncSession, home: Line) -> None:
    neighbour = await line(session, await node(session, "ont-2", "ont"))
    await record_interims(session, [packet(home, 0, "start")], NOON)
    await record_interims(session, [packet(neighbour, 101, "start", "s2")], after(101))
    assert await missed(session, 102, since=100) == []
    assert await missed(session, 133, since=100) == []
    assert await missed(session, 135, since=100) == ["s1"]


async def test_a_nas_that_says_nothing_at_all_is_one_fault_and_not_a_thousand(
    session: AsyncSession, home: Line
) -> None:
    await record_interims(session, [packet(home, 0, "start")], NOON)
    assert await missed(session, 600, since=10) == []


async def test_a_stopped_session_is_missed_by_nobody(session: AsyncSession, home: Line) -> None:
    await record_interims(session, [packet(home, 0, "start"), packet(home, 1, "stop")], after(1))
    assert await missed(session, 600) == []


async def many(session: AsyncSession) -> list[Line]:
    """A NAS with more sessions than can fall silent by chance, heard of in turn over half an hour."""
    lines = [await line(session, await node(session, f"ont-{n}", "ont")) for n in range(10, 12 + FEW)]
    for n, each in enumerate(lines):
        await record_interims(session, [packet(each, n * 30 / len(lines), session_id=f"m{n}")], after(30))
    return lines


async def test_a_nas_of_many_lines_that_falls_silent_altogether_leaves_none_of_them_dead(session: AsyncSession) -> None:
    await many(session)
    assert await missed(session, 300) == []
    assert await silent_nases(session, after(300), 60) == {"z3-bng-1"}


async def test_one_line_of_many_is_still_missed(session: AsyncSession) -> None:
    lines = await many(session)
    for n, each in enumerate(lines[1:], start=1):
        await record_interims(session, [packet(each, 30 + n * 30 / len(lines), session_id=f"m{n}")], after(60))
    assert await missed(session, 60) == ["m0"]
    assert await silent_nases(session, after(60), 60) == set()


async def test_a_nas_that_speaks_again_has_an_interval_to_speak_for_all_its_lines(session: AsyncSession) -> None:
    lines = await many(session)
    await record_interims(session, [packet(lines[5], 200, session_id="m5")], after(200))
    await record_interims(session, [packet(lines[6], 231, session_id="m6")], after(231))
    assert await missed(session, 231, resumed=200) == []
    assert len(await missed(session, 235, resumed=200)) == len(lines) - 1
