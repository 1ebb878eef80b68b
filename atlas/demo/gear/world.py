"""The network as the simulated gear knows it, and who has a way to a gateway. Its own search, its own opinion."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.network.enums import NodeKind


class Node(NamedTuple):
    """A node; `address` is its loopback when it is polled."""

    name: str
    kind: NodeKind
    address: str | None
    is_gateway: bool


class End(NamedTuple):
    """One end of a link, as the node there knows it."""

    node: int
    interface: str
    address: str | None


class Link(NamedTuple):
    """A link with its two ends."""

    name: str
    kind: str
    a: End
    z: End

    def far(self, node: int) -> End:
        """The end that is not at this node."""
        return self.z if self.a.node == node else self.a

    def near(self, node: int) -> End:
        """The end at this node."""
        return self.a if self.a.node == node else self.z


class Site(NamedTuple):
    """A place with one mains supply: its equipment, and the battery behind it."""

    name: str
    nodes: tuple[int, ...]
    battery_hours: float | None
    battery_since: date | None


class Reach(NamedTuple):
    """What works: nodes with a way to a gateway, nodes that are broken themselves, links that carry nothing."""

    up: bytearray
    dead_nodes: frozenset[int]
    dead_links: frozenset[int]


NODES = """
SELECT n.id, n.name, n.kind, d.management_address, n.is_gateway
FROM node n LEFT JOIN device d ON d.id = n.device_id ORDER BY n.id
"""
LINKS = """
SELECT name, kind, a_node_id, a_interface, a_address, z_node_id, z_interface, z_address, fibre_id
FROM link ORDER BY id
"""
SITES = """
SELECT s.name, s.battery_hours, s.battery_installed_on, array_agg(n.id ORDER BY n.id)
FROM site s JOIN node n ON n.site_id = s.id GROUP BY s.id ORDER BY s.id
"""
FIBRES = "SELECT id, name FROM fibre"
DUCTS = "SELECT d.name, s.fibre_id FROM fibre_section s JOIN duct d ON d.id = s.duct_id"


@dataclass(slots=True)
class World:
    """Nodes and links by index, and which links fail with which element."""

    nodes: list[Node] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    by_name: dict[str, int] = field(default_factory=dict)
    around: list[list[int]] = field(default_factory=list)  # node -> its links
    riding: dict[str, list[int]] = field(default_factory=dict)  # element key -> links that fail with it
    sites: dict[str, Site] = field(default_factory=dict)

    def reach(self, failed: Collection[str]) -> Reach:
        """Search from every gateway over what these failed elements leave."""
        dead_nodes = frozenset(
            self.by_name[key.removeprefix("node:")] for key in failed if key.removeprefix("node:") in self.by_name
        )
        dead_links = {link for key in failed for link in self.riding.get(key, ())}
        dead_links.update(link for node in dead_nodes for link in self.around[node])
        up = bytearray(len(self.nodes))
        queue = [n for n, node in enumerate(self.nodes) if node.is_gateway and n not in dead_nodes]
        for node in queue:
            up[node] = 1
        while queue:
            node = queue.pop()
            for link in self.around[node]:
                if link not in dead_links:
                    far = self.links[link].far(node).node
                    if not up[far]:
                        up[far] = 1
                        queue.append(far)
        return Reach(up, dead_nodes, frozenset(dead_links))

    def down_from(self, node: int, kind: NodeKind) -> list[int]:
        """Neighbours at the z end of this node's links that are of this kind."""
        ends = (self.links[link] for link in self.around[node])
        return [link.z.node for link in ends if link.a.node == node and self.nodes[link.z.node].kind is kind]

    def parent(self, node: int) -> int | None:
        """The node this one hangs on: the a end of a link whose z end it is."""
        ends = (self.links[link] for link in self.around[node])
        return next((link.a.node for link in ends if link.z.node == node), None)


async def load_world(session: AsyncSession) -> World:
    """Read the network once."""
    world = World()
    at: dict[int, int] = {}
    for id_, name, kind, address, is_gateway in await session.execute(text(NODES)):
        at[id_] = world.by_name[name] = len(world.nodes)
        world.nodes.append(Node(name, NodeKind(kind), address, is_gateway))
    world.around = [[] for _ in world.nodes]
    riding: defaultdict[str, list[int]] = defaultdict(list)
    of_fibre: defaultdict[int, list[int]] = defaultdict(list)
    for name, kind, a, a_if, a_address, z, z_if, z_address, fibre in await session.execute(text(LINKS)):
        index = len(world.links)
        link = Link(name, kind, End(at[a], a_if, a_address), End(at[z], z_if, z_address))
        world.links.append(link)
        world.around[link.a.node].append(index)
        world.around[link.z.node].append(index)
        riding[f"link:{name}"].append(index)
        if fibre is not None:
            of_fibre[fibre].append(index)
    for id_, name in await session.execute(text(FIBRES)):
        riding[f"fibre:{name}"] += of_fibre[id_]
    for name, fibre in await session.execute(text(DUCTS)):
        riding[f"duct:{name}"] += of_fibre[fibre]
    for name, hours, since, nodes in await session.execute(text(SITES)):
        world.sites[name] = Site(name, tuple(at[node] for node in nodes), hours, since)
    world.riding = dict(riding)
    return world
