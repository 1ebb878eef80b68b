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


class DependencyRow(NamedTuple):
    """Lines behind a consumer, or all lines, need any one provider of a role."""

    role: str
    provider: str
    consumer: str | None


class WatchedRow(NamedTuple):
    """Somebody measures this of an element, or of a provider from there; `about` is empty for the element itself."""

    metric: str
    element: str
    about: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that can fail, and who depends on it. `nas_of`: the BNG that holds the session of a line's node."""

    nodes: list[NodeRow]
    links: list[LinkRow]
    ducts_of: dict[str, list[str]]
    weights: list[LineWeight]
    sites: list[SiteRow] = field(default_factory=list)
    dependencies: list[DependencyRow] = field(default_factory=list)
    nas_of: dict[str, str] = field(default_factory=dict)
    watched: list[WatchedRow] = field(default_factory=list)


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
DEPENDENCIES = """
SELECT d.role, p.name, c.name FROM dependency d JOIN node p ON p.id = d.provider_id
LEFT JOIN node c ON c.id = d.consumer_id ORDER BY d.id
"""
NAS_OF = """
SELECT n.name, a.nas FROM access_session a JOIN service s ON s.id = a.service_id JOIN node n ON n.id = s.access_node_id
WHERE a.stopped_at IS NULL ORDER BY a.id
"""
# What has been measured within the last day that anything was.
WATCHED = """
SELECT DISTINCT metric, element, about FROM vital_hour
WHERE hour > (SELECT max(hour) FROM vital_hour) - interval '1 day' ORDER BY metric, element, about
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
        dependencies=[DependencyRow(*row) for row in await session.execute(text(DEPENDENCIES))],
        nas_of={row[0]: row[1] for row in await session.execute(text(NAS_OF))},
        watched=[WatchedRow(*row) for row in await session.execute(text(WATCHED))],
    )
