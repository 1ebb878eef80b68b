"""Who hangs where, for the history: customers by passive part, cable and tower; technicians by zone and skill."""

import random
from collections import defaultdict
from typing import NamedTuple

from atlas.demo.layout import Layout
from atlas.demo.rows import DeviceRow, FibreRow, LinkRow, NodeRow, TechnicianRow, TechnicianSkillRow
from atlas.demo.services import Customer
from atlas.network.enums import LinkKind, NodeKind


class Splitter(NamedTuple):
    """A splitter with its OLT's port, its feeder cable and the customers on it."""

    node: NodeRow
    port: str
    feeder: FibreRow
    customers: list[Customer]


class Neighbourhood(NamedTuple):
    """The look-ups of one ISP."""

    splitters: list[Splitter]
    fibre_nodes: list[tuple[NodeRow, list[Customer]]]
    towers: list[tuple[NodeRow, list[Customer]]]
    radio_links: list[tuple[LinkRow, NodeRow]]
    devices: list[DeviceRow]
    places: dict[int, str]  # fibre id -> where it starts, in the crew's words
    crews: dict[tuple[int, str], list[TechnicianRow]]

    def crew(self, zone: int | None, skill: str, rng: random.Random) -> TechnicianRow | None:
        """Someone of the zone who can do it."""
        able = self.crews.get((zone or 0, skill))
        return rng.choice(able) if able else None

    def device(self, node: NodeRow) -> DeviceRow:
        """A node's device; the node must have one."""
        assert node.device_id is not None
        return self.devices[node.device_id - 1]


def explore(
    layout: Layout,
    served: list[Customer],
    technicians: list[TechnicianRow],
    skills: list[TechnicianSkillRow],
) -> Neighbourhood:
    """Read the layout once. Ids are places in their lists, less one."""
    draft = layout.draft
    by_node = {customer.line.node.id: customer for customer in served if customer.is_active}
    under: dict[int, list[tuple[LinkRow, NodeRow]]] = defaultdict(list)
    for link in draft.links:
        under[link.a_node_id].append((link, draft.nodes[link.z_node_id - 1]))

    def customers(node: NodeRow) -> list[Customer]:
        return [by_node[z.id] for _, z in under[node.id] if z.id in by_node]

    of_kind = defaultdict(list)
    for node in draft.nodes:
        of_kind[node.kind].append(node)
    splitters = [
        Splitter(z, port.name, draft.fibres[link.fibre_id - 1], customers(z))
        for port in of_kind[NodeKind.PON_PORT]
        for link, z in under[port.id]
        if link.fibre_id
    ]
    towers = [
        (tower, [one for _, sector in under[tower.id] for one in customers(sector)])
        for tower in of_kind[NodeKind.TOWER]
    ]
    starts = {section.fibre_id: draft.ducts[section.duct_id - 1].a_place for section in reversed(draft.sections)}
    return Neighbourhood(
        splitters,
        [(node, customers(node)) for node in of_kind[NodeKind.FIBRE_NODE]],
        towers,
        [
            (link, draft.nodes[link.a_node_id - 1])
            for link in draft.links
            if link.kind == LinkKind.RADIO and draft.nodes[link.a_node_id - 1].kind == NodeKind.TOWER
        ],
        draft.devices,
        starts,
        _crews(technicians, skills),
    )


def _crews(
    technicians: list[TechnicianRow], skills: list[TechnicianSkillRow]
) -> dict[tuple[int, str], list[TechnicianRow]]:
    crews: dict[tuple[int, str], list[TechnicianRow]] = defaultdict(list)
    for skill in skills:
        who = technicians[skill.technician_id - 1]
        crews[who.home_zone_id, skill.skill].append(who)
    return dict(crews)
