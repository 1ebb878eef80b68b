"""Workers come and go, with other code and in other slots: a story goes on where it was."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.forge.sagas.story import Story, a_worker, begin, kill

pytestmark = pytest.mark.slow

SAID = "SELECT text FROM incident_update WHERE incident_id = :incident"


async def to_the_end(story: Story) -> None:
    """The splice is done; everybody hears of it."""
    await story.clear()
    story.pass_time(minutes=11)
    await story.resolved()


def slot_of(story: Story, worker: Any) -> str:
    return (story.plan.folder / f"slot-{worker.pid}").read_text()


async def once_each(story: Story) -> None:
    said = Counter(await story.rows(SAID))
    del said["Our crew is still working on it."]
    assert set(said.values()) == {1}, said
    assert await story.rows("SELECT count(*) FROM work_order WHERE incident_id = :incident") == [1]
    assert await story.rows("SELECT count(*) FROM ticket WHERE incident_id = :incident AND kind = 'incident'") == [1]


async def test_a_story_begun_by_yesterdays_code_is_ended_by_todays(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    async with a_worker(story.plan):
        await story.until("SELECT 1 FROM work_order WHERE incident_id = :incident AND state = 'assigned'")
    async with a_worker(replace(story.plan, edited=True)):
        await to_the_end(story)
    await once_each(story)
    assert (await story.rows(SAID + " ORDER BY id"))[-2:] == ["Thank you for your patience.", "Service is restored."]


async def test_a_second_worker_takes_nothing_from_a_living_one_and_a_third_takes_over_from_a_dead_one(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    async with a_worker(story.plan) as first:
        await story.until("SELECT 1 FROM work_order WHERE incident_id = :incident AND state = 'assigned'")
        async with a_worker(story.plan) as second:
            assert (slot_of(story, first), slot_of(story, second)) == ("worker-0", "worker-1")
            saga = "SELECT executor_id, recovery_attempts FROM dbos.workflow_status WHERE name = 'fault_response'"
            ((owner, attempts),) = await story.rows(saga)
            assert owner == "worker-0"
            kill(first)
            async with a_worker(story.plan) as third:
                assert slot_of(story, third) == "worker-0"
                await to_the_end(story)
            ((_, attempts_in_all),) = await story.rows(saga)
            assert attempts_in_all == attempts + 1
    await once_each(story)


async def test_a_network_that_cannot_be_asked_for_a_while_is_not_the_end(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path, unreachable=2)
    async with a_worker(story.plan):
        await story.until("SELECT 1 FROM work_order WHERE incident_id = :incident AND state = 'assigned'")
    assert any("2 of 2 devices on the near side answer" in words for words in await story.rows(SAID))
