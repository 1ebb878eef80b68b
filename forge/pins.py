"""From people's verdicts in Atlas to what Cortex' grouping must obey. Read whenever the stream starts, and again
after every verdict, so that a verdict and a restart are the same to it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm.incidents import OPEN_STATES
from atlas.itsm.models import Incident
from atlas.itsm.verdict_models import ExcludedAlarm, ExcludedNode, Verdict
from cortex.pins import Pins

# What was called false and has been raised ever since.
FALSE = """
SELECT i.alarm_id, c.resolved_at FROM incident c JOIN incident_alarm i ON i.incident_id = c.id
JOIN alarm a ON a.id = i.alarm_id
WHERE c.state = 'retracted' AND NOT a.is_cleared AND a.raised_at <= c.resolved_at
ORDER BY c.resolved_at
"""

WHAT_WAS_SAID = """
SELECT (SELECT count(*) FROM verdict WHERE kind NOT IN ('hold', 'release')),
       (SELECT coalesce(max(number), 0) FROM cortex_version WHERE state = 'in use')
"""


class Said(NamedTuple):
    """How many verdicts there are on what belongs together, and which version of Cortex is in use. -1: not read yet."""

    verdicts: int = -1
    version: int = -1


async def what_was_said(session: AsyncSession) -> Said:
    """Tells whether anything was said since. Verdicts are counted: their ids commit out of order."""
    return Said(*(await session.execute(text(WHAT_WAS_SAID))).one())


async def read_pins(session: AsyncSession, node_ids: Sequence[int]) -> Pins:
    """What people said, with the incident's id for its group. `node_ids[i]` is the row of topology node i."""
    places = {row: place for place, row in enumerate(node_ids)}
    is_open = select(Incident.id).where(Incident.state.in_(OPEN_STATES))
    alarms = select(ExcludedAlarm.alarm_id, ExcludedAlarm.incident_id).where(ExcludedAlarm.incident_id.in_(is_open))
    nodes = select(ExcludedNode.node_id, ExcludedNode.incident_id).where(ExcludedNode.incident_id.in_(is_open))
    known = [(places[n], i) for n, i in (await session.execute(nodes)).all() if n in places]
    false = await session.execute(text(FALSE))
    return Pins(
        apart=tuple(await _families(session) | await _named_apart(session)),
        barred_alarms=_sets((await session.execute(alarms)).all()),
        barred_elements=_sets(known),
        false={alarm: until.timestamp() for alarm, until in false},
        whole=await _put_together(session),
    )


def _sets(pairs: Iterable[Sequence[int]]) -> dict[int, frozenset[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for key, incident in pairs:
        found[key].add(incident)
    return {key: frozenset(incidents) for key, incidents in found.items()}


async def _families(session: AsyncSession) -> set[frozenset[int]]:
    """Incidents that people split from one another; one merged since stands for what it is part of."""
    split = select(Verdict.incident_id, Verdict.other_id).where(Verdict.kind == "split")
    pairs = [(one, other) for one, other in (await session.execute(split)) if other is not None]
    if not pairs:
        return set()
    into = await _merged(session)
    families: list[set[int]] = []
    for pair in pairs:
        joined = [family for family in families if not family.isdisjoint(pair)]
        families = [family for family in families if family not in joined]
        families.append(set(pair).union(*joined))
    still_open = await _open(session)
    survivors = ({_survivor(into, each) for each in family} & still_open for family in families)
    return {frozenset(family) for family in survivors if len(family) > 1}


async def _put_together(session: AsyncSession) -> frozenset[int]:
    """Incidents into which a person merged another; one merged since stands for what it is part of."""
    merged = select(Verdict.other_id).where(Verdict.kind == "merge", Verdict.other_id.is_not(None))
    into = await _merged(session)
    survivors = {_survivor(into, each) for each in await session.scalars(merged) if each is not None}
    return frozenset(survivors & await _open(session))


async def _open(session: AsyncSession) -> set[int]:
    """Only these have a group; the id of one that is over may be another group's by now."""
    return set(await session.scalars(select(Incident.id).where(Incident.state.in_(OPEN_STATES))))


async def _merged(session: AsyncSession) -> dict[int, int | None]:
    gone = select(Incident.id, Incident.merged_into_id).where(Incident.merged_into_id.is_not(None))
    return dict((await session.execute(gone)).all())


def _survivor(into: dict[int, int | None], incident: int) -> int:
    while (onward := into.get(incident)) is not None:
        incident = onward
    return incident


async def _named_apart(session: AsyncSession) -> set[frozenset[int]]:
    """Open incidents of which people named different causes: joined, one of the two words would be lost."""
    query = select(Incident.id, Incident.verdict_element, Incident.verdict_cause)
    rows = await session.execute(query.where(Incident.state.in_(OPEN_STATES), Incident.verdict_by.is_not(None)))
    pairs = combinations(rows.all(), 2)
    return {frozenset((one[0], other[0])) for one, other in pairs if one[1:] != other[1:]}
