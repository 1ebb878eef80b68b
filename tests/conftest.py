"""Fixtures over a real PostgreSQL: an embedded server per test process, one migrated template on it, copies.

Readers of events wait for every older transaction of the whole server, so test processes don't share one.

`session` rolls back; `database` is a fresh copy for tests that must commit, kill or connect from outside.
"""

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fasteners import InterProcessLock as FileLock
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from api.prepare import prepare_database
from atlas import db, server
from atlas.clock import FrozenClock, Ids, seeded_ids
from atlas.db import Sessions
from atlas.settings import Settings

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
#: Tests kill processes of ours, never the server: what it holds need not survive the machine.
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
HOME = Path(os.environ.get("BEDROCK_TEST_HOME", Path(tempfile.gettempdir()) / "bedrock-tests")) / WORKER


def _schema_version() -> str:
    """A template is as good as the migrations and the demo it was made from."""
    import hashlib

    root = Path(db.__file__).parent
    files = [
        *sorted((root / "migrations" / "versions").glob("*.py")),
        *sorted((root / "demo").glob("**/*.py")),
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


@pytest.fixture(scope="session")
def server_url() -> str:
    """The embedded server of this test process; it stays up for the next run."""
    HOME.mkdir(parents=True, exist_ok=True)
    with FileLock(HOME / "server.lock"):
        return server.start_embedded(HOME / "pg", **QUICK)


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a database that holds the schema and nothing else."""
    name = f"template_{_schema_version()}"
    with FileLock(HOME / "template.lock"):
        done = HOME / f"{name}.done"
        if not done.exists() or not server.database_exists(server_url, name):
            server.drop_database(server_url, name)
            server.create_database(server_url, name)
            prepare_database(server.with_database(server_url, name))
            done.touch()
    return name


@pytest.fixture(scope="session")
def demo_template(server_url: str, template: str) -> str:
    """The name of a database that holds the demo ISP, at its smallest size, seed 1."""
    from atlas.demo import load

    name = template.replace("template", "demo")
    with FileLock(HOME / "demo.lock"):
        done = HOME / f"{name}.done"
        if not done.exists() or not server.database_exists(server_url, name):
            server.drop_database(server_url, name)
            server.create_database(server_url, name, template)
            load.load(server.with_database(server_url, name), subscribers=2_000, seed=1)
            done.touch()
    return name


def _copy(server_url: str, template: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    with FileLock(HOME / "copy.lock"):  # a template can be copied by one at a time
        server.create_database(server_url, name, template)
    yield server.with_database(server_url, name)
    server.drop_database(server_url, name)


@pytest.fixture
def database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a fresh, migrated, empty database."""
    yield from _copy(server_url, template)


@pytest.fixture
def demo_database(server_url: str, demo_template: str) -> Iterator[str]:
    """The URL of a fresh database with the demo ISP in it."""
    yield from _copy(server_url, demo_template)


@pytest.fixture(scope="session")
def _rollback_database(server_url: str, template: str) -> Iterator[str]:
    yield from _copy(server_url, template)


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database of the test's own."""
    engine = db.make_engine(database)
    yield engine
    await engine.dispose()


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    """Sessions that commit, on a database of the test's own."""
    return db.make_sessions(engine)


@pytest.fixture
async def demo_engine(demo_database: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a copy of the demo ISP."""
    engine = db.make_engine(demo_database)
    yield engine
    await engine.dispose()


@pytest.fixture
def demo_sessions(demo_engine: AsyncEngine) -> Sessions:
    """Sessions that commit, on a copy of the demo ISP."""
    return db.make_sessions(demo_engine)


@pytest.fixture
async def session(_rollback_database: str) -> AsyncIterator[AsyncSession]:
    """A session whose every change is rolled back when the test ends."""
    engine = db.make_engine(_rollback_database, pool_size=1)
    async with engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as s:
            yield s
        await outer.rollback()
    await engine.dispose()


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands still."""
    return FrozenClock()


@pytest.fixture
def ids() -> Ids:
    """Ids that are the same in every run."""
    return seeded_ids(1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Default settings with a home of the test's own."""
    return Settings(home=tmp_path)


@pytest.fixture(autouse=True)
def _no_stray_tasks() -> Iterator[None]:
    """Each test leaves no running loop behind."""
    yield
    assert asyncio._get_running_loop() is None
