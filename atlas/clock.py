"""Time and ids come from here, so that a test can hold the one still and seed the other.

Time is UTC and aware. The demo's clock runs faster than the wall's, from an epoch that all processes
of one installation share, so that two processes never disagree on what time it is.
"""

import asyncio
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

Ids = Callable[[], uuid.UUID]


class Clock(Protocol):
    """What everything that needs the time takes as an argument."""

    def now(self) -> datetime:
        """The present moment, UTC and aware."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for a span of this clock's own seconds."""
        ...

    def real(self, seconds: float) -> float:
        """How many wall-clock seconds this clock needs for `seconds` of its own."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The wall's time, or a faster one: `speed` simulated seconds pass per second since `epoch`."""

    speed: float = 1.0
    epoch: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        wall = datetime.now(UTC)
        return wall if self.speed == 1.0 else self.epoch + (wall - self.epoch) * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(self.real(seconds))

    def real(self, seconds: float) -> float:
        return max(0.0, seconds) / self.speed


@dataclass(slots=True)
class FrozenClock:
    """A clock that stands still until it is moved, for tests and recordings; sleeping advances it."""

    at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)

    def real(self, seconds: float) -> float:  # noqa: ARG002 - a frozen clock never makes anyone wait
        return 0.0


def seeded_ids(seed: int) -> Ids:
    """Version-4 ids drawn from a seeded generator: the same run gives the same ids."""
    rng = random.Random(seed)  # noqa: S311 - reproducible by purpose, never a secret
    return lambda: uuid.UUID(int=rng.getrandbits(128), version=4)


def id_source(seed: int | None) -> Ids:
    """Random ids, or seeded ones when a seed is given."""
    return uuid.uuid4 if seed is None else seeded_ids(seed)
