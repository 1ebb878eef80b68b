"""The composition root: the parts that act and answer, put together alike in every process that has them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.checkpoints import open_checkpointer
from agents.graph import build_graph
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
    """The assistant of this process: graph, models and checkpoints; turns that still run at the end are awaited."""
    models = await asyncio.to_thread(make_models, store.settings)
    async with open_checkpointer(store.engine) as checkpointer:
        turns = Turns(
            engine=store.engine,
            graph=build_graph(models, all_tools(), executor, checkpointer, store.ids),
            clock=store.clock,
            ids=store.ids,
            worker=process_name(),
        )
        yield turns
        await turns.drain()
