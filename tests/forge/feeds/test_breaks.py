"""All green, everyone offline: each break of the demo, from the exporters' numbers to the incident that names it."""

import pytest
from sqlalchemy import func, select

from atlas.clock import FrozenClock
from atlas.db import Sessions, transaction
from atlas.network.enums import AlarmType
from atlas.network.ingest import record_alarms
from atlas.network.models import AlarmRecord
from tests.factories.network import cut_fibre, storm
from tests.factories.services import EVENING, Life


@pytest.fixture
async def life(demo_sessions: Sessions) -> Life:
    return await Life.start(demo_sessions)


async def silent_lines(life: Life) -> int:
    """Lines that are taken for dead."""
    async with life.sessions() as session:
        query = select(func.count()).where(
            AlarmRecord.alarm_type == AlarmType.INTERIM_MISSING, AlarmRecord.last_event_at >= EVENING
        )
        return (await session.execute(query)).scalar_one()


@pytest.mark.parametrize(
    ("fault", "element", "effect", "recovery"),
    [
        ("service:radius", "service:radius", "at risk", 40),
        ("service:radius-2", "node:radius-2", "at risk", 9),
        ("service:dhcp", "service:dhcp", "at risk", 9),
        ("service:dns", "service:dns", "down", 9),
        ("service:dns-1", "node:dns-1", "at risk", 9),
        ("service:transit-frankfurt-1", "node:transit-frankfurt-1", "at risk", 9),
        ("service:transit", "service:transit", "down", 9),
        ("service:cgnat-1", "node:cgnat-1", "degraded", 9),
        ("service:z3-bng-1", "node:z3-bng-1", "down", 40),
    ],
)
async def test_what_was_broken_is_named_and_nothing_else(
    life: Life, fault: str, element: str, effect: str, recovery: int
) -> None:
    await life.minutes(2)
    await life.minutes(7, [fault])
    (incident,) = await life.incidents()
    assert incident.element == element, incident.explanation
    assert (incident.is_certain, incident.effect, incident.remedy) == (True, effect, "desk")
    assert (incident.subscribers > 0) == (effect == "down")
    await life.minutes(recovery)
    (incident,) = await life.incidents()
    assert incident.state == "monitoring", incident.explanation


async def test_an_accounting_that_is_unheard_makes_nobody_dead(life: Life) -> None:
    await life.minutes(45, ["service:radius"])
    (incident,) = await life.incidents()
    assert incident.element == "service:radius"
    assert await silent_lines(life) == 0
    await life.minutes(5)
    assert await silent_lines(life) == 0


async def test_a_cut_that_lowers_sessions_and_traffic_is_one_incident(life: Life) -> None:
    async with life.sessions() as session:
        cut = await cut_fibre(session, "F-Z3-BH-1")
    async with transaction(life.sessions) as session:
        await record_alarms(session, storm(cut, life.clock.now()), life.clock.now())
    await life.minutes(42, ["fibre:F-Z3-BH-1"])
    assert {a.alarm_type for a in life.alarms} >= {AlarmType.SESSIONS_LOW, AlarmType.TRAFFIC_LOW}
    (incident,) = await life.incidents()
    assert incident.element == "fibre:F-Z3-BH-1"
    assert any("signs beside" in sentence for sentence in incident.explanation)


async def test_a_day_and_a_night_in_which_all_is_well_hold_no_alarm(demo_sessions: Sessions) -> None:
    life = await Life.start(demo_sessions, seed=5)
    for _ in range(48):  # every half hour, some minutes of it
        await life.minutes(3)
        life.clock.advance(27 * 60)
    assert life.alarms == []


async def test_a_stream_that_starts_anew_goes_on_with_the_same_incident(life: Life) -> None:
    await life.minutes(5, ["service:dns"])
    life.stream = await type(life.stream).load(life.sessions, FrozenClock(life.clock.now()))
    life.stream.clock = life.clock
    await life.minutes(5, ["service:dns"])
    (incident,) = await life.incidents()
    assert incident.element == "service:dns"
