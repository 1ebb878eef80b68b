"""The drawing board: rows of the network as the layout modules add them, ids and names given on the way."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from atlas.demo import hardware
from atlas.demo.names import ROUTERS, Names
from atlas.demo.rows import DeviceRow, DuctRow, FibreRow, FibreSectionRow, LinkRow, NodeRow
from atlas.demo.zones import Gazetteer, Place, between, corner, line_string, metres
from atlas.network.enums import DEVICE_KINDS, PREMISES_KINDS, LinkKind, NodeKind, Technology


class Line(NamedTuple):
    """A place where a subscriber is connected. `backhaul`: it hangs behind zone 3's backhaul."""

    node: NodeRow
    zone: int
    technology: Technology
    nas: str
    backhaul: bool


class Site(NamedTuple):
    """An aggregation node access networks hang on, with the BNG that holds their lines' sessions."""

    node: NodeRow
    nas: str
    where: Gazetteer
    backhaul: bool = False


@dataclass(slots=True)
class Draft:
    """Rows of the network so far."""

    now: datetime
    rng: random.Random
    names: Names = field(default_factory=Names)
    ducts: list[DuctRow] = field(default_factory=list)
    fibres: list[FibreRow] = field(default_factory=list)
    sections: list[FibreSectionRow] = field(default_factory=list)
    devices: list[DeviceRow] = field(default_factory=list)
    nodes: list[NodeRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def node(
        self, name: str, kind: NodeKind, zone: int | None, at: Place, technology: Technology | None = None
    ) -> NodeRow:
        """A node, with its device where the kind is a piece of equipment."""
        has_device = kind in DEVICE_KINDS or kind in PREMISES_KINDS
        device_id = self._device(name, kind, zone or 0) if has_device else None
        is_gateway = kind is NodeKind.TRANSIT
        row = NodeRow(
            len(self.nodes) + 1, name, kind.value, zone, device_id, technology and technology.value, is_gateway, *at
        )
        self.nodes.append(row)
        return row

    def _device(self, name: str, kind: NodeKind, zone: int) -> int:
        number = len(self.devices) + 1
        address = self.names.management_address(zone) if kind in DEVICE_KINDS else None
        made = hardware.build(kind, number, self.now.date(), self.rng)
        self.devices.append(DeviceRow(number, name, *made, address))
        return number

    def duct(self, name: str, zone: int | None, a: tuple[str, Place], z: tuple[str, Place]) -> int:
        """A duct between two named places; returns its id."""
        row = DuctRow(len(self.ducts) + 1, f"D-{name}", zone, a[0], z[0], metres(a[1], z[1]), line_string(a[1], z[1]))
        self.ducts.append(row)
        return row.id

    def trench(self, name: str, where: Gazetteer, a: Place, z: Place, pieces: int = 1) -> list[int]:
        """Ducts end to end along the way from `a` to `z`, with handholes between them; returns their ids."""
        stops = [(corner(where, self.rng), between(a, z, part / pieces)) for part in range(pieces + 1)]
        ends = itertools.pairwise(stops)
        return [
            self.duct(f"{name}-{n}" if pieces > 1 else name, where.zone.id, start, end)
            for n, (start, end) in enumerate(ends, start=1)
        ]

    def fibre(self, name: str, zone: int | None, role: str, ducts: Sequence[int], strands: int = 24) -> FibreRow:
        """A cable lying in these ducts, in order."""
        row = FibreRow(len(self.fibres) + 1, f"F-{name}", zone, role, strands)
        self.fibres.append(row)
        self.sections += [FibreSectionRow(row.id, n, duct) for n, duct in enumerate(ducts)]
        return row

    def link(
        self,
        a: NodeRow,
        z: NodeRow,
        kind: LinkKind,
        fibre: FibreRow | None = None,
        a_interface: str = "",
    ) -> LinkRow:
        """A link between two nodes, on their next free interfaces, addressed where both are routers."""
        name = f"{a.name}--{z.name}"
        again = self.names.next(f"link {name}")
        routed = NodeKind(a.kind) in ROUTERS and NodeKind(z.kind) in ROUTERS
        addresses: tuple[str | None, str | None] = self.names.point_to_point() if routed else (None, None)
        row = LinkRow(
            len(self.links) + 1,
            name if again == 1 else f"{name}#{again}",
            kind.value,
            a.id,
            z.id,
            a_interface or self.names.interface(a.name, NodeKind(a.kind)),
            self.names.interface(z.name, NodeKind(z.kind)),
            *addresses,
            fibre.id if fibre else None,
        )
        self.links.append(row)
        return row

    def cable(
        self,
        a: NodeRow,
        z: NodeRow,
        where: Gazetteer,
        role: tuple[str, str],
        *,
        pieces: int = 1,
        through: Sequence[int] = (),
    ) -> FibreRow:
        """A new cable with one link on it, first through ducts that are there, then in a trench of its own.

        `role` is the letters in its name and its role: ("R", "ring").
        """
        name = self.names.cable(where.zone.id, role[0])
        own = self.trench(name, where, (a.lon, a.lat), (z.lon, z.lat), pieces)
        fibre = self.fibre(name, where.zone.id, role[1], [*through, *own])
        self.link(a, z, LinkKind.FIBRE, fibre)
        return fibre

    def connect(self, node: NodeRow, site: Site, technology: Technology) -> None:
        """A subscriber's end of a line."""
        zone = node.zone_id or site.where.zone.id
        self.lines.append(Line(node, zone, technology, site.nas, site.backhaul))

    def ducts_of(self, fibre: FibreRow) -> list[int]:
        """The ducts a cable lies in, in order."""
        return [section.duct_id for section in self.sections if section.fibre_id == fibre.id]


def place_of(node: NodeRow) -> Place:
    """Where a node stands."""
    return node.lon, node.lat
