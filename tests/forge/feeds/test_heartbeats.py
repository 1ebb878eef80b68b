"""A feed that stops saying it works is found silent, once, and cleared when it is back."""

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock, SystemClock
from atlas.network.enums import AlarmType, Feed
from atlas.network.ingest import beat
from forge.feeds.heartbeats import beat_interval, forget_sources, watch_feeds
from forge.feeds.standing import standing_alarms


async def test_silence_is_raised_once_and_cleared_on_return(session: AsyncSession, clock: FrozenClock) -> None:
    await beat(session, Feed.SYSLOG, "0.0.0.0:514", clock.now(), every=60)
    await beat(session, Feed.POLLER, "devices", clock.now(), every=300)
    clock.advance(150)
    assert await watch_feeds(session, clock.now()) == []
    clock.advance(60)
    [raised] = await watch_feeds(session, clock.now())
    assert (raised.resource, raised.qualifier, raised.is_cleared) == ("feed/syslog", "0.0.0.0:514", False)
    assert await watch_feeds(session, clock.now()) == []

    await beat(session, Feed.SYSLOG, "0.0.0.0:514", clock.now(), every=60)
    clock.advance(1)
    [cleared] = await watch_feeds(session, clock.now())
    assert (cleared.qualifier, cleared.is_cleared) == ("0.0.0.0:514", True)


async def test_a_source_that_is_expected_no_more_is_not_silent(session: AsyncSession, clock: FrozenClock) -> None:
    for feed, source in ((Feed.GNMI, "z3-agg-1"), (Feed.GNMI, "z3-agg-2"), (Feed.ALERTMANAGER, "http://am")):
        await beat(session, feed, source, clock.now(), every=60)
    clock.advance(600)
    assert len(await watch_feeds(session, clock.now())) == 3
    await forget_sources(session, [Feed.GNMI], [(Feed.GNMI, "z3-agg-1")], clock.now())
    still = await standing_alarms(session, AlarmType.FEED_SILENT)
    assert {source for _, _, source in still} == {"z3-agg-1", "http://am"}
    clock.advance(600)
    assert await watch_feeds(session, clock.now()) == []


def test_beats_are_ten_wall_seconds_apart_however_fast_the_clock() -> None:
    assert beat_interval(SystemClock()) == 60
    assert beat_interval(SystemClock(speed=60)) == 600
