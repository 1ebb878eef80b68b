"""Events: everyone hears what is theirs, a listener that comes back misses nothing, a slow one is let go."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from httpx_sse import EventSource, ServerSentEvent

from api.auth import issue, signing_key
from api.errors import Problem
from api.house import House
from api.hub import Hub, Listener, TooSlow
from api.metrics import Metrics
from api.routes.events import format_cursor, parse_cursor
from atlas.clock import FrozenClock
from atlas.db import Sessions, transaction
from atlas.events import Cursor, Happened, emit
from atlas.settings import Settings
from tests.api.conftest import Clients, served


@pytest.fixture
async def url(app: FastAPI) -> AsyncIterator[str]:
    """The application on a port, as a stream needs it."""
    async with served(app) as url:
        yield url


async def tell(sessions: Sessions, clock: FrozenClock, *kinds: str) -> None:
    """Commit one event per kind, each in a transaction of its own."""
    for number, kind in enumerate(kinds):
        async with transaction(sessions) as session:
            await emit(session, kind, f"S-{number}", at=clock.now())


async def hear(
    url: str,
    settings: Settings,
    count: int,
    *,
    since: str | None = None,
    role: str = "noc",
    user: str = "anna",
    ready: asyncio.Event | None = None,
    **query: str,
) -> list[ServerSentEvent]:
    """The first `count` events after `listening`; with `since`, after that event."""
    headers = {"Authorization": f"Bearer {issue(signing_key(settings), user, role)}"}
    if since:
        headers["Last-Event-ID"] = since
    heard: list[ServerSentEvent] = []
    async with (
        asyncio.timeout(20),
        httpx.AsyncClient(base_url=url, headers=headers) as client,
        client.stream("GET", "/events", params=query) as response,
    ):
        async for event in EventSource(response).aiter_sse():
            if ready:
                ready.set()
            heard.append(event)
            if len(heard) > count:
                break
    assert heard[0].event == "listening"
    return heard[1:]


async def test_events_come_as_they_commit(url: str, settings: Settings, sessions: Sessions, clock: FrozenClock) -> None:
    ready = asyncio.Event()
    hearing = asyncio.create_task(hear(url, settings, 2, ready=ready))
    await ready.wait()
    await tell(sessions, clock, "incident.opened", "incident.updated")
    events = await hearing
    assert [each.event for each in events] == ["incident.opened", "incident.updated"]
    assert events[0].json()["subject"] == "S-0"


async def test_a_listener_that_comes_back_misses_nothing_and_hears_nothing_twice(
    url: str, settings: Settings, sessions: Sessions, clock: FrozenClock
) -> None:
    start = (await hear_listening(url, settings)).id
    await tell(sessions, clock, *["incident.updated"] * 7)
    heard: list[str] = []
    since = start
    for part in (3, 1, 3):
        events = await hear(url, settings, part, since=since)
        heard += [each.json()["subject"] for each in events]
        since = events[-1].id
    assert heard == [f"S-{number}" for number in range(7)]


async def hear_listening(url: str, settings: Settings) -> ServerSentEvent:
    """The event that says from where this listens."""
    headers = {"Authorization": f"Bearer {issue(signing_key(settings), 'anna', 'noc')}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client, client.stream("GET", "/events") as response:
        return await anext(EventSource(response).aiter_sse())


async def test_only_the_kinds_asked_for(url: str, settings: Settings, sessions: Sessions, clock: FrozenClock) -> None:
    since = (await hear_listening(url, settings)).id
    await tell(sessions, clock, "incident.opened", "ticket.opened", "incident.resolved")
    events = await hear(url, settings, 2, since=since, kind="incident.")
    assert [each.event for each in events] == ["incident.opened", "incident.resolved"]


async def test_what_somebody_said_is_heard_by_them_and_by_support_alone(
    url: str, settings: Settings, sessions: Sessions, clock: FrozenClock, client: Clients
) -> None:
    since = (await hear_listening(url, settings)).id
    anna = client("noc", "anna")
    thread = (await anna.post("/conversations")).json()["id"]
    await anna.post(f"/conversations/{thread}/messages", json={"text": "hello"})
    await tell(sessions, clock, "incident.opened")
    owner = await hear(url, settings, 4, since=since, user="anna")
    other = await hear(url, settings, 1, since=since, user="ben")
    assert [each.event for each in owner] == ["message.received", "turn.waiting", "message.answered", "incident.opened"]
    assert [each.event for each in other] == ["incident.opened"]


@pytest.mark.parametrize("id", ["x", "1", "-", "1-", "1-x", "-1-1", "1" * 40 + "-1"])
def test_a_place_that_is_none_is_refused(id: str) -> None:
    with pytest.raises(Problem, match="not the id of an event"):
        parse_cursor(id)


def test_an_event_id_is_a_place() -> None:
    assert parse_cursor(format_cursor(Cursor(7, 2**62))) == Cursor(7, 2**62)


async def test_a_slow_listener_is_let_go_and_finds_what_it_missed(
    app: FastAPI, sessions: Sessions, clock: FrozenClock
) -> None:
    house = app.state.house
    assert isinstance(house, House)
    hub = Hub(house.store, Metrics(), queue=3)
    async with hub.running():
        listening = hub.listen(hub.position)
        first = asyncio.ensure_future(anext(listening))
        await asyncio.sleep(0)
        await tell(sessions, clock, "a.first")
        heard = [await first]
        await tell(sessions, clock, *["a.more"] * 10)
        while hub.position < await last(sessions):
            await asyncio.sleep(0.01)
        with pytest.raises(TooSlow):
            async for event in listening:
                heard.append(event)  # noqa: PERF401 - what came before the end counts
        assert len(heard) == 4
        back = hub.listen(heard[-1].cursor)
        heard += [await anext(back) for _ in range(7)]
    assert [each.kind for each in heard] == ["a.first", *["a.more"] * 10]
    assert len({each.cursor for each in heard}) == 11


async def last(sessions: Sessions) -> Cursor:
    """The place of the newest event."""
    from sqlalchemy import select

    from atlas.events import Event

    async with sessions() as session:
        row = (await session.scalars(select(Event).order_by(Event.xid.desc(), Event.id.desc()).limit(1))).one()
    return Cursor(row.xid, row.id)


def test_past_a_lost_event_nothing_is_queued() -> None:
    listener = Listener(1)
    for number in range(2):
        listener.put(happened(number))
    listener.queue.get_nowait()
    listener.put(happened(2))
    assert listener.lost
    assert listener.queue.empty()


def happened(number: int) -> Happened:
    return Happened(Cursor(number, number), datetime(2026, 1, 1, tzinfo=UTC), "a.kind", "S", {})


async def test_what_commits_while_the_missed_is_read_is_heard_once(
    app: FastAPI, sessions: Sessions, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.hub.PAGE", 1)
    house = app.state.house
    assert isinstance(house, House)
    start = house.hub.position
    await tell(sessions, clock, "a.missed", "a.missed")
    listening = house.hub.listen(start)
    heard = [await anext(listening)]
    await tell(sessions, clock, "a.meanwhile")
    while house.hub.position < await last(sessions):
        await asyncio.sleep(0.01)
    await tell(sessions, clock, "a.after")
    heard += [await anext(listening) for _ in range(3)]
    live = asyncio.ensure_future(anext(listening))
    while house.hub.position < await last(sessions):
        await asyncio.sleep(0.01)
    await tell(sessions, clock, "a.live")
    async with asyncio.timeout(20):
        heard.append(await live)
    kinds = ["a.missed", "a.missed", "a.meanwhile", "a.after", "a.live"]
    assert [each.kind for each in heard] == kinds
