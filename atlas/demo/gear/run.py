"""The simulated network's process: it follows the demo's faults, answers polls, speaks and accounts."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any, cast

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events, server
from atlas.clock import Clock
from atlas.db import Sessions, make_engine, make_sessions
from atlas.demo.breaks import POLLER
from atlas.demo.gear import modes, power
from atlas.demo.gear.agent import Agents
from atlas.demo.gear.mouth import Mouth
from atlas.demo.gear.nas import Accounting, load_lines
from atlas.demo.gear.storm import storm
from atlas.demo.gear.vitals import EVERY, Exporters, Post, broken
from atlas.demo.gear.world import Reach, World, load_world
from atlas.demo.models import DemoFault
from atlas.demo.vitals import load_cast, remember
from atlas.settings import Settings

log = structlog.get_logger()

#: Wall seconds between two looks at which interims are due.
TICK = 0.05
#: Packets sent at most in one look: three times the steady load, and this many in any case.
BURST = 75
#: Sockets the BNGs account from: each has 256 identifiers for packets that wait for an answer.
NAS_SOCKETS = 8


async def run_gear(settings: Settings, clock: Clock, stop: asyncio.Event, post: Post | None = None) -> None:
    """Be the network until `stop` is set: polls on `snmp_port`, syslog, traps and accounting to the feeds' ports.

    `post` hands over what the exporters measure; none are there without it.
    """
    url = await asyncio.to_thread(server.database_url, settings)
    engine = make_engine(url, pool_size=2)
    sessions = make_sessions(engine)
    try:
        async with AsyncExitStack() as stack:
            gear = await Gear.start(settings, clock, sessions, stack, post)
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(gear.mouth.run()),
                    group.create_task(gear.account()),
                    group.create_task(gear.drain()),
                    group.create_task(gear.follow(events.follow(engine, sessions, gear.cursor, kinds=["demo.*"]))),
                ]
                if post is not None:
                    tasks.append(group.create_task(gear.export()))
                await stop.wait()
                for task in tasks:
                    task.cancel()
    finally:
        await engine.dispose()


class Gear:
    """The network's state, and the parts that show it to the world."""

    def __init__(
        self,
        world: World,
        reach: Reach,
        clock: Clock,
        sessions: Sessions,
        cursor: events.Cursor,
        faults: dict[str, datetime],
    ) -> None:
        self.world, self.reach, self.clock, self.sessions, self.cursor = world, reach, clock, sessions, cursor
        self.faults, self.phases = faults, power.phases(world, faults, clock.now())
        self._changed = asyncio.Event()
        self.agents: Agents
        self.mouth: Mouth
        self.accounting: Accounting
        self.exporters: Exporters
        self._flushes: set[asyncio.Task[None]] = set()

    @classmethod
    async def start(
        cls, settings: Settings, clock: Clock, sessions: Sessions, stack: AsyncExitStack, post: Post | None = None
    ) -> "Gear":
        """Read the network and the faults that stand; open the sockets."""
        async with sessions() as session:
            cursor = await events.latest(session)
            world = await load_world(session)
            faults = await standing_faults(session)
            failed = power.dead(world, faults, clock.now())
            reach = world.reach(failed)
            lines = await load_lines(session, world)
            who = await load_cast(session)
            if post is not None:
                await remember(session, who, clock.now())
                await session.commit()
        gear = cls(world, reach, clock, sessions, cursor, faults)
        community, host = settings.snmp_community.get_secret_value(), settings.feed_host
        gear.agents = Agents(world, reach, clock, community)
        await stack.enter_async_context(_listening(gear.agents, settings.snmp_port))
        to_syslog = await stack.enter_async_context(_sender(host, settings.syslog_port))
        to_traps = await stack.enter_async_context(_sender(host, settings.trap_port))
        gear.mouth = Mouth(world, reach, clock, community, to_syslog.send, to_traps.send)
        nases = [await stack.enter_async_context(_sender(host, settings.radius_port)) for _ in range(NAS_SOCKETS)]
        secret = settings.radius_secret.get_secret_value().encode()
        gear.accounting = Accounting(lines, reach, secret, lambda n, data: nases[n].send(data), NAS_SOCKETS)
        for number, nas in enumerate(nases):
            nas.heard = partial(gear.accounting.answered, number)
        gear.exporters = Exporters(who, post or _nowhere)
        gear.break_services(failed)
        log.info("gear.up", nodes=len(world.nodes), lines=len(lines), cut_off=reach.up.count(0))
        return gear

    async def account(self) -> None:
        """Send interims as they fall due, until cancelled; what fell due before it ran is caught up with in bursts."""
        steady = self.accounting.steady() * TICK / max(1e-9, self.clock.real(1.0))
        limit = max(BURST, round(3 * steady))
        while True:
            self.accounting.tick(self.clock.now().timestamp(), time.monotonic(), limit)
            await asyncio.sleep(TICK)

    async def follow(self, happenings: AsyncIterator[events.Happened]) -> None:
        """Let the network change as people cut and repair it, until cancelled."""
        async for event in happenings:
            if event.kind in {"demo.cut", "demo.repair"}:
                await self.look()

    async def export(self) -> None:
        """Post what the exporters measure, until cancelled. A door that is shut is tried again the next minute."""
        while True:
            await self.clock.sleep(EVERY)
            try:
                await self.exporters.post(self.exporters.measure(self.clock.now()))
            except Exception as error:
                log.info("gear.not_posted", error=str(error)[:200])

    def break_services(self, failed: set[str]) -> None:
        """Let servers, BNGs and the poller's way fail as people want it."""
        who = self.exporters.cast
        now = self.exporters.broken = broken(failed, who, self.world, self.reach, self.accounting.lines)
        self.agents.is_unheard = POLLER in failed
        silent = set(who.bngs) if now.all_of(who.radius) else set(who.bngs) & now.names - now.cut_off
        self.accounting.unheard = frozenset(self.world.by_name[name] for name in silent if name in self.world.by_name)

    async def look(self) -> None:
        """Compare the faults that stand with what we knew, and let everyone concerned speak."""
        async with self.sessions() as session:
            faults = await standing_faults(session)
        before, now = self.reach, self.clock.now()
        failed = power.dead(self.world, faults, now)
        after = self.world.reach(failed)
        self.reach = self.agents.reach = self.mouth.reach = after
        self.mouth.plan(storm(self.world, before, after), now)
        self._say_what_kills_nothing(faults, now)
        self.accounting.change(after, now.timestamp())
        self.break_services(failed)
        back = [node for node, is_up in enumerate(after.up) if is_up and not before.up[node]]
        self.agents.restart(before.dead_nodes - after.dead_nodes, now)
        self._flush(self.mouth.release(back))
        log.info("gear.changed", faults=sorted(failed), cut_off=after.up.count(0))

    def _say_what_kills_nothing(self, faults: dict[str, datetime], now: datetime) -> None:
        """Power that fails and batteries that drain; noise, rain, a rogue ONT."""
        phases = power.phases(self.world, faults, now)
        self.mouth.plan(power.voices(self.world, self.phases, phases), now)
        self.mouth.plan(modes.voices(self.world, self.faults, faults), now)
        self.faults, self.phases = faults, phases
        self._changed.set()

    async def drain(self) -> None:
        """Look again whenever a battery has become low or empty, until cancelled."""
        while True:
            self._changed.clear()
            due = power.next_turn(self.world, self.faults, now := self.clock.now())
            wait = None if due is None else self.clock.real((due - now).total_seconds()) + TICK
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                await self.look()

    def _flush(self, lines: list[bytes]) -> None:
        if lines:
            task = asyncio.create_task(self.mouth.flush(lines))
            self._flushes.add(task)
            task.add_done_callback(self._flushes.discard)


async def _nowhere(measured: list[dict[str, Any]]) -> None:
    """Nobody takes measurements."""


async def standing_faults(session: AsyncSession) -> dict[str, datetime]:
    """Element keys of every fault that is not repaired, and since when it stands."""
    query = select(DemoFault.element, DemoFault.cut_at).where(DemoFault.repaired_at.is_(None))
    return {row.element: row.cut_at for row in await session.execute(query)}


class _Sender(asyncio.DatagramProtocol):
    """A socket towards one port of the feeds; nothing is sent where the port is 0. `heard` takes what comes back."""

    def __init__(self) -> None:
        self.transport: asyncio.DatagramTransport | None = None
        self.heard: Callable[[bytes], object] = len

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def send(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.sendto(data)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        self.heard(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there yet; UDP is sent all the same."""


@asynccontextmanager
async def _sender(host: str, port: int) -> AsyncIterator[_Sender]:
    if not port:
        yield _Sender()
        return
    loop = asyncio.get_running_loop()
    transport, sender = await loop.create_datagram_endpoint(_Sender, remote_addr=(host, port))
    try:
        yield sender
    finally:
        transport.close()


@asynccontextmanager
async def _listening(agents: Agents, port: int) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: agents, local_addr=("127.0.0.1", port))
    try:
        yield int(transport.get_extra_info("sockname")[1])
    finally:
        transport.close()
