"""How the operator names things: nodes, interfaces, addresses, cables.

Nodes are `z<zone>-<kind>-<number>`, the backbone's `core-<city>-1`. PON ports and ONTs are parts of their OLT and
named as it names them in messages: `<olt>/0/<slot>/<port>` and `<olt>/0/<slot>/<port>/<ont>`. Cables are
`F-Z3-BH-1`, ducts `D-Z3-BH-1`: zone, role (BB backbone, R ring, BH backhaul, UP uplink of an access site, FD
feeder, DI distribution), number.
"""

from collections import Counter
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from atlas.network.enums import NodeKind

SHORT = {
    NodeKind.CORE_ROUTER: "core",
    NodeKind.BNG: "bng",
    NodeKind.AGGREGATION: "agg",
    NodeKind.OLT: "olt",
    NodeKind.SPLITTER: "spl",
    NodeKind.CMTS: "cmts",
    NodeKind.FIBRE_NODE: "fn",
    NodeKind.MODEM: "cm",
    NodeKind.TOWER: "twr",
    NodeKind.SECTOR: "sec",
    NodeKind.CPE: "cpe",
}
#: The kinds that run IOS-XR and route; links between two of them carry a /31.
ROUTERS = frozenset(
    {
        NodeKind.TRANSIT,
        NodeKind.CORE_ROUTER,
        NodeKind.BNG,
        NodeKind.AGGREGATION,
        NodeKind.CMTS,
        NodeKind.TOWER,
    }
)
#: Interface name by kind of node: {s} is the slot, {p} the port in it.
_INTERFACES = {
    NodeKind.TRANSIT: ("HundredGigE0/{s}/0/{p}", 36),
    NodeKind.CORE_ROUTER: ("HundredGigE0/{s}/0/{p}", 36),
    NodeKind.BNG: ("TenGigE0/{s}/0/{p}", 36),
    NodeKind.AGGREGATION: ("TenGigE0/{s}/0/{p}", 36),
    NodeKind.CMTS: ("TenGigE0/{s}/0/{p}", 64),
    NodeKind.TOWER: ("GigabitEthernet0/{s}/0/{p}", 24),
    NodeKind.OLT: ("Ethernet0/9/{p}", 999),
    NodeKind.SPLITTER: ("out{p}", 999),
    NodeKind.FIBRE_NODE: ("rf{p}", 999),
    NodeKind.SECTOR: ("wlan{p}", 999),
    NodeKind.PON_PORT: ("optic{p}", 999),
    NodeKind.ONT: ("pon{p}", 999),
    NodeKind.MODEM: ("cable{p}", 999),
    NodeKind.CPE: ("wlan{p}", 999),
    NodeKind.RADIUS: ("eth{p}", 999),
    NodeKind.DHCP: ("eth{p}", 999),
    NodeKind.DNS: ("eth{p}", 999),
    NodeKind.CGNAT: ("eth{p}", 999),
}
PON_PORTS_PER_CARD = 16


@dataclass(slots=True)
class Names:
    """Hands out the next name, interface and address of each series."""

    _series: Counter[str] = field(default_factory=Counter)

    def node(self, kind: NodeKind, zone: int) -> str:
        """The next node of a kind in a zone."""
        return f"z{zone}-{SHORT[kind]}-{self.next(f'z{zone}{kind}')}"

    def cable(self, zone: int, role: str) -> str:
        """The next cable's zone, role and number: prefix F- for the fibre, D- for a duct."""
        return f"Z{zone}-{role}-{self.next(f'cable{zone}{role}')}"

    def interface(self, node: str, kind: NodeKind) -> str:
        """The next free interface of a node."""
        pattern, size = _INTERFACES[kind]
        slot, port = divmod(self.next(f"if {node}") - 1, size)
        return pattern.format(s=slot, p=port)

    def pon_port(self, olt: str) -> str:
        """The next PON port of an OLT, `0/<slot>/<port>`."""
        slot, port = divmod(self.next(f"pon {olt}") - 1, PON_PORTS_PER_CARD)
        return f"0/{slot + 1}/{port}"

    def management_address(self, zone: int) -> str:
        """The next loopback of a zone, 10.<zone>.0.0/16; the backbone is zone 0."""
        return str(IPv4Address("10.0.0.0") + (zone << 16) + self.next(f"lo{zone}"))

    def point_to_point(self) -> tuple[str, str]:
        """The next /31 of 172.16.0.0/12 (RFC 3021)."""
        base = IPv4Address("172.16.0.0") + 2 * self.next("p2p")
        return str(base), str(base + 1)

    def next(self, series: str) -> int:
        """The next number of a series, from 1."""
        self._series[series] += 1
        return self._series[series]
