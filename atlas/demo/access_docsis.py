"""DOCSIS as it is built: CMTS, optical fibre nodes on feeder cables, modems on each node's coax."""

from atlas.demo.access_pon import shares
from atlas.demo.draft import Draft, Site, place_of
from atlas.demo.metro import remote_place
from atlas.demo.rows import NodeRow
from atlas.demo.zones import near
from atlas.network.enums import LinkKind, NodeKind, Technology

LINES_PER_NODE = 90
NODES_PER_CMTS = 16


def build(draft: Draft, sites: list[Site], lines: int) -> None:
    """Hang `lines` modems under these sites."""
    nodes = -(-lines // LINES_PER_NODE)
    counts = shares(nodes, -(-nodes // NODES_PER_CMTS)) if nodes else iter(())
    modems = iter(shares(lines, nodes))
    for number, count in enumerate(counts):
        site = sites[number % len(sites)]
        head = cmts(draft, site)
        for _ in range(count):
            fibre_node(draft, site, head, next(modems))


def cmts(draft: Draft, site: Site) -> NodeRow:
    """A CMTS in the aggregation node's building."""
    zone = site.where.zone.id
    node = draft.node(
        draft.names.node(NodeKind.CMTS, zone), NodeKind.CMTS, zone, place_of(site.node), Technology.DOCSIS
    )
    draft.link(site.node, node, LinkKind.INTERNAL)
    return node


def fibre_node(draft: Draft, site: Site, head: NodeRow, lines: int) -> None:
    """An optical node on its own feeder cable, with modems on its coax."""
    zone, at = site.where.zone.id, remote_place(site, draft, 3)
    node = draft.node(draft.names.node(NodeKind.FIBRE_NODE, zone), NodeKind.FIBRE_NODE, zone, at, Technology.DOCSIS)
    draft.cable(head, node, site.where, ("FD", "feeder"), pieces=2)
    for _ in range(lines):
        modem = draft.node(
            draft.names.node(NodeKind.MODEM, zone), NodeKind.MODEM, zone, near(at, 0.5, draft.rng), Technology.DOCSIS
        )
        draft.link(node, modem, LinkKind.COAX, a_interface="rf0")
        draft.connect(modem, site, Technology.DOCSIS)
