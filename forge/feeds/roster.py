"""Which feeds a process runs, as its settings have them: each is one row, expected to beat, with what runs it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC

import structlog

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.network.enums import AlarmType, Feed
from atlas.settings import Settings
from forge.feeds.buffer import AlarmBuffer, Buffer
from forge.feeds.gnmi import watch_target
from forge.feeds.heartbeats import beat_interval, beat_once, keep_beating
from forge.feeds.poller import Poller, Target, asker, load_targets
from forge.feeds.radius_accounting import Accounted, accounting_server
from forge.feeds.standing import standing_alarms
from forge.feeds.syslog_server import syslog_server
from forge.feeds.traps import gate_for, trap_receiver

log = structlog.get_logger()

#: The feeds that run here; Alertmanager's beats by posts to the API.
OURS = (Feed.SYSLOG, Feed.SNMP_TRAP, Feed.RADIUS, Feed.POLLER, Feed.GNMI)

#: Opens a listening port while the block runs; gives the port.
Door = Callable[[], AbstractAsyncContextManager[int]]


@dataclass(frozen=True, slots=True)
class FeedJob:
    """A feed that beats as `source` every so many seconds of the clock, and runs until cancelled."""

    feed: Feed
    source: str
    every: float
    run: Callable[[], Awaitable[None]]


@dataclass
class House:
    """What the feeds of a process share. `names`: which device an address is, as the poller last read it."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    alarms: AlarmBuffer
    requests: Buffer[Accounted]
    names: dict[str, str] = field(default_factory=dict)


def feeds_of(house: House) -> list[FeedJob]:
    """Every feed that has a port or a target."""
    return [*_listeners(house), *_poller(house), *_streams(house)]


def _listeners(house: House) -> Iterator[FeedJob]:
    settings, clock, alarms, names = house.settings, house.clock, house.alarms, house.names
    host, secret = settings.feed_host, settings.radius_secret.get_secret_value().encode()
    gate = gate_for(settings)
    doors: tuple[tuple[Feed, int, Door], ...] = (
        (
            Feed.SYSLOG,
            settings.syslog_port,
            lambda: syslog_server(host, settings.syslog_port, alarms, clock, names, UTC),
        ),
        (
            Feed.SNMP_TRAP,
            settings.trap_port,
            lambda: trap_receiver(host, settings.trap_port, alarms, clock, gate, names),
        ),
        (
            Feed.RADIUS,
            settings.radius_port,
            lambda: accounting_server(host, settings.radius_port, secret, house.requests, alarms, clock),
        ),
    )
    for feed, port, door in doors:
        if port:
            yield _listener(house, feed, f"{host}:{port}", door)


def _listener(house: House, feed: Feed, source: str, door: Door) -> FeedJob:
    async def run() -> None:
        async with door() as port:
            log.info("feeds.listening", feed=feed.value, host=house.settings.feed_host, port=port)
            await keep_beating(house.sessions, house.clock, feed, source)

    return FeedJob(feed, source, beat_interval(house.clock), run)


def _poller(house: House) -> Iterator[FeedJob]:
    if house.settings.snmp_port:
        every = beat_interval(house.clock, house.settings.poll_interval)
        yield FeedJob(Feed.POLLER, "devices", every, lambda: _poll_for_ever(house, every))


async def _poll_for_ever(house: House, every: float) -> None:
    settings, clock, loop = house.settings, house.clock, asyncio.get_running_loop()
    async with asker() as ask:
        poller = Poller(ask, house.alarms, clock)
        while True:
            ends = loop.time() + clock.real(settings.poll_interval)
            async with transaction(house.sessions) as session:
                targets = await load_targets(session, settings)
                standing = await standing_alarms(session, AlarmType.UNREACHABLE, AlarmType.RESTARTED)
            house.names.update(_names(targets))
            await beat_once(house.sessions, clock, Feed.POLLER, "devices", every)
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


def _streams(house: House) -> Iterator[FeedJob]:
    """One per gNMI target: each device is a source of its own, whose silence is its own."""
    every = beat_interval(house.clock)
    for target in house.settings.gnmi_targets:
        yield FeedJob(
            Feed.GNMI,
            target.name,
            every,
            lambda target=target: watch_target(target, house.sessions, house.alarms, house.clock, every),  # type: ignore[misc]
        )
