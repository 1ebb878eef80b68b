"""The answer to a cut, from the first finding to the last person told; and to one that was part of another."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.db import transaction
from tests.forge.sagas.story import Story, a_worker, begin

pytestmark = pytest.mark.slow

CUT_OFF = "SELECT subscriber_id FROM incident_line WHERE incident_id = :incident ORDER BY 1"
ON_ANOTHER_CHANNEL = """
SELECT count(*) FROM notice n JOIN subscriber s ON s.id = n.subscriber_id
WHERE n.incident_id = :incident AND n.channel NOT IN ('none', s.preferred_channel) AND EXISTS (
    SELECT 1 FROM contact c
    WHERE c.subscriber_id = s.id AND c.channel = s.preferred_channel AND c.opted_out_at IS NULL)
"""
AGAINST_THEIR_WILL = """
SELECT count(*) FROM notice n JOIN contact c USING (subscriber_id, channel, address)
WHERE n.incident_id = :incident AND c.opted_out_at IS NOT NULL
"""
TICKETS = "SELECT kind, state, count(*) FROM ticket WHERE incident_id = :incident GROUP BY 1, 2 ORDER BY 1"
ORDERS = """
SELECT w.state, w.skill = ANY(SELECT skill FROM technician_skill k WHERE k.technician_id = w.technician_id)
FROM work_order w WHERE w.incident_id = :incident
"""


async def change(story: Story, statement: str, **values: object) -> None:
    async with transaction(story.sessions) as session:
        await session.execute(text(statement), values)


async def test_from_the_cut_to_the_last_person_told(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    cut_off = await story.rows(CUT_OFF)
    with_ticket = await story.rows(
        "SELECT t.subscriber_id FROM ticket t WHERE t.kind = 'subscriber' AND t.subscriber_id = ANY(:who)"
        " AND t.state IN ('open', 'in_progress') AND t.category <> 'billing' ORDER BY t.subscriber_id",
        who=cut_off,
    )
    still_silent, not_by_sms, deaf = with_ticket[0], *[who for who in cut_off if who not in with_ticket][:2]
    await change(story, "UPDATE contact SET opted_out_at = now() WHERE subscriber_id = :who", who=deaf)
    await change(
        story,
        "UPDATE contact c SET opted_out_at = now() FROM subscriber s"
        " WHERE s.id = c.subscriber_id AND s.preferred_channel = c.channel AND s.id = :who",
        who=not_by_sms,
    )
    async with a_worker(story.plan):
        action = await story.sign()
        assert await story.ended(action) == ("done", {"notices": {"handed_over": len(cut_off) - 1, "skipped": 1}})
        assert await story.rows(TICKETS) == [
            ("incident", "in_progress", 1),
            ("subscriber", "in_progress", len(with_ticket)),
            ("zone", "in_progress", 2),
        ]
        assert await story.rows(ORDERS) == [("assigned", True)]
        await change(
            story,
            "UPDATE access_session a SET silent_since = now(), stopped_at = NULL FROM service s"
            " WHERE s.id = a.service_id AND s.subscriber_id = :who",
            who=still_silent,
        )
        await story.clear()
        story.pass_time(minutes=11)
        await story.resolved()
        (restored,) = await story.rows("SELECT id FROM action WHERE tool = 'notify_restored'")
        assert await story.ended(restored) == ("done", {"notices": {"handed_over": len(cut_off) - 2}})

    assert await story.rows("SELECT state FROM incident WHERE id = :incident") == ["resolved"]
    assert await story.rows(TICKETS) == [
        ("incident", "resolved", 1),
        ("subscriber", "in_progress", 1),
        ("subscriber", "resolved", len(with_ticket) - 1),
        ("zone", "resolved", 2),
    ]
    assert await story.rows(ORDERS) == [("done", True)]
    assert await story.rows(CUT_OFF.replace("ORDER", "AND restored_at IS NULL ORDER")) == [still_silent]
    assert await story.rows("SELECT count(*) FROM outbox_message") == [2 * len(cut_off) - 3]
    assert await story.rows(ON_ANOTHER_CHANNEL) == [0]
    assert await story.rows(AGAINST_THEIR_WILL) == [0]
    heard = "SELECT kind FROM notice WHERE incident_id = :incident AND subscriber_id = :who AND state = 'handed_over'"
    assert Counter(await story.rows(heard, who=not_by_sms)) == {"outage": 1, "restored": 1}
    assert await story.rows(heard, who=still_silent) == ["outage"]
    assert await story.rows(heard, who=deaf) == []
    public = await story.rows(
        "SELECT text FROM incident_update WHERE incident_id = :incident AND is_public ORDER BY id"
    )
    assert (public[0], public[-1]) == (
        "We have found a damaged fibre cable and are working on it.",
        "Service is restored.",
    )


async def test_no_truck_is_sent_where_nobody_has_to_go(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    await change(
        story, "UPDATE incident SET mode = 'rain fade', remedy = 'wait' WHERE id = :incident", incident=story.incident
    )
    async with a_worker(story.plan):
        await story.sign()
        await story.clear()
        story.pass_time(minutes=11)
        await story.resolved()
    assert await story.rows(ORDERS) == []
    public = await story.rows(
        "SELECT text FROM incident_update WHERE incident_id = :incident AND is_public ORDER BY id"
    )
    assert "heavy rain" in public[0]


async def test_what_breaks_again_is_not_over(demo_database: str, demo_engine: AsyncEngine, tmp_path: Path) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    someone, *_ = await story.rows(CUT_OFF)
    quiet = "UPDATE access_session SET silent_since = now(), stopped_at = NULL WHERE service_id = ANY(:lines)"
    lines = await story.rows("SELECT service_id FROM incident_line WHERE subscriber_id = :who", who=someone)
    await change(story, quiet, lines=lines)  # it keeps the saga waiting for this line while the rest is back
    async with a_worker(story.plan):
        await story.sign()
    await story.clear()
    story.pass_time(minutes=11)
    async with a_worker(replace(story.plan, speed=40)):
        await story.until("SELECT 1 FROM incident_line WHERE incident_id = :incident AND restored_at IS NOT NULL")
        await story.break_again()
        assert await story.rows(CUT_OFF.replace("ORDER", "AND restored_at IS NOT NULL ORDER")) == []
        await story.until("SELECT 1 FROM dbos.operation_outputs WHERE function_name = 'send_crew' OFFSET 1")
    await story.clear()
    story.pass_time(minutes=11)
    async with a_worker(story.plan):
        await story.resolved()
    told = "SELECT kind FROM event WHERE subject = :reference AND kind = ANY(:kinds) ORDER BY id"
    kinds = [f"incident.{what}" for what in ("cleared", "reopened", "cleared", "resolved")]
    assert await story.rows(told, reference=f"INC-{story.incident}", kinds=kinds) == kinds


async def test_an_incident_that_was_part_of_another_is_taken_back(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    async with a_worker(story.plan):
        await story.until("SELECT 1 FROM work_order WHERE incident_id = :incident AND state = 'assigned'")
        tickets = "SELECT count(*) FROM ticket WHERE incident_id = :of AND kind = 'subscriber'"
        (own,) = await story.rows(tickets, of=story.incident)
        whole = await story.merge_into_another()
        await story.resolved()
    assert own > 0
    actions = "SELECT tool, state, error FROM action WHERE incident_id = :incident ORDER BY reference"
    assert await story.rows(actions) == [
        ("notify_affected", "expired", "Part of another incident."),
        ("create_work_order", "done", None),
        ("assign_technician", "done", None),
    ]
    assert await story.rows("SELECT state FROM work_order WHERE incident_id = :incident") == ["cancelled"]
    assert await story.rows(TICKETS) == [("incident", "resolved", 1), ("zone", "resolved", 2)]
    assert await story.rows(tickets, of=whole) == [own]
    assert await story.rows("SELECT count(*) FROM notice WHERE incident_id = :incident") == [0]
