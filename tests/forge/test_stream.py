"""The stream: from the alarm log to incidents, across restarts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from atlas.clock import FrozenClock
from atlas.db import Sessions, transaction
from atlas.itsm.models import Incident, IncidentAlarm, IncidentLine
from atlas.network.ingest import record_alarms
from atlas.network.models import AlarmRecord
from atlas.network.schemas import Alarm
from forge.stream import Stream
from tests.factories.network import Cut, cut_fibre, storm

FIBRE = "F-Z3-BH-1"
NOON = datetime(2030, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def noon() -> FrozenClock:
    return FrozenClock(NOON)


async def the_cut(sessions: Sessions) -> Cut:
    async with sessions() as session:
        return await cut_fibre(session, FIBRE)


async def post(sessions: Sessions, clock: FrozenClock, alarms: list[Alarm]) -> None:
    async with transaction(sessions) as session:
        await record_alarms(session, alarms, clock.now())


async def drain(stream: Stream) -> None:
    while await stream.step():
        pass


async def fresh_incidents(sessions: Sessions) -> list[Incident]:
    async with sessions() as session:
        query = select(Incident).where(Incident.detected_at >= NOON).order_by(Incident.id)
        return list(await session.scalars(query))


async def test_a_cut_becomes_one_incident_with_its_cause_and_everyone_it_touches(
    demo_sessions: Sessions, noon: FrozenClock
) -> None:
    cut = await the_cut(demo_sessions)
    stream = await Stream.load(demo_sessions, noon)
    noon.advance(90)
    await post(demo_sessions, noon, storm(cut, NOON))
    await drain(stream)
    (incident,) = await fresh_incidents(demo_sessions)
    assert incident.element == f"fibre:{FIBRE}"
    assert incident.is_certain
    assert incident.devices == len(cut.devices)
    assert incident.subscribers == len(cut.lines)
    async with demo_sessions() as session:
        lines = await session.scalar(select(func.count()).where(IncidentLine.incident_id == incident.id))
        started = (await session.execute(text("SELECT workflow_uuid FROM dbos.workflow_status"))).scalars().all()
    assert lines == len(cut.lines)
    assert started == [f"fault-response-{incident.id}"]


async def test_a_stream_that_is_killed_in_mid_storm_goes_on_with_the_same_incident(
    demo_sessions: Sessions, noon: FrozenClock
) -> None:
    cut = await the_cut(demo_sessions)
    alarms = storm(cut, NOON)
    half = len(alarms) // 2
    first = await Stream.load(demo_sessions, noon)
    await post(demo_sessions, noon, alarms[:half])
    await drain(first)
    await post(demo_sessions, noon, alarms[half:])
    second = await Stream.load(demo_sessions, noon)  # the first is never asked again
    await drain(second)
    (incident,) = await fresh_incidents(demo_sessions)
    async with demo_sessions() as session:
        tied = await session.scalar(select(func.count()).where(IncidentAlarm.incident_id == incident.id))
        known = await session.scalar(select(func.count()).where(AlarmRecord.last_event_at >= NOON))
    assert tied == known == len(alarms)


async def test_when_every_alarm_has_cleared_the_incident_is_watched(demo_sessions: Sessions, noon: FrozenClock) -> None:
    cut = await the_cut(demo_sessions)
    stream = await Stream.load(demo_sessions, noon)
    await post(demo_sessions, noon, storm(cut, NOON))
    await drain(stream)
    noon.advance(3600)
    await post(demo_sessions, noon, storm(cut, NOON + timedelta(hours=1), cleared=True))
    await drain(stream)
    (incident,) = await fresh_incidents(demo_sessions)
    assert incident.state == "monitoring"
    assert incident.cleared_at == noon.now()


async def test_one_flapping_modem_is_no_incident(demo_sessions: Sessions, noon: FrozenClock) -> None:
    cut = await the_cut(demo_sessions)
    stream = await Stream.load(demo_sessions, noon)
    lonely = Cut(near_ports=[], devices=[], lines=cut.lines[:1])
    await post(demo_sessions, noon, storm(lonely, NOON))
    await drain(stream)
    assert await fresh_incidents(demo_sessions) == []


async def test_a_device_nobody_knows_does_not_stop_the_stream(demo_sessions: Sessions, noon: FrozenClock) -> None:
    stream = await Stream.load(demo_sessions, noon)
    stranger = storm(Cut([("stranger", "Te0/0/0/1", "203.0.113.9")], ["stranger-2"], []), NOON)
    await post(demo_sessions, noon, stranger)
    await drain(stream)
    found = await fresh_incidents(demo_sessions)
    assert all(incident.subscribers == 0 for incident in found)
    assert all(not incident.is_certain for incident in found)
