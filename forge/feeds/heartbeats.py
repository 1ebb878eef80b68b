"""Expected but absent is evidence: each feed says that it works, and a watcher says when one stops saying so."""

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.network.enums import AlarmType, EventType, Feed, Severity
from atlas.network.ingest import beat, record_alarms
from atlas.network.models import FeedHeartbeat
from atlas.network.schemas import Alarm
from forge.feeds.standing import standing_alarms

log = structlog.get_logger()

#: A feed, and which of its senders or doors it is.
Source = tuple[Feed, str]

#: Seconds between two beats of a listening feed, at least; and wall seconds, however fast the clock runs.
EVERY = 60.0
EVERY_REAL = 10.0
#: Beats that may be missed before a feed counts as silent.
MISSED = 3.0


def beat_interval(clock: Clock, wanted: float = EVERY) -> float:
    """Seconds of this clock between two beats: a busy process must not look dead because the clock runs fast."""
    real = clock.real(1.0)
    return max(wanted, EVERY_REAL / real) if real else wanted


async def beat_once(sessions: Sessions, clock: Clock, feed: Feed, source: str, every: float) -> None:
    """One beat, committed. A database that does not answer is logged: the next beat will tell."""
    try:
        async with transaction(sessions) as session:
            await beat(session, feed, source, clock.now(), every)
    except Exception as error:
        log.warning("feeds.beat_failed", feed=feed.value, error=str(error)[:300])


async def keep_beating(sessions: Sessions, clock: Clock, feed: Feed, source: str) -> None:
    """Beat until cancelled."""
    every = beat_interval(clock)
    while True:
        await beat_once(sessions, clock, feed, source, every)
        await clock.sleep(every)


async def watch_feeds(session: AsyncSession, now: datetime) -> list[Alarm]:
    """Raise and clear `feed-silent` as heartbeats stop and come back; the changes, already recorded."""
    standing = await standing_alarms(session, AlarmType.FEED_SILENT)
    rows = await session.execute(
        select(FeedHeartbeat.feed, FeedHeartbeat.source, FeedHeartbeat.last_at, FeedHeartbeat.every_seconds)
    )
    changes = []
    for feed, source, last_at, every in rows:
        is_silent = (now - last_at).total_seconds() > MISSED * every
        is_raised = (f"feed/{feed}", AlarmType.FEED_SILENT, source) in standing
        if is_silent != is_raised:
            changes.append(_alarm(feed, source, last_at, now, is_cleared=is_raised))
    await record_alarms(session, changes, now)
    return changes


async def forget_sources(
    session: AsyncSession, feeds: Collection[Feed], kept: Collection[Source], now: datetime
) -> None:
    """Expect no more of these feeds' sources but those kept: a device that is gone from the settings is not silent."""
    standing = await standing_alarms(session, AlarmType.FEED_SILENT)
    rows = await session.scalars(select(FeedHeartbeat).where(FeedHeartbeat.feed.in_([feed.value for feed in feeds])))
    gone = [row for row in rows if (row.feed, row.source) not in {(feed.value, source) for feed, source in kept}]
    clears = [
        _alarm(row.feed, row.source, row.last_at, now, is_cleared=True).model_copy(
            update={"text": "No longer expected."}
        )
        for row in gone
        if (f"feed/{row.feed}", AlarmType.FEED_SILENT, row.source) in standing
    ]
    for row in gone:
        await session.delete(row)
    await record_alarms(session, clears, now)


def _alarm(feed: str, source: str, last_at: datetime, now: datetime, is_cleared: bool) -> Alarm:
    return Alarm(
        resource=f"feed/{feed}",
        alarm_type=AlarmType.FEED_SILENT,
        qualifier=source,
        severity=Severity.MAJOR,
        is_cleared=is_cleared,
        event_type=EventType.PROCESSING,
        probable_cause="softwareError",
        event_time=now,
        text="Works again." if is_cleared else f"No sign of life since {last_at:%Y-%m-%d %H:%M:%S} UTC.",
        feed=Feed.INTERNAL,
    )
