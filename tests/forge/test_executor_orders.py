"""A law: whatever the order of proposing, signing, rejecting, expiring and executing, at most one effect."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import FrozenClock, Ids
from atlas.db import Sessions
from atlas.ledger.models import Action, SignOff
from forge.executor import Executor
from forge.outcome import AwaitingSignOff
from tests.forge import effects
from tests.forge.effects import ALICE, ANN, BOB, CARLA, HELEN, LEAD, call, notes

SIGNERS = {who.id: who for who in (ALICE, BOB, CARLA, LEAD, HELEN, ANN)}
STEPS = st.one_of(
    st.just(("propose", "")),
    st.just(("execute", "")),
    st.just(("sweep", "")),
    st.just(("expire", "")),
    st.just(("wait", "")),
    st.tuples(st.just("approve"), st.sampled_from(sorted(SIGNERS))),
    st.tuples(st.just("approve"), st.sampled_from(["bob", "lena"])),
    st.tuples(st.just("reject"), st.sampled_from(["alice", "carla", "helen"])),
)
#: Steps in a row, each of them one to four things at once.
ORDERS = st.lists(st.lists(STEPS, min_size=1, max_size=4), max_size=6)


@pytest.fixture
async def run(engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, ids: Ids, tmp_path: Path) -> Executor:
    """An executor over a town of four."""
    await effects.settle_town(sessions, clock)
    return effects.executor(engine, effects.gate(tmp_path), clock, ids)


def step(
    run: Executor, clock: FrozenClock, asked: AwaitingSignOff, key: str, what: str, who: str
) -> Coroutine[Any, Any, Any]:
    match what:
        case "propose":
            return run.propose(call("tell_people", key, text=key), ALICE)
        case "execute":
            return run.execute(asked.action)
        case "sweep":
            return run.execute_approved()
        case "expire":
            return run.expire_due()
        case "wait":
            return clock.sleep(11 * 60)
    return run.sign(asked.action, SIGNERS[who], approve=what == "approve")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS)
async def test_at_most_one_effect(
    run: Executor, sessions: Sessions, clock: FrozenClock, order: list[list[tuple[str, str]]]
) -> None:
    key = f"order-{next(effects._keys)}"
    asked = await run.propose(call("tell_people", key, text=key), ALICE)
    assert isinstance(asked, AwaitingSignOff)
    for together in order:
        await asyncio.gather(*(step(run, clock, asked, key, *each) for each in together))

    told = (await notes(sessions)).count(key)
    async with sessions() as session:
        action = await session.get(Action, asked.action)
        assert action is not None
        valid = select(func.count()).where(
            SignOff.action_id == asked.action, SignOff.approved, SignOff.signer.in_(["bob", "carla", "lena"])
        )
        signatures = (await session.execute(valid)).scalar_one()
    assert told == (4 if action.state == "done" else 0)
    assert action.state != "done" or signatures >= 1
