"""What is doubtful wakes somebody and tells nobody, until another source or a person says that it is so."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import id_source
from atlas.db import make_sessions, transaction
from atlas.network.enums import AlarmType, Feed, Severity
from atlas.network.ingest import record_alarms
from atlas.network.schemas import Alarm
from forge.executor import Call
from forge.outcome import Denied, Done
from forge.stream import Stream, config_for
from tests.factories.network import cut_fibre
from tests.forge.sagas.life import Plan, StoryClock, executor_of
from tests.forge.sagas.story import ALICE, FIBRE, NOON, Story, a_worker

pytestmark = pytest.mark.slow

PAGES = "SELECT person, state FROM page WHERE incident_id = :incident ORDER BY turn"
PAGED = "SELECT 1 FROM page WHERE incident_id = :incident AND turn = :turn AND state = 'handed_over'"
NOTICES = "SELECT count(*) FROM action WHERE incident_id = :incident AND tool LIKE 'notify%%' AND state <> 'denied'"
PUBLIC = "SELECT count(*) FROM incident_update WHERE incident_id = :incident AND is_public"
ORDERS = "SELECT count(*) FROM work_order WHERE incident_id = :incident"


async def begin(url: str, engine: AsyncEngine, folder: Path) -> Story:
    """Every device behind the backhaul of zone 3 is silent to the poller, and nobody else has said a word."""
    sessions = make_sessions(engine)
    async with sessions() as session:
        cut = await cut_fibre(session, FIBRE)
    plan = Plan(url, folder, silent=frozenset(cut.devices), on_call="anna sms +447700900801, lena voice +447700900802")
    clock = StoryClock(plan)
    clock.move(NOON)
    run = executor_of(plan, engine, clock, id_source(None))
    stream = await Stream.load(sessions, clock, config_for(run._kit.settings))
    story = Story(plan, sessions, clock, run, cut, stream)
    await hear_nothing(story)
    story.pass_time(minutes=6)
    await stream.step()
    story.incident = (await story.rows("SELECT max(id) FROM incident WHERE state = 'open'"))[0]
    return story


async def hear_nothing(story: Story, *, cleared: bool = False) -> None:
    alarms = [
        Alarm(
            resource=name,
            alarm_type=AlarmType.UNREACHABLE,
            severity=Severity.MAJOR,
            is_cleared=cleared,
            event_time=story.clock.now(),
            text="No answer to polls.",
            feed=Feed.POLLER,
        )
        for name in story.cut.devices
    ]
    async with transaction(story.sessions) as session:
        await record_alarms(session, alarms, story.clock.now())
    while await story.stream.step():
        pass


async def test_in_doubt_people_on_call_are_woken_in_turn_and_nobody_else_hears(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    reference = f"INC-{story.incident}"
    async with a_worker(story.plan):
        await story.until(PAGED, turn=0)
        assert await story.rows(PAGES) == [("anna", "handed_over")]
        refused = await story.run.propose(Call("notify_affected", {"incident": reference}, "by hand"), ALICE)
        assert isinstance(refused, Denied)

        story.pass_time(minutes=6)
        await story.until(PAGED, turn=1)
        assert await story.rows(PAGES) == [("anna", "handed_over"), ("lena", "handed_over")]
        taken = await story.run.propose(Call("acknowledge_incident", {"incident": reference}, "mine"), ALICE)
        assert isinstance(taken, Done)
        story.pass_time(minutes=30)
        await story.until("SELECT 1 FROM incident WHERE id = :incident AND acknowledged_by = 'alice'")
        assert [(await story.rows(query))[0] for query in (NOTICES, PUBLIC, ORDERS)] == [0, 0, 0]

        confirmed = await story.run.propose(Call("confirm_incident", {"incident": reference}, "it is so"), ALICE)
        assert isinstance(confirmed, Done)
        await story.sign()
        await story.until("SELECT 1 FROM work_order WHERE incident_id = :incident")
    assert len(await story.rows(PAGES)) == 2
    assert await story.rows(PUBLIC) == [1]
    first = await story.rows("SELECT text FROM outbox_message WHERE key LIKE 'page-%%' ORDER BY id LIMIT 1")
    assert first[0].startswith(reference)
    assert "only the poller says so" in first[0]


async def test_a_blind_poller_costs_a_page_and_nothing_else(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    async with a_worker(story.plan):
        await story.until(PAGED, turn=0)
        async with transaction(story.sessions) as session:
            now = {"now": story.clock.now()}
            await session.execute(
                text("UPDATE access_session SET last_interim_at = :now WHERE stopped_at IS NULL"), now
            )
        await story.stream.step()
        story.pass_time(minutes=2)
        await story.stream.step()
        assert await story.rows("SELECT element, effect FROM incident WHERE id = :incident") == [
            ("monitoring:poller", "none")
        ]
        story.pass_time(minutes=1)
        await hear_nothing(story, cleared=True)
        story.clock.move(story.clock.now() + timedelta(minutes=11))
        await story.resolved()
    assert [(await story.rows(query))[0] for query in (NOTICES, PUBLIC, ORDERS)] == [0, 0, 0]
    assert await story.rows("SELECT state FROM incident WHERE id = :incident") == ["resolved"]
