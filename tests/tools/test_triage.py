"""Tickets, visits and incidents weighed, on the demo ISP."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.errors import DomainError
from atlas.field.models import WorkOrder
from atlas.itsm.models import Ticket
from atlas.learning import cases, versions
from forge.prediction.gather import gather
from forge.triage import tickets, visits
from tests.factories.incidents import ticket
from tests.tools.conftest import Outage, Use
from tools.triage import no_fault_found_risk, send_visit, similar_incidents, triage_ticket

LINE = """
SELECT s.subscriber_id FROM service s JOIN node n ON n.id = s.access_node_id
WHERE n.kind = 'ont' AND s.state = 'active' AND NOT EXISTS (
    SELECT 1 FROM work_order w WHERE w.element = 'node:' || n.name) ORDER BY s.id LIMIT 1
"""


async def asked(isp: AsyncSession, words: str, category: str) -> Ticket:
    """A ticket opened when the demo's history ends."""
    last = (await isp.execute(text("SELECT max(at) FROM sample"))).scalar_one()
    subscriber = (await isp.execute(text(LINE))).scalar_one()
    return await ticket(isp, subscriber, subject=words, category=category, opened_at=last + timedelta(hours=6))


async def test_past_incidents_come_with_what_fixed_them(use: Use, outage: Outage) -> None:
    found = await use(similar_incidents, incident=outage.reference)
    assert found.incidents
    assert all(each.reference != outage.reference for each in found.incidents)
    assert found.incidents[0].resolution
    assert found.usual_minutes_to_repair


async def test_a_ticket_is_weighed(use: Use, isp: AsyncSession) -> None:
    first = await asked(isp, "No internet since last night", "no_service")
    again = await asked(isp, "Still no internet", "no_service")
    found = await use(triage_ticket, ticket=again.reference)
    assert found.category is None  # nothing was learnt
    assert found.priority in ("P1", "P2", "P3")
    assert first.reference in [each.reference for each in found.duplicates]


async def test_without_a_model_no_odds_are_made_up_and_a_visit_goes_ahead(use: Use, isp: AsyncSession) -> None:
    row = await asked(isp, "Wifi is slow upstairs", "slow")
    odds = await use(no_fault_found_risk, ticket=row.reference)
    assert (odds.probability, odds.ask_first) == (None, False)
    job = await use(send_visit, ticket=row.reference, skill="premises", instructions="Look.")
    kept = (await isp.scalars(select(WorkOrder).where(WorkOrder.ticket_id == row.id))).one()
    assert kept.reference == job.reference
    assert kept.element.startswith("node:")
    with pytest.raises(DomainError, match="already open"):
        await use(send_visit, ticket=row.reference, skill="premises", instructions="Look.")


async def test_a_ticket_that_is_none_is_said_so(use: Use, isp: AsyncSession) -> None:
    for tool in (no_fault_found_risk, triage_ticket):
        with pytest.raises(DomainError, match="no subscriber's ticket TT-999999"):
            await use(tool, ticket="TT-999999")
        with pytest.raises(DomainError, match="is no ticket"):
            await use(tool, ticket="the last one")


async def test_what_was_learnt_tells_wifi_from_a_dead_line(use: Use, isp: AsyncSession, clock: FrozenClock) -> None:
    now = (await isp.execute(text("SELECT max(at) FROM sample"))).scalar_one() + timedelta(hours=3)
    window = await gather(isp, now)
    past = [each for each in await cases.visits(isp, window.start, now) if each.outcome]
    assert len(past) >= visits.LEAST_VISITS
    await versions.keep(isp, (await visits.learn(isp, now, window)).learnt, refused="", now=now)
    await versions.keep(isp, (await tickets.learn_categories(isp, window.start, now)).learnt, refused="", now=now)
    clock.at = now + timedelta(hours=12)
    wifi = await asked(isp, "Wifi is slow upstairs", "slow")
    dead = await asked(isp, "No internet, red light on the box", "no_service")
    odds = [(await use(no_fault_found_risk, ticket=each.reference)).probability for each in (wifi, dead)]
    assert odds[0] > odds[1] + 0.3
    assert (await use(triage_ticket, ticket=dead.reference)).category == "no_service"
