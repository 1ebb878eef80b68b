"""A worker in a process of its own, for tests that kill it: all that the worker process runs but the assistant.

The network and the carrier are outside parties, so they are played: devices answer from a table, and the
carrier keeps a file in which a message handed over twice stands twice.
"""

import asyncio
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from atlas.clock import Clock, Ids, id_source
from atlas.db import make_engine, make_sessions
from atlas.itsm import incidents
from atlas.settings import Settings
from channels.base import ChannelAdapter, OutboundMessage, Receipt
from channels.registry import FORMATS, adapters
from forge import runtime, sagas
from forge.drivers import NetworkDrivers
from forge.drivers.snmp import SnmpDriver
from forge.executor import Executor
from forge.relay import relay_outcomes
from forge.sagas import fault_response
from policies.gate import Gate
from tests.forge.sagas import deaths
from tools.registry import all_tools

TODAYS_CLOSE = fault_response.close


@dataclass(frozen=True)
class Plan:
    """What a worker is given. What it keeps on file is in `folder`; its waits are `speed` times shorter."""

    url: str
    folder: Path
    speed: float = 600.0
    silent: frozenset[str] = frozenset()
    carrier: str = "outbox"
    """outbox | tells | cannot_tell: the house's own, or one with a file that can or can't be asked."""
    dies: str = ""
    """Where: never, at every point (`*`), or at the points whose names start so."""
    hand_over_takes: float = 0.0
    unreachable: int = 0
    """How often the network fails altogether before it can be asked."""
    on_call: str = ""
    edited: bool = False
    """The code was changed since: closing an incident says more than it did."""


class StoryClock:
    """Time stands still until the test moves it, for all processes at once; waits are over soon."""

    def __init__(self, plan: Plan) -> None:
        self.file, self.speed = plan.folder / "now", plan.speed

    def now(self) -> datetime:
        return datetime.fromisoformat(self.file.read_text())

    def move(self, to: datetime) -> None:
        """Set the time, in one piece for whoever reads it."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(to.isoformat())
        draft.replace(self.file)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(self.real(seconds))

    def real(self, seconds: float) -> float:
        return seconds / self.speed


@dataclass
class Table:
    """Devices that answer, all but the silent ones."""

    silent: frozenset[str]
    unreachable: int = 0

    async def answering(self, devices: Iterable[tuple[str, str]], within: float = 0.7) -> dict[str, bool]:
        if self.unreachable:
            self.unreachable -= 1
            raise OSError("no route to the management network")
        return {name: name not in self.silent for name, _ in devices}


@dataclass
class Carrier:
    """A channel that takes whatever it is given, as often as it is given; its file outlives any process."""

    name: str
    plan: Plan
    clock: Clock
    max_length: int = 1000

    @property
    def file(self) -> Path:
        return self.plan.folder / "taken"

    async def hand_over(self, message: OutboundMessage) -> Receipt:
        deaths.reach_nth("hand_over", "about to take message")
        await asyncio.sleep(self.plan.hand_over_takes)
        with self.file.open("a") as file:
            file.write(f"{message.key} {message.address}\n")
        deaths.reach_nth("hand_over", "took message")
        return Receipt(message.key, f"ref-{message.key[:8]}", self.clock.now())

    async def find(self, key: str) -> Receipt | None:
        if self.plan.carrier == "cannot_tell":
            raise ConnectionError("this carrier cannot be asked")
        taken = self.file.exists() and any(line.startswith(key) for line in self.file.read_text().splitlines())
        return Receipt(key, f"ref-{key[:8]}", self.clock.now()) if taken else None


def executor_of(plan: Plan, engine: AsyncEngine, clock: Clock, ids: Ids) -> Executor:
    """An executor with the real tools and the real rules."""
    tools = all_tools()
    settings = Settings(home=plan.folder, database_url=plan.url, on_call=plan.on_call)
    return Executor(settings=settings, engine=engine, gate=Gate.load(tools.values()), tools=tools, clock=clock, ids=ids)


async def close_and_thank(session: AsyncSession, incident: int) -> bool:
    """What `close` does in tomorrow's release."""
    await incidents.note(session, incident, "Thank you for your patience.", runtime.current().clock.now(), public=True)
    return await TODAYS_CLOSE(session, incident)


close_and_thank.__name__ = "close"


def live(plan: Plan) -> None:
    """Be a worker until killed; says which slot it holds in a file named after its pid."""
    asyncio.run(_live(plan))


async def _live(plan: Plan) -> None:
    engine, clock, ids = make_engine(plan.url), StoryClock(plan), id_source(None)
    sessions = make_sessions(engine)
    settings = Settings(home=plan.folder, database_url=plan.url, on_call=plan.on_call)
    executor = executor_of(plan, engine, clock, ids)
    channels: dict[str, ChannelAdapter] = adapters(settings, sessions, clock)
    if plan.carrier != "outbox":
        channels = {each.name: Carrier(each.name, plan, clock) for each in FORMATS}
    sagas.register()
    if plan.edited:
        fault_response.close = close_and_thank
    deaths.prepare(engine, plan.folder / "deaths", plan.dies)
    slot, executor_id = await asyncio.to_thread(runtime.hold_slot, plan.url)
    with slot:
        await runtime.launch(
            url=plan.url,
            settings=settings,
            engine=engine,
            sessions=sessions,
            clock=clock,
            ids=ids,
            executor=executor,
            channels=channels,
            drivers=NetworkDrivers(cast(SnmpDriver, Table(plan.silent, plan.unreachable))),
            executor_id=executor_id,
        )
        (plan.folder / f"slot-{os.getpid()}").write_text(executor_id)
        while True:
            await relay_outcomes(sessions, clock, ids)
            await executor.execute_approved()
            await asyncio.sleep(0.5)
