"""The small ISP with the assistant in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from atlas.clock import FrozenClock
from atlas.db import Sessions
from atlas.settings import Settings
from tests.agents import world
from tests.agents.house import House, open_house
from tests.conftest import HOME


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Default settings; what the embedded model has learnt is shared by all tests."""
    (tmp_path / "models").symlink_to(HOME / "models")
    (HOME / "models").mkdir(parents=True, exist_ok=True)
    return Settings(home=tmp_path)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Mishaps are meant here; drawing each one's traceback for the terminal takes seconds."""
    with capture_logs():
        yield


@pytest.fixture
async def house(
    engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, settings: Settings
) -> AsyncIterator[House]:
    """The small ISP, nothing cut yet, and the embedded model."""
    await world.build(sessions, clock)
    async with open_house(engine, settings, clock) as house:
        yield house
