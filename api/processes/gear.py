"""The demo's simulated network: devices that answer, complain and fall silent."""

import asyncio

from api.store import open_store
from atlas.demo.gear import run_gear
from atlas.settings import Settings


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Be the network until told to stop, on the clock of the other processes."""
    async with open_store(settings) as store:
        await run_gear(settings, store.clock, stop)
