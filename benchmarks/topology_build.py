"""How long a million-node topology takes to build from arrays, and what one question to it costs."""

import time
from itertools import pairwise

import numpy as np

from benchmarks.figures import Figure, show
from cortex.intervals import total
from cortex.parts import Arrays
from cortex.topology import Topology
from cortex.tour import Ints

NODES = 1_000_000
CORE = 400


def access_network(nodes: int, seed: int = 7) -> tuple[Ints, Ints]:
    """Link ends of a ringed core of `CORE` nodes with trees of some five levels hanging off it."""
    rng = np.random.default_rng(seed)
    ring = np.arange(CORE)
    chords = rng.integers(0, CORE, size=(CORE // 2, 2))
    chords = chords[chords[:, 0] != chords[:, 1]]
    bounds = [CORE, CORE * 5, CORE * 40, CORE * 100, nodes]  # aggregation, OLTs, ports, ends of lines
    child, parent, low = [], [], 0
    for start, stop in pairwise(bounds):
        child.append(np.arange(start, stop))
        parent.append(rng.integers(low, start, size=stop - start))
        low = start
    a = np.concatenate([ring, chords[:, 0], *parent])
    z = np.concatenate([np.roll(ring, -1), chords[:, 1], *child])
    return a.astype(np.int64), z.astype(np.int64)


def build(nodes: int) -> Topology:
    """The topology of `access_network`, two of its core nodes gateways."""
    a, z = access_network(nodes)
    arrays = Arrays(
        kinds=["node", "link"],
        kind_codes=np.repeat([0, 1], [nodes, len(a)]),
        gateways=np.isin(np.arange(nodes), [0, CORE // 2]),
        devices=np.arange(nodes) < CORE * 40,
        silent=np.zeros(nodes, dtype=np.bool_),
        zones=np.arange(nodes) % 12,
        ends_a=a,
        ends_z=z,
    )
    return Topology(arrays)


def main() -> None:
    """Build it once and ask."""
    started = time.perf_counter()
    topology = build(NODES)
    built = time.perf_counter() - started
    subscribers = topology.sums(np.ones(topology.nodes))
    elements = np.random.default_rng(1).integers(0, topology.vertices, 20_000).tolist()
    started = time.perf_counter()
    reached = sum(total(subscribers, topology.cut_intervals((i,))) for i in elements)
    blast = (time.perf_counter() - started) / len(elements)
    started = time.perf_counter()
    topology.cut_intervals((10, 200))
    pair = time.perf_counter() - started
    print(f"mean reach {reached / len(elements):.0f} in a core of {len(topology.tour.core.vertices):,}")
    show(
        [
            Figure(f"build {NODES:,} nodes, {topology.links:,} links", built, "s"),
            Figure("blast radius of one element, with its subscribers", blast * 1e6, "µs"),
            Figure("blast radius of two core failures at once", pair * 1e3, "ms"),
        ]
    )


if __name__ == "__main__":
    main()
