"""How long one turn takes with the embedded model, and how much of it is not the model.

`python -m benchmarks.agent_turn [turns]`. A turn is the whole of it: the message stored, the turn leased, the graph
run with its checkpoints, the tools called through the gate, the answer stored, on the embedded server, in a demo
ISP of 2,000 lines made for this and dropped after. Each kind of turn is said in conversations of three messages.
"""

import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.assistant import open_assistant
from agents.llm import Models, Said, make_models
from agents.llm.nlu import AUDIENCES, load_nlu, read_utterances, train
from agents.turns import Turns
from atlas import db, migrate, server
from atlas.clock import SystemClock
from atlas.db import Sessions, transaction
from atlas.demo import load
from atlas.helpdesk import service as helpdesk
from atlas.settings import Settings
from benchmarks.figures import Figure, percentile, show
from benchmarks.gate_decision import INCIDENT, LINES, SUBSCRIBERS
from forge.executor import Executor
from policies.gate import Gate
from tools.registry import all_tools

CUT_OFF = "SELECT s.id, s.number FROM incident_line l JOIN subscriber s ON s.id = l.subscriber_id LIMIT 1"
KINDS = {
    "a greeting, no tool": ("noc", "hello"),
    "a subscriber's outage, one tool": ("subscriber", "hi my internet is not working"),
    "what is down, two tools one after the other": ("noc", "what is down and who is affected?"),
}
A_THREAD = 3


class Timed(Models):
    """Models that note how long they take."""

    seconds = 0.0

    async def respond(self, **request: Any) -> Said:
        start = time.perf_counter()
        said = await super().respond(**request)
        self.seconds += time.perf_counter() - start
        return said


async def measure(turns: Turns, sessions: Sessions, models: Timed, kind: str, count: int) -> list[Figure]:
    """What `count` turns of one kind took."""
    role, words = KINDS[kind]
    whole, beside = [], []
    for number in range(count):
        if number % A_THREAD == 0:
            conversation = await meet(sessions, role)
        models.seconds, start = 0.0, time.perf_counter()
        async with transaction(sessions) as session:
            message = await helpdesk.receive(
                session,
                conversation,
                text=words,
                channel="bench",
                channel_message_id=None,
                now=SystemClock().now(),
                ids=uuid.uuid4,
                hold_seconds=30,
            )
        async for _ in turns.answer(message):
            pass
        took = time.perf_counter() - start
        whole.append(took)
        beside.append(took - models.seconds)
    return figures_of(kind, whole) + figures_of("  of it without the model", beside)


async def meet(sessions: Sessions, role: str) -> Any:
    """A conversation with an engineer, or with a subscriber whom the incident cuts off."""
    async with transaction(sessions) as session:
        row = (await session.execute(text(CUT_OFF))).one()
        who = (row.id, row.number) if role == "subscriber" else (None, "alice")
        return await helpdesk.open_conversation(
            session,
            principal_kind="staff" if who[0] is None else "subscriber",
            principal_id=who[1],
            role=role,
            subscriber_id=who[0],
            verified="token",
            channel="bench",
            now=SystemClock().now(),
            ids=uuid.uuid4,
        )


def figures_of(what: str, seconds: list[float]) -> list[Figure]:
    """Median and 95th percentile."""
    return [Figure(f"{what}, p{n}", percentile(seconds, n) * 1e3, "ms") for n in (50, 95)]


def measure_understanding(settings: Settings, count: int) -> list[Figure]:
    """What training, reading back and understanding take."""
    start = time.perf_counter()
    for audience in AUDIENCES:
        train(read_utterances(audience))
    figures = [Figure("training, both audiences", (time.perf_counter() - start) * 1e3, "ms")]
    load_nlu(settings.home / "models")
    load_nlu.cache_clear()
    start = time.perf_counter()
    nlu = load_nlu(settings.home / "models")
    figures.append(Figure("reading it back", (time.perf_counter() - start) * 1e3, "ms"))
    taken = []
    for _ in range(count):
        start = time.perf_counter()
        nlu.understand("what is down in zone 3 and who is affected?", "noc")
        taken.append(time.perf_counter() - start)
    return figures + figures_of("understanding one sentence", taken)


@asynccontextmanager
async def demo_isp(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """An engine on a demo ISP with one incident, dropped after."""
    name, url = f"bench_{uuid.uuid4().hex[:8]}", server.server_url(settings)
    server.create_database(url, name)
    own = server.with_database(url, name)
    migrate.upgrade(own)
    load.load(own, subscribers=2_000, seed=1)
    engine = db.make_engine(own)
    async with engine.begin() as connection:
        await connection.execute(INCIDENT, {"people": SUBSCRIBERS})
        await connection.execute(LINES, {"people": SUBSCRIBERS})
    try:
        yield engine
    finally:
        await engine.dispose()
        server.drop_database(url, name)


async def main(count: int) -> None:
    """Measure every kind of turn."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home)
        figures = measure_understanding(settings, count)
        async with demo_isp(settings) as engine:
            tools = all_tools()
            clock, gate = SystemClock(), Gate.load(tools.values())
            executor = Executor(settings=settings, engine=engine, gate=gate, tools=tools, clock=clock, ids=uuid.uuid4)
            models = Timed(make_models(settings).local, None, settings)
            async with open_assistant(
                settings=settings,
                engine=engine,
                executor=executor,
                tools=tools,
                clock=clock,
                ids=uuid.uuid4,
                models=models,
            ) as turns:
                for kind in KINDS:
                    figures += await measure(turns, db.make_sessions(engine), models, kind, count)
        server.stop_embedded(home / "pg")
    show(figures)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60))
