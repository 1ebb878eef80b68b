"""The network as it is documented, which is what Cortex is given: right, or stale as documentation is."""

import random
from dataclasses import replace

from benchmarks.storms.world import ACCESS, POLLED, Link, Node, World
from cortex.topology import Edge, Element, SharedRisk, Topology

#: Shares: links of the core that nobody wrote down; access devices missing with all below them, or hung elsewhere;
#: ducts nobody drew.
LINKS, MISSING, MOVED, DUCTS = 0.05, 0.03, 0.06, 0.3


def documented(world: World, stale: bool, rng: random.Random) -> Topology:
    """The topology of this world as Atlas has it."""
    links, gone = dict(world.links), set[str]()
    if stale:
        links, gone = _stale(world, rng)
    drawn = {r for r in world.riders if not (stale and r.startswith("duct") and rng.random() < DUCTS)}
    nodes = [n for n in world.nodes.values() if n.name not in gone]
    sites = sorted({n.site for n in nodes})
    elements = [
        Element(
            n.name,
            n.kind,
            is_gateway=n.kind == "transit",
            is_device=n.kind in POLLED,
            zone=sites.index(n.site),
            silent=n.kind == "splitter",
            site=_stands(world, n),
        )
        for n in nodes
    ]
    kept = [li for li in links.values() if not {li.a, li.z} & gone]
    edges = [Edge(li.name, li.a, li.z, li.kind, tuple(r for r in li.risks if r in drawn)) for li in kept]
    used = {r for edge in edges for r in edge.risks}
    risks = [SharedRisk(r, r.partition(":")[0]) for r in world.riders if r in used]
    return Topology.build(elements, edges, risks)


def _stands(world: World, node: Node) -> str:
    """Every device has a cabinet of its own, sectors that of their tower."""
    if node.kind == "sector":
        return stands_at(world.across(node.up, node.name))
    return stands_at(node.name) if node.kind in POLLED else ""


def stands_at(node: str) -> str:
    """The cabinet of a device."""
    return node.replace("node:", "cabinet-")


def _stale(world: World, rng: random.Random) -> tuple[dict[str, Link], set[str]]:
    """Links as documented, and nodes that are not."""
    links, gone = dict(world.links), set[str]()
    aggregations = [n.name for n in world.nodes.values() if n.kind == "aggregation"]
    for name, link in world.links.items():
        lower, pick = world.nodes[link.z], rng.random()
        if lower.kind == "core_router" and pick < LINKS:
            del links[name]
        elif lower.kind in ACCESS and pick < MISSING:
            gone |= world.under([lower.name])
        elif lower.kind in ACCESS and pick < MISSING + MOVED:
            links[name] = replace(link, a=rng.choice(aggregations))
    return links, gone
