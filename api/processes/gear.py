"""The demo's simulated network: devices that answer, complain and fall silent."""

import asyncio
from typing import Any

import httpx

from api.auth import issue, signing_key
from api.store import open_store
from atlas.demo.gear import run_gear
from atlas.settings import Settings


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Be the network until told to stop, on the clock of the other processes; its exporters post to the API."""
    token = issue(signing_key(settings), "exporter", "noc", demo=True)
    url = f"http://{settings.host}:{settings.port}"
    async with (
        open_store(settings) as store,
        httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=5) as client,
    ):

        async def post(measured: list[dict[str, Any]]) -> None:
            (await client.post("/measurements", json=measured)).raise_for_status()

        await run_gear(settings, store.clock, stop, post)
