"""What a person said, the stream obeys: at once, whatever comes after, and after it was killed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.db import transaction
from atlas.itsm import incidents, verdicts
from forge.outcome import Denied, Failed
from policies.spec import Principal
from tests.factories.network import Cut, storm
from tests.forge.night import LENA, Night

pytestmark = pytest.mark.slow

SAM = Principal("staff", "sam", "support")
TOLD = text("UPDATE notice SET state = 'handed_over' WHERE state = 'drafted'")
ZONE_3, ZONE_6 = "F-Z3-BH-1", "F-Z6-BH-1"


@pytest.fixture
async def night(demo_engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Night]:
    yield await Night.begin(demo_engine, tmp_path)


async def test_what_was_merged_never_falls_apart(night: Night) -> None:
    three, six = await night.cut(ZONE_3), await night.cut(ZONE_6)
    await night.hear(three)
    await night.hear(six)
    one, other = await night.incidents()
    await night.say("merge_incidents", incident=other.reference, into=one.reference, reason="One digger.")
    await night.read()
    everything = await night.alarms_of(one)
    assert everything >= {*three.devices, *six.devices}
    await night.restart()
    night.clock.advance(30)
    await night.hear(six)  # and it is heard again
    first, second = await night.incidents()
    assert (first.state, second.state, second.merged_into_id) == ("open", "merged", one.id)
    assert await night.alarms_of(first) == everything
    assert await night.lines_of(first) >= await night.lines_of(second)
    pins = night.stream.correlator._grouping.pins
    assert pins.whole == {one.id}


async def test_what_was_split_is_never_joined_again(night: Night) -> None:
    three = await night.cut(ZONE_3)
    await night.hear(three)
    (one,) = await night.incidents()
    olt = f"node:{await an_olt(night, three)}"
    given = await night.say("split_incident", incident=one.reference, elements=[olt], reason="Its own power.")
    for _ in range(3):
        await night.read()
        first, second = await night.incidents()
        assert (second.reference, first.state, second.state) == (given["other"], "open", "open")
        assert not await night.alarms_of(first) & await night.alarms_of(second)
        assert not await night.lines_of(first) & await night.lines_of(second)
        assert await night.lines_of(second)
        night.clock.advance(20)
        await night.hear(three, ago=10)
        await night.restart()
    assert second.element is not None and second.confidence > 0  # Cortex has looked at it by itself
    assert await night.rows("SELECT 1 FROM dbos.workflow_status WHERE workflow_uuid = :w",
                            w=f"fault-response-{second.id}") == [1]  # fmt: skip


async def an_olt(night: Night, cut: Cut) -> str:
    """A device behind the cut that serves lines."""
    (found, *_) = await night.rows("SELECT name FROM node WHERE name = ANY(:n) AND kind = 'olt'", n=cut.devices)
    return str(found)


async def test_the_lines_of_a_part_that_was_told_are_not_told_twice(night: Night) -> None:
    three = await night.cut(ZONE_3)
    await night.hear(three)
    (one,) = await night.incidents()
    outcome = await night.forge("notify_affected", incident=one.reference)
    action = outcome.as_dict()["action"]
    await night.run.sign(action, LENA, approve=True)
    async with transaction(night.sessions) as session:
        await session.execute(TOLD)
    given = await night.say("split_incident", incident=one.reference, elements=[f"node:{await an_olt(night, three)}"])
    await night.read()
    again = await night.forge("notify_affected", incident=given["other"])
    assert await night.rows("SELECT count(*) FROM notice WHERE action_id = :a", a=again.as_dict()["action"]) == [0]


async def test_who_was_excluded_does_not_come_back_and_hears_nothing(night: Night) -> None:
    three = await night.cut(ZONE_3)
    await night.hear(three)
    (one,) = await night.incidents()
    numbers = await night.rows(
        "SELECT b.number FROM incident_line l JOIN subscriber b ON b.id = l.subscriber_id"
        " WHERE l.incident_id = :i ORDER BY b.number LIMIT 3", i=one.id)  # fmt: skip
    given = await night.say("exclude_from_incident", incident=one.reference, lines=numbers, reason="Moved out.")
    assert given["subscribers"] == 3
    left = "SELECT count(*) FROM incident_line l JOIN subscriber b ON b.id = l.subscriber_id WHERE b.number = ANY(:n)" \
           " AND l.incident_id = :i"  # fmt: skip
    for _ in range(2):
        night.clock.advance(20)
        await night.hear(three, ago=10)
        await night.restart()
        assert await night.rows(left, n=numbers, i=one.id) == [0]
    (after, *_) = await night.incidents()
    assert after.subscribers == one.subscribers - 3
    outcome = await night.forge("notify_affected", incident=one.reference)
    aimed = "SELECT count(*) FROM action_target t JOIN subscriber b ON b.id = t.subscriber_id WHERE b.number = ANY(:n)"
    assert outcome.as_dict()["status"] == "awaiting_sign_off"
    assert await night.rows(aimed, n=numbers) == [0]


async def test_a_node_that_was_excluded_stays_out_with_all_behind_it(night: Night) -> None:
    three = await night.cut(ZONE_3)
    await night.hear(three)
    (one,) = await night.incidents()
    olt = await an_olt(night, three)
    given = await night.say("exclude_from_incident", incident=one.reference, elements=[olt])
    assert 0 < given["subscribers"] < one.subscribers
    for _ in range(2):
        night.clock.advance(20)
        await night.hear(three, ago=10)
        await night.restart()
        first = (await night.incidents())[0]
        assert (first.state, first.subscribers) == ("open", one.subscribers - given["subscribers"])
        assert olt not in await night.alarms_of(first)


async def test_a_false_alarm_is_opened_again_by_new_evidence_only(night: Night) -> None:
    three = await night.cut(ZONE_3)
    await night.hear(three)
    (one,) = await night.incidents()
    await night.say("retract_incident", incident=one.reference, reason="The poller had lost its route.")
    for _ in range(2):
        night.clock.advance(20)
        await night.hear(three, ago=10)  # the same alarms say it again
        await night.restart()
        assert [each.state for each in await night.incidents()] == ["retracted"]
    night.clock.advance(600)
    await night.hear(three, cleared=True, ago=60)
    await night.restart()
    night.clock.advance(600)
    await night.hear(three)
    assert [each.state for each in await night.incidents()] == ["retracted", "open"]


async def test_a_corrected_cause_stays_and_so_does_the_title(night: Night) -> None:
    three = await night.cut(ZONE_3)
    await night.hear(three)
    (one,) = await night.incidents()
    await night.say("correct_cause", incident=one.reference, cause="The town's power supplier")
    night.clock.advance(20)
    await night.hear(three, ago=10)
    await night.restart()
    (after,) = await night.incidents()
    assert (after.cause, after.verdict_cause, after.title) == (None, "The town's power supplier", after.verdict_cause)
    assert after.element == f"fibre:{ZONE_3}"  # what Cortex thinks stands beside it


async def test_two_causes_that_people_named_are_never_made_one(night: Night) -> None:
    await night.hear(await night.cut(ZONE_3))
    await night.hear(await night.cut(ZONE_6))
    one, other = await night.incidents()
    await night.say("correct_cause", incident=one.reference, element=ZONE_3)
    await night.say("correct_cause", incident=other.reference, element=ZONE_6)
    await night.restart()
    groups = night.stream.correlator._grouping.groups
    assert groups.merge(one.id, other.id) == one.id
    assert groups.get(other.id) is not groups.get(one.id)


async def test_a_verdict_that_comes_while_the_stream_writes_is_read_first(night: Night) -> None:
    *most, last = storm(await night.cut(ZONE_3), night.clock.now() - timedelta(seconds=90))
    await night.post(most)
    (one,) = await night.incidents()
    read = night.stream._lock

    async def late(session: object, findings: object) -> None:
        """Between what the stream has worked out and what it writes."""
        night.stream._lock = read  # type: ignore[method-assign]
        async with transaction(night.sessions) as other:
            row = await incidents.get_incident(other, one.id, lock=True)
            await verdicts.retract(other, row, by="anna", reason="It was nothing.", now=night.clock.now())
        await read(session, findings)  # type: ignore[arg-type]

    night.stream._lock = late  # type: ignore[method-assign]
    await night.post([last])
    assert [each.state for each in await night.incidents()] == ["retracted"]


async def test_what_cannot_be_done_is_said_and_changes_nothing(night: Night) -> None:
    three = await night.cut(ZONE_3)
    await night.hear(three)
    (one,) = await night.incidents()
    ref = one.reference
    wrong: dict[str, tuple[str, dict[str, Any], str]] = {
        "names neither": ("correct_cause", {"incident": ref}, "either an element"),
        "a slip of the pen": ("correct_cause", {"incident": ref, "element": "F-Z3-BH-11"}, "Did you mean"),
        "into itself": ("merge_incidents", {"incident": ref, "into": ref}, "into itself"),
        "none of its alarms": ("split_incident", {"incident": ref, "alarms": [999999]}, "has no alarm"),
        "nothing": ("split_incident", {"incident": ref}, "Say which part"),
        "another zone": ("split_incident", {"incident": ref, "zone": 1}, "lies in zone 1"),
        "all of it": ("split_incident", {"incident": ref, "elements": [ZONE_3]}, "all of"),
        "all of it, out": ("exclude_from_incident", {"incident": ref, "elements": [ZONE_3]}, "retract it instead"),
        "a stranger": ("exclude_from_incident", {"incident": ref, "lines": ["nobody"]}, "No subscriber or line"),
        "not held": ("release_notices", {"incident": ref}, "Nobody holds"),
    }
    for what, (tool, arguments, words) in wrong.items():
        outcome = await night.propose(tool, **arguments)
        assert isinstance(outcome, Failed), what
        assert words in outcome.reason, what
    assert await night.rows("SELECT count(*) FROM verdict") == [0]
    support = await night.propose("retract_incident", SAM, incident=ref, reason="Just so.")
    assert isinstance(support, Denied)
