"""The outbox: ids commit out of order, and still no reader loses an event or gets one twice."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from atlas import events
from atlas.db import Sessions, transaction
from atlas.events import Cursor

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PATIENCE = 20


async def emit(session: AsyncSession, subject: str, kind: str = "test.happened") -> None:
    await events.emit(session, kind, subject, {"of": subject}, at=NOW)


async def subjects(session: AsyncSession, after: Cursor = Cursor()) -> list[str]:
    return [event.subject for event in await events.read(session, after)]


async def test_an_event_commits_with_what_it_tells_of(sessions: Sessions) -> None:
    async with sessions() as session:
        await emit(session, "undone")
        await session.rollback()
    async with transaction(sessions) as session:
        await emit(session, "done")
    async with sessions() as session:
        (event,) = await events.read(session, Cursor())
    assert (event.kind, event.subject, event.payload, event.at) == ("test.happened", "done", {"of": "done"}, NOW)


async def test_a_reader_waits_for_an_older_transaction_and_loses_nothing(sessions: Sessions) -> None:
    """A takes its id first and commits last: a reader that goes by id alone would pass it by."""
    async with sessions() as a, sessions() as b, sessions() as reader:
        await emit(a, "A")
        await emit(b, "B")
        await b.commit()
        assert await subjects(reader) == []
        await reader.rollback()
        await a.commit()
        assert await subjects(reader) == ["A", "B"]


async def test_what_began_before_the_reader_came_is_not_behind_the_latest(sessions: Sessions) -> None:
    async with sessions() as a, sessions() as reader:
        await emit(a, "A")
        place = await events.latest(reader)
        await reader.rollback()
        await a.commit()
        assert await subjects(reader, place) == ["A"]
        await reader.rollback()
        assert await subjects(reader, await events.latest(reader)) == []


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        ((), ["incident.opened", "incident.note", "ticket.opened"]),
        (("incident.*",), ["incident.opened", "incident.note"]),
        (("incident.opened", "ticket.*"), ["incident.opened", "ticket.opened"]),
        (("incident",), []),
        (("%.opened",), []),
        (("ticket_opened", "incident.not_"), []),
    ],
)
async def test_kinds_are_names_or_whole_modules(sessions: Sessions, kinds: tuple[str, ...], found: list[str]) -> None:
    async with transaction(sessions) as session:
        for kind in ("incident.opened", "incident.note", "ticket.opened"):
            await emit(session, "x", kind)
    async with sessions() as session:
        assert [event.kind for event in await events.read(session, Cursor(), kinds=kinds)] == found


async def test_reading_on_from_the_last_one_seen(sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        for n in range(5):
            await emit(session, str(n))
    async with sessions() as session:
        first = await events.read(session, Cursor(), limit=2)
        rest = await events.read(session, first[-1].cursor)
    assert [event.subject for event in first + rest] == list("01234")


async def test_a_follower_is_woken_by_a_commit(engine: AsyncEngine, sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        await emit(session, "before")
    async with asyncio.timeout(PATIENCE), aclosing(events.follow(engine, sessions, Cursor())) as follower:  # type: ignore[type-var]
        assert (await anext(follower)).subject == "before"
        waiting = asyncio.ensure_future(anext(follower))
        async with transaction(sessions) as session:
            await emit(session, "after")
        assert (await waiting).subject == "after"


async def test_the_wake_up_comes_from_the_commit_and_not_from_the_interval(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    async with asyncio.timeout(PATIENCE), aclosing(events.wakes(engine, every=3600)) as wakes:  # type: ignore[type-var]
        await anext(wakes)
        await anext(wakes)  # now it listens
        waiting = asyncio.ensure_future(anext(wakes))
        async with transaction(sessions) as session:
            await events.wake(session)
        await waiting


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writers=st.lists(
        st.lists(st.tuples(st.integers(1, 3), st.booleans(), st.integers(0, 3)), min_size=1, max_size=4),
        min_size=2,
        max_size=5,
    )
)
async def test_whatever_writers_do_at_once_each_reader_gets_every_event_once_in_one_order(
    engine: AsyncEngine, sessions: Sessions, writers: list[list[tuple[int, bool, int]]]
) -> None:
    """A writer is a list of transactions: how many events, whether it commits, how often it lets others go first."""
    written: set[str] = set()
    async with sessions() as session:
        start = await events.latest(session)

    async def write(who: int) -> None:
        for turn, (count, commits, pauses) in enumerate(writers[who]):
            async with sessions() as session:
                names = [f"{who}-{turn}-{n}" for n in range(count)]
                for name in names:
                    await emit(session, name)
                    for _ in range(pauses):
                        await asyncio.sleep(0)
                if commits:
                    await session.commit()
                    written.update(names)

    async def read(limit: int) -> list[str]:
        got, after, last = [], start, False
        while True:
            async with sessions() as session:
                batch = await events.read(session, after, limit=limit)
            got += [event.subject for event in batch]
            after = batch[-1].cursor if batch else after
            if last and not batch:
                return got
            last = done.is_set()

    done = asyncio.Event()
    readers = [asyncio.create_task(read(limit)) for limit in (1, 500)]
    await asyncio.gather(*(write(who) for who in range(len(writers))))
    done.set()
    one, two = await asyncio.gather(*readers)
    assert sorted(one) == sorted(written)
    assert one == two
