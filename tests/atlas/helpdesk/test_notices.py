"""Notices by example: who gets one, on which channel, and never the same news twice."""

import itertools
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock, Ids
from atlas.crm.models import Contact, Subscriber
from atlas.helpdesk import notices
from atlas.helpdesk.models import Notice
from atlas.helpdesk.notices import Outcome
from atlas.itsm import incidents
from atlas.itsm.models import Incident
from atlas.ledger import service as ledger
from tests.factories.incidents import SEEN
from tests.factories.subscribers import save, subscriber

NOBODY_CAN_HEAR = "no channel that has not opted out"
_numbers = itertools.count(1)


class House:
    """An incident, its people, and the calls that tell them."""

    def __init__(self, session: AsyncSession, clock: FrozenClock, ids: Ids) -> None:
        self.session, self.now, self.ids = session, clock.now(), ids

    async def incident(self, group: int = 1) -> Incident:
        return await incidents.open_incident(self.session, replace(SEEN, group=group), self.now)

    async def person(self, *reachable: str, prefers: str = "sms", deaf_on: tuple[str, ...] = ()) -> Subscriber:
        row = await subscriber(self.session, preferred_channel=prefers)
        for channel in reachable:
            phone = f"+4930{next(_numbers):08}"
            address = f"{phone}@example.net" if channel == "email" else phone
            opted_out = self.now if channel in deaf_on else None
            values: dict[str, Any] = {"channel": channel, "address": address, "opted_out_at": opted_out}
            await save(self.session, Contact(subscriber_id=row.id, on_file_since=self.now, **values))
        return row

    async def action(self, incident: Incident) -> UUID:
        proposal = ledger.Proposal(
            key=f"k{next(_numbers)}", tool="notify_affected", schema_version="1", arguments={}, principal_kind="forge",
            principal_id="forge", principal_role="forge", subscriber_id=None, conversation_id=None,
            incident_id=incident.id, facts={}, decision={"rules": []}, state="allowed", summary="", error=None,
            expires_at=None,
        )  # fmt: skip
        action = await ledger.propose_action(self.session, proposal, action_id=self.ids(), now=self.now)
        assert action is not None
        return action.id

    async def draft(self, incident: Incident, *people: Subscriber, kind: str = "outage") -> tuple[UUID, dict[str, int]]:
        action = await self.action(incident)
        channels = await notices.draft(
            self.session, kind=kind, action_id=action, incident_id=incident.id,
            subscribers=[person.id for person in people], words="Your internet is down.", now=self.now,
        )  # fmt: skip
        return action, channels

    async def send(self, action: UUID, state: str = "handed_over") -> int:
        claimed = await notices.claim(self.session, action, 100, self.now)
        await notices.record(self.session, [Outcome(each.id, state, reference="r") for each in claimed], self.now)
        return len(claimed)

    async def states(self, incident: Incident) -> list[tuple[int, str]]:
        query = select(Notice.subscriber_id, Notice.state).where(Notice.incident_id == incident.id)
        rows = await self.session.execute(query.order_by(Notice.subscriber_id, Notice.state))
        return [(who, state) for who, state in rows]


@pytest.fixture
def house(session: AsyncSession, clock: FrozenClock, ids: Ids) -> House:
    return House(session, clock, ids)


async def test_each_is_told_on_the_channel_they_prefer_and_have_not_left(house: House) -> None:
    incident = await house.incident()
    people = [
        await house.person("email", "sms", prefers="sms"),
        await house.person("email", "sms", prefers="sms", deaf_on=("sms",)),
        await house.person("email", prefers="voice"),
        await house.person("sms", deaf_on=("sms",)),
        await house.person(),
    ]
    action, channels = await house.draft(incident, *people)
    assert channels == {"sms": 1, "email": 2, "skipped": 2}
    claimed = await notices.claim(house.session, action, 100, house.now)
    assert sorted(each.channel for each in claimed) == ["email", "email", "sms"]
    skipped = select(Notice.reason).where(Notice.state == "skipped").distinct()
    assert list(await house.session.scalars(skipped)) == [NOBODY_CAN_HEAR]
    assert await notices.told(house.session, incident.id, "outage") == {person.id for person in people[:3]}


async def test_the_same_news_is_drafted_once_and_other_news_again(house: House) -> None:
    incident, person = await house.incident(), await house.person("sms")
    first, _ = await house.draft(incident, person)
    second, channels = await house.draft(incident, person)
    restored, _ = await house.draft(incident, person, kind="restored")
    other, _ = await house.draft(await house.incident(2), person)
    assert channels == {}
    assert [await house.send(action) for action in (first, second, restored, other)] == [1, 0, 1, 1]


async def test_a_batch_is_claimed_once(house: House) -> None:
    incident = await house.incident()
    people = [await house.person("sms") for _ in range(5)]
    action, _ = await house.draft(incident, *people)
    sizes = [len(await notices.claim(house.session, action, 3, house.now)) for _ in range(3)]
    assert sizes == [3, 2, 0]
    assert await notices.count(house.session, action) == {"sending": 5}


async def test_what_was_held_back_can_be_told_by_a_later_call(house: House) -> None:
    incident = await house.incident()
    people = [await house.person("sms") for _ in range(3)]
    action, _ = await house.draft(incident, *people)
    claimed = await notices.claim(house.session, action, 1, house.now)
    await notices.record(house.session, [Outcome(claimed[0].id, "handed_over")], house.now)
    assert await notices.skip_drafted(house.session, action, "effects were stopped", house.now) == 2
    assert len(await notices.told(house.session, incident.id, "outage")) == 1
    later, channels = await house.draft(incident, *people)
    assert channels == {"sms": 2}
    assert await house.send(later) == 2


async def test_when_it_is_over_no_further_word_of_the_outage_goes_out(house: House) -> None:
    incident, person = await house.incident(), await house.person("sms")
    outage, _ = await house.draft(incident, person)
    restored, _ = await house.draft(incident, person, kind="restored")
    await notices.give_up(house.session, incident.id, "The outage is over.", house.now)
    assert [await house.send(outage), await house.send(restored)] == [0, 1]


async def test_whoever_was_told_of_a_part_was_told_of_the_whole(house: House) -> None:
    part, whole = await house.incident(1), await house.incident(2)
    told_of_part, told_of_both, of_neither, in_vain = [await house.person("sms") for _ in range(4)]
    action, _ = await house.draft(part, told_of_part, told_of_both)
    await house.send(action)
    vain, _ = await house.draft(part, in_vain)
    await house.send(vain, "failed")
    unsent, _ = await house.draft(part, of_neither)
    action, _ = await house.draft(whole, told_of_both)
    await house.send(action)
    await incidents.merge(house.session, part, whole, house.now)
    assert await notices.told(house.session, whole.id, "outage") == {told_of_part.id, told_of_both.id}
    assert await house.send(unsent) == 0
    _, channels = await house.draft(whole, told_of_part, told_of_both, of_neither, in_vain)
    assert channels == {"sms": 2}


async def test_merging_keeps_one_notice_per_person_and_news(house: House) -> None:
    part, whole = await house.incident(1), await house.incident(2)
    person = await house.person("sms")
    for incident in (part, whole):
        await house.send((await house.draft(incident, person))[0])
    await house.session.execute(update(Notice).values(state="unknown"))
    await incidents.merge(house.session, part, whole, house.now)
    assert await house.states(whole) == await house.states(part) == [(person.id, "unknown")]
