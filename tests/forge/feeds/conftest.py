"""A buffer that keeps what it is given in a list, for doors that are tested without a database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from atlas.clock import FrozenClock
from atlas.network.schemas import Alarm, DeadLetter
from forge.feeds.buffer import AlarmBuffer, Buffer, Item


@dataclass
class Caught:
    """What a feed took in."""

    buffer: AlarmBuffer
    items: list[Item] = field(default_factory=list)

    @property
    def alarms(self) -> list[Alarm]:
        return [item for item in self.items if isinstance(item, Alarm)]

    @property
    def letters(self) -> list[DeadLetter]:
        return [item for item in self.items if isinstance(item, DeadLetter)]

    async def wait_for(self, number: int) -> None:
        """Wait until so many items came; the test's own time limit is 10 s."""
        async with asyncio.timeout(10):
            while len(self.items) < number:
                await asyncio.sleep(0.005)
        await self.buffer.drain()


@pytest.fixture
async def caught(clock: FrozenClock) -> AsyncIterator[Caught]:
    items: list[Item] = []

    async def keep(batch: Sequence[Item], at: datetime) -> None:
        items.extend(batch)

    buffer: AlarmBuffer = Buffer("test", keep, keep, clock, every=0.001)
    task = asyncio.create_task(buffer.run())
    yield Caught(buffer, items)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
