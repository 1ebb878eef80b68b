"""The last alarm of a storm to the committed incident with its cause and impact.

`python -m benchmarks.storm_to_incident [subscribers ...]`; 10,000 by default. Two cuts of a loaded demo ISP: the
backhaul of zone 3, and the aggregation router that most lines hang on. Measured three ways: the last alarm alone,
stored and understood after all others (`Stream.step`, in-process); the whole storm in one batch; and the whole
storm in one post through the API to a stream process that NOTIFY wakes, until the incident can be read.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
from pydantic import TypeAdapter
from sqlalchemy import text

from api import logging
from atlas.clock import FrozenClock
from atlas.db import Sessions, make_engine, make_sessions, transaction
from atlas.demo.gear.world import World
from atlas.network.ingest import record_alarms
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from benchmarks.demo_cut import largest, read_world, storm
from benchmarks.figures import Figure, show
from benchmarks.installation import QUIET, isp, processes, token
from forge.stream import Stream

BACKHAUL = "fibre:F-Z3-BH-1"
RUNS, GOAL = 3, 300.0
#: By when all of a storm has been said, seconds after the cut.
SAID = 65.0
ALARMS = TypeAdapter(list[Alarm])
OPEN = "SELECT element, subscribers FROM incident WHERE state = 'open' AND detected_at >= %s AND devices > 0"
CLOSE = "UPDATE incident SET state = 'resolved', resolved_at = now() WHERE state IN ('open', 'monitoring')"


@asynccontextmanager
async def fresh_stream(sessions: Sessions, at: datetime) -> AsyncIterator[tuple[Stream, datetime]]:
    """A stream that has nothing open, some time after the last; everything it opened is closed in the end."""
    clock = FrozenClock(at)
    stream = await Stream.load(sessions, clock)
    while await stream.step():
        pass
    clock.advance(SAID)
    yield stream, clock.now()
    async with transaction(sessions) as session:
        await session.execute(text(CLOSE))


async def understood(stream: Stream, sessions: Sessions, alarms: list[Alarm], now: datetime) -> float:
    """Milliseconds from handing alarms over to the commit of what they mean."""
    began = time.perf_counter()
    async with transaction(sessions) as session:
        await record_alarms(session, alarms, now)
    while await stream.step():
        pass
    return (time.perf_counter() - began) * 1e3


async def in_process(settings: Settings, world: World, element: str) -> tuple[float, float, int]:
    """Milliseconds for the last alarm after all others, and for all at once; how many alarms there are."""
    assert settings.database_url
    engine = make_engine(settings.database_url)
    sessions, last, whole = make_sessions(engine), [], []
    at = datetime.now(UTC) + timedelta(hours=12)
    for _ in range(RUNS):
        at += timedelta(hours=6)
        alarms = storm(world, element, at)
        async with fresh_stream(sessions, at) as (stream, now):
            await understood(stream, sessions, alarms[:-1], now)
            last.append(await understood(stream, sessions, alarms[-1:], now))
        at += timedelta(hours=6)
        async with fresh_stream(sessions, at) as (stream, now):
            whole.append(await understood(stream, sessions, storm(world, element, at), now))
    await engine.dispose()
    return statistics.median(last), statistics.median(whole), len(alarms)


def through_the_door(settings: Settings, world: World, element: str) -> float:
    """Milliseconds from the post of a whole storm to an incident that others can read."""
    assert settings.database_url
    headers = {"Authorization": f"Bearer {token(settings)}", "Content-Type": "application/json"}
    with processes(settings, ["api", "stream"]), psycopg.connect(settings.database_url, autocommit=True) as connection:
        since = datetime.now(UTC)
        body = ALARMS.dump_json(storm(world, element, since - timedelta(seconds=SAID)))
        url = f"http://{settings.host}:{settings.port}/alarms"
        with httpx.Client(headers=headers) as client:
            client.post(url, content=b"[]")  # the connection is there, as a collector's is
            began = time.perf_counter()
            client.post(url, content=body, timeout=60).raise_for_status()
            while connection.execute(OPEN, [since]).fetchone() is None:
                time.sleep(0.002)
            return (time.perf_counter() - began) * 1e3


def measure(subscribers: int) -> list[Figure]:
    """Both cuts on an ISP of this size."""
    figures = []
    with isp(subscribers, **QUIET) as settings:
        assert settings.database_url
        logging.configure(settings, "benchmark")
        world = asyncio.run(read_world(settings.database_url))
        for element in (BACKHAUL, largest(world)[0]):
            last, whole, count = asyncio.run(in_process(settings, world, element))
            name = f"{subscribers // 1000}k, {count:,} alarms of {element}"
            figures.append(Figure(f"{name}: the last alarm", last, "ms", GOAL))
            figures.append(Figure(f"{name}: all in one batch", whole, "ms"))
        for element in (BACKHAUL, largest(world)[0]):
            with isp(subscribers, **QUIET) as own:
                took = through_the_door(own, world, element)
            figures.append(Figure(f"{subscribers // 1000}k, storm of {element} posted to incident", took, "ms"))
    return figures


def main(*sizes: int) -> None:
    """Measure each size."""
    show([figure for subscribers in sizes or (10_000,) for figure in measure(subscribers)])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
