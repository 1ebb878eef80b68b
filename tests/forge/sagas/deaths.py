"""Points of a workflow at which a process dies, each once: what comes after is another process's to do.

A point is before each commit of a step, the one with its record included, and before a record that commits apart
from what the step did. Points already died at are kept in a file, so every life gets at least one further.
"""

import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from dbos import DBOS
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from forge.sagas import fault_response, notices

#: Of many like points of one step only these are worth a death; of a step taken often, only the first two times.
WORTH_IT = (1, 2, 3, 40)
OFTEN = 2

_step: ContextVar[str] = ContextVar("_step", default="")
_book: Path | None = None
_only = ""
_counted: Counter[str] = Counter()


def reach(point: str) -> None:
    """Die here, unless a process before this one did."""
    if _book is None or not point.startswith(_only):
        return
    if _book.exists() and point in _book.read_text().splitlines():
        return
    with _book.open("a") as file:
        file.write(f"{point}\n")
    os.kill(os.getpid(), signal.SIGKILL)


def reach_nth(what: str, point: str) -> None:
    """Die at this point of the first few, and of one amid the others."""
    n = nth(f"{what}: {point}")
    if n in WORTH_IT:
        reach(f"{what}: {point} {n}")


def nth(what: str) -> int:
    """How many of these this life has seen, this one included."""
    _counted[what] += 1
    return _counted[what]


def prepare(engine: AsyncEngine, book: Path, dies: str) -> None:
    """Let this process die at the points whose names start with `dies`; at every one for `*`, at none for ""."""
    global _book, _only
    if not dies:
        return
    _book, _only = book, dies.removesuffix("*")
    event.listen(engine.sync_engine, "commit", _before_commit)
    for saga in (fault_response, notices):
        for name in ("in_transaction", "at_least_once"):
            setattr(saga, name, _mortal(getattr(saga, name)))


def _before_commit(_: object) -> None:
    if step := _step.get():
        reach_nth(step, "before commit")


def _mortal(take: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def mortal(function: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        of = f"{function.__name__} of {DBOS.workflow_id}"
        n = nth(of)  # the same in every life, since replays count as well
        if n > OFTEN:
            return await take(function, *args)
        step = f"{of}, {n}"

        async def body(*inner: Any) -> Any:
            result = await function(*inner)
            if take.__name__ == "at_least_once":
                reach(f"{step}: before its record")
            return result

        body.__name__ = function.__name__
        token = _step.set(step)
        try:
            return await take(body, *args)
        finally:
            _step.reset(token)

    mortal.__name__ = take.__name__
    return mortal
