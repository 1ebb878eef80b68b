"""Keeps the processes of an installation running: starts them, restarts what dies, and ends them together.

A child's standard input is a pipe from here. When this process is killed the pipe closes, and the child ends
as if told to: no stray process keeps a port or a lock.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import structlog

log = structlog.get_logger()

#: Seconds before a dead child is started again: doubled each time, from the first to the second.
BACK_OFF = (0.5, 30.0)
#: A child that lived this long, in seconds, was well: its back-off starts anew.
WELL_AFTER = 30.0
#: Seconds a child has to end before it is killed.
GRACE = 15.0
#: The exit status of a child that no restart can help (EX_CONFIG of sysexits.h).
EX_CONFIG = 78


class Supervisor:
    """Children by name, each `command + [name]`."""

    def __init__(
        self,
        command: Sequence[str],
        names: Sequence[str],
        environment: Mapping[str, str],
        ended: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`ended` is told the process id of every child that has ended."""
        self.ended = ended
        self.command, self.names, self.environment = list(command), list(names), dict(environment)
        self.stop = asyncio.Event()
        self.failed = False
        self.restarts = dict.fromkeys(names, 0)
        self.pids: dict[str, int] = {}

    async def run(self) -> int:
        """Run until told to stop, or until a child cannot start at all; returns an exit status."""
        async with asyncio.TaskGroup() as tasks:
            for name in self.names:
                tasks.create_task(self._keep(name))
        return 1 if self.failed else 0

    async def _keep(self, name: str) -> None:
        wait = BACK_OFF[0]
        while not self.stop.is_set():
            began = time.monotonic()
            status = await self._live(name)
            if self.stop.is_set():
                return
            if status == EX_CONFIG:
                self.failed = True
                self.stop.set()
                return
            wait = BACK_OFF[0] if time.monotonic() - began > WELL_AFTER else wait
            log.error("process died, starting it again", child=name, status=status, seconds=wait)
            self.restarts[name] += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), wait)
            wait = min(wait * 2, BACK_OFF[1])

    async def _live(self, name: str) -> int:
        """One life of a child, ended when told to stop; returns its exit status, negative for a signal."""
        child = await asyncio.create_subprocess_exec(
            *self.command,
            name,
            stdin=asyncio.subprocess.PIPE,
            env=self.environment,
            start_new_session=True,  # Ctrl-C reaches this process alone, and the children in order from here
        )
        self.pids[name] = child.pid
        ended = asyncio.create_task(child.wait())
        told = asyncio.create_task(self.stop.wait())
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not ended.done():
            await _end(child, ended, name)
        status = await ended
        del self.pids[name]
        self.ended(child.pid)
        return status


async def _end(child: asyncio.subprocess.Process, ended: asyncio.Task[int], name: str) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
    done, _ = await asyncio.wait({ended}, timeout=GRACE)
    if not done:
        log.error("process did not end in time and is killed", child=name, seconds=GRACE)
        with suppress(ProcessLookupError):
            child.kill()


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT set `stop`."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)


async def stop_when_orphaned(stop: asyncio.Event) -> None:
    """Set `stop` when standard input, a pipe from the supervisor, closes."""
    if not _is_pipe(sys.stdin.fileno()):
        return
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()
    stop.set()


def _is_pipe(descriptor: int) -> bool:
    import stat

    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
