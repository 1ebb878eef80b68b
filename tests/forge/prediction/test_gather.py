"""Atlas' rows as a fleet: each reading, alarm and repair on its day."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.errors import DomainError
from atlas.network.models import AlarmOccurrence
from forge.prediction.gather import gather
from tests.factories.incidents import alarm
from tests.factories.subscribers import save
from tests.forge.prediction.houses import mended, street

DAY = timedelta(days=1)


async def test_without_a_reading_there_is_a_sentence(session: AsyncSession, clock: FrozenClock) -> None:
    with pytest.raises(DomainError, match="no history yet"):
        await gather(session, clock.now())


async def test_readings_and_siblings(session: AsyncSession, clock: FrozenClock) -> None:
    onts = await street(session, 10, clock.now())
    window = await gather(session, clock.now())
    assert list(window.nodes) == [ont.id for ont in onts]
    level = window.fleet.measured["level"]
    assert level.shape == (10, window.fleet.days)
    assert (~np.isnan(level)).sum() == 10 * 30
    assert np.nanmean(level) == pytest.approx(-19, abs=0.1)
    assert window.fleet.traits[0].group == "split-0"
    assert window.fleet.traits[9].group == "split-8"
    assert window.fleet.age(window.fleet.days)[0] == pytest.approx(600, abs=2)
    around = await gather(session, clock.now(), around=onts[9].id)
    assert list(around.nodes) == [onts[8].id, onts[9].id]


async def test_a_fault_that_was_found_is_a_failure_and_an_empty_visit_is_none(
    session: AsyncSession, clock: FrozenClock
) -> None:
    now = clock.now()
    onts = await street(session, 3, now)
    await mended(session, onts[0], now - 10 * DAY, now - 8 * DAY)
    await mended(session, onts[1], now - 10 * DAY, now - 8 * DAY, "No fault found; wifi.")
    await mended(session, onts[2], now - 10 * DAY, now - 8 * DAY, "Connector cleaned.")
    fleet = (await gather(session, now)).fleet
    assert fleet.failed.any(axis=1).tolist() == [True, False, True]
    assert fleet.replaced.any(axis=1).tolist() == [True, False, False]
    assert int(np.argmax(fleet.failed[0])) == fleet.days - 10
    assert int(np.argmax(fleet.mended[0])) == fleet.days - 8


async def test_a_failure_began_when_the_alarm_came_not_when_somebody_called(
    session: AsyncSession, clock: FrozenClock
) -> None:
    now = clock.now()
    (ont,) = await street(session, 1, now)
    await mended(session, ont, now - 10 * DAY, now - 8 * DAY)
    raised = now - 11.5 * DAY
    row = await alarm(session, ont.name, alarm_type="ont-loss-of-signal", raised_at=raised, last_event_at=raised)
    what = {name: getattr(row, name) for name in ("device", "resource", "alarm_type", "qualifier", "severity", "text")}
    occurred = {"xid": -1, "alarm_id": row.id, "is_cleared": False, "event_at": raised, "received_at": raised}
    await save(session, AlarmOccurrence(**what, **occurred, feed="syslog", extra={}))
    fleet = (await gather(session, now)).fleet
    assert int(np.argmax(fleet.failed[0])) == fleet.days - 12
    assert fleet.heard["alarm"][0, fleet.days - 12] == 1
