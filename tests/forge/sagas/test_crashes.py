"""kill -9 at every step of the answer to a cut: every effect comes, and none comes twice."""

import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.forge.sagas.story import begin, workers

pytestmark = pytest.mark.slow

RESPONSE = {"is_certain", "open_tickets", "diagnose", "write_down", "publish_status", "propose_notices", "send_crew"}
ENDING = {"restore_lines", "close", "tell_restored"}
NOTICES = {"claim", "hand_over", "record", "finish"}


async def test_killed_at_every_step_the_story_ends_as_if_nothing_had_happened(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, carrier="tells", dies="*")
    async with workers(story.plan) as ends:
        told = await story.ended(await story.sign())
        await story.clear()
        story.pass_time(minutes=11)
        await story.resolved()
        (restored,) = await story.rows("SELECT id FROM action WHERE tool = 'notify_restored'")
        told_again = await story.ended(restored)

    points = (tmp_path / "deaths").read_text().splitlines()
    assert len(points) > 30
    assert set(ends) == {-signal.SIGKILL}  # not one of them died of an error
    assert {point.split()[0].rstrip(":") for point in points} >= RESPONSE | ENDING | NOTICES
    people = await story.rows("SELECT subscriber_id FROM incident_line WHERE incident_id = :incident")
    assert told == told_again == ("done", {"notices": {"handed_over": len(people)}})
    taken = Counter(line.split()[0] for line in (tmp_path / "taken").read_text().splitlines())
    assert len(taken) == 2 * len(people) and set(taken.values()) == {1}
    tickets = "SELECT kind, count(*) FROM ticket WHERE incident_id = :incident AND kind <> 'subscriber' GROUP BY kind"
    assert dict(await story.rows(tickets)) == {"incident": 1, "zone": 2}
    assert await story.rows("SELECT state FROM work_order WHERE incident_id = :incident") == ["done"]
    actions = "SELECT tool, state FROM action WHERE incident_id = :incident ORDER BY reference"
    assert await story.rows(actions) == [
        ("notify_affected", "done"),
        ("create_work_order", "done"),
        ("assign_technician", "done"),
        ("notify_restored", "done"),
    ]
    said = Counter(await story.rows("SELECT text FROM incident_update WHERE incident_id = :incident"))
    del said["Our crew is still working on it."]  # as often as it takes
    assert set(said.values()) == {1}, said
    events = "SELECT kind, count(*) FROM event WHERE subject = :reference AND kind LIKE 'incident.%' GROUP BY kind"
    counted = dict(await story.rows(events, reference=f"INC-{story.incident}"))
    assert (counted["incident.opened"], counted["incident.cleared"], counted["incident.resolved"]) == (1, 1, 1)
