"""The tree under an incident, and what subscribers report themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.itsm import incidents, lines, tickets
from atlas.itsm.models import Ticket, TicketDevice
from tests.factories.incidents import NOON, how_many, incident, ticket, told
from tests.factories.subscribers import line, node, online, subscriber

LATER = NOON + timedelta(minutes=5)


async def test_a_parent_and_a_child_per_zone_with_the_devices_cut_off(session: AsyncSession) -> None:
    at = await node(session, "z3-olt-1")
    for zone in (3, 3, 4):
        await line(session, at, in_zone=zone)
    row = await incident(session, [at])
    parent, *children = await tickets.open_tree(session, row, LATER)
    assert (parent.kind, parent.subject, parent.parent_id) == ("incident", row.title, None)
    assert [child.subject for child in children] == ["Zone 3 (Zone 3): 2 lines down", "Zone 4 (Zone 4): 1 lines down"]
    assert {child.parent_id for child in children} == {parent.id}
    assert list(await session.scalars(select(TicketDevice.device_id))) == [at.device_id]


async def test_the_tree_grows_once(session: AsyncSession) -> None:
    at = await node(session, "z3-olt-1")
    await line(session, at)
    row = await incident(session, [at])
    first = await tickets.open_tree(session, row, LATER)
    again = await tickets.open_tree(session, row, LATER)
    assert [each.id for each in first] == [each.id for each in again]
    assert await how_many(session, Ticket) == 2
    assert [kind for kind, _ in await told(session)].count("ticket.opened") == 2


async def test_a_second_tree_is_impossible(session: AsyncSession) -> None:
    row = await incident(session)
    await tickets.open_tree(session, row, LATER)
    second = Ticket(
        kind="incident", state="open", category="no_service", subject="x", incident_id=row.id, opened_at=LATER
    )
    session.add(second)
    with pytest.raises(IntegrityError, match="uq_ticket_incident"):
        await session.flush()


async def test_tickets_of_the_lines_cut_off_are_tied_to_it_and_others_left_alone(session: AsyncSession) -> None:
    at, elsewhere = await node(session, "z3-olt-1"), await node(session, "z3-olt-2")
    mine, other = await line(session, at), await line(session, elsewhere)
    down = await ticket(session, mine.subscriber.id)
    bill = await ticket(session, mine.subscriber.id, category="billing")
    past = await ticket(session, mine.subscriber.id, state="closed", category="slow")
    theirs = await ticket(session, other.subscriber.id)
    row = await incident(session, [at])
    _, child = await tickets.open_tree(session, row, LATER)
    assert await tickets.link_subscriber_tickets(session, row, LATER) == [down.id]
    assert await tickets.link_subscriber_tickets(session, row, LATER) == []
    for each in (down, bill, past, theirs):
        await session.refresh(each)
    assert (down.incident_id, down.parent_id, down.state) == (row.id, child.id, "in_progress")
    assert [each.incident_id for each in (bill, past, theirs)] == [None, None, None]
    assert [kind for kind, _ in await told(session)].count("ticket.linked") == 1


async def test_a_ticket_about_the_other_line_is_not_this_incident(session: AsyncSession) -> None:
    at, elsewhere = await node(session, "z3-olt-1"), await node(session, "z3-olt-2")
    home = await line(session, at)
    office = await line(session, elsewhere, of=home.subscriber)
    await ticket(session, home.subscriber.id, service_id=office.service.id)
    row = await incident(session, [at])
    assert await tickets.link_subscriber_tickets(session, row, LATER) == []


async def test_open_tickets_are_counted_once_however_many_lines(session: AsyncSession) -> None:
    at = await node(session, "z3-olt-1")
    one = await line(session, at)
    await line(session, at, of=one.subscriber)
    await ticket(session, one.subscriber.id)
    await ticket(session, one.subscriber.id, state="resolved")
    row = await incident(session, [at])
    assert await tickets.count_open_tickets(session, row.id) == 1


async def test_closing_leaves_the_tickets_of_lines_that_are_not_back(session: AsyncSession) -> None:
    at = await node(session, "z3-olt-1")
    back, silent = await line(session, at), await line(session, at)
    await online(session, silent.service, NOON, silent_since=NOON)
    of_back, of_silent = [await ticket(session, each.subscriber.id) for each in (back, silent)]
    row = await incident(session, [at])
    await tickets.open_tree(session, row, LATER)
    await tickets.link_subscriber_tickets(session, row, LATER)
    await incidents.clear(session, row, LATER)
    await lines.restore_lines(session, row.id, LATER + timedelta(minutes=10), timedelta(minutes=10))
    assert await tickets.close_tree(session, row, "Spliced.", LATER) == 3
    for each in (of_back, of_silent):
        await session.refresh(each)
    states = {each.id: each.state for each in await tickets.tickets_of_incident(session, row.id)}
    assert states.pop(of_silent.id) == "in_progress"
    assert set(states.values()) == {"resolved"}
    await session.refresh(of_back)
    assert (of_back.resolution, of_back.resolved_at) == ("Spliced.", LATER)


async def test_a_subscriber_reports_a_thing_once(session: AsyncSession) -> None:
    person = await subscriber(session)
    first = await tickets.open_for_subscriber(session, person.id, "slow", "Every evening.", LATER)
    assert (first.state, first.subject, first.description) == ("open", "Slow", "Every evening.")
    with pytest.raises(DomainError, match=f"{first.reference} is already open"):
        await tickets.open_for_subscriber(session, person.id, "slow", "Still.", LATER)
    other = await tickets.open_for_subscriber(session, person.id, "billing", "Too high.", LATER)
    assert [each.id for each in await tickets.of_subscriber(session, person.id)] == [other.id, first.id]


async def test_a_resolved_ticket_does_not_stand_in_the_way_of_a_new_one(session: AsyncSession) -> None:
    person = await subscriber(session)
    await ticket(session, person.id, state="resolved", category="slow")
    assert (await tickets.open_for_subscriber(session, person.id, "slow", "Again.", LATER)).state == "open"


async def test_a_category_nobody_knows(session: AsyncSession) -> None:
    with pytest.raises(DomainError, match="one of no_service, slow"):
        await tickets.open_for_subscriber(session, 1, "weather", "Rain.", LATER)


async def test_only_a_subscribers_ticket_has_an_owner(session: AsyncSession) -> None:
    session.add(Ticket(kind="subscriber", state="open", category="slow", subject="x", opened_at=LATER))
    with pytest.raises(IntegrityError, match="ck_ticket_owner"):
        await session.flush()
