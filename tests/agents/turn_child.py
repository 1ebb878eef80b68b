"""Run as a program: open a ticket by a turn again and again, its process killed a few steps later each time.

A step is a statement or a commit of our own engine, or a statement of the checkpointer. Each try is three forks:
one talks until the ticket is agreed to, one runs that turn and dies by SIGKILL *before* its step, so that no
`finally` helps, and one takes over what is left, as a worker does. Prints how many forks were killed.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import structlog
from sqlalchemy import event, select, update

from agents.llm.nlu import load_nlu
from atlas.clock import FrozenClock
from atlas.db import make_engine, transaction
from atlas.helpdesk import service as helpdesk
from atlas.helpdesk.models import Turn
from atlas.settings import Settings
from tests.agents.house import House, open_house

STRIDE = 4
LEASE = 0.4


async def agree(house: House, subscriber: int) -> None:
    """Complain, and say yes to the ticket that is offered; that last turn is left for anyone."""
    me = await house.meet("subscriber", subscriber)
    offered = await house.say(me, "my internet is slow")
    assert "open a ticket" in offered.text
    await house.send(me, "yes please")
    async with transaction(house.sessions) as session:
        await session.execute(update(Turn).values(leased_until=None))


async def run_and_die(house: House, step: int) -> None:
    """Run the turn that waits, up to a step."""
    die_at(house.engine, step)
    async with transaction(house.sessions) as session:
        turn = await helpdesk.lease_turn(session, worker="child", lease_seconds=LEASE)
    assert turn is not None
    async for _ in house.turns.run(turn):
        pass


async def take_over(house: House) -> None:
    """Run whatever is left until nothing is."""
    while True:
        async with house.sessions() as session:
            left = await session.scalar(select(Turn.id).where(Turn.state.in_(("waiting", "running"))).limit(1))
        if left is None:
            return
        async with transaction(house.sessions) as session:
            turn = await helpdesk.lease_turn(session, worker="other", lease_seconds=30)
        if turn is None:
            await asyncio.sleep(0.05)
            continue
        async for _ in house.turns.run(turn):
            pass


def die_at(engine: Any, step: int) -> None:
    """Let this process die before its `step`-th step."""
    left = step

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    event.listen(engine.sync_engine, "commit", count)
    execute = psycopg.AsyncCursor.execute

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        if "checkpoint" in str(args[0]):
            count()
        return await execute(self, *args, **kwargs)

    psycopg.AsyncCursor.execute = counted  # type: ignore[method-assign]


def fork(url: str, home: Path, act: Callable[[House], Coroutine[Any, Any, None]]) -> int:
    """Act in a process of its own; returns its exit code, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        asyncio.run(_in_house(url, home, act))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


async def _in_house(url: str, home: Path, act: Callable[[House], Coroutine[Any, Any, None]]) -> None:
    engine = make_engine(url, pool_size=2)
    try:
        async with open_house(engine, Settings(home=home), FrozenClock()) as house:
            await act(house)
    except BaseException as error:
        print(repr(error), file=sys.stderr)
        os._exit(1)


def main(url: str, home: Path) -> None:
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    load_nlu(home / "models")  # once, for all forks
    killed = 0
    while True:
        assert fork(url, home, partial(agree, subscriber=killed + 1)) == 0
        code = fork(url, home, partial(run_and_die, step=1 + STRIDE * killed))
        assert code in (0, -signal.SIGKILL)
        time.sleep(LEASE)
        assert fork(url, home, take_over) == 0
        if code == 0:
            break
        killed += 1
    print(killed)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
