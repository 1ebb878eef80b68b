"""The network's make-up, read whole: what Cortex needs to build its topology, as plain rows.

Element keys name anything that can fail: `node:…`, `link:…`, `fibre:…`, `duct:…`.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class NodeRow(NamedTuple):
    """One node."""

    id: int
    name: str
    kind: str
    is_gateway: bool
    zone: int | None
    technology: str
    has_device: bool
    address: str | None
    site: str = ""


class SiteRow(NamedTuple):
    """A place with one mains supply; its battery's nominal hours, and since when it is there."""

    name: str
    battery_hours: float | None
    battery_installed_on: date | None


class LinkRow(NamedTuple):
    """One link, with the fibre and the ducts it rides on, in order."""

    name: str
    kind: str
    a: str
    z: str
    a_interface: str
    z_interface: str
    a_address: str | None
    z_address: str | None
    fibre: str | None


class LineWeight(NamedTuple):
    """What hangs on an access node: counts of lines by kind, and money per hour."""

    node: str
    subscribers: int
    business: int
    vulnerable: int
    revenue_per_hour: float


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that can fail, and who depends on it."""

    nodes: list[NodeRow]
    links: list[LinkRow]
    ducts_of: dict[str, list[str]]
    weights: list[LineWeight]
    sites: list[SiteRow] = field(default_factory=list)


NODES = """
SELECT n.id, n.name, n.kind, n.is_gateway, z.number, coalesce(n.technology, ''), n.device_id IS NOT NULL,
       d.management_address, coalesce(s.name, '')
FROM node n LEFT JOIN zone z ON z.id = n.zone_id LEFT JOIN device d ON d.id = n.device_id
LEFT JOIN site s ON s.id = n.site_id ORDER BY n.id
"""
SITES = "SELECT name, battery_hours, battery_installed_on FROM site ORDER BY id"
LINKS = """
SELECT l.name, l.kind, a.name, z.name, l.a_interface, l.z_interface, l.a_address, l.z_address, f.name
FROM link l JOIN node a ON a.id = l.a_node_id JOIN node z ON z.id = l.z_node_id
LEFT JOIN fibre f ON f.id = l.fibre_id ORDER BY l.id
"""
DUCTS = """
SELECT f.name, d.name FROM fibre_section s JOIN fibre f ON f.id = s.fibre_id JOIN duct d ON d.id = s.duct_id
ORDER BY f.name, s.position
"""
# A month is 730 hours: the price of a line per hour, so that what is at stake can be said in money.
WEIGHTS = """
SELECT n.name, count(DISTINCT s.subscriber_id), count(*) FILTER (WHERE b.segment = 'business'),
       count(*) FILTER (WHERE b.is_vulnerable), (sum(p.monthly_price) / 730)::float
FROM service s JOIN node n ON n.id = s.access_node_id JOIN subscriber b ON b.id = s.subscriber_id
JOIN plan p ON p.id = s.plan_id
WHERE s.state = 'active' GROUP BY n.name
"""


async def load_inventory(session: AsyncSession) -> Inventory:
    """Read the whole network; about a second for 200,000 elements."""
    ducts: defaultdict[str, list[str]] = defaultdict(list)
    for fibre, duct in await session.execute(text(DUCTS)):
        ducts[fibre].append(duct)
    return Inventory(
        nodes=[NodeRow(*row) for row in await session.execute(text(NODES))],
        links=[LinkRow(*row) for row in await session.execute(text(LINKS))],
        ducts_of=dict(ducts),
        sites=[SiteRow(*row) for row in await session.execute(text(SITES))],
        weights=[LineWeight(*row) for row in await session.execute(text(WEIGHTS))],
    )
