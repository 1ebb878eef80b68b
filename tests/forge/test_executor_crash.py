"""kill -9 at every step of a call: whatever it was doing, a second try leaves exactly one effect."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest
from dbos import run_dbos_database_migrations
from sqlalchemy import func, select, text

from atlas.billing.models import Credit
from atlas.clock import FrozenClock
from atlas.db import Sessions
from atlas.ledger.models import Action
from tests.forge import effects
from tests.forge.effects import notes

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


async def killed_at_every_step(database: str, sessions: Sessions, clock: FrozenClock, scenario: str, at: Path) -> int:
    """How many runs of the scenario were killed; one more got through."""
    await effects.settle_town(sessions, clock)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.forge.crash_child", database, scenario, str(at)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    assert child.returncode == 0, err.decode()
    return int(out)


async def states(sessions: Sessions) -> Counter[str]:
    async with sessions() as session:
        return Counter((await session.scalars(select(Action.state))).all())


async def test_an_allowed_call(database: str, sessions: Sessions, clock: FrozenClock, tmp_path: Path) -> None:
    killed = await killed_at_every_step(database, sessions, clock, "allowed", tmp_path)
    assert killed > 20
    assert await states(sessions) == {"done": killed + 1}
    async with sessions() as session:
        assert (await session.execute(select(func.count()).select_from(Credit))).scalar_one() == killed + 1


async def test_a_signed_call(database: str, sessions: Sessions, clock: FrozenClock, tmp_path: Path) -> None:
    killed = await killed_at_every_step(database, sessions, clock, "signed", tmp_path)
    assert killed > 30
    assert await states(sessions) == {"done": killed + 1}
    assert Counter(await notes(sessions)) == {f"signed-{n}": 4 for n in range(killed + 1)}


async def test_a_call_that_goes_outside(database: str, sessions: Sessions, clock: FrozenClock, tmp_path: Path) -> None:
    run_dbos_database_migrations(database)
    killed = await killed_at_every_step(database, sessions, clock, "outside", tmp_path)
    assert killed > 20
    assert await states(sessions) == {"consumed": killed + 1}
    assert Counter(await notes(sessions)) == {f"outside-{n}": 1 for n in range(killed + 1)}
    async with sessions() as session:
        queued = (await session.execute(text("SELECT count(*) FROM dbos.workflow_status"))).scalar_one()
    assert queued == killed + 1
