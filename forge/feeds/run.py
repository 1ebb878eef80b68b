"""All feeds of one process, started and stopped together."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC

import structlog

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.network.enums import AlarmType, Feed
from atlas.settings import Settings
from forge.feeds import vitals
from forge.feeds.buffer import AlarmBuffer, alarm_buffer
from forge.feeds.heartbeats import beat_interval, beat_once, keep_beating, watch_feeds
from forge.feeds.poller import Poller, Target, asker, load_targets
from forge.feeds.radius_accounting import Listening, accounting_server, grace_for, raise_overdue, session_buffer
from forge.feeds.standing import standing_alarms
from forge.feeds.syslog_server import syslog_server
from forge.feeds.traps import trap_receiver

log = structlog.get_logger()

#: Wall seconds between two tries to start a feed that failed.
RESTART_AFTER = 5.0
#: Wall seconds in which the buffers must be written when the process stops.
DRAIN = 10.0
#: Seconds between two looks for overdue sessions and silent feeds; one wall second at least.
LOOK_EVERY = 15.0

Job = Callable[[], Awaitable[None]]


async def run_feeds(settings: Settings, sessions: Sessions, clock: Clock, stop: asyncio.Event) -> None:
    """Run every feed that has a port until `stop` is set; then close the doors and write what was taken.

    A feed that fails is logged and started again; the others go on.
    """
    alarms = alarm_buffer(sessions, clock, settings.max_text)
    requests = session_buffer(sessions, clock)
    names: dict[str, str] = {}
    host, secret = settings.feed_host, settings.radius_secret.get_secret_value().encode()
    community = settings.snmp_community.get_secret_value()

    async def syslog() -> None:
        async with syslog_server(host, settings.syslog_port, alarms, clock, names, UTC) as port:
            log.info("feeds.listening", feed="syslog", host=host, port=port)
            await keep_beating(sessions, clock, Feed.SYSLOG, f"{host}:{settings.syslog_port}")

    async def traps() -> None:
        async with trap_receiver(host, settings.trap_port, alarms, clock, community, names) as port:
            log.info("feeds.listening", feed="snmp-trap", host=host, port=port)
            await keep_beating(sessions, clock, Feed.SNMP_TRAP, f"{host}:{settings.trap_port}")

    async def radius() -> None:
        async with accounting_server(host, settings.radius_port, secret, requests, alarms, clock) as port:
            log.info("feeds.listening", feed="radius", host=host, port=port)
            await keep_beating(sessions, clock, Feed.RADIUS, f"{host}:{settings.radius_port}")

    async def poll() -> None:
        await _poll_for_ever(settings, sessions, clock, alarms, names)

    async def watch() -> None:
        await _watch_for_ever(sessions, clock, settings.clock_speed)

    async def watch_vitals() -> None:
        await vitals.watch_for_ever(sessions, clock, grace_for(settings.clock_speed))

    every, every_poll = beat_interval(clock), beat_interval(clock, settings.poll_interval)
    listeners = {
        (Feed.SYSLOG, f"{host}:{settings.syslog_port}"): (syslog, settings.syslog_port, every),
        (Feed.SNMP_TRAP, f"{host}:{settings.trap_port}"): (traps, settings.trap_port, every),
        (Feed.RADIUS, f"{host}:{settings.radius_port}"): (radius, settings.radius_port, every),
        (Feed.POLLER, "devices"): (poll, settings.snmp_port, every_poll),
    }
    jobs: list[tuple[str, Job]] = [("watch", watch), ("vitals", watch_vitals)]
    for (feed, source), (job, port, beats) in listeners.items():
        if port:  # expected from now on: a feed that never starts is found silent too
            await beat_once(sessions, clock, feed, source, beats)
            jobs.append((feed.value, job))

    async with asyncio.TaskGroup() as group:
        writers = [group.create_task(alarms.run()), group.create_task(requests.run())]
        running = [group.create_task(_kept_up(name, job)) for name, job in jobs]
        await stop.wait()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await _drained(alarms.drain(), requests.drain())
        for task in writers:
            task.cancel()
    log.info("feeds.stopped")


async def _kept_up(name: str, job: Job) -> None:
    while True:
        try:
            await job()
        except Exception as error:
            log.error("feeds.failed", feed=name, error=repr(error)[:300])
        await asyncio.sleep(RESTART_AFTER)


async def _drained(*drains: Awaitable[None]) -> None:
    try:
        await asyncio.wait_for(asyncio.gather(*drains), DRAIN)
    except TimeoutError:
        log.error("feeds.not_all_written", seconds=DRAIN)


async def _poll_for_ever(
    settings: Settings, sessions: Sessions, clock: Clock, alarms: AlarmBuffer, names: dict[str, str]
) -> None:
    loop = asyncio.get_running_loop()
    every = beat_interval(clock, settings.poll_interval)
    async with asker() as ask:
        poller = Poller(ask, alarms, clock)
        while True:
            ends = loop.time() + clock.real(settings.poll_interval)
            async with transaction(sessions) as session:
                targets = await load_targets(session, settings)
                standing = await standing_alarms(session, AlarmType.UNREACHABLE, AlarmType.RESTARTED)
            names.update(_names(targets))
            await beat_once(sessions, clock, Feed.POLLER, "devices", every)
            await poller.poll_round(targets, standing, settings.poll_interval)
            await asyncio.sleep(max(0.01, ends - loop.time()))


def _names(targets: list[Target]) -> dict[str, str]:
    """Which device an address is; an address that several share names none."""
    found: dict[str, str] = {}
    shared = set()
    for target in targets:
        if target.address in found:
            shared.add(target.address)
        found[target.address] = target.name
    return {address: name for address, name in found.items() if address not in shared}


async def _watch_for_ever(sessions: Sessions, clock: Clock, clock_speed: float) -> None:
    listening, grace = Listening(clock.now()), grace_for(clock_speed)
    while True:
        await asyncio.sleep(max(1.0, clock.real(LOOK_EVERY)))
        overdue = await raise_overdue(sessions, clock.now(), listening, grace)
        async with transaction(sessions) as session:
            changes = await watch_feeds(session, clock.now())
        if overdue or changes:
            log.info("feeds.watched", overdue_sessions=overdue, feeds_changed=len(changes))
