"""What the stream makes of a monitor that is cut off, of planned work, and of noise, on the demo ISP."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from atlas.clock import FrozenClock
from atlas.cmdb import maintenance
from atlas.cmdb.models import PlannedAlarm
from atlas.db import Sessions, transaction
from atlas.itsm.models import Incident
from atlas.network.enums import DEVICE_KINDS, AlarmType, Feed, Severity
from atlas.network.ingest import record_alarms
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from forge.stream import Stream, config_for
from tests.factories.network import Cut, cut_fibre, storm

NOON = datetime(2030, 3, 2, 12, 0, tzinfo=UTC)
POLLED = "SELECT name FROM node WHERE device_id IS NOT NULL AND kind = ANY(:kinds) ORDER BY name"
ACCOUNT = "UPDATE access_session SET last_interim_at = :now WHERE stopped_at IS NULL"


@pytest.fixture
def noon() -> FrozenClock:
    return FrozenClock(NOON)


async def polled(sessions: Sessions) -> list[str]:
    """Every device the poller asks."""
    async with sessions() as session:
        return list((await session.execute(text(POLLED), {"kinds": sorted(DEVICE_KINDS)})).scalars())


def unreachable(devices: Sequence[str], at: datetime, *, cleared: bool = False) -> list[Alarm]:
    return [
        Alarm(
            resource=name,
            alarm_type=AlarmType.UNREACHABLE,
            severity=Severity.MAJOR,
            is_cleared=cleared,
            event_time=at,
            text="No answer to polls.",
            feed=Feed.POLLER,
        )
        for name in devices
    ]


async def post(sessions: Sessions, clock: FrozenClock, alarms: list[Alarm]) -> None:
    async with transaction(sessions) as session:
        await record_alarms(session, alarms, clock.now())


async def account(sessions: Sessions, clock: FrozenClock) -> None:
    """Every line that is online accounts now."""
    async with transaction(sessions) as session:
        await session.execute(text(ACCOUNT), {"now": clock.now()})


async def drain(stream: Stream, steps: int = 3) -> None:
    for _ in range(steps):
        while await stream.step():
            pass


async def found(sessions: Sessions) -> list[Incident]:
    async with sessions() as session:
        query = select(Incident).where(Incident.detected_at >= NOON, Incident.state != "merged").order_by(Incident.id)
        return list(await session.scalars(query))


async def a_stream(sessions: Sessions, clock: FrozenClock) -> Stream:
    return await Stream.load(sessions, clock, config_for(Settings(demo=True)))


async def test_a_poller_that_hears_nobody_while_every_line_accounts_is_blind(
    demo_sessions: Sessions, noon: FrozenClock
) -> None:
    stream = await a_stream(demo_sessions, noon)
    devices = await polled(demo_sessions)
    await account(demo_sessions, noon)
    await post(demo_sessions, noon, unreachable(devices, noon.now()))
    noon.advance(10)
    await drain(stream)
    (incident,) = await found(demo_sessions)
    assert incident.is_doubtful
    assert "only the poller" in incident.doubts[0]

    noon.advance(300)
    await account(demo_sessions, noon)
    await drain(stream)
    (incident,) = await found(demo_sessions)
    assert (incident.element, incident.mode, incident.effect) == ("monitoring:poller", "blind", "none")
    assert (incident.subscribers, incident.devices, incident.remedy) == (0, 0, "desk")
    assert incident.is_doubtful

    await post(demo_sessions, noon, unreachable(devices, noon.now(), cleared=True))
    await drain(stream)
    (incident,) = await found(demo_sessions)
    assert incident.state == "monitoring"


async def test_a_cut_that_its_neighbours_saw_is_not_doubted(demo_sessions: Sessions, noon: FrozenClock) -> None:
    stream = await a_stream(demo_sessions, noon)
    async with demo_sessions() as session:
        cut = await cut_fibre(session, "F-Z3-BH-1")
    noon.advance(90)
    await post(demo_sessions, noon, storm(cut, NOON))
    await drain(stream)
    (incident,) = await found(demo_sessions)
    assert not incident.doubts


async def test_a_dead_device_that_only_polls_miss_is_believed_once_its_lines_are_missed(
    demo_sessions: Sessions, noon: FrozenClock
) -> None:
    stream = await a_stream(demo_sessions, noon)
    async with demo_sessions() as session:
        cut = await cut_fibre(session, "F-Z3-BH-1")
    await post(demo_sessions, noon, unreachable(cut.devices, NOON))
    noon.advance(400)
    await drain(stream)
    (incident,) = await found(demo_sessions)
    assert incident.is_doubtful
    noon.advance(2_000)
    missed = [alarm for alarm in storm(Cut([], [], cut.lines), NOON) if alarm.alarm_type == AlarmType.INTERIM_MISSING]
    await post(demo_sessions, noon, missed)
    await drain(stream)
    (incident,) = await found(demo_sessions)
    assert not incident.is_doubtful


async def test_planned_work_explains_its_own_and_what_outlasts_it_is_an_incident(
    demo_sessions: Sessions, noon: FrozenClock
) -> None:
    stream = await a_stream(demo_sessions, noon)
    async with transaction(demo_sessions) as session:
        cut = await cut_fibre(session, "F-Z3-BH-1")
        window = await maintenance.plan(
            session,
            element="fibre:F-Z3-BH-1",
            starts_at=NOON - timedelta(minutes=5),
            ends_at=NOON + timedelta(hours=1),
            reason="Move the cable",
            by="anna",
            now=NOON,
        )
    alarms = storm(cut, NOON)
    noon.advance(90)
    await post(demo_sessions, noon, alarms)
    await drain(stream)
    assert await found(demo_sessions) == []
    async with demo_sessions() as session:
        query = select(func.count()).select_from(PlannedAlarm).where(PlannedAlarm.window_id == window.id)
        assert await session.scalar(query) == len(alarms)

    noon.advance(3600)
    await drain(stream)
    (incident,) = await found(demo_sessions)
    assert incident.element == "fibre:F-Z3-BH-1"
    assert any(window.reference in line and "should have ended" in line for line in incident.explanation)


async def test_work_called_off_explains_nothing(demo_sessions: Sessions, noon: FrozenClock) -> None:
    stream = await a_stream(demo_sessions, noon)
    async with transaction(demo_sessions) as session:
        cut = await cut_fibre(session, "F-Z3-BH-1")
        window = await maintenance.plan(
            session,
            element="fibre:F-Z3-BH-1",
            starts_at=NOON,
            ends_at=NOON + timedelta(hours=1),
            reason="Move the cable",
            by="anna",
            now=NOON,
        )
        await maintenance.cancel(session, window.reference, "anna", NOON)
    noon.advance(90)
    await post(demo_sessions, noon, storm(cut, NOON))
    await drain(stream)
    assert len(await found(demo_sessions)) == 1
