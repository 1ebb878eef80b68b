"""Run as a program: make a call again and again, each time killed one step later, until one run gets through.

A step is a statement or a commit on the way to PostgreSQL. Each run is a fork that a SIGKILL ends *before* its
step, so that no `finally` and no rollback of ours can help; another fork then makes the same call undisturbed.
Prints `<how many runs were killed>`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import FrozenClock, id_source
from atlas.db import make_engine
from forge.executor import Executor
from forge.outcome import AwaitingSignOff
from tests.forge import effects
from tests.forge.effects import ALICE, ANN, BOB, LEAD, call

Scenario = Callable[[Executor, str], Awaitable[None]]


async def allowed(run: Executor, key: str) -> None:
    """A call that is carried out at once, behind the wall, under a limit's lock."""
    await run.propose(call("give_credit", key, amount="0.01"), ANN)


async def signed(run: Executor, key: str) -> None:
    """A call that takes a signature; whoever signs tries again, too."""
    asked = await run.propose(call("tell_people", key, text=key), ALICE)
    if isinstance(asked, AwaitingSignOff):
        await run.sign(asked.action, BOB, approve=True)
    await run.execute_approved()


async def outside(run: Executor, key: str) -> None:
    """A call that queues a workflow."""
    await run.propose(call("go_out", key, text=key), LEAD)


SCENARIOS: dict[str, Scenario] = {each.__name__: each for each in (allowed, signed, outside)}


def kill_before(engine: AsyncEngine, step: int) -> None:
    """Let this process die before its `step`-th statement or commit."""
    left = step

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    event.listen(engine.sync_engine, "commit", count)


async def once(url: str, scenario: str, key: str, folder: Path, step: int | None) -> None:
    engine = make_engine(url, pool_size=2)
    if step is not None:
        kill_before(engine, step)
    run = effects.executor(engine, effects.gate(folder), FrozenClock(), id_source(None))
    await SCENARIOS[scenario](run, key)
    await engine.dispose()


def forked(url: str, scenario: str, key: str, folder: Path, step: int | None) -> bool:
    """Whether a run of the scenario got through."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(once(url, scenario, key, folder, step))
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    if os.WEXITSTATUS(status):
        raise SystemExit(f"{scenario} failed without being killed")
    return True


def main(url: str, scenario: str, folder: str) -> None:
    """Kill at step 0, 1, 2, … until a run outlives its step."""
    killed = 0
    while not forked(url, scenario, f"{scenario}-{killed}", Path(folder), killed):
        if not forked(url, scenario, f"{scenario}-{killed}", Path(folder), None):
            raise SystemExit("the undisturbed run died")
        killed += 1
    print(killed)


if __name__ == "__main__":
    main(*sys.argv[1:])
