"""The network as Cortex sees it: what depends on what, and who is cut off from every gateway when things
fail.

Nodes, links and shared risks (fibres, ducts) share one space of ids, in that order. A link is a vertex of
its own; a shared risk fails all links that ride it together. Names need not be unique between kinds of
thing unless looked up: callers prefix them ("node:x", "link:y", "fibre:f", "duct:d").
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cortex.tour import Bools, Ints, Tour, immediate_dominators, walk

Interval = tuple[int, int]

#: How many answers to "what if these core elements fail together" are kept.
REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Element:
    """A node. `silent`: passive, it can't speak (splitter, fibre joint)."""

    name: str
    kind: str
    is_gateway: bool = False
    is_device: bool = False
    zone: int | None = None
    technology: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between nodes a and z. `risks`: the shared risks it rides, in order from a to z."""

    name: str
    a: str
    z: str
    kind: str
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedRisk:
    """What several links can lose at once: a "fibre" or a "duct"."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Blast:
    """What one failure takes from every gateway: counts of nodes, of devices among them, and of lines'
    ends.
    """

    nodes: int
    devices: int
    lines: int


class Topology:
    """Arrays over one network. Made by `build` or `from_arrays`; never changed after."""

    def __init__(
        self,
        *,
        kinds: Sequence[str],
        kind_codes: Ints,
        gateways: Bools,
        devices: Bools,
        silent: Bools,
        zones: Ints,
        ends_a: Ints,
        ends_z: Ints,
        riders: tuple[Ints, Ints],
        names: Sequence[str] | None,
    ) -> None:
        """See `from_arrays`."""
        self.nodes = len(gateways)
        self.links = len(ends_a)
        self.vertices = self.nodes + self.links
        self.size = len(kind_codes)
        self.ends_a, self.ends_z = ends_a, ends_z
        self._kinds: tuple[str, ...] = tuple(kinds)
        self._codes = kind_codes
        self._devices, self._silent, self._zones = devices, silent, zones
        self._names = names
        self._index = {name: i for i, name in enumerate(names)} if names is not None else {}
        self.tour: Tour = walk(self.vertices, ends_a, ends_z, np.flatnonzero(gateways))
        self._riders = riders
        self._remembered: dict[tuple[int, ...], tuple[Interval, ...]] = {}
        self._exposed: dict[tuple[int, ...], tuple[Interval, ...]] = {}
        self._outward: dict[int, list[int]] = {}

    @classmethod
    def build(cls, elements: Sequence[Element], edges: Sequence[Edge], risks: Sequence[SharedRisk] = ()) -> Self:
        """A topology from named things. ValueError when a name is unknown or twice there, or a link joins a
        node to itself.
        """
        names = [*(e.name for e in elements), *(e.name for e in edges), *(r.name for r in risks)]
        index = {name: i for i, name in enumerate(names)}
        if len(index) != len(names):
            raise ValueError(f"two elements are named {_first_repeated(names)}")
        kinds: dict[str, int] = {}
        things: list[Element | Edge | SharedRisk] = [*elements, *edges, *risks]
        codes = [kinds.setdefault(thing.kind, len(kinds)) for thing in things]
        pairs = [(i, _known(index, r, e)) for i, e in enumerate(edges) for r in e.risks]
        base = len(elements) + len(edges)
        return cls(
            kinds=list(kinds),
            kind_codes=np.asarray(codes, dtype=np.int64),
            gateways=np.asarray([e.is_gateway for e in elements], dtype=np.bool_),
            devices=np.asarray([e.is_device for e in elements], dtype=np.bool_),
            silent=np.asarray([e.silent for e in elements], dtype=np.bool_),
            zones=np.asarray([-1 if e.zone is None else e.zone for e in elements], dtype=np.int64),
            ends_a=np.asarray([_known(index, e.a, e) for e in edges], dtype=np.int64),
            ends_z=np.asarray([_known(index, e.z, e) for e in edges], dtype=np.int64),
            riders=(
                np.asarray([p[0] for p in pairs], dtype=np.int64) + len(elements),
                np.asarray([p[1] for p in pairs], dtype=np.int64) - base,
            ),
            names=names,
        )

    @classmethod
    def from_arrays(
        cls,
        *,
        kinds: Sequence[str],
        kind_codes: Ints,
        gateways: Bools,
        devices: Bools,
        silent: Bools,
        zones: Ints,
        ends_a: Ints,
        ends_z: Ints,
        rider_links: Ints | None = None,
        rider_risks: Ints | None = None,
        names: Sequence[str] | None = None,
    ) -> Self:
        """A topology from arrays, for networks of a million nodes.

        `kind_codes` indexes `kinds` for nodes, then links, then risks; `gateways`, `devices`, `silent` and
        `zones` (-1: none) are per node; `ends_a`, `ends_z` per link, as node ids. The i-th rider is link
        `rider_links[i]` (0 is the first link) in shared risk `rider_risks[i]` (0 is the first risk), in
        order from a to z.
        """
        empty = np.empty(0, dtype=np.int64)
        links = rider_links if rider_links is not None else empty
        risks = rider_risks if rider_risks is not None else empty
        return cls(
            kinds=kinds,
            kind_codes=kind_codes,
            gateways=gateways,
            devices=devices,
            silent=silent,
            zones=zones,
            ends_a=ends_a,
            ends_z=ends_z,
            riders=(links + len(gateways), risks),
            names=names,
        )

    # -- what an element is

    def index(self, name: str) -> int | None:
        """The id of a name, or None."""
        return self._index.get(name)

    def name(self, i: int) -> str:
        """The name of an element; its kind and number where names were not given."""
        return self._names[i] if self._names is not None else f"{self.kind(i)}:{i}"

    def kind(self, i: int) -> str:
        """The kind of an element, as given."""
        return self._kinds[int(self._codes[i])]

    def zone(self, i: int) -> int | None:
        """The zone of a node, or None."""
        zone = int(self._zones[i]) if i < self.nodes else -1
        return zone if zone >= 0 else None

    def is_node(self, i: int) -> bool:
        """Whether this is a node."""
        return i < self.nodes

    def is_link(self, i: int) -> bool:
        """Whether this is a link."""
        return self.nodes <= i < self.vertices

    def is_risk(self, i: int) -> bool:
        """Whether this is a shared risk: a fibre or a duct."""
        return i >= self.vertices

    def is_device(self, i: int) -> bool:
        """Whether this is equipment the operator runs and polls."""
        return i < self.nodes and bool(self._devices[i])

    def is_silent(self, i: int) -> bool:
        """Whether this can't speak: a passive node, a link, a risk."""
        return i >= self.nodes or bool(self._silent[i])

    @property
    def zones(self) -> Ints:
        """Zone by node id, -1 for none."""
        return self._zones

    @property
    def device_mask(self) -> Bools:
        """By node id, whether it is a device."""
        return self._devices

    # -- who is next to whom

    def ends(self, link: int) -> tuple[int, int]:
        """The two nodes of a link."""
        return int(self.ends_a[link - self.nodes]), int(self.ends_z[link - self.nodes])

    def across(self, link: int, node: int) -> int:
        """The node at the other end of a link."""
        a, z = self.ends(link)
        return z if node == a else a

    @cached_property
    def _incident(self) -> tuple[Ints, Ints]:
        ends = np.concatenate([self.ends_a, self.ends_z])
        return _rows(ends, np.tile(np.arange(self.nodes, self.vertices), 2), self.nodes)

    @cached_property
    def _by_risk(self) -> tuple[Ints, Ints]:
        return _rows(self._riders[1], self._riders[0], self.size - self.vertices)

    @cached_property
    def _by_link(self) -> tuple[Ints, Ints]:
        return _rows(self._riders[0] - self.nodes, self._riders[1] + self.vertices, self.links)

    def neighbours(self, i: int) -> list[int]:
        """Next to a node: its links. To a link: its two nodes. To a risk: the links that ride it."""
        if i < self.nodes:
            return _row(self._incident, i)
        return list(self.ends(i)) if i < self.vertices else _row(self._by_risk, i - self.vertices)

    def degree(self, node: int) -> int:
        """How many links a node has."""
        starts = self._incident[0]
        return int(starts[node + 1] - starts[node])

    def risks_of(self, link: int) -> list[int]:
        """The shared risks a link rides, in order from a to z."""
        return _row(self._by_link, link - self.nodes)

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

    def between(self, a: int, z: int) -> list[int]:
        """The links that join two nodes directly."""
        few, other = (a, z) if self.degree(a) <= self.degree(z) else (z, a)
        return [link for link in self.neighbours(few) if self.across(link, few) == other]

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
        core, tour = self.tour.core, self.tour
        gone = tuple(v for v in self.failing(failed) if core.compact[v] >= 0 and tour.tin[v] < tour.reachable)
        if not gone:
            return 0
        spans = self._exposed.get(gone)
        if spans is None:
            if len(self._exposed) >= REMEMBERED:
                self._exposed.clear()
            spans = self._exposed[gone] = self._worse(gone)
        down = self.cut_intervals(failed)
        return total(self.node_sums, merged([*spans, *down])) - total(self.node_sums, down)

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


def total(sums: npt.NDArray[np.float64], spans: Sequence[Interval]) -> int:
    """The sum of a prefix-summed count over positions of the tour."""
    return int(sum(sums[hi] - sums[lo] for lo, hi in spans))


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


def merged(spans: list[Interval]) -> tuple[Interval, ...]:
    """Half-open spans sorted and joined where they touch."""
    joined: list[Interval] = []
    for lo, hi in sorted(spans):
        if joined and lo <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], hi))
        else:
            joined.append((lo, hi))
    return tuple(joined)


def _rows(owner: Ints, member: Ints, owners: int) -> tuple[Ints, Ints]:
    """Members by owner as compressed rows: starts and members; the order of members is kept."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))])
    return starts, member[np.argsort(owner, kind="stable")]


def _row(rows: tuple[Ints, Ints], i: int) -> list[int]:
    found: list[int] = rows[1][rows[0][i] : rows[0][i + 1]].tolist()
    return found


def _known(index: dict[str, int], name: str, edge: Edge) -> int:
    if name not in index:
        raise ValueError(f"link {edge.name} names {name}, which is not an element")
    if edge.a == edge.z:
        raise ValueError(f"link {edge.name} joins {edge.a} to itself")
    return index[name]


def _first_repeated(names: Sequence[str]) -> str:
    seen: set[str] = set()
    return next(n for n in names if n in seen or seen.add(n))  # type: ignore[func-returns-value]
