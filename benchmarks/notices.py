"""Notices to 312 and to 10,000 people: proposed, and from the last signature until all are handed over.

`python -m benchmarks.notices`. An incident is written down with so many lines; `notify_affected` is proposed by
forge, as the saga does, and signed by as many people as policy asks for; a worker process sends. What a person
takes to sign is not counted. The way there from a cut is in `benchmarks.story`.
"""

import asyncio
import time
import uuid
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas import events
from atlas.clock import SystemClock
from atlas.db import make_engine, make_sessions, transaction
from atlas.settings import Settings
from benchmarks.figures import Figure, show
from benchmarks.gate_decision import INCIDENT, LINES
from benchmarks.installation import QUIET, isp, processes
from forge.executor import Call, Executor
from forge.outcome import AwaitingSignOff
from policies.gate import Gate
from policies.spec import FORGE, Principal
from tools.registry import all_tools

PEOPLE, GOAL = (312, 10_000), 5.0
SIGNERS = [Principal("staff", user, "noc_lead", verified="token") for user in ("lena", "ada")]


async def proposed(executor: Executor) -> tuple[AwaitingSignOff, float]:
    """The action that waits for signatures, and the seconds it took to get there."""
    began = time.perf_counter()
    arguments = {"incident": "INC-1000000", "message": None}
    call = Call(tool="notify_affected", arguments=arguments, key="bench", incident_id=1_000_000)
    outcome = await executor.propose(call, FORGE)
    assert isinstance(outcome, AwaitingSignOff), outcome.text()
    return outcome, time.perf_counter() - began


async def handed_over(executor: Executor, engine: AsyncEngine, action: AwaitingSignOff) -> float:
    """Seconds from the last signature to the event that says all notices have been handed over."""
    sessions = make_sessions(engine)
    async with sessions() as session:
        place = await events.latest(session)
    signers: Sequence[Principal] = SIGNERS[: action.quorum]
    for signer in signers[:-1]:
        await executor.sign(action.action, signer, approve=True)
    began = time.perf_counter()
    signing = asyncio.create_task(executor.sign(action.action, signers[-1], approve=True))
    async for event in events.follow(engine, sessions, place, kinds=["notices.handed_over"]):
        assert event.payload["handed_over"], event.payload
        break
    took = time.perf_counter() - began
    await signing
    return took


async def measure(settings: Settings, people: int) -> tuple[float, float]:
    """Seconds to propose, and to hand over."""
    assert settings.database_url
    engine = make_engine(settings.database_url)
    async with transaction(make_sessions(engine)) as session:
        await session.execute(INCIDENT, {"people": people})
        await session.execute(LINES, {"people": people})
        await session.execute(text("ANALYZE incident_line"))
    tools = all_tools()
    gate = Gate.load(tools.values())
    executor = Executor(settings=settings, engine=engine, gate=gate, tools=tools, clock=SystemClock(), ids=uuid.uuid4)
    action, proposing = await proposed(executor)
    sending = await handed_over(executor, engine, action)
    await engine.dispose()
    return proposing, sending


def main() -> None:
    """The story's number of people, and a town."""
    figures = []
    for people in PEOPLE:
        with isp(10_000, **QUIET) as settings, processes(settings, ["api", "worker"]):
            proposing, sending = asyncio.run(measure(settings, people))
        goal = GOAL if people == PEOPLE[0] else None
        figures.append(Figure(f"{people:,} people: proposed, with its targets", proposing, "s"))
        figures.append(Figure(f"{people:,} people: last signature to all handed over", sending, "s", goal))
    show(figures)


if __name__ == "__main__":
    main()
