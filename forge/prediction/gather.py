"""Atlas' history as a fleet of Cortex: rows of readings, alarms and repairs laid out by element and day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.learning import history
from cortex.degradation.fleet import ROLES, Fleet, Traits, empty
from cortex.triage.outcomes import Found, found

METRICS = sorted(ROLES)
#: The most that is read: older readings say little of what a network is now.
MOST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Window:
    """A fleet with the time it is about, and the node behind each of its rows."""

    fleet: Fleet
    start: datetime
    until: datetime
    nodes: Sequence[int]

    def day(self, at: datetime) -> float:
        """A moment in days from the start."""
        return (at - self.start) / timedelta(days=1)


async def gather(session: AsyncSession, now: datetime, days: int | None = None, *, around: int | None = None) -> Window:
    """The last `days` of the network, or all there is up to MOST_DAYS. DomainError when nothing was measured.

    `around`: only this node and its siblings.
    """
    first = await history.first_sample(session, METRICS)
    if first is None:
        raise DomainError("There is no history yet: no level, error or temperature was ever measured.")
    span = min(days or MOST_DAYS, MOST_DAYS, (now - first).days + 1)
    start = now - timedelta(days=span)
    only = None if around is None else await history.siblings(session, around)
    nodes = await history.measured_nodes(session, METRICS, start, now, only)
    fleet = empty([_traits(node) for node in nodes], span)
    rows = {node.id: row for row, node in enumerate(nodes)}
    for each in await history.measurements(session, METRICS, start, now, only):
        if (row := rows.get(each.node)) is not None:
            fleet.measured[ROLES[each.metric]][row, np.array(each.days)] = each.values
    for heard in await history.alarms(session, start, now, only):
        if (row := rows.get(heard.node)) is not None:
            fleet.heard["alarm"][row, heard.day] += heard.alarms
            fleet.heard["flap"][row, heard.day] += heard.again
    await _repaired(session, fleet, rows, start, now)
    return Window(fleet, start, now, [node.id for node in nodes])


def _traits(node: history.NodeTraits) -> Traits:
    installed = float("nan") if node.installed_day is None else node.installed_day
    return Traits(
        f"node:{node.name}", node.kind, node.above or "", node.batch or "", node.firmware or "", float(installed)
    )


async def _repaired(
    session: AsyncSession, fleet: Fleet, rows: dict[int, int], start: datetime, until: datetime
) -> None:
    """A fault that was found counts as a failure on the day it began; a preventive job's is what it prevented."""
    last = fleet.days - 1
    for repair in await history.repairs(session, start, until):
        row, what = rows.get(repair.node), found(repair.outcome)
        if row is None or what in (Found.NOTHING, Found.UNCLEAR):
            continue
        if repair.began >= 0:
            fleet.failed[row, min(int(repair.began), last)] = True
        ended = min(int(repair.ended), last)
        fleet.mended[row, ended] = True
        fleet.replaced[row, ended] |= what is Found.REPLACED
