"""An installation of a benchmark's own: a demo ISP on an embedded server, and Bedrock's processes on it.

`python -m benchmarks` names one folder for all of them in BEDROCK_BENCH_HOME, so that an ISP of each size is
loaded once and copied; run alone, a benchmark uses a temporary folder. Nothing of it is left behind.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import issue, signing_key
from api.prepare import prepare_database
from atlas import server
from atlas.db import make_engine, make_sessions, transaction
from atlas.demo import load
from atlas.settings import Settings

SHARED_HOME = "BEDROCK_BENCH_HOME"
#: Seconds within which an installation is ready.
PATIENCE = 120.0
PORTS = ("port", "syslog_port", "trap_port", "radius_port", "snmp_port")
#: No feed but HTTP, and no devices to poll: for measuring one thing alone.
QUIET = {"syslog_port": 0, "trap_port": 0, "radius_port": 0, "snmp_port": 0}


@contextmanager
def bench_home() -> Iterator[Path]:
    """The folder for servers and copies: the one all benchmarks of a run share, or one of this benchmark's own."""
    shared = os.environ.get(SHARED_HOME)
    if shared:
        yield Path(shared)
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            yield Path(folder)
        finally:
            server.stop_embedded(Path(folder) / "pg")


@contextmanager
def isp(subscribers: int, **values: Any) -> Iterator[Settings]:
    """Settings for a copy of the demo ISP of this size, with ports of its own; dropped afterwards."""
    with bench_home() as base:
        url = server.start_embedded(base / "pg")
        template, name = f"isp_{subscribers}", f"bench_{uuid.uuid4().hex[:8]}"
        if not server.database_exists(url, template):
            _load(url, template, subscribers)
        server.create_database(url, name, template)
        home = base / name
        (base / "models").mkdir(exist_ok=True)
        home.mkdir()
        (home / "models").symlink_to(base / "models")  # the embedded model is trained once for all
        ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        given = {"log_level": "WARNING", "home": home, "database_url": server.with_database(url, name)}
        try:
            yield Settings(**{**ports, **given, **values})
        finally:
            server.drop_database(url, name)
            shutil.rmtree(home, ignore_errors=True)


def _load(url: str, template: str, subscribers: int) -> None:
    """Made under another name first: a copy is never made of half an ISP."""
    server.drop_database(url, "isp_draft")
    server.create_database(url, "isp_draft")
    prepare_database(server.with_database(url, "isp_draft"))
    load.load(server.with_database(url, "isp_draft"), subscribers=subscribers)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE isp_draft RENAME TO "{template}"')
        connection.execute("CHECKPOINT")  # not in the time of whoever measures first


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, for UDP and TCP."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def environment(settings: Settings) -> dict[str, str]:
    """What a process needs to have these settings."""
    said = {name: getattr(settings, name) for name in settings.model_fields_set}
    return {**os.environ, **{f"BEDROCK_{name.upper()}": str(value) for name, value in said.items()}}


@contextmanager
def processes(settings: Settings, names: Sequence[str]) -> Iterator[dict[str, int]]:
    """These processes of an installation, as its supervisor starts them; yields their process ids once ready."""
    children = {}
    try:
        for name in names:
            command = [sys.executable, "-m", "api.serve", name]
            children[name] = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment(settings))
        if "api" in names:
            _wait(settings, set(names) - {"api", "gear"})
        yield {name: child.pid for name, child in children.items()}
    finally:
        for child in children.values():
            child.send_signal(signal.SIGTERM)
        for child in children.values():
            child.wait(timeout=30)


def _wait(settings: Settings, names: set[str]) -> None:
    """Wait until the API answers, and says of these processes that they work. RuntimeError when it never does."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        try:
            answer = httpx.get(f"http://{settings.host}:{settings.port}/ready", timeout=5).json()
            if names <= {check["name"] for check in answer["checks"] if check["ok"]}:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{names} were not ready within {PATIENCE:.0f} s")


@asynccontextmanager
async def session_on(url: str) -> AsyncIterator[AsyncSession]:
    """A session on a database, in one transaction."""
    engine = make_engine(url)
    async with transaction(make_sessions(engine)) as session:
        yield session
    await engine.dispose()


def token(settings: Settings, role: str = "noc", user: str = "bench") -> str:
    """A token for a member of the staff."""
    return issue(signing_key(settings), user, role)
