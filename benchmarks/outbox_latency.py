"""From just before an event's commit to a listener in another process that has read it.

`python -m benchmarks.outbox_latency`. First an idle house, one event every 20 ms; then the same while four
connections commit other events as fast as they can, which the listener reads too. An event carries the moment
before its commit, so that the commit itself counts.
"""

import asyncio
import multiprocessing
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from atlas import events
from atlas.db import Sessions, make_engine, make_sessions, transaction
from benchmarks.figures import Figure, percentile, show
from benchmarks.installation import isp

EVENTS, EVERY, WRITERS, GOAL = 400, 0.02, 4, 50.0


def listen(url: str, pipe: Any) -> None:
    """The listener: sends back the milliseconds each marked event took."""

    async def run() -> None:
        engine = make_engine(url)
        sessions = make_sessions(engine)
        async with sessions() as session:
            place = await events.latest(session)
        pipe.send("ready")
        took: list[float] = []
        async for event in events.follow(engine, sessions, place):
            if event.kind == "bench.marked":
                took.append((time.monotonic() - event.payload["at"]) * 1e3)
                if len(took) == EVENTS:
                    break
        pipe.send(took)
        await engine.dispose()

    asyncio.run(run())


async def write(sessions: Sessions) -> None:
    """Marked events, one at a time."""
    for number in range(EVENTS):
        async with transaction(sessions) as session:
            await session.execute(text("SELECT 1"))  # the connection is there before the clock starts
            payload = {"at": time.monotonic()}
            await events.emit(session, "bench.marked", str(number), payload, at=datetime.now(UTC))
        await asyncio.sleep(EVERY)


async def busy(sessions: Sessions) -> None:
    """Other events, as fast as they commit, until cancelled."""
    while True:
        async with transaction(sessions) as session:
            await events.emit(session, "bench.other", "x", at=datetime.now(UTC))


async def measure(url: str, writers: int) -> list[float]:
    """Milliseconds of every marked event."""
    engine = make_engine(url)
    sessions = make_sessions(engine)
    ours, theirs = multiprocessing.Pipe()
    listener = multiprocessing.get_context("spawn").Process(target=listen, args=(url, theirs))
    listener.start()
    await asyncio.to_thread(ours.recv)
    others = [asyncio.create_task(busy(sessions)) for _ in range(writers)]
    await write(sessions)
    took: list[float] = await asyncio.to_thread(ours.recv)
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.to_thread(listener.join)
    await engine.dispose()
    return took


def main() -> None:
    """Idle, then under writers."""
    figures = []
    with isp(2_000) as settings:
        assert settings.database_url
        for name, writers in (("idle", 0), (f"{WRITERS} busy writers", WRITERS)):
            took = asyncio.run(measure(settings.database_url, writers))
            figures.append(Figure(f"{name}: commit to listener, p50", percentile(took, 50), "ms"))
            figures.append(Figure(f"{name}: commit to listener, p99", percentile(took, 99), "ms", GOAL))
    show(figures)


if __name__ == "__main__":
    main()
