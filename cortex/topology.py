"""What of the network depends on what, and who is cut off from every gateway when things fail.

The dependency tree answers for one failure at once; several failures in the redundant core are searched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cortex.graph import Graph
from cortex.intervals import Interval, merged, total
from cortex.parts import Arrays, Edge, Element, SharedRisk, Site, laid_out
from cortex.tour import Bools, Ints, Tour, depths, immediate_dominators, walk

__all__ = ["Blast", "Edge", "Element", "SharedRisk", "Site", "Topology"]

#: How many answers to "what if these core elements fail together" are kept.
REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Blast:
    """What one failure takes from every gateway: counts of nodes, of devices among them, and of lines'
    ends.
    """

    nodes: int
    devices: int
    lines: int


class Topology(Graph):
    """A network and its dependency tree. Made by `build`, or from arrays; never changed after."""

    def __init__(self, arrays: Arrays) -> None:
        """The network of these arrays."""
        super().__init__(arrays)
        self.tour: Tour = walk(self.vertices, self.ends_a, self.ends_z, np.flatnonzero(arrays.gateways))
        self._remembered: dict[tuple[int, ...], tuple[Interval, ...]] = {}
        self._exposed: dict[tuple[int, ...], tuple[Interval, ...]] = {}
        self._outward: dict[int, list[int]] = {}

    @classmethod
    def build(
        cls,
        elements: Sequence[Element],
        edges: Sequence[Edge],
        risks: Sequence[SharedRisk] = (),
        sites: Sequence[Site] = (),
    ) -> Self:
        """A topology from named things. ValueError when a name is unknown or twice there, or a link joins a
        node to itself.
        """
        return cls(laid_out(elements, edges, risks, sites))

    # -- the dependency tree

    @cached_property
    def above(self) -> list[int]:
        """Immediate dominator by vertex, -1 for none; a plain list, for walks in loops."""
        above: list[int] = self.tour.parent.tolist()
        return above

    def parent(self, i: int) -> int | None:
        """The nearest single node or link that everything between `i` and the gateways passes, or None."""
        above = self.above[i] if i < self.vertices else -1
        return above if above >= 0 else None

    def ancestors(self, i: int) -> list[int]:
        """All single points `i` depends on, the nearest first."""
        chain, above = [], self.above
        i = above[i] if i < self.vertices else -1
        while i >= 0:
            chain.append(i)
            i = above[i]
        return chain

    def children(self, i: int) -> list[int]:
        """What depends on `i` with nothing in between."""
        if i >= self.vertices:
            return []
        found, at, end = [], int(self.tour.tin[i]) + 1, int(self.tour.tout[i])
        while at < end:
            found.append(int(self.tour.order[at]))
            at = int(self.tour.tout[self.tour.order[at]])
        return found

    def outward(self, node: int) -> list[int]:
        """The links over which a node, or what depends on it, reaches others: up its tree, or into the
        core.
        """
        compact = self.tour.core.compact
        if compact[node] < 0:
            above = self.parent(node)
            return [above] if above is not None and above >= self.nodes else []
        known = self._outward.get(node)
        if known is None:
            known = self._outward[node] = [i for i in self.neighbours(node) if compact[i] >= 0]
        return known

    def core_neighbours(self, node: int) -> list[int]:
        """Next to a node of the redundant core: its links there and the nodes at their other ends."""
        core = self.tour.core.compact
        if node >= self.nodes or core[node] < 0:
            return []
        links = self.outward(node)
        return links + [self.across(link, node) for link in links]

    # -- who is cut off

    def failing(self, failed: Iterable[int]) -> list[int]:
        """The nodes and links that fail when these elements do: a shared risk stands for its links."""
        vertices: set[int] = set()
        for i in failed:
            vertices.update(self.neighbours(i) if i >= self.vertices else (i,))
        return sorted(vertices)

    def cut_intervals(self, failed: Iterable[int]) -> tuple[Interval, ...]:
        """Positions of the tour that lose every gateway: sorted, apart, half-open. What never had one is
        not counted.
        """
        tour = self.tour
        vertices = [v for v in self.failing(failed) if tour.tin[v] < tour.reachable]
        core = [v for v in vertices if tour.core.compact[v] >= 0]
        spans = [(int(tour.tin[v]), int(tour.tout[v])) for v in vertices if tour.core.compact[v] < 0]
        if len(core) == 1:
            spans.append((int(tour.tin[core[0]]), int(tour.tout[core[0]])))
        elif core:
            spans.extend(self._cut_in_core(tuple(core)))
        return merged(spans)

    def _cut_in_core(self, failed: tuple[int, ...]) -> tuple[Interval, ...]:
        """Several failures in the redundant core: search it again without them."""
        known = self._remembered.get(failed)
        if known is None:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            core, tour = self.tour.core, self.tour
            alive = np.ones(len(core.vertices), dtype=np.bool_)
            alive[core.compact[list(failed)]] = False
            left, right = self._core_edges(alive)
            graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(alive), len(alive)))
            _, label = connected_components(graph, directed=False)
            gone = core.vertices[(~alive | (label != label[core.root])) & (core.depth >= 0)]
            spans = zip(tour.tin[gone].tolist(), tour.own_end[gone].tolist(), strict=True)
            known = self._remembered[failed] = merged(list(spans))
        return known

    def _core_edges(self, alive: Bools) -> tuple[Ints, Ints]:
        core = self.tour.core
        kept = alive[core.left] & alive[core.right]
        return core.left[kept], core.right[kept]

    def vertices_in(self, spans: Sequence[Interval]) -> Ints:
        """Ids of the nodes and links at these positions of the tour."""
        parts = [self.tour.order[lo:hi] for lo, hi in spans]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def tops(self, spans: Sequence[Interval]) -> list[int]:
        """Positions of the vertices in these spans that depend on none of the others in them."""
        found = []
        for lo, hi in spans:
            at = lo
            while at < hi:
                found.append(at)
                at = int(self.tour.tout[self.tour.order[at]])
        return found

    def cut_off(self, failed: Iterable[int]) -> npt.NDArray[np.int64]:
        """Ids of the nodes with no path to any gateway when these fail, the failed nodes among them;
        ascending.
        """
        found = self.vertices_in(self.cut_intervals(failed))
        return np.sort(found[found < self.nodes])

    def blast(self, element: int) -> Blast:
        """What the failure of one element takes from every gateway."""
        spans = self.cut_intervals((element,))
        return Blast(total(self.node_sums, spans), total(self.device_sums, spans), total(self.line_sums, spans))

    def exposed(self, failed: Sequence[int]) -> int:
        """How many nodes are still up but depend on more single points than before: redundancy lost."""
        down = self.cut_intervals(failed)
        return total(self.node_sums, merged([*self.exposed_spans(failed), *down])) - total(self.node_sums, down)

    def exposed_spans(self, failed: Sequence[int]) -> tuple[Interval, ...]:
        """Positions of the tour that depend on more single points once these fail."""
        core, tour = self.tour.core, self.tour
        gone = tuple(v for v in self.failing(failed) if core.compact[v] >= 0 and tour.tin[v] < tour.reachable)
        if not gone:
            return ()
        spans = self._exposed.get(gone)
        if spans is None:
            if len(self._exposed) >= REMEMBERED:
                self._exposed.clear()
            spans = self._exposed[gone] = self._worse(gone)
        return spans

    def _worse(self, gone: tuple[int, ...]) -> tuple[Interval, ...]:
        """Positions of what stays up in the core, with its trees, but gains a single point of failure."""
        core, tour = self.tour.core, self.tour
        alive = np.ones(len(core.vertices), dtype=np.bool_)
        alive[core.compact[list(gone)]] = False
        depth = depths(immediate_dominators(len(alive), *self._core_edges(alive)))
        worse = core.vertices[(depth > core.depth) & (core.depth >= 0) & alive]
        return merged(list(zip(tour.tin[worse].tolist(), tour.own_end[worse].tolist(), strict=True)))

    # -- sums over the tour

    def sums(self, values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        """Prefix sums along the tour of values per id (shape (≥ nodes,) or (≥ nodes, columns)); see
        `total`.
        """
        order = self.tour.order
        laid = np.zeros((len(order) + 1, *values.shape[1:]), dtype=np.float64)
        is_node = order < self.nodes
        laid[1:][is_node] = values[order[is_node]]
        return np.cumsum(laid, axis=0, out=laid)

    @cached_property
    def node_sums(self) -> npt.NDArray[np.float64]:
        """Prefix sums of nodes."""
        return self.sums(np.ones(self.nodes))

    @cached_property
    def device_sums(self) -> npt.NDArray[np.float64]:
        """Prefix sums of devices."""
        return self.sums(self._devices)

    @cached_property
    def line_sums(self) -> npt.NDArray[np.float64]:
        """Prefix sums of lines' ends: nodes that speak, are no device, and have nothing behind them."""
        last = (self.tour.tout - self.tour.tin)[: self.nodes] == 1
        return self.sums(last & ~self._devices & ~self._silent)

    @cached_property
    def _line_ends(self) -> bytes:
        sums, tin = self.line_sums, self.tour.tin[: self.nodes]
        return (sums[tin + 1] > sums[tin]).astype(np.uint8).tobytes()

    def is_line_end(self, node: int) -> bool:
        """Whether this is where a line ends."""
        return node < self.nodes and self._line_ends[node] > 0

    def lines_below(self, vertex: int) -> int:
        """How many lines depend on a node or link, itself included."""
        return self._below(self.line_sums, vertex)

    def devices_below(self, vertex: int) -> int:
        """How many devices depend on a node or link, itself included."""
        return self._below(self.device_sums, vertex)

    def _below(self, sums: npt.NDArray[np.float64], vertex: int) -> int:
        return int(sums[self.tour.tout[vertex]] - sums[self.tour.tin[vertex]])
