"""Planned work, from Atlas' windows to what Cortex holds back, and back: the alarms it explained."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.cmdb import maintenance
from cortex.planned import Noted, Planned, Work
from cortex.topology import Topology


async def read_work(session: AsyncSession, planned: Planned, topology: Topology, now: datetime) -> None:
    """Tell Cortex of all work that is known now. Work on what the topology does not know explains nothing."""
    works = []
    for window in await maintenance.known(session, now):
        element = topology.index(window.element)
        if element is None:
            continue
        work = Work(
            id=window.id,
            reference=window.reference,
            element=element,
            starts=window.starts_at.timestamp(),
            ends=window.ends_at.timestamp(),
            expects=frozenset(window.expects),
            with_dependents=window.with_dependents,
        )
        works.append(work)
    planned.plan(works)


async def write_noted(session: AsyncSession, planned: Planned) -> None:
    """Write down the alarms that work has explained since the last time."""
    noted: list[Noted] = planned.noted
    rows = [(each.work, each.alarm, datetime.fromtimestamp(each.at, UTC)) for each in noted]
    await maintenance.note_alarms(session, rows)
    noted.clear()
