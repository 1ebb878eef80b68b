"""Past incidents like one, from Atlas' record."""

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.learning import cases
from atlas.learning.cases import IncidentCase
from cortex.triage.similar import Case, Similar, similar


async def similar_to(session: AsyncSession, incident_id: int, most: int = 5) -> list[Similar]:
    """The past incidents most like one. DomainError when there is no such incident."""
    row = await cases.incident(session, incident_id)
    if row is None:
        raise DomainError(f"There is no incident INC-{incident_id}.")
    return similar(_case(row), [_case(each) for each in await cases.past_incidents(session)], most)


def _case(row: IncidentCase) -> Case:
    return Case(
        f"INC-{row.id}", row.element, row.kind, row.mode, row.zone, row.subscribers, row.title, row.alarms,
        row.resolution, row.minutes,
    )  # fmt: skip
