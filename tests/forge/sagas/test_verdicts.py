"""A person speaks while the answer to a cut is under way: the saga obeys, and nobody is told what a person held."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from forge.executor import Call
from forge.outcome import Denied, Done
from policies.spec import FORGE
from tests.forge.sagas.story import ALICE, LENA, Story, a_worker, begin

pytestmark = pytest.mark.slow

CUT_OFF = "SELECT DISTINCT subscriber_id FROM incident_line WHERE incident_id = :incident"
STATES = "SELECT state, count(*) FROM notice WHERE incident_id = :incident AND kind = :kind GROUP BY 1 ORDER BY 1"
WAITING = """
SELECT id FROM action WHERE incident_id = :incident AND tool = :tool AND state = 'awaiting_sign_off'
"""
ORDERS = "SELECT element, state FROM work_order WHERE incident_id = :incident ORDER BY id"
ASSIGNED = "SELECT 1 FROM work_order WHERE incident_id = :incident AND state = 'assigned' AND element = :element"
TICKETS = "SELECT DISTINCT kind, state FROM ticket WHERE incident_id = :incident ORDER BY 1"
PUBLIC = "SELECT text FROM incident_update WHERE incident_id = :incident AND is_public ORDER BY id DESC LIMIT 1"


async def say(story: Story, tool: str, **arguments: Any) -> dict[str, Any]:
    """Alice gives a verdict."""
    call = Call(tool, {"incident": f"INC-{story.incident}", **arguments}, key=uuid4().hex)
    outcome = await story.run.propose(call, ALICE)
    assert isinstance(outcome, Done), outcome.text()
    return outcome.result


async def forge_says(story: Story, tool: str) -> Any:
    """Forge asks by itself, whatever the saga does."""
    return await story.run.propose(Call(tool, {"incident": f"INC-{story.incident}"}, key=uuid4().hex), FORGE)


async def test_a_false_alarm_is_taken_back_and_whoever_was_told_is_told_so(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    async with a_worker(story.plan):
        await story.ended(await story.sign())
        await story.until(ASSIGNED, element="fibre:F-Z3-BH-1")
        told = dict(await story.rows(STATES, kind="outage"))
        given = await say(story, "retract_incident", reason="The poller had lost its route.")
        assert given["subscribers"] == told["handed_over"]
        await story.resolved()
        assert await story.rows(ORDERS) == [("fibre:F-Z3-BH-1", "cancelled")]
        assert await story.rows(TICKETS) == [("incident", "resolved"), ("zone", "resolved")]
        assert "poller had lost its route" in (await story.rows(RESOLUTION))[0]
        assert await story.rows(PUBLIC) == ["We looked into this again: there was no fault in our network."]
        correction = await story.until(WAITING, tool="notify_correction")  # a notice like any other: somebody signs
        await story.run.sign(correction, LENA, approve=True)
        assert await story.ended(correction) == ("done", {"notices": {"handed_over": told["handed_over"]}})
    assert await story.rows(STATES, kind="restored") == []


RESOLUTION = "SELECT resolution FROM ticket WHERE incident_id = :incident AND kind = 'incident'"


async def test_a_false_alarm_of_which_nobody_was_told_tells_nobody(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    async with a_worker(story.plan):
        waiting = await story.until(WAITING, tool="notify_affected")
        assert (await say(story, "retract_incident", reason="A wrong cable map."))["subscribers"] == 0
        await story.resolved()
        assert isinstance(await story.run.sign(waiting, LENA, approve=True), Denied)
    assert await story.rows("SELECT count(*) FROM notice WHERE incident_id = :incident") == [0]


async def test_what_is_held_waits_for_its_release_and_is_then_told_once(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    async with a_worker(story.plan):
        waiting = await story.until(WAITING, tool="notify_affected")
        await say(story, "hold_notices", reason="The press first.")
        assert isinstance(await story.run.sign(waiting, LENA, approve=True), Denied)
        for tool in ("notify_affected", "notify_restored", "notify_correction"):
            refused = await forge_says(story, tool)
            assert isinstance(refused, Denied)
            assert "release them first" in refused.reason
        await say(story, "correct_cause", element="fibre:F-Z3-BH-1")  # news, which the saga follows up
        await story.until(ASSIGNED, element="fibre:F-Z3-BH-1")
        assert await story.rows(WAITING, tool="notify_affected") == []
        await say(story, "release_notices")
        again = await story.until(WAITING, tool="notify_affected")
        await story.run.sign(again, LENA, approve=True)
        assert (await story.ended(again))[0] == "done"
    assert dict(await story.rows(STATES, kind="outage"))["handed_over"] == len(await story.rows(CUT_OFF))


async def test_a_hold_stops_what_is_half_sent_and_nobody_is_told_twice(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, carrier="tells", hand_over_takes=0.4)
    taken = tmp_path / "taken"
    async with a_worker(story.plan):
        action = await story.sign()
        await story.until("SELECT 1 FROM notice WHERE incident_id = :incident AND state = 'sending'")
        await say(story, "hold_notices")
        await story.ended(action)
        first = len(taken.read_text().splitlines())
        everyone = len(await story.rows(CUT_OFF))
        assert 0 < first < everyone
        assert dict(await story.rows(STATES, kind="outage")) == {"handed_over": first, "skipped": everyone - first}
        await say(story, "release_notices")
        rest = await story.until(WAITING, tool="notify_affected")
        await story.run.sign(rest, LENA, approve=True)
        assert await story.ended(rest) == ("done", {"notices": {"handed_over": everyone - first}})
    assert len({line.split()[0] for line in taken.read_text().splitlines()}) == everyone


async def test_a_crew_on_its_way_to_what_is_not_the_cause_is_called_back_and_sent_there(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    olt = f"node:{(await story.rows(OLT, names=story.cut.devices))[0]}"
    async with a_worker(story.plan):
        await story.until(ASSIGNED, element="fibre:F-Z3-BH-1")
        await say(story, "correct_cause", element=olt, reason="Its fan tray is black.")
        await story.until(ASSIGNED, element=olt)
        assert await story.rows(ORDERS) == [("fibre:F-Z3-BH-1", "cancelled"), (olt, "assigned")]
        assert await story.rows(PUBLIC) == ["We now know more: it is a fault in a piece of our equipment."]
        await say(story, "correct_cause", cause="The town's power supplier")
        await story.until("SELECT 1 FROM work_order WHERE incident_id = :incident AND element = :e"
                          " AND state = 'cancelled'", e=olt)  # fmt: skip
        assert await story.rows(PUBLIC) == ["We now know more: it is a fault outside our own network."]


OLT = "SELECT name FROM node WHERE name = ANY(:names) AND kind = 'olt' ORDER BY name"


async def test_a_part_that_was_split_off_is_answered_by_itself(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    olt = f"node:{(await story.rows(OLT, names=story.cut.devices))[0]}"
    async with a_worker(story.plan):
        await story.until(WAITING, tool="notify_affected")
        given = await say(story, "split_incident", elements=[olt], reason="Its own power.")
        await story.stream.step()
        other = int(given["other"].removeprefix("INC-"))
        await story.until("SELECT 1 FROM ticket WHERE incident_id = :other AND kind = 'zone'", other=other)
        both = await story.rows("SELECT count(*) FROM incident_line a JOIN incident_line b USING (service_id)"
                                " WHERE a.incident_id = :incident AND b.incident_id = :other", other=other)  # fmt: skip
        assert both == [0]
