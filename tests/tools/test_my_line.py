"""What a subscriber may know of their own line, behind the wall."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.errors import DomainError
from atlas.itsm import incidents
from tests.tools.conftest import Outage, Use, person, restore
from tools.my_line import my_service_status

ONLINE = """
SELECT s.subscriber_id FROM service s JOIN access_session a ON a.service_id = s.id AND a.stopped_at IS NULL
WHERE s.state = 'active' AND a.silent_since IS NULL AND s.id NOT IN (SELECT service_id FROM incident_line)
GROUP BY 1 HAVING count(*) = 1 ORDER BY 1 LIMIT 1
"""


async def someone(session: AsyncSession) -> int:
    """A subscriber with one line that works."""
    return int((await session.execute(text(ONLINE))).scalar_one())


async def test_a_line_that_works(use: Use, isp: AsyncSession, outage: Outage) -> None:
    (line,) = (await use(my_service_status, person(await someone(isp)))).lines
    assert (line.state, line.outage) == ("online", None)
    assert line.last_heard_at is not None


async def test_a_line_that_is_cut_off_is_told_why_without_equipment(
    use: Use, isp: AsyncSession, outage: Outage
) -> None:
    now = outage.incident.detected_at
    await incidents.note(isp, outage.incident.id, "A crew is on its way.", now, public=True)
    await incidents.note(isp, outage.incident.id, "Port Te0/0/0/1 of z3-bng-1 is dark.", now)
    outage.incident.next_update_at = now + timedelta(minutes=30)
    (line,) = (await use(my_service_status, person(outage.subscribers[0]))).lines
    assert line.state == "outage"
    assert line.outage.reference == outage.reference
    assert (line.outage.cause, line.outage.latest) == ("a damaged fibre cable", "A crew is on its way.")
    assert line.outage.next_update_at == outage.incident.next_update_at
    assert "z3-bng-1" not in str(line)


async def test_what_is_doubtful_is_told_to_nobody(use: Use, isp: AsyncSession, outage: Outage) -> None:
    outage.incident.doubts = ["only the poller says so"]
    await isp.flush()
    (line,) = (await use(my_service_status, person(outage.subscribers[0]))).lines
    assert (line.state == "outage", line.outage) == (False, None)
    outage.incident.confirmed_by = "anna"
    await isp.flush()
    (line,) = (await use(my_service_status, person(outage.subscribers[0]))).lines
    assert (line.state, line.outage.reference) == ("outage", outage.reference)


async def test_a_line_that_is_back_while_others_are_not(
    use: Use, isp: AsyncSession, outage: Outage, clock: FrozenClock
) -> None:
    await restore(isp, outage.incident)
    (line,) = (await use(my_service_status, person(outage.subscribers[0]))).lines
    assert (line.state, line.outage) == ("restored", None)


async def test_when_it_is_over_it_is_over(use: Use, isp: AsyncSession, outage: Outage, clock: FrozenClock) -> None:
    await incidents.resolve(isp, outage.incident, clock.now())
    (line,) = (await use(my_service_status, person(outage.subscribers[0]))).lines
    assert (line.state, line.outage) == ("online", None)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ("UPDATE access_session SET silent_since = now()", "offline"),
        ("UPDATE access_session SET stopped_at = now()", "offline"),
        ("UPDATE service SET state = 'suspended'", "suspended"),
    ],
)
async def test_other_reasons_for_silence(use: Use, isp: AsyncSession, change: str, state: str) -> None:
    who = await someone(isp)
    column = "id" if change.startswith("UPDATE service") else "service_id"
    mine = f"{change} WHERE {column} IN (SELECT id FROM service WHERE subscriber_id = :who)"
    await isp.execute(text(mine), {"who": who})
    (line,) = (await use(my_service_status, person(who))).lines
    assert (line.state, line.outage) == (state, None)


async def test_a_line_that_ended_is_nobodys_any_more(use: Use, isp: AsyncSession) -> None:
    who = await someone(isp)
    await isp.execute(text("UPDATE service SET state = 'terminated' WHERE subscriber_id = :who"), {"who": who})
    assert (await use(my_service_status, person(who))).lines == []


async def test_staff_have_no_line_of_their_own(use: Use) -> None:
    with pytest.raises(DomainError, match="ask as that subscriber"):
        await use(my_service_status)
