"""Which part of an incident a person means: by alarm, by element and what hangs on it, by zone, or by line.

Alarms go with the part when they speak of one of its nodes, or of a link that its element takes down: a router that
lives between two cuts reports both, and each report goes with its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.itsm import belonging
from atlas.itsm.belonging import Part
from atlas.itsm.models import Incident
from atlas.network.elements import find_element
from atlas.network.inventory import load_inventory
from cortex.topology import Topology
from forge.topology import Resolver, build_topology

ALARMS = """
SELECT a.id, a.resource, a.alarm_type,
       (SELECT o.extra ->> 'neighbour' FROM alarm_occurrence o WHERE o.alarm_id = a.id ORDER BY o.event_at DESC LIMIT 1)
FROM incident_alarm i JOIN alarm a ON a.id = i.alarm_id WHERE i.incident_id = :incident
"""
IN_ZONE = """
SELECT n.id FROM node n JOIN zone z ON z.id = n.zone_id WHERE z.number = :zone
  AND (EXISTS (SELECT 1 FROM incident_node i WHERE i.incident_id = :incident AND i.node_id = n.id)
       OR n.name IN (SELECT a.device FROM incident_alarm i JOIN alarm a ON a.id = i.alarm_id
                     WHERE i.incident_id = :incident))
"""
LINES = """
SELECT s.id, s.access_node_id, s.username, b.number FROM service s JOIN subscriber b ON b.id = s.subscriber_id
WHERE b.number = ANY(:names) OR s.username = ANY(:names)
"""
# Access nodes of which these are all the active lines.
WHOLE_NODES = """
SELECT access_node_id FROM service WHERE access_node_id = ANY(:nodes) AND state = 'active'
GROUP BY access_node_id HAVING bool_and(id = ANY(:lines))
"""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a person names. `alarms`: ids from the alarm list; `elements`: keys or bare names; `lines`: subscriber
    numbers or user names.
    """

    alarms: Sequence[int] = ()
    elements: Sequence[str] = ()
    zone: int | None = None
    lines: Sequence[str] = field(default_factory=tuple)


async def part_of(session: AsyncSession, incident: Incident, meant: Meant) -> Part:
    """The alarms, nodes and lines that are meant. DomainError where a name is none of ours."""
    if not (meant.alarms or meant.elements or meant.lines or meant.zone is not None):
        raise DomainError("Say which part: alarms, elements, a zone, or lines.")
    alarms, nodes = await _named_alarms(session, incident, meant.alarms), set[int]()
    if meant.elements:
        behind, speak = await _behind(session, incident, meant.elements)
        nodes |= behind
        alarms |= speak
    if meant.zone is not None:
        nodes |= await _in_zone(session, incident, meant.zone)
    lines, ends = await _lines(session, meant.lines)
    nodes |= ends
    alarms |= await belonging.alarms_at(session, incident.id, nodes)
    if meant.alarms:
        nodes |= await belonging.nodes_of_alarms(session, incident.id, alarms)
    by_alarm = not (meant.elements or meant.lines or meant.zone is not None)
    return Part(frozenset(alarms), frozenset(nodes), frozenset(lines), by_alarm)


async def _named_alarms(session: AsyncSession, incident: Incident, ids: Collection[int]) -> set[int]:
    unknown = set(ids) - (await belonging.whole(session, incident.id)).alarms
    if unknown:
        named = ", ".join(map(str, sorted(unknown)[:5]))
        raise DomainError(f"{incident.reference} has no alarm {named}; `bedrock incident alarms` lists those it has.")
    return set(ids)


async def _behind(session: AsyncSession, incident: Incident, elements: Sequence[str]) -> tuple[set[int], set[int]]:
    """The nodes that these elements cut off when they fail, and the incident's alarms that speak of it."""
    keys = [await find_element(session, each) for each in elements]
    inventory = await load_inventory(session)
    topology = build_topology(inventory)
    failed = [place for key in keys if (place := topology.index(key)) is not None]
    down = {*topology.cut_off(failed).tolist(), *(each for each in failed if topology.is_node(each))}
    rows = (await session.execute(text(ALARMS), {"incident": incident.id})).all()
    resolver, lost = Resolver.build(inventory, topology), _lost(topology, failed)
    speak = {
        alarm
        for alarm, resource, _, neighbour in rows
        if resolver.element(resource) in down or resolver.about(resource, neighbour) in lost | down
    }
    return {inventory.nodes[place].id for place in down if place < len(inventory.nodes)}, speak


def _lost(topology: Topology, failed: Sequence[int]) -> set[int]:
    """The links that are gone with these elements, and they themselves."""
    links = {link for node in failed if topology.is_node(node) for link in topology.neighbours(node)}
    return {*failed, *topology.failing(failed), *links}


async def _in_zone(session: AsyncSession, incident: Incident, zone: int) -> set[int]:
    found = set((await session.execute(text(IN_ZONE), {"zone": zone, "incident": incident.id})).scalars())
    if not found:
        raise DomainError(f"Nothing of {incident.reference} lies in zone {zone}.")
    return found


async def _lines(session: AsyncSession, names: Sequence[str]) -> tuple[set[int], set[int]]:
    """The lines of these names, and the access nodes that serve nobody else."""
    if not names:
        return set(), set()
    rows = (await session.execute(text(LINES), {"names": list(names)})).all()
    unknown = set(names) - {name for _, _, *both in rows for name in both}
    if unknown:
        raise DomainError(f"No subscriber or line is called {', '.join(sorted(unknown)[:5])}.")
    lines = sorted(row[0] for row in rows)
    values = {"nodes": sorted({row[1] for row in rows if row[1]}), "lines": lines}
    return set(lines), set((await session.execute(text(WHOLE_NODES), values)).scalars())
