"""What the demo's lines depend on beside their path: two RADIUS, two DHCP, two resolvers, three CGNATs, the transits.

Servers hang on core routers of different cities; a CGNAT keeps the state of the BNGs that go through it, so no
other can stand in for it. They are added after everything else, so that nothing else is numbered differently.
"""

from atlas.demo.backbone import GATEWAYS
from atlas.demo.draft import Draft, place_of
from atlas.demo.rows import DependencyRow, NodeRow
from atlas.network.enums import LinkKind, NodeKind, Role

#: Where the servers of each kind stand.
SITES = {
    NodeKind.RADIUS: ("Frankfurt", "Hamburg"),
    NodeKind.DHCP: ("Hamburg", "Muenchen"),
    NodeKind.DNS: ("Frankfurt", "Muenchen"),
    NodeKind.CGNAT: GATEWAYS,
}
ROLES = {NodeKind.RADIUS: Role.AUTHENTICATION, NodeKind.DHCP: Role.ADDRESSES, NodeKind.DNS: Role.NAMES}


def build(draft: Draft, cores: dict[str, NodeRow]) -> list[DependencyRow]:
    """Place the servers, and say who needs them."""
    placed = {
        kind: [_server(draft, kind, n, cores[city]) for n, city in enumerate(cities, 1)]
        for kind, cities in SITES.items()
    }
    transits = [node for node in draft.nodes if node.kind == NodeKind.TRANSIT]
    needs = [(role, server, None) for kind, role in ROLES.items() for server in placed[kind]]
    needs += [(Role.ROUTES, transit, None) for transit in transits]
    nats = placed[NodeKind.CGNAT]
    bngs = [node for node in draft.nodes if node.kind == NodeKind.BNG]
    needs += [(Role.NAT, nats[(bng.zone_id or 0) % len(nats)], bng.id) for bng in bngs]  # type: ignore[misc]
    return [DependencyRow(n, role.value, server.id, consumer) for n, (role, server, consumer) in enumerate(needs, 1)]


def _server(draft: Draft, kind: NodeKind, number: int, core: NodeRow) -> NodeRow:
    server = draft.node(f"{kind.value}-{number}", kind, None, place_of(core))
    draft.link(core, server, LinkKind.INTERNAL)
    return server
