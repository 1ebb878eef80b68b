"""A doubtful incident: nobody hears of it, somebody is woken, and a person's word ends it."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.itsm.on_call import Contact, contacts
from atlas.settings import Settings
from tests.factories.incidents import incident
from tests.tools.conftest import Outage, Use
from tools.incidents import find_incidents
from tools.on_call import confirm_incident


async def test_a_persons_word_ends_the_doubt_once(use: Use, isp: AsyncSession, outage: Outage) -> None:
    outage.incident.doubts = ["only the poller says so"]
    await isp.flush()
    assert outage.incident.is_doubtful
    assert (await use(confirm_incident, incident=outage.reference)).reference == outage.reference
    assert not outage.incident.is_doubtful
    assert outage.incident.confirmed_by == "anna"
    with pytest.raises(DomainError, match="Nothing about"):
        await use(confirm_incident, incident=outage.reference)


async def test_a_verdict_is_a_persons_word_too(isp: AsyncSession) -> None:
    row = await incident(isp, doubts=["only the poller says so"])
    assert row.is_doubtful
    row.verdict_by = "anna"
    assert not row.is_doubtful


async def test_the_noc_sees_what_is_doubtful(use: Use, isp: AsyncSession) -> None:
    row = await incident(isp, doubts=["only the poller says so"])
    assert row.reference in [each.reference for each in (await use(find_incidents)).incidents]


def test_who_is_on_call() -> None:
    given = Settings(on_call="anna sms +447700900801, lena email lena@example.net")
    assert contacts(given) == [
        Contact("anna", "sms", "+447700900801"),
        Contact("lena", "email", "lena@example.net"),
    ]
    assert contacts(Settings(demo=False)) == []
    assert len(contacts(Settings(demo=True))) == 2


@pytest.mark.parametrize("words", ["anna", "anna pigeon loft-3", "anna sms +44 7700 900801"])
def test_a_contact_that_cannot_be_read_is_an_error_that_names_it(words: str) -> None:
    with pytest.raises(ValueError, match="BEDROCK_ON_CALL"):
        contacts(Settings(on_call=words))
