"""The processes of an installation, one module each with `run(settings, stop)`.

A module is imported by its own process alone: what one does not need, it does not load.
"""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module

from atlas.settings import Settings

Run = Callable[[Settings, asyncio.Event], Awaitable[None]]

NAMES = ("api", "worker", "stream", "gear")


class CannotStart(Exception):  # noqa: N818 - says what is the case
    """A process cannot start, now or on a second try; the message says what to change."""


def processes_of(settings: Settings) -> list[str]:
    """The processes this installation has: the simulated network only in the demo."""
    return [name for name in NAMES if name != "gear" or settings.demo]


def run_of(name: str) -> Run:
    """What a process runs until told to stop."""
    run: Run = import_module(f"api.processes.{name}").run
    return run


async def stopped(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for `seconds`, or less when told to stop; whether told to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
