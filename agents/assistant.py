"""The assistant of one process: models, graph, checkpoints and turns, put together."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from agents.checkpoints import open_checkpointer
from agents.graph import build_graph
from agents.llm import Models, make_models
from agents.toolbox import Proposes, Tools
from agents.turns import Turns
from atlas.clock import Clock, Ids
from atlas.settings import Settings


@asynccontextmanager
async def open_assistant(
    *,
    settings: Settings,
    engine: AsyncEngine,
    executor: Proposes,
    tools: Tools,
    clock: Clock,
    ids: Ids,
    models: Models | None = None,
    worker: str | None = None,
    lease_seconds: float = 30.0,
) -> AsyncIterator[Turns]:
    """Turns ready to run. `models` are those of the settings unless given; `worker` names this process."""
    async with open_checkpointer(engine) as checkpointer:
        graph = build_graph(models or make_models(settings), tools, executor, checkpointer, ids)
        turns = Turns(
            engine=engine,
            graph=graph,
            clock=clock,
            ids=ids,
            worker=worker or f"{os.uname().nodename}:{os.getpid()}",
            lease_seconds=lease_seconds,
        )
        yield turns
        await turns.drain()
