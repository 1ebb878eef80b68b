"""A subscriber's own bill, tickets and conversation: theirs, and nobody else's."""

import uuid

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock, Ids
from atlas.errors import DomainError
from atlas.events import Event
from atlas.helpdesk import service as helpdesk
from atlas.helpdesk.models import Conversation
from atlas.itsm import tickets
from atlas.itsm.models import Ticket
from policies.spec import Principal
from tests.factories.subscribers import subscriber
from tests.tools.conftest import Outage, Use, person
from tools.billing import my_bill
from tools.people import hand_over_to_person
from tools.tickets import my_tickets, open_ticket

PAYERS = "SELECT subscriber_id FROM account WHERE id IN (SELECT account_id FROM invoice) ORDER BY 1 LIMIT 2"
LATEST = """
SELECT i.number, i.total FROM invoice i JOIN account a ON a.id = i.account_id
WHERE a.subscriber_id = :who AND i.state <> 'draft' ORDER BY i.issued_on DESC LIMIT 1
"""


async def two(session: AsyncSession) -> list[int]:
    """Two subscribers with bills."""
    return list((await session.execute(text(PAYERS))).scalars())


async def test_the_latest_bill_adds_up_and_is_ones_own(use: Use, isp: AsyncSession) -> None:
    ann, ben = await two(isp)
    for who in (ann, ben):
        bill = await use(my_bill, person(who))
        assert (bill.number, bill.total) == tuple((await isp.execute(text(LATEST), {"who": who})).one())
        assert sum(line.amount for line in bill.lines) == bill.total
        assert bill.currency == "EUR"


async def test_a_draft_is_no_bill_yet(use: Use, isp: AsyncSession) -> None:
    ann, _ = await two(isp)
    before = await use(my_bill, person(ann))
    await isp.execute(text("UPDATE invoice SET state = 'draft' WHERE number = :number"), {"number": before.number})
    assert (await use(my_bill, person(ann))).number != before.number


async def test_without_an_invoice_there_is_a_sentence(use: Use, isp: AsyncSession) -> None:
    newcomer = await subscriber(isp)
    with pytest.raises(DomainError, match=r"There is no invoice yet\."):
        await use(my_bill, person(newcomer.id))


async def test_a_ticket_is_opened_for_the_one_who_asks(use: Use, isp: AsyncSession) -> None:
    ann, ben = await two(isp)
    before = {who: [row.reference for row in (await use(my_tickets, person(who))).tickets] for who in (ann, ben)}
    row = await use(open_ticket, person(ann), category="intermittent", description="It comes and goes.")
    assert (row.state, row.subject, row.incident) == ("open", "Intermittent", None)
    stored = await isp.get(Ticket, int(row.reference.removeprefix("TT-")))
    assert stored is not None
    assert (stored.subscriber_id, stored.description) == (ann, "It comes and goes.")
    assert [row.reference for row in (await use(my_tickets, person(ann))).tickets] == [row.reference, *before[ann]]
    assert [row.reference for row in (await use(my_tickets, person(ben))).tickets] == before[ben]
    assert "ticket.opened" in await isp.scalars(select(Event.kind).where(Event.subject == row.reference))


async def test_a_second_ticket_of_the_kind_is_not_needed(use: Use, isp: AsyncSession) -> None:
    ann, _ = await two(isp)
    await use(open_ticket, person(ann), category="intermittent", description="It comes and goes.")
    with pytest.raises(DomainError, match="is already open for this"):
        await use(open_ticket, person(ann), category="intermittent", description="Again.")


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "weather", "description": "Rain."},
        {"category": "slow", "description": ""},
        {"category": "slow", "description": "x" * 2001},
        {"category": "slow", "description": "Mine.", "subscriber_id": 2},
    ],
)
async def test_what_does_not_fit_never_reaches_the_body(use: Use, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        await use(open_ticket, person(1), **wrong)


async def test_a_ticket_tied_to_an_outage_says_which(use: Use, isp: AsyncSession, outage: Outage) -> None:
    await tickets.open_tree(isp, outage.incident, outage.incident.detected_at)
    linked = await tickets.link_subscriber_tickets(isp, outage.incident, outage.incident.detected_at)
    owner = (await isp.execute(text("SELECT subscriber_id FROM ticket WHERE id = :id"), {"id": linked[0]})).scalar_one()
    (row,) = [row for row in (await use(my_tickets, person(owner))).tickets if row.reference == f"TT-{linked[0]}"]
    assert (row.incident, row.state) == (outage.reference, "in_progress")


async def conversation(session: AsyncSession, who: Principal, clock: FrozenClock, ids: Ids) -> Conversation:
    return await helpdesk.open_conversation(
        session,
        principal_kind=who.kind,
        principal_id=who.id,
        role=who.role,
        subscriber_id=who.subscriber_id,
        verified="otp",
        channel="webchat",
        now=clock.now(),
        ids=ids,
    )


async def test_a_person_takes_over(use: Use, isp: AsyncSession, clock: FrozenClock) -> None:
    ann, _ = await two(isp)
    talk = await conversation(isp, person(ann), clock, uuid.uuid4)
    handed = await use(hand_over_to_person, person(ann), reason="I want a person.", thread=talk.id)
    assert handed.conversation == str(talk.id)
    await isp.refresh(talk)
    assert talk.state == "with_person"
    (payload,) = await isp.scalars(select(Event.payload).where(Event.kind == "conversation.handed_over"))
    assert payload == {"reason": "I want a person.", "channel": "webchat"}


async def test_nobody_hands_over_somebody_elses_conversation(use: Use, isp: AsyncSession, clock: FrozenClock) -> None:
    ann, ben = await two(isp)
    talk = await conversation(isp, person(ann), clock, uuid.uuid4)
    with pytest.raises(DomainError, match="not yours"):
        await use(hand_over_to_person, person(ben), reason="x", thread=talk.id)
    with pytest.raises(DomainError, match="no conversation"):
        await use(hand_over_to_person, person(ben), reason="x")
    await isp.refresh(talk)
    assert talk.state == "open"
