"""What the NOC asks about incidents, and what it writes into their history."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.errors import DomainError
from atlas.field import service as field
from policies.spec import Principal
from tests.factories.incidents import incident
from tests.tools.conftest import ANNA, Outage, Use, restore
from tools.incidents import acknowledge_incident, find_incidents, report_repair, who_is_affected

BEN = Principal("staff", "ben", "noc")

# Counted from the lines at the premises that search found, not from the incident's own tables.
HURT = """
SELECT count(DISTINCT b.id), count(DISTINCT t.id) FILTER (WHERE t.state IN ('open', 'in_progress'))
FROM node n JOIN service s ON s.access_node_id = n.id AND s.state = 'active' JOIN subscriber b ON b.id = s.subscriber_id
LEFT JOIN ticket t ON t.subscriber_id = b.id AND t.kind = 'subscriber' WHERE n.name = ANY(:names)
"""


async def test_nothing_is_down_in_the_demo_as_it_is_loaded(use: Use) -> None:
    found = await use(find_incidents)
    assert (found.total, found.incidents, found.zone) == (0, [], None)


async def test_what_is_down_and_where(use: Use, isp: AsyncSession, outage: Outage) -> None:
    await incident(isp, title="Something small", subscribers=1, element=None)
    found = await use(find_incidents)
    assert found.incidents[0].reference == outage.reference
    assert found.total == 2
    for zone, total in ((3, 1), (4, 1), (9, 0)):
        assert (await use(find_incidents, zone=zone)).total == total


async def test_a_long_list_says_how_long_it_is(use: Use, isp: AsyncSession) -> None:
    for n in range(22):
        await incident(isp, subscribers=n)
    found = await use(find_incidents)
    assert (found.total, len(found.incidents)) == (22, 20)


async def test_who_is_affected_is_what_search_and_sql_find(use: Use, isp: AsyncSession, outage: Outage) -> None:
    subscribers, tickets = (await isp.execute(text(HURT), {"names": outage.cut.lines})).one()
    for asked in ({"incident": outage.reference}, {"zone": 3}, {"zone": 4}):
        found = await use(who_is_affected, **asked)
        assert found.incidents == [outage.reference]
        assert (found.devices, found.subscribers) == (len(outage.cut.devices), subscribers)
        assert found.open_tickets == tickets > 0
        assert sum(zone.subscribers for zone in found.zones) == subscribers
        assert {zone.zone for zone in found.zones} == {3, 4}
        assert found.cause == outage.incident.title


async def test_lines_that_are_back_are_counted_apart(
    use: Use, isp: AsyncSession, outage: Outage, clock: FrozenClock
) -> None:
    await restore(isp, outage.incident)
    found = await use(who_is_affected, incident=outage.reference)
    assert [zone.restored for zone in found.zones] == [zone.subscribers for zone in found.zones]


async def test_a_zone_where_nothing_is_down(use: Use) -> None:
    found = await use(who_is_affected, zone=3)
    assert (found.cause, found.subscribers, found.zones) == ("nothing is down", 0, [])


async def test_one_of_the_two_must_be_said(use: Use) -> None:
    with pytest.raises(DomainError, match="which incident or which zone"):
        await use(who_is_affected)


@pytest.mark.parametrize("said", ["INC-99999", "the big one"])
async def test_an_incident_nobody_knows_is_a_sentence(use: Use, said: str) -> None:
    for spec in (who_is_affected, acknowledge_incident):
        with pytest.raises(DomainError, match=r"no incident .*\.$|is no incident;.*\.$"):
            await use(spec, incident=said)


async def test_one_person_takes_it_in_hand(use: Use, outage: Outage) -> None:
    assert (await use(acknowledge_incident, incident=outage.reference)).acknowledged_by == "anna"
    with pytest.raises(DomainError, match="already acknowledged by anna"):
        await use(acknowledge_incident, BEN, incident=outage.reference)


async def test_a_report_of_when_and_a_report_that_it_is_done(
    use: Use, isp: AsyncSession, outage: Outage, clock: FrozenClock
) -> None:
    order = await field.create_work_order(
        isp,
        incident_id=outage.incident.id,
        skill="fibre_splicing",
        element="x",
        place="x",
        instructions="x",
        now=clock.now(),
    )
    at = clock.now() + timedelta(hours=2)
    await use(report_repair, incident=outage.reference, note="Found the break.", expected_at=at)
    assert (outage.incident.expected_repair_at, outage.incident.expected_repair_source) == (at, "anna")
    assert order.state == "open"
    noted = await use(report_repair, incident=outage.reference, note="Spliced.", done=True)
    assert (noted.incident, noted.text) == (outage.reference, "Spliced.")
    assert (order.state, order.outcome) == ("done", "Spliced.")


async def test_a_repair_expected_yesterday_is_refused(use: Use, outage: Outage, clock: FrozenClock) -> None:
    with pytest.raises(DomainError, match="must lie in the future"):
        await use(report_repair, ANNA, incident=outage.reference, note="Soon.", expected_at=clock.now())
    assert outage.incident.expected_repair_at is None
