"""Training on Atlas' history, looking ahead with what was learnt, and the job a person signs for."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.compose import build_executor
from api.store import Store
from atlas.clock import FrozenClock, Ids
from atlas.db import Sessions, transaction
from atlas.errors import DomainError
from atlas.field.models import WorkOrder
from atlas.learning import predictions, versions
from atlas.learning.models import ModelVersion, Prediction
from atlas.ledger.models import Action
from atlas.network.models import Sample
from atlas.settings import Settings
from cortex.degradation import training as by_fleet
from cortex.degradation.fleet import Fleet
from cortex.degradation.training import Plan, Sheet
from cortex.trees import Trees
from forge.drivers import NetworkDrivers
from forge.executor import Executor
from forge.prediction import training
from forge.prediction.daily import look_ahead, look_ahead_if_due
from policies.spec import Principal
from tests.forge.prediction.houses import mended, street

DAY = timedelta(days=1)
LENA = Principal("staff", "lena", "noc_lead")
SIZE, WORN, ABOUT_TO = 72, 24, 2


@pytest.fixture
async def worn_out(sessions: Sessions, clock: FrozenClock) -> Sessions:
    """A street in which every third ONT sinks for three weeks and is mended, and two are sinking now."""
    now = clock.now()
    async with transaction(sessions) as session:
        onts = await street(session, SIZE, now)
        for number in range(WORN + ABOUT_TO):
            ont = onts[number * 2 if number < WORN else SIZE - 1 - 2 * (number - WORN)]
            fails = now - (12 + (number * 1.9) % 44) * DAY if number < WORN else now + 3 * DAY
            sunk = text("least(0, -6 + extract(epoch FROM CAST(:fails AS timestamptz) - at) / 86400 / 3.5)")
            change = update(Sample).where(Sample.node_id == ont.id, Sample.at < fails + DAY)
            await session.execute(change.values(value=Sample.value + sunk.bindparams(fails=fails)))
            if number < WORN:
                await mended(session, ont, fails, fails + DAY, "Connector cleaned.")
    return sessions


@pytest.fixture
def executor(
    database: str, engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, ids: Ids, settings: Settings
) -> Executor:
    """The one way to an effect."""
    store = Store(settings, database, engine, sessions, clock, ids)
    return build_executor(store, NetworkDrivers.build(settings))


async def test_a_young_network_is_told_what_is_missing(sessions: Sessions, clock: FrozenClock) -> None:
    with pytest.raises(DomainError, match="no history yet"):
        await training.train(sessions, clock)
    async with transaction(sessions) as session:
        await street(session, 3, clock.now(), days=20)
    for each in await training.train(sessions, clock):
        assert each.version is None
        assert "few" in each.why_not or "There are 0 visits" in each.why_not or "cannot be learnt" in each.why_not


async def test_learnt_looked_ahead_signed_and_scored(
    worn_out: Sessions, clock: FrozenClock, executor: Executor, settings: Settings
) -> None:
    stages = set()
    failure = (await training.train(worn_out, clock, progress=lambda stage, done, total: stages.add(stage)))[0]
    assert stages == {"reading the history", "working out features", "learning"}
    assert failure.version is not None
    assert failure.version.state == "in_use"
    assert failure.version.metrics["average_precision"] > 0.3
    assert (failure.version.data_until - failure.version.data_from).days == 59  # from the first reading on

    looked = await look_ahead(worn_out, executor, settings, clock)
    assert looked is not None
    async with worn_out() as session:
        found = await predictions.recent(session, everything=False)
        names = set(
            await session.scalars(
                text("SELECT 'node:olt/ont' || n FROM unnest(CAST(:n AS int[])) n"), {"n": [SIZE - 1, SIZE - 3]}
            )
        )
        action = (await session.scalars(select(Action).order_by(Action.proposed_at))).first()
    assert {each.element for each in found[:2]} == names
    assert all(each.evidence for each in found[:2])
    assert action is not None
    assert (action.tool, action.state, action.principal_id) == ("propose_preventive_work", "awaiting_sign_off", "forge")
    assert found[0].evidence[0]["words"] in action.summary

    await executor.sign(action.id, LENA, approve=True)
    async with worn_out() as session:
        (job,) = await session.scalars(select(WorkOrder).where(WorkOrder.state == "open"))
        signed = (await session.scalars(select(Prediction).where(Prediction.work_order_id == job.id))).one()
    assert job.element == signed.element
    assert job.skill == "pon"
    assert "Preventive" in job.instructions

    assert await look_ahead_if_due(worn_out, executor, settings, clock) == 0
    clock.advance(25 * 3600)
    await look_ahead_if_due(worn_out, executor, settings, clock)
    async with worn_out() as session:
        pending = [each.node_id for each in await predictions.recent(session, everything=False)]
    assert len(pending) == len(set(pending))


async def test_a_worse_model_is_refused(
    worn_out: Sessions, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (await training.train(worn_out, clock))[0].version
    assert first is not None
    real = by_fleet.train

    def spoilt(fleet: Fleet, plan: Plan, sheet: Sheet, seed: int = 0) -> Trees:
        shuffled = np.random.default_rng(0).permutation(sheet.failed)
        return real(fleet, plan, type(sheet)(sheet.table, shuffled, sheet.element, sheet.cut), seed)

    monkeypatch.setattr(by_fleet, "train", spoilt)
    second = (await training.train(worn_out, clock))[0].version
    assert second is not None
    assert second.state == "refused"
    assert "worse than failure v1" in second.reason or "no better than chance" in second.reason
    async with worn_out() as session:
        used = await versions.in_use(session, "failure")
    assert used is not None
    assert used.version == first.version


async def test_a_model_that_was_tampered_with_predicts_nothing(
    worn_out: Sessions, clock: FrozenClock, executor: Executor, settings: Settings
) -> None:
    await training.train(worn_out, clock)
    async with transaction(worn_out) as session:
        await session.execute(update(ModelVersion).values(data=b"other"))
    with pytest.raises(DomainError, match="digest differs"):
        await look_ahead(worn_out, executor, settings, clock)
    async with worn_out() as session:
        assert await predictions.recent(session, everything=True) == []
