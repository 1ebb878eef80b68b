"""What the API process holds while it serves: the store, the hub, and the parts that act and answer."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from agents.turns import Turns
from api.auth import signing_key
from api.compose import build_executor, open_turns
from api.hub import Hub
from api.metrics import Metrics
from api.store import Store, open_store
from api.visibility import Owners
from atlas.clock import Clock
from atlas.settings import Settings
from forge.drivers import NetworkDrivers
from forge.executor import Executor


@dataclass(slots=True)
class House:
    """One per application; routes get it through `api.deps`."""

    store: Store
    key: bytes
    metrics: Metrics
    hub: Hub
    owners: Owners
    executor: Executor
    turns: Turns

    @property
    def settings(self) -> Settings:
        """The settings everything here was built with."""
        return self.store.settings


@asynccontextmanager
async def open_house(settings: Settings, metrics: Metrics, clock: Clock | None = None) -> AsyncIterator[House]:
    """Put the parts of the API process together, and take them apart again in reverse."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings, clock))
        executor = build_executor(store, NetworkDrivers.build(settings))
        turns = await stack.enter_async_context(open_turns(store, executor))
        hub = Hub(store, metrics)
        await stack.enter_async_context(hub.running())
        yield House(store, signing_key(settings), metrics, hub, Owners(store.sessions), executor, turns)
