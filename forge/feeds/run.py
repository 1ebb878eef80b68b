"""All feeds of one process, started and stopped together."""

import asyncio
from collections.abc import Awaitable

import structlog

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.settings import Settings
from forge.feeds import vitals
from forge.feeds.buffer import alarm_buffer
from forge.feeds.heartbeats import beat_once, forget_sources, watch_feeds
from forge.feeds.radius_accounting import Listening, grace_for, raise_overdue, session_buffer
from forge.feeds.roster import OURS, FeedJob, House, feeds_of

log = structlog.get_logger()

#: Wall seconds between two tries to start a feed that failed.
RESTART_AFTER = 5.0
#: Wall seconds in which the buffers must be written when the process stops.
DRAIN = 10.0
#: Seconds between two looks for overdue sessions and silent feeds; one wall second at least.
LOOK_EVERY = 15.0


async def run_feeds(settings: Settings, sessions: Sessions, clock: Clock, stop: asyncio.Event) -> None:
    """Run every feed that has a port or a target until `stop` is set; then close the doors and write what was taken.

    A feed that fails is logged and started again; the others go on.
    """
    alarms, requests = alarm_buffer(sessions, clock, settings.max_text), session_buffer(sessions, clock)
    house = House(settings, sessions, clock, alarms, requests)
    jobs = feeds_of(house)
    await _expect(house, jobs)
    async with asyncio.TaskGroup() as group:
        writers = [group.create_task(alarms.run()), group.create_task(requests.run())]
        running = [group.create_task(_kept_up(job)) for job in jobs]
        running.append(group.create_task(_watched(sessions, clock, settings.clock_speed)))
        running.append(group.create_task(vitals.watch_for_ever(sessions, clock, grace_for(settings.clock_speed))))
        await stop.wait()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await _drained(alarms.drain(), requests.drain())
        for task in writers:
            task.cancel()
    log.info("feeds.stopped")


async def _expect(house: House, jobs: list[FeedJob]) -> None:
    """From now on these are expected, and no others: a feed that never starts is found silent too."""
    try:
        async with transaction(house.sessions) as session:
            sources = [(job.feed, job.source) for job in jobs]
            await forget_sources(session, OURS, sources, house.clock.now())
    except Exception as error:  # a database that does not answer keeps no door shut
        log.warning("feeds.not_forgotten", error=str(error)[:300])
    for job in jobs:
        await beat_once(house.sessions, house.clock, job.feed, job.source, job.every)


async def _kept_up(job: FeedJob) -> None:
    while True:
        try:
            await job.run()
        except Exception as error:
            log.error("feeds.failed", feed=job.feed.value, source=job.source, error=repr(error)[:300])
        await asyncio.sleep(RESTART_AFTER)


async def _drained(*drains: Awaitable[None]) -> None:
    try:
        await asyncio.wait_for(asyncio.gather(*drains), DRAIN)
    except TimeoutError:
        log.error("feeds.not_all_written", seconds=DRAIN)


async def _watched(sessions: Sessions, clock: Clock, clock_speed: float) -> None:
    """Look for overdue sessions and silent feeds; a look that fails is logged, and the next one tells."""
    listening, grace = Listening(clock.now()), grace_for(clock_speed)
    while True:
        await asyncio.sleep(max(1.0, clock.real(LOOK_EVERY)))
        try:
            overdue = await raise_overdue(sessions, clock.now(), listening, grace)
            async with transaction(sessions) as session:
                changes = await watch_feeds(session, clock.now())
        except Exception as error:
            log.error("feeds.failed", feed="watch", error=repr(error)[:300])
            continue
        if overdue or changes:
            log.info("feeds.watched", overdue_sessions=overdue, feeds_changed=len(changes))
