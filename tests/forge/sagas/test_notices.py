"""Notices whose sender dies, whose carrier can't be asked, that are stopped, and that are asked for twice."""

import asyncio
import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from forge.executor import Call
from forge.outcome import AwaitingSignOff, Denied
from tests.forge.sagas.story import ALICE, LENA, Story, a_worker, begin, died, start

pytestmark = pytest.mark.slow

PEOPLE = 312
STATES = "SELECT state, count(*) FROM notice WHERE incident_id = :incident AND kind = 'outage' GROUP BY state"


def taken(story: Story) -> Counter[str]:
    """How often the carrier was given each message."""
    file = story.plan.folder / "taken"
    return Counter(line.split()[0] for line in file.read_text().splitlines()) if file.exists() else Counter()


async def notify(story: Story, key: str) -> AwaitingSignOff:
    """An engineer asks for the notices, too."""
    call = Call("notify_affected", {"incident": f"INC-{story.incident}"}, key)
    asked = await story.run.propose(call, ALICE)
    assert isinstance(asked, AwaitingSignOff), asked
    return asked


async def test_what_a_dead_sender_has_handed_over_is_found_and_not_sent_again(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, carrier="tells", dies="hand_over: took message 40")
    first = start(story.plan)
    action = await story.sign()
    assert await died(first) == -signal.SIGKILL
    assert len(taken(story)) >= 40
    assert dict(await story.rows(STATES)) == {"sending": PEOPLE}
    async with a_worker(story.plan):
        assert await story.ended(action) == ("done", {"notices": {"handed_over": PEOPLE}})
    assert len(taken(story)) == PEOPLE and set(taken(story).values()) == {1}


async def test_what_a_carrier_cannot_tell_is_unknown_and_never_sent_again(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, carrier="cannot_tell", dies="hand_over: took message 40")
    first = start(story.plan)
    action = await story.sign()
    await died(first)
    before = taken(story)
    async with a_worker(story.plan):
        assert await story.ended(action) == ("done", {"notices": {"unknown": PEOPLE}})
        again = await story.run.propose(Call("notify_affected", {"incident": f"INC-{story.incident}"}, "again"), ALICE)
    assert "Done" in again.text() or "Started" in again.text()
    assert taken(story) == before and set(before.values()) == {1}


async def test_the_off_switch_in_mid_send_holds_back_the_rest(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, carrier="tells", hand_over_takes=0.3)
    async with a_worker(story.plan):
        action = await story.sign()
        while not taken(story):
            await asyncio.sleep(0.02)
        await story.run.freeze("notify", LENA, "wrong text")
        state, result = await story.ended(action)
        sent = len(taken(story))
        assert (state, result) == ("failed", {"notices": {"handed_over": sent, "skipped": PEOPLE - sent}})
        assert sent <= 64
        (error,) = await story.rows("SELECT error FROM action WHERE id = :action", action=action)
        assert error == f"Stopped by the NOC; {PEOPLE - sent} notices were not sent."
        await story.run.thaw("notify", LENA)
        rest = await notify(story, "the rest")
        assert f"Tell {PEOPLE - sent} subscribers" in rest.summary
        await story.run.sign(rest.action, LENA, approve=True)
        assert (await story.ended(rest.action))[0] == "done"
    assert len(taken(story)) == PEOPLE and set(taken(story).values()) == {1}


async def test_a_stop_after_a_crash_counts_what_had_gone_out(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, carrier="tells", dies="hand_over: took message 40")
    first = start(story.plan)
    action = await story.sign()
    await died(first)
    await story.run.freeze("all", LENA, "let me look")
    sent = len(taken(story))
    async with a_worker(story.plan):
        ended = await story.ended(action)
    assert ended == ("failed", {"notices": {"handed_over": sent, "skipped": PEOPLE - sent}})
    assert sum(taken(story).values()) == sent


async def test_of_two_calls_about_one_incident_the_second_is_superseded(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, carrier="tells")
    asked = await notify(story, "by hand")
    async with a_worker(story.plan):
        action = await story.sign_other_than(asked.action)
        assert (await story.ended(action))[0] == "done"
    ((state, error),) = await story.rows("SELECT state, error FROM action WHERE id = :id", id=asked.action)
    assert state == "expired" and error.startswith("Superseded")
    assert isinstance(await story.run.sign(asked.action, LENA, approve=True), Denied)
    assert len(taken(story)) == PEOPLE and set(taken(story).values()) == {1}


async def test_of_two_calls_signed_at_once_nobody_hears_twice(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, carrier="tells")
    calls = [await notify(story, key) for key in "ab"]
    await asyncio.gather(*(story.run.sign(call.action, LENA, approve=True) for call in calls))
    async with a_worker(story.plan):
        await story.until(
            "SELECT 1 FROM action WHERE tool = 'notify_affected' HAVING bool_and(finished_at IS NOT NULL)"
        )
    assert dict(await story.rows(STATES)) == {"handed_over": PEOPLE}
    assert len(taken(story)) == PEOPLE and set(taken(story).values()) == {1}
