"""The dependency tree of a network as flat arrays: who is cut off when one vertex fails is one interval.

Vertices are nodes and links alike, so that a cut link can be what stands between a subscriber and the
world. From a virtual root above all gateways, vertex d dominates v when every path to v passes d; the tree
of immediate dominators, walked in Euler order, puts everything d dominates into `tin[d]:tout[d]`.

Most of an access network hangs off it as plain trees. Those are peeled away leaf by leaf (there the
dominator is the one neighbour left), and dominators are computed on the redundant core that remains, which
is small.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rustworkx as rx

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Core:
    """The redundant part: what is left when all trees are peeled. Compact ids; the virtual root is the last
    one.
    """

    vertices: Ints  # compact id -> vertex; shape (core size,)
    compact: Ints  # vertex -> compact id, -1 outside; shape (vertices + 1,)
    left: Ints  # edges, compact ids
    right: Ints
    depth: Ints  # depth in the dominator tree by compact id; -1 where no gateway is reachable

    @property
    def root(self) -> int:
        """The virtual root's compact id."""
        return len(self.vertices) - 1


@dataclass(frozen=True, slots=True)
class Tour:
    """Euler tour of the dominator tree. Arrays have one entry per vertex, the virtual root last."""

    parent: Ints  # immediate dominator; -1 where no single vertex stands above, or no gateway is reachable
    tin: Ints
    tout: Ints
    own_end: Ints  # end of the vertex and the trees peeled off it, without the core vertices it dominates
    order: Ints  # position -> vertex
    reachable: int  # positions below this one have a path to a gateway
    core: Core


def walk(vertices: int, ends_a: Ints, ends_z: Ints, gateways: Ints) -> Tour:
    """Tour of a network of `vertices` vertices, the last `len(ends_a)` of them the links joining a to z."""
    root = vertices
    parent, rounds, left_over = _peel(vertices, ends_a, ends_z, gateways)
    own = np.ones(vertices + 1, dtype=np.int64)
    for leaves in rounds:
        np.add.at(own, parent[leaves], own[leaves])
    core, descent = _dominators(vertices, ends_a, ends_z, gateways, left_over, parent)
    size = own.copy()
    for v in reversed(descent):
        if v != root:
            size[parent[v]] += size[v]
    tin = _positions(parent, size, own, rounds, descent, core)
    order = np.empty(vertices + 1, dtype=np.int64)
    order[tin] = np.arange(vertices + 1)
    parent[(parent == root) | (tin >= size[root])] = -1
    return Tour(parent, tin, tin + size, tin + own, order, int(size[root]), core)


def _peel(vertices: int, a: Ints, z: Ints, gateways: Ints) -> tuple[Ints, list[Ints], Bools]:
    """Take leaves away, round by round: their parents, the rounds, and which vertices remain.

    `mix` holds the XOR of a vertex's remaining neighbours: with one left, it is that neighbour.
    """
    root, links = vertices, np.arange(vertices - len(a), vertices)
    degree = np.bincount(a, minlength=vertices + 1) + np.bincount(z, minlength=vertices + 1)
    mix = np.zeros(vertices + 1, dtype=np.int64)
    np.bitwise_xor.at(mix, a, links)
    np.bitwise_xor.at(mix, z, links)
    degree[links], mix[links] = 2, a ^ z
    degree[gateways] += 1
    mix[gateways] ^= root
    degree[root] = len(gateways)
    parent = np.full(vertices + 1, -1, dtype=np.int64)
    rounds: list[Ints] = []
    leaves = np.flatnonzero(degree == 1)
    leaves = leaves[leaves != root]
    while leaves.size:
        up = mix[leaves]
        facing = (degree[up] == 1) & (up != root) & (leaves > up)  # the last two of a part without a gateway
        leaves, up = leaves[~facing], up[~facing]
        parent[leaves] = up
        degree[leaves] = 0
        np.subtract.at(degree, up, 1)
        np.bitwise_xor.at(mix, up, leaves)
        rounds.append(leaves)
        leaves = np.unique(up[(degree[up] == 1) & (up != root)])
    remains = degree > 0
    remains[root] = True
    return parent, rounds, remains


def _dominators(
    vertices: int, a: Ints, z: Ints, gateways: Ints, remains: Bools, parent: Ints
) -> tuple[Core, list[int]]:
    """Dominators of the core, written into `parent`; the core and its vertices from the root downwards."""
    members = np.flatnonzero(remains)
    compact = np.full(vertices + 1, -1, dtype=np.int64)
    compact[members] = np.arange(len(members))
    links = np.flatnonzero(remains[vertices - len(a) : vertices])
    ways_in = gateways[remains[gateways]]
    vertex = links + vertices - len(a)
    left = compact[np.concatenate([a[links], z[links], np.full(len(ways_in), vertices)])]
    right = compact[np.concatenate([vertex, vertex, ways_in])]
    above = immediate_dominators(len(members), left, right)
    parent[members[above >= 0]] = members[above[above >= 0]]
    descent = _downwards(above)
    depth = np.full(len(members), -1, dtype=np.int64)
    for c in descent:
        depth[c] = depth[above[c]] + 1 if above[c] >= 0 else 0
    return Core(members, compact, left, right, depth), [int(members[c]) for c in descent]


def immediate_dominators(size: int, left: Ints, right: Ints) -> Ints:
    """Immediate dominator by compact id from the last one, the root; -1 for the root and what it can't
    reach.
    """
    graph: rx.PyDiGraph[None, None] = rx.PyDiGraph(multigraph=False)
    graph.add_nodes_from([None] * size)
    graph.extend_from_edge_list(list(zip(left.tolist(), right.tolist(), strict=True)))
    graph.extend_from_edge_list(list(zip(right.tolist(), left.tolist(), strict=True)))
    above = np.full(size, -1, dtype=np.int64)
    for vertex, dominator in rx.immediate_dominators(graph, size - 1).items():
        above[vertex] = dominator
    above[size - 1] = -1
    return above


def _downwards(above: Ints) -> list[int]:
    """Compact ids from the root (the last) downwards, each after its dominator."""
    children: dict[int, list[int]] = {}
    for child, dominator in enumerate(above.tolist()):
        if dominator >= 0:
            children.setdefault(dominator, []).append(child)
    order = [len(above) - 1]
    for vertex in order:  # grows while it is walked
        order.extend(children.get(vertex, ()))
    return order


def _positions(parent: Ints, size: Ints, own: Ints, rounds: list[Ints], descent: list[int], core: Core) -> Ints:
    """Euler positions: each vertex, then the trees peeled off it, then the core vertices it dominates."""
    offset = _sibling_offsets(parent, size, core.compact >= 0)
    tin = np.full(len(parent), -1, dtype=np.int64)
    tin[len(parent) - 1] = 0
    for v in descent[1:]:
        tin[v] = tin[parent[v]] + 1 + offset[v]
    adrift = np.flatnonzero((parent < 0) & (tin < 0))  # tops of parts without a gateway: behind everyone else
    tin[adrift] = size[len(parent) - 1] + np.cumsum(own[adrift]) - own[adrift]
    for leaves in reversed(rounds):
        tin[leaves] = tin[parent[leaves]] + 1 + offset[leaves]
    return tin


def _sibling_offsets(parent: Ints, size: Ints, is_core: Bools) -> Ints:
    """For every child, how many positions its earlier siblings take; peeled trees come before core
    vertices.
    """
    children = np.flatnonzero(parent >= 0)
    by_parent = children[np.argsort(parent[children] * 2 + is_core[children], kind="stable")]
    before = np.cumsum(size[by_parent]) - size[by_parent]
    owner = parent[by_parent]
    starts = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]])) if owner.size else owner
    offset = np.zeros(len(parent), dtype=np.int64)
    lengths = np.diff(np.concatenate([starts, [len(owner)]]))
    offset[by_parent] = before - np.repeat(before[starts], lengths)
    return offset


def depths(above: Ints) -> Ints:
    """Depth by compact id from immediate dominators; 0 for the root (the last), -1 where there is none."""
    depth = np.where(above >= 0, 0, -1)
    depth[-1] = 0
    at, moving = above.copy(), above >= 0
    while moving.any():
        depth[moving] += 1
        at[moving] = above[at[moving]]
        moving &= at >= 0
    return depth
