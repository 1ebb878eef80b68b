"""A person's word stands, whatever is found after it; and each verdict does what it says to the rows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.field import service as field
from atlas.field.models import WorkOrder
from atlas.itsm import incidents, tickets, verdicts
from atlas.itsm.belonging import Part
from atlas.itsm.models import Incident, IncidentAlarm, IncidentLine, IncidentNode, IncidentUpdate, Ticket
from atlas.itsm.words import plain_cause_of
from atlas.network.models import AlarmRecord, Node
from tests.factories.incidents import NOON, alarm, incident, seen, ticket
from tests.factories.subscribers import Line, line, node

LATER = NOON + timedelta(minutes=5)
CAUSES = ["node:z3-agg-1", "fibre:F-1", None]


async def lines_of(session: AsyncSession, row: Incident) -> set[int]:
    return set(await session.scalars(select(IncidentLine.service_id).where(IncidentLine.incident_id == row.id)))


async def nodes_of(session: AsyncSession, row: Incident) -> set[int]:
    return set(await session.scalars(select(IncidentNode.node_id).where(IncidentNode.incident_id == row.id)))


async def alarms_of(session: AsyncSession, row: Incident) -> set[int]:
    return set(await session.scalars(select(IncidentAlarm.alarm_id).where(IncidentAlarm.incident_id == row.id)))


async def two_olts(session: AsyncSession) -> tuple[Incident, list[Node], list[Line]]:
    """An incident with an alarm and a line at each of two OLTs."""
    nodes = [await node(session, "z3-olt-1"), await node(session, "z4-olt-1", in_zone=4)]
    lines = [await line(session, each) for each in nodes]
    heard = [await alarm(session, each.name) for each in nodes]
    row = await incident(session, nodes, alarm_ids=[each.id for each in heard], devices=2, subscribers=2)
    return row, nodes, lines


async def test_an_outside_cause_is_no_element_and_no_second_thought_of_cortex(session: AsyncSession) -> None:
    row = await incident(session)
    await verdicts.correct_cause(session, row, element=None, words="the power supplier", by="anna", now=LATER)
    assert (row.cause, row.title, plain_cause_of(row)) == (
        None, "The power supplier", "a fault outside our own network",
    )  # fmt: skip
    await verdicts.correct_cause(session, row, element=row.element, by="ben", now=LATER)
    said = await verdicts.verdicts_of(session, row.id)
    assert [(each.kind, each.by) for each in said] == [("correct_cause", "anna"), ("confirm", "ben")]
    assert said[1].before["verdict_cause"] == "the power supplier"


async def test_a_crew_elsewhere_is_called_back_and_one_at_the_place_stays(session: AsyncSession) -> None:
    row = await incident(session)
    order = await field.create_work_order(
        session, incident_id=row.id, skill="pon", element="node:z3-agg-1", place="", instructions="Go.", now=LATER
    )
    await verdicts.correct_cause(session, row, element="node:z3-agg-1", by="anna", now=LATER)
    assert order.state == "open"
    await verdicts.correct_cause(session, row, element="fibre:F-1", by="anna", now=LATER)
    assert order.state == "cancelled"
    assert await session.scalar(select(WorkOrder.outcome)) == "The cause was corrected by anna."


async def test_a_merge_moves_alarms_nodes_lines_and_the_word_of_the_one(session: AsyncSession) -> None:
    row, nodes, lines = await two_olts(session)
    third = await node(session, "z5-olt-1", in_zone=5)
    theirs, heard = await line(session, third), await alarm(session, third.name)
    other = await incident(session, [third], alarm_ids=[heard.id], devices=1, subscribers=1)
    await verdicts.correct_cause(session, other, element="fibre:F-1", by="anna", now=LATER)
    await verdicts.hold(session, other, by="anna", now=LATER)
    await verdicts.merge(session, other, row, by="ben", reason="One digger", now=LATER)
    assert (other.state, other.merged_into_id, row.subscribers, row.devices) == ("merged", row.id, 3, 3)
    assert await lines_of(session, row) == {*(each.service.id for each in lines), theirs.service.id}
    assert await nodes_of(session, row) == {*(each.id for each in nodes), third.id}
    assert heard.id in await alarms_of(session, row)
    assert (row.cause, row.verdict_by, row.held_by) == ("fibre:F-1", "anna", "anna")
    with pytest.raises(DomainError, match="is merged"):
        await verdicts.lock_open(session, other.reference)


async def test_a_split_moves_a_part_and_each_stays_with_its_own(session: AsyncSession) -> None:
    row, (one, two), (first, second) = await two_olts(session)
    theirs = await ticket(session, second.subscriber.id)
    await tickets.link_subscriber_tickets(session, row, LATER)
    heard = await alarm_at(session, two)
    part = Part(frozenset({heard}), frozenset({two.id}))
    other = await verdicts.split(session, row, part, by="anna", now=LATER)
    for _ in range(2):
        assert (await nodes_of(session, row), await nodes_of(session, other)) == ({one.id}, {two.id})
        assert (await lines_of(session, row), await lines_of(session, other)) == (
            {first.service.id}, {second.service.id},
        )  # fmt: skip
        everything = [one.id, two.id]
        for each in (row, other):  # Cortex would have all of it again
            alarms = await alarms_of(session, row) | await alarms_of(session, other)
            found = seen(node_ids=everything, alarm_ids=sorted(alarms), devices=2, subscribers=2)
            await incidents.reassess(session, each, found, LATER)
            assert (each.devices, each.subscribers) == (1, 1)
    await session.refresh(theirs)
    assert (theirs.incident_id, theirs.state) == (None, "open")  # until the other incident takes it up


async def alarm_at(session: AsyncSession, at: Node) -> int:
    found = await session.scalar(select(AlarmRecord.id).where(AlarmRecord.resource == at.name))
    assert found is not None
    return found


async def test_a_part_merged_back_belongs_again(session: AsyncSession) -> None:
    row, (one, two), _ = await two_olts(session)
    part = Part(frozenset({await alarm_at(session, two)}), frozenset({two.id}))
    other = await verdicts.split(session, row, part, by="anna", now=LATER)
    await verdicts.merge(session, other, row, by="ben", now=LATER)
    await incidents.reassess(session, row, seen([one, two], alarm_ids=sorted(part.alarms)), LATER)
    assert await nodes_of(session, row) == {one.id, two.id}
    assert part.alarms <= await alarms_of(session, row)


async def test_a_false_alarm_closes_its_tickets_and_frees_those_of_subscribers(session: AsyncSession) -> None:
    row, _, (first, _) = await two_olts(session)
    own = await ticket(session, first.subscriber.id)
    await tickets.open_tree(session, row, LATER)
    await tickets.link_subscriber_tickets(session, row, LATER)
    await incidents.note(session, row.id, "We have found a fault.", LATER, public=True)
    assert await verdicts.retract(session, row, by="anna", reason="The poller was ill.", now=LATER) == 0
    found = await session.scalars(select(Ticket).where(Ticket.kind != "subscriber"))
    assert {(each.state, each.resolution) for each in found} == {
        ("resolved", "False alarm, says anna. The poller was ill.")
    }
    await session.refresh(own)
    assert (own.state, own.incident_id) == ("open", None)
    public = select(IncidentUpdate.text).where(IncidentUpdate.is_public).order_by(IncidentUpdate.id.desc())
    assert "there was no fault" in ((await session.scalar(public)) or "")


async def test_nothing_public_is_said_of_what_nobody_heard_of(session: AsyncSession) -> None:
    row = await incident(session)
    await verdicts.retract(session, row, by="anna", reason="Nothing.", now=LATER)
    assert await session.scalar(select(IncidentUpdate.id).where(IncidentUpdate.is_public)) is None


async def test_what_is_held_cannot_be_held_and_what_is_not_cannot_be_released(session: AsyncSession) -> None:
    row = await incident(session)
    with pytest.raises(DomainError, match="Nobody holds"):
        await verdicts.release(session, row, by="anna", now=LATER)
    await verdicts.hold(session, row, by="anna", now=LATER)
    with pytest.raises(DomainError, match="held by anna already"):
        await verdicts.hold(session, row, by="ben", now=LATER)
    await verdicts.release(session, row, by="ben", now=LATER)
    assert (row.held_by, await verdicts.releases(session, row.id)) == (None, 1)


# -- whatever comes

FINDINGS = st.tuples(st.just("finding"), st.sampled_from(CAUSES), st.sets(st.integers(0, 3)))
STEPS = st.one_of(
    FINDINGS,
    FINDINGS,
    st.tuples(st.just("cleared")),
    st.tuples(st.just("correct"), st.sampled_from(CAUSES)),
    st.tuples(st.just("exclude node"), st.integers(0, 3)),
    st.tuples(st.just("exclude line"), st.integers(0, 3)),
    st.tuples(st.just("hold")),
    st.tuples(st.just("release")),
    st.tuples(st.just("restart")),
)


class Said:
    """What a person has said so far, kept beside the database."""

    def __init__(self) -> None:
        self.cause: tuple[bool, Any] = (False, None)
        self.nodes, self.lines, self.held = set[int](), set[int](), False


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
async def test_no_finding_overwrites_what_a_person_said(session: AsyncSession, steps: list[tuple[Any, ...]]) -> None:
    example = await session.begin_nested()
    try:
        nodes = [await node(session, f"any-olt-{n}") for n in range(4)]
        lines = [await line(session, each) for each in nodes]
        row, said = await incident(session, nodes, devices=4, subscribers=4), Said()
        for step in steps:
            await take(session, row, said, step, nodes, lines)
            await session.flush()
            await session.refresh(row)
            if said.cause[0]:
                assert (row.cause, row.verdict_by) == (said.cause[1], "anna")
                assert row.title == (await title_of(said.cause[1]))
            assert not await nodes_of(session, row) & said.nodes
            assert not await lines_of(session, row) & said.lines
            assert (row.held_by == "anna") == said.held
    finally:
        await example.rollback()
        session.expunge_all()


async def title_of(cause: str | None) -> str:
    return {"node:z3-agg-1": "Device z3-agg-1", "fibre:F-1": "Fibre F-1", None: "The weather"}[cause]


async def take(
    session: AsyncSession,
    row: Incident,
    said: Said,
    step: tuple[Any, ...],
    nodes: Sequence[Node],
    lines: Sequence[Line],
) -> None:
    """One step of an example: Cortex or a person."""
    match step:
        case ("finding", cause, cut):
            found = seen([nodes[n] for n in sorted(cut)], element=cause, title=f"Surely {cause}", devices=len(cut))
            await incidents.reassess(session, row, found, LATER)
        case ("cleared",):
            await incidents.clear(session, row, LATER)
        case ("correct", cause):
            words = "" if cause else "the weather"
            await verdicts.correct_cause(session, row, element=cause, words=words, by="anna", now=LATER)
            said.cause = (True, cause)
        case ("exclude node", n):
            await verdicts.exclude(session, row, Part(nodes=frozenset({nodes[n].id})), by="anna", now=LATER)
            said.nodes.add(nodes[n].id)
            said.lines.add(lines[n].service.id)
        case ("exclude line", n):
            await verdicts.exclude(session, row, Part(lines=frozenset({lines[n].service.id})), by="anna", now=LATER)
            said.lines.add(lines[n].service.id)
        case ("hold",) if not said.held:
            await verdicts.hold(session, row, by="anna", now=LATER)
            said.held = True
        case ("release",) if said.held:
            await verdicts.release(session, row, by="anna", now=LATER)
            said.held = False
        case ("restart",):
            await session.refresh(row)  # what another process reads
