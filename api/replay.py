"""Recorded alarms, played through the same doors into a database of their own, at the recording's own time.

One process: the HTTP application and the stream on a scratch database, and a clock that goes by the recording.
Batches are posted to `/alarms` as any sender would post them; the stream then reads the log as it always does.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx

from api.auth import issue
from api.main import create_app
from api.prepare import prepare_database
from atlas import server
from atlas.clock import FrozenClock
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from forge.feeds.replay import Item, Tally, replay
from forge.stream import Stream

#: Alarms of one such span are posted together.
SLICE = timedelta(seconds=1)
#: After the last alarm the clock goes on in these steps, seconds: silence, too, tells something.
AFTERWARDS = (5.0, 15.0, 60.0, 300.0, 600.0)
CATCH_UP_SECONDS = 30.0

Progress = Callable[[int], None]


@dataclass(slots=True)
class Replayed:
    """What came of a replay: the lines by fate, the alarms taken, and every incident with its causes."""

    tally: Tally
    accepted: int = 0
    duplicates: int = 0
    incidents: list[dict[str, Any]] = field(default_factory=list)


async def replay_files(
    settings: Settings,
    files: Sequence[Path],
    *,
    recorded: datetime,
    zone: tzinfo,
    speed: float | None = None,
    progress: Progress = lambda _: None,
) -> Replayed:
    """Play files into a scratch database that is dropped afterwards.

    `speed`: recorded seconds per second; as fast as it goes when None. `recorded`, `zone`: see forge.feeds.replay.
    """
    tally = Tally()
    items = [item for item in replay(files, recorded, zone, tally) if isinstance(item[1], Alarm)]
    done = Replayed(tally)
    clock = FrozenClock(items[0][0] if items else recorded)
    async with _scratch(settings) as scratch, _door(scratch, clock) as (client, stream):
        for batch in _slices(items):
            await _wait(clock, batch[-1][0], speed)
            await _post(client, stream, done, batch)
            progress(len(batch))
        for seconds in AFTERWARDS:
            clock.advance(seconds)
            await stream.step()
        done.incidents = await _incidents(client)
    return done


def _slices(items: Iterable[Item]) -> Iterator[list[Item]]:
    for _, batch in groupby(items, lambda item: item[0].timestamp() // SLICE.total_seconds()):
        yield list(batch)


async def _wait(clock: FrozenClock, until: datetime, speed: float | None) -> None:
    if speed:
        await asyncio.sleep(max(0.0, (until - clock.now()).total_seconds()) / speed)
    clock.at = max(clock.at, until)


async def _post(client: httpx.AsyncClient, stream: Stream, done: Replayed, batch: Sequence[Item]) -> None:
    alarms = [alarm.model_dump(mode="json") for _, alarm in batch if isinstance(alarm, Alarm)]
    response = await client.post("/alarms", json=alarms)
    response.raise_for_status()
    receipt = response.json()
    done.accepted += receipt["accepted"]
    done.duplicates += receipt["duplicates"]
    await _catch_up(stream, receipt["accepted"])


async def _catch_up(stream: Stream, expected: int) -> None:
    """Let the stream read what was just accepted. Another's old transaction on the server may hold it back."""
    taken = 0
    async with asyncio.timeout(CATCH_UP_SECONDS):
        while taken < expected:
            step = await stream.step()
            taken += step
            if not step:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def _scratch(settings: Settings) -> AsyncIterator[Settings]:
    """Settings on a new database of the same server, which is dropped at the end."""
    url, name = await asyncio.to_thread(server.server_url, settings), f"replay_{uuid.uuid4().hex[:12]}"
    await asyncio.to_thread(server.create_database, url, name)
    scratch = server.with_database(url, name)
    try:
        await asyncio.to_thread(prepare_database, scratch)
        yield settings.model_copy(update={"database_url": scratch, "demo": False})
    finally:
        await asyncio.to_thread(server.drop_database, url, name)


@asynccontextmanager
async def _door(settings: Settings, clock: FrozenClock) -> AsyncIterator[tuple[httpx.AsyncClient, Stream]]:
    """A client of the application, and the stream behind it."""
    app = create_app(settings, clock)
    async with app.router.lifespan_context(app):
        house = app.state.house
        headers = {"Authorization": f"Bearer {issue(house.key, 'replay', 'admin')}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://replay", headers=headers) as client:
            yield client, await Stream.load(house.store.sessions, clock)


async def _incidents(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    page = (await client.get("/incidents", params={"state": "all", "limit": 500})).raise_for_status().json()
    references = sorted((each["reference"] for each in page["incidents"]), key=lambda r: int(r.partition("-")[2]))
    return [(await client.get(f"/incidents/{reference}")).json() for reference in references]
