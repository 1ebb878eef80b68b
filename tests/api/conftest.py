"""The application over a real database, called in-process; and served, for what streams."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.auth import issue, signing_key
from api.main import create_app
from atlas.settings import Settings
from tests.conftest import HOME

Clients = Callable[..., httpx.AsyncClient]


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """A server outside demo mode, on a database of the test's own; the embedded model is trained once for all."""
    (HOME / "models").mkdir(parents=True, exist_ok=True)
    (tmp_path / "models").symlink_to(HOME / "models")
    return Settings(home=tmp_path, database_url=database, pool_size=5)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application, started."""
    async with started(settings) as app:
        yield app


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[FastAPI]:
    """An application between its start and its end."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI, settings: Settings) -> AsyncIterator[Clients]:
    """`client("noc", "anna")`: a client with that person's token; `client()` has none."""
    opened: list[httpx.AsyncClient] = []

    def connect(
        role: str | None = None, user: str = "somebody", *, token: str | None = None, app: FastAPI = app
    ) -> httpx.AsyncClient:
        if role:
            token = issue(signing_key(settings), user, role)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers))
        return opened[-1]

    yield connect
    for each in opened:
        await each.aclose()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The application on a port of its own; yields its URL. For streams, which a client must leave."""
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task
