"""Sending people out."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from tests.tools.conftest import Outage, Use
from tools.field import assign_technician, create_work_order

SPLICER = """
SELECT t.name FROM technician t JOIN technician_skill s ON s.technician_id = t.id
WHERE s.skill = :skill AND t.is_on_shift AND NOT EXISTS (
    SELECT 1 FROM technician_skill o WHERE o.technician_id = t.id AND o.skill = :other) ORDER BY t.id LIMIT 1
"""
JOB = {"skill": "fibre_splicing", "instructions": "Splice it."}


async def someone(session: AsyncSession, skill: str, without: str = "") -> str:
    return str((await session.execute(text(SPLICER), {"skill": skill, "other": without})).scalar_one())


async def test_a_crew_goes_where_the_cause_was_located(use: Use, isp: AsyncSession, outage: Outage) -> None:
    job = await use(create_work_order, incident=outage.reference, **JOB)
    assert (job.incident, job.state, job.place) == (outage.reference, "open", outage.incident.place)
    name = await someone(isp, "fibre_splicing")
    sent = await use(assign_technician, work_order=job.reference, technician=name.upper())
    assert (sent.state, sent.technician) == ("assigned", name)


async def test_without_a_place_the_element_is_named_and_a_verdict_before_a_finding(use: Use, outage: Outage) -> None:
    outage.incident.place, outage.incident.verdict_element = "", "node:z3-agg-1"
    assert (await use(create_work_order, incident=outage.reference, **JOB)).place == "node:z3-agg-1"


async def test_one_job_per_incident(use: Use, outage: Outage) -> None:
    job = await use(create_work_order, incident=outage.reference, **JOB)
    with pytest.raises(DomainError, match=f"{job.reference} is already open for {outage.reference}"):
        await use(create_work_order, incident=outage.reference, **JOB)


async def test_who_cannot_be_sent_is_said_in_a_sentence(use: Use, isp: AsyncSession, outage: Outage) -> None:
    job = await use(create_work_order, incident=outage.reference, **JOB)
    untrained = await someone(isp, "radio", without="fibre_splicing")
    for name, why in ((untrained, "is not trained for fibre_splicing"), ("%", "No technician is called %")):
        with pytest.raises(DomainError, match=why):
            await use(assign_technician, work_order=job.reference, technician=name)
    with pytest.raises(DomainError, match="is no work order"):
        await use(assign_technician, work_order="the first one", technician=untrained)
