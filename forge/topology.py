"""From Atlas' rows to Cortex' topology, and from what a device calls a thing to what the topology calls it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from atlas.network.enums import DEVICE_KINDS, SERVICE_KINDS, NodeKind
from atlas.network.inventory import Inventory, LinkRow, SiteRow
from cortex.impact import Weights
from cortex.topology import Edge, Element, SharedRisk, Site, Topology
from forge.feeds.messages import short_interface

COLUMNS = ("subscribers", "business", "vulnerable", "revenue_per_hour")


def build_topology(inventory: Inventory) -> Topology:
    """The network as Cortex' graph."""
    elements = [
        Element(
            name=f"node:{node.name}",
            kind=node.kind,
            is_gateway=node.is_gateway,
            is_device=node.has_device and node.kind in DEVICE_KINDS,
            zone=node.zone,
            technology=node.technology,
            silent=node.kind == NodeKind.SPLITTER or node.kind in SERVICE_KINDS,
            site=node.site,
        )
        for node in inventory.nodes
    ]
    edges = [
        Edge(f"link:{link.name}", f"node:{link.a}", f"node:{link.z}", link.kind, _risks(link, inventory))
        for link in inventory.links
    ]
    fibres = dict.fromkeys(link.fibre for link in inventory.links if link.fibre)
    ducts = dict.fromkeys(duct for fibre in fibres for duct in inventory.ducts_of.get(fibre, ()))
    risks = [SharedRisk(f"fibre:{name}", "fibre") for name in fibres]
    risks += [SharedRisk(f"duct:{name}", "duct") for name in ducts]
    return Topology.build(elements, edges, risks, [_site(row) for row in inventory.sites])


def _site(row: SiteRow) -> Site:
    since = row.battery_installed_on
    at = datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp() if since else None
    return Site(row.name, row.battery_hours, at)


def _risks(link: LinkRow, inventory: Inventory) -> tuple[str, ...]:
    if link.fibre is None:
        return ()
    return (f"fibre:{link.fibre}", *(f"duct:{duct}" for duct in inventory.ducts_of.get(link.fibre, ())))


def build_weights(inventory: Inventory, topology: Topology) -> Weights:
    """What hangs on each element, in the order of COLUMNS."""
    table = np.zeros((topology.size, len(COLUMNS)))
    for weight in inventory.weights:
        index = topology.index(f"node:{weight.node}")
        if index is not None:
            table[index] = weight[1:]
    return Weights(COLUMNS, table)


# Optics are numbered like the port they sit in: "Optics0/0/0/1" is in "TenGigE0/0/0/1".
OPTICS = re.compile(r"^Optics(?=\d)")
LETTERS = re.compile(r"^[A-Za-z-]+(?=\d)")


def port_key(interface: str) -> str:
    """An interface name without the vendor's taste in abbreviations: "TenGigE0/0/0/1" is "te0/0/0/1"."""
    return short_interface(interface).lower()


def bay_key(interface: str) -> str:
    """Where a port's optics sit: its numbers alone, "0/0/0/1"."""
    return LETTERS.sub("", interface)


def canonical(resource: str) -> str:
    """A resource by one name, whichever feed tells of it: the trap's "r1/Te0/0/0/1" is syslog's
    "r1/TenGigE0/0/0/1".
    """
    device, slash, part = resource.partition("/")
    return f"{device}{slash}{port_key(part)}"


@dataclass(frozen=True, slots=True)
class Resolver:
    """Turns the names in an alarm into topology ids. What it does not know is None, never an error."""

    topology: Topology
    ports: dict[tuple[str, str], int]
    addresses: dict[str, int]

    @classmethod
    def build(cls, inventory: Inventory, topology: Topology) -> "Resolver":
        """Index every port, every address of a link's end, and the address each device is known by."""
        ports: dict[tuple[str, str], int] = {}
        addresses = {node.address: i for i, node in enumerate(inventory.nodes) if node.address}
        for link in inventory.links:
            index = topology.index(f"link:{link.name}")
            assert index is not None
            for node, interface, address in (
                (link.a, link.a_interface, link.a_address),
                (link.z, link.z_interface, link.z_address),
            ):
                if interface:
                    ports[node, port_key(interface)] = index
                    ports.setdefault((node, bay_key(interface)), index)
                if address:
                    addresses[address] = index
        return cls(topology, ports, addresses)

    def element(self, resource: str) -> int | None:
        """The node that speaks, or is spoken of: the resource when it is a node, else what it names behind the device
        ("z4-cmts-1/z4-cm-7"), else the device.
        """
        device, _, part = resource.partition("/")
        found = (self.topology.index(f"node:{name}") for name in (resource, part, device))
        return next((i for i in found if i is not None), None)

    def about(self, resource: str, neighbour: str | None) -> int | None:
        """The link or node the alarm names besides the speaker: by neighbour first, else by its port."""
        if neighbour:
            known = self.addresses.get(neighbour)
            known = known if known is not None else self.topology.index(f"node:{neighbour}")
            if known is not None:
                return known
        device, _, part = resource.partition("/")
        key = bay_key(part) if OPTICS.match(part) else port_key(part)
        return self.ports.get((device, key)) if part else None
