"""Work orders from creation to done, and who is sent."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.field import service
from atlas.field.models import Technician, TechnicianSkill, WorkOrder
from tests.factories.incidents import NOON, incident, told
from tests.factories.subscribers import save, zone

LATER = NOON + timedelta(hours=2)


async def technician(
    session: AsyncSession, name: str, skill: str = "fibre_splicing", in_zone: int = 3, **more: Any
) -> Technician:
    home = await zone(session, in_zone)
    person = await save(session, Technician(name=name, phone="+4915550100001", home_zone_id=home.id, **more))
    await save(session, TechnicianSkill(technician_id=person.id, skill=skill))
    return person


async def order(session: AsyncSession, incident_id: int | None = None, skill: str = "fibre_splicing") -> WorkOrder:
    return await service.create_work_order(
        session,
        incident_id=incident_id,
        skill=skill,
        element="fibre:F-1",
        place="Mill Bridge",
        instructions="Splice it.",
        now=NOON,
    )


async def test_a_job_for_an_incident_and_never_a_second_one(session: AsyncSession) -> None:
    row = await incident(session)
    job = await order(session, row.id)
    assert (job.state, job.place, job.created_at) == ("open", "Mill Bridge", NOON)
    with pytest.raises(DomainError, match=f"{job.reference} is already open for {row.reference}"):
        await order(session, row.id)
    session.add(
        WorkOrder(
            incident_id=row.id, skill="pon", element="x", place="x", instructions="x", state="open", created_at=NOON
        )
    )
    with pytest.raises(IntegrityError, match="uq_work_order_incident"):
        await session.flush()


async def test_after_a_cancelled_job_there_may_be_another(session: AsyncSession) -> None:
    row = await incident(session)
    await service.cancel(session, await order(session, row.id), "Wrong place.", LATER)
    assert await service.for_incident(session, row.id) is None
    again = await order(session, row.id)
    assert await service.for_incident(session, row.id) is again


@pytest.mark.parametrize("said", ["", "WO-", "WO-x", "WO-²", "WO-999", "9" * 20])
async def test_what_is_no_work_order_is_said_in_a_sentence(session: AsyncSession, said: str) -> None:
    with pytest.raises(DomainError, match=r"is no work order|There is no work order"):
        await service.get_work_order(session, said)


async def test_an_unknown_skill(session: AsyncSession) -> None:
    with pytest.raises(DomainError, match="one of fibre_splicing"):
        await order(session, skill="juggling")


async def test_someone_on_shift_with_the_skill_from_the_zone_first(session: AsyncSession) -> None:
    await technician(session, "Off Shift", is_on_shift=False)
    await technician(session, "Radio Person", skill="radio")
    far = await technician(session, "From Afar", in_zone=9)
    near = await technician(session, "From Here", in_zone=3)
    assert await service.best_technician(session, "fibre_splicing", 3) == near
    assert await service.best_technician(session, "fibre_splicing", 9) == far
    assert await service.best_technician(session, "coax", 3) is None


async def test_whoever_has_least_to_do_goes(session: AsyncSession) -> None:
    near, far = await technician(session, "From Here"), await technician(session, "From Afar", in_zone=9)
    for _ in range(2):
        await service.assign(session, await order(session), near.name, NOON)
    assert await service.best_technician(session, "fibre_splicing", 3) == far
    job = await order(session)
    await service.assign(session, job, far.name, NOON)
    assert await service.best_technician(session, "fibre_splicing", 3) == far
    await service.assign(session, await order(session), far.name, NOON)
    assert await service.best_technician(session, "fibre_splicing", 3) == near
    await service.finish(session, job, "Spliced.", LATER)
    assert await service.best_technician(session, "fibre_splicing", 3) == far


async def test_names_are_taken_as_people_write_them(session: AsyncSession) -> None:
    person = await technician(session, "Maria Klein")
    job = await order(session)
    assert await service.assign(session, job, "  maria KLEIN ", NOON) == person
    assert (job.technician_id, job.state) == (person.id, "assigned")


@pytest.mark.parametrize("said", ["%", "M%", "Maria_Klein", "Nobody", ""])
async def test_a_name_is_a_name_and_no_pattern(session: AsyncSession, said: str) -> None:
    await technician(session, "Maria Klein")
    job = await order(session)
    with pytest.raises(DomainError, match="No technician is called"):
        await service.assign(session, job, said, NOON)
    assert job.technician_id is None


async def test_who_cannot_be_sent(session: AsyncSession) -> None:
    await technician(session, "Radio Person", skill="radio")
    await technician(session, "Off Shift", is_on_shift=False)
    await technician(session, "Maria Klein")
    job = await order(session)
    for name, why in (("Radio Person", "not trained for fibre_splicing"), ("Off Shift", "off shift")):
        with pytest.raises(DomainError, match=why):
            await service.assign(session, job, name, NOON)
    await service.finish(session, job, "Spliced.", LATER)
    with pytest.raises(DomainError, match=f"{job.reference} is done"):
        await service.assign(session, job, "Maria Klein", NOON)


async def test_a_job_ends_once(session: AsyncSession) -> None:
    job = await order(session)
    await service.finish(session, job, "Spliced.", LATER)
    await service.cancel(session, job, "Not needed.", LATER + timedelta(hours=1))
    assert (job.state, job.outcome, job.done_at) == ("done", "Spliced.", LATER)
    assert [kind for kind, _ in await told(session)] == ["work_order.created", "work_order.done"]
