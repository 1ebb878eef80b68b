"""The supervisor: a child that dies is started again, all end together, none is left behind."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api import supervisor
from api.supervisor import EX_CONFIG, Supervisor

# A child notes its process id in a file named after it, then does as its name says.
CHILD = """
import os, pathlib, signal, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
(folder / name).write_text(str(os.getpid()))
if name == "broken":
    sys.exit(78)
if name == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.stdin.read() if name == "orphan" else time.sleep(600)
"""


def supervise(folder: Path, *names: str) -> Supervisor:
    """A supervisor of small children."""
    return Supervisor([sys.executable, "-c", CHILD, str(folder)], names, os.environ)


async def until(true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.02)


def pid_in(file: Path) -> int:
    return int(file.read_text() or 0) if file.exists() else 0


def is_alive(pid: int) -> bool:
    if not pid:  # it was ended before it could note its id
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "BACK_OFF", (0.05, 0.1))


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    keeper = supervise(tmp_path, "one", "two")
    running = asyncio.create_task(keeper.run())
    await until(lambda: bool(pid_in(tmp_path / "one") and pid_in(tmp_path / "two")))
    killed, other = pid_in(tmp_path / "one"), pid_in(tmp_path / "two")
    os.kill(killed, signal.SIGKILL)
    await until(lambda: pid_in(tmp_path / "one") not in (0, killed))
    assert keeper.restarts == {"one": 1, "two": 0}
    assert pid_in(tmp_path / "two") == other
    keeper.stop.set()
    assert await running == 0
    assert not any(map(is_alive, (other, pid_in(tmp_path / "one"))))


async def test_a_child_that_can_never_start_ends_them_all(tmp_path: Path) -> None:
    keeper = supervise(tmp_path, "one", "broken")
    assert await keeper.run() == 1
    assert keeper.restarts["broken"] == 0
    assert EX_CONFIG == 78
    assert not is_alive(pid_in(tmp_path / "one"))


async def test_a_child_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GRACE", 0.2)
    keeper = supervise(tmp_path, "stubborn")
    running = asyncio.create_task(keeper.run())
    await until(lambda: bool(pid_in(tmp_path / "stubborn")))
    keeper.stop.set()
    assert await running == 0
    assert not is_alive(pid_in(tmp_path / "stubborn"))


async def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, sys; from api.supervisor import Supervisor;"
        f"asyncio.run(Supervisor([sys.executable, '-c', {CHILD!r}, {str(tmp_path)!r}], ['orphan'], os.environ).run())"
    )
    keeper = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    await until(lambda: bool(pid_in(tmp_path / "orphan")))
    keeper.kill()
    await keeper.wait()
    await until(lambda: not is_alive(pid_in(tmp_path / "orphan")))
