"""The composition root: the parts that act and answer, put together alike in every process that has them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.assistant import open_assistant
from agents.llm import make_models
from agents.turns import Turns
from api.store import Store
from forge.drivers import NetworkDrivers
from forge.executor import Executor
from forge.runtime import process_name
from policies.gate import Gate
from tools.registry import all_tools


def build_executor(store: Store, drivers: NetworkDrivers) -> Executor:
    """The one way to an effect, with every rule checked. RuleError or TypeError when one is amiss."""
    tools = all_tools()
    return Executor(
        settings=store.settings,
        engine=store.engine,
        gate=Gate.load(tools.values()),
        tools=tools,
        clock=store.clock,
        ids=store.ids,
        drivers=drivers,
    )


@asynccontextmanager
async def open_turns(store: Store, executor: Executor) -> AsyncIterator[Turns]:
    """The assistant of this process; turns that still run at the end are awaited."""
    models = await asyncio.to_thread(make_models, store.settings)
    async with open_assistant(
        settings=store.settings,
        engine=store.engine,
        executor=executor,
        tools=all_tools(),
        clock=store.clock,
        ids=store.ids,
        models=models,
        worker=process_name(),
    ) as turns:
        yield turns
