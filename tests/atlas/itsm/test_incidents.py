"""An incident from the first finding to resolution."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.events import Event
from atlas.itsm import incidents, verdicts
from atlas.itsm.models import Incident, IncidentAlarm, IncidentLine, IncidentNode, IncidentUpdate
from tests.factories.incidents import NOON, alarm, how_many, incident, seen, told
from tests.factories.subscribers import line, node

LATER = NOON + timedelta(minutes=5)


async def cut_off(session: AsyncSession, row: Incident) -> set[int]:
    return set(await session.scalars(select(IncidentLine.service_id).where(IncidentLine.incident_id == row.id)))


async def test_an_incident_knows_its_alarms_its_nodes_and_every_active_line_on_them(session: AsyncSession) -> None:
    dead, fine = await node(session, "z3-olt-1"), await node(session, "z3-olt-2")
    lost, _ = await line(session, dead), await line(session, fine)
    await line(session, dead, state="terminated")
    raised = await alarm(session)
    row = await incident(session, [dead], alarm_ids=[raised.id])
    assert await cut_off(session, row) == {lost.service.id}
    assert set(await session.scalars(select(IncidentNode.node_id))) == {dead.id}
    assert set(await session.scalars(select(IncidentAlarm.alarm_id))) == {raised.id}
    assert await told(session) == [("incident.opened", row.reference)]


@pytest.mark.parametrize("said", ["INC-{}", "inc-{} ", "#{}", "{}"])
async def test_people_call_it_in_several_ways(session: AsyncSession, said: str) -> None:
    row = await incident(session)
    assert (await incidents.get_incident(session, said.format(row.id))).id == row.id


@pytest.mark.parametrize(
    "said", ["", "INC-", "TT-4", "INC-4; DROP TABLE", "INC-²", "9" * 20, "INC-9223372036854775808"]
)
async def test_what_is_no_incident_is_said_in_a_sentence(session: AsyncSession, said: str) -> None:
    with pytest.raises(DomainError, match=r"is no incident|There is no incident"):
        await incidents.get_incident(session, said)


async def test_open_incidents_come_largest_first_and_resolved_ones_not_at_all(session: AsyncSession) -> None:
    small, large = await incident(session, subscribers=3), await incident(session, subscribers=300)
    await incidents.resolve(session, await incident(session, subscribers=9), LATER)
    assert [row.id for row in await incidents.open_incidents(session)] == [large.id, small.id]


async def test_a_zones_incidents_are_those_that_touch_its_nodes_or_its_lines(session: AsyncSession) -> None:
    here, far = await node(session, "z3-olt-1", in_zone=3), await node(session, "z9-olt-1", in_zone=9)
    await line(session, here, in_zone=4)  # a house just across the border
    row = await incident(session, [here])
    await incident(session, [far])
    await incidents.resolve(session, await incident(session, [here]), LATER)
    for zone in (3, 4):
        assert [found.id for found in await incidents.open_incidents(session, zone=zone)] == [row.id]
    assert await incidents.open_incidents(session, zone=5) == []


async def test_looking_again_takes_in_what_is_new_and_lets_go_what_was_wrong(session: AsyncSession) -> None:
    kept, wrong, new = [await node(session, f"z3-olt-{n}") for n in (1, 2, 3)]
    lines = {at.name: (await line(session, at)).service.id for at in (kept, wrong, new)}
    row = await incident(session, [kept, wrong])
    assert await incidents.reassess(session, row, seen([kept, new], devices=7), LATER)
    assert await cut_off(session, row) == {lines["z3-olt-1"], lines["z3-olt-3"]}
    assert row.devices == 7
    assert row.started_at == NOON


async def test_only_what_people_want_to_hear_is_news(session: AsyncSession) -> None:
    row = await incident(session)
    assert not await incidents.reassess(session, row, seen(confidence=0.95, explanation=["More of the same."]), LATER)
    assert row.confidence == 0.95
    assert [kind for kind, _ in await told(session)] == ["incident.opened"]
    assert await incidents.reassess(session, row, seen(element="duct:D-1"), LATER)
    assert [kind for kind, _ in await told(session)][-1] == "incident.updated"


async def test_a_persons_verdict_outlives_whatever_is_found_later(session: AsyncSession) -> None:
    row = await incident(session)
    await verdicts.correct_cause(session, row, element="node:z3-agg-1", by="anna", now=LATER)
    await incidents.reassess(session, row, seen(element="fibre:ELSEWHERE"), LATER)
    await session.refresh(row)
    assert (row.element, row.verdict_element, row.verdict_by) == ("fibre:ELSEWHERE", "node:z3-agg-1", "anna")


async def test_cleared_is_watched_and_a_new_alarm_opens_it_again(session: AsyncSession) -> None:
    row = await incident(session)
    await incidents.clear(session, row, LATER)
    await incidents.clear(session, row, LATER + timedelta(minutes=1))
    assert (row.state, row.cleared_at) == ("monitoring", LATER)
    await incidents.reassess(session, row, seen(), LATER)
    assert (row.state, row.cleared_at) == ("open", None)
    kinds = [kind for kind, _ in await told(session)]
    assert kinds == ["incident.opened", "incident.cleared", "incident.reopened"]


async def test_merging_gives_the_alarms_free(session: AsyncSession) -> None:
    raised = await alarm(session)
    into, row = await incident(session), await incident(session, alarm_ids=[raised.id])
    await incidents.merge(session, row, into, LATER)
    assert (row.state, row.resolved_at) == ("merged", LATER)
    assert await how_many(session, IncidentAlarm) == 0
    (payload,) = await session.scalars(select(Event.payload).where(Event.kind == "incident.merged"))
    assert payload["into"] == into.reference


async def test_one_person_has_it_in_hand(session: AsyncSession) -> None:
    row = await incident(session)
    await incidents.acknowledge(session, row, "anna", LATER)
    await incidents.acknowledge(session, row, "anna", LATER)
    with pytest.raises(DomainError, match="already acknowledged by anna"):
        await incidents.acknowledge(session, row, "ben", LATER)
    assert row.acknowledged_by == "anna"


async def test_a_repair_is_expected_in_the_future_and_by_somebody(session: AsyncSession) -> None:
    row = await incident(session)
    with pytest.raises(DomainError, match="future"):
        await incidents.expect_repair(session, row, LATER, "anna", LATER)
    assert await how_many(session, IncidentUpdate) == 0
    await incidents.expect_repair(session, row, LATER + timedelta(hours=2), "anna", LATER)
    assert (row.expected_repair_at, row.expected_repair_source) == (LATER + timedelta(hours=2), "anna")
    words, public = (await session.execute(select(IncidentUpdate.text, IncidentUpdate.is_public))).one()
    assert (words, public) == ("Repair expected 14:05 UTC, says anna.", False)


async def test_confidence_and_money_fit_their_columns(session: AsyncSession) -> None:
    row = await incident(session, confidence=1.0000001, revenue_per_hour=3.14159)
    await session.refresh(row)
    assert (row.confidence, str(row.revenue_per_hour)) == (1.0, "3.142")


async def test_a_fault_told_apart_takes_its_alarms_along(session: AsyncSession) -> None:
    kept, moved = await alarm(session), await alarm(session, "z3-bng-1/Te0/0/0/2")
    both = await incident(session, alarm_ids=[kept.id, moved.id])
    other = await incident(session, alarm_ids=[moved.id])
    rows = await session.execute(select(IncidentAlarm.incident_id, IncidentAlarm.alarm_id))
    assert set(rows.tuples()) == {(both.id, kept.id), (other.id, moved.id)}
