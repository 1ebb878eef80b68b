"""Small networks for the tests, and the slow but obvious answer to who is cut off."""

import random
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cortex.topology import Edge, Element, SharedRisk, Topology


@dataclass(frozen=True)
class World:
    """The parts of a network and the topology made of them."""

    elements: list[Element]
    edges: list[Edge]
    risks: list[SharedRisk]

    @property
    def topology(self) -> Topology:
        return Topology.build(self.elements, self.edges, self.risks)

    @property
    def names(self) -> list[str]:
        return [*(e.name for e in self.elements), *(e.name for e in self.edges), *(r.name for r in self.risks)]

    def cut_off(self, failed: Iterable[str]) -> set[str]:
        """Nodes without a gateway by plain search; those that never had one are left out."""
        return self._reached(frozenset()) - self._reached(frozenset(failed))

    def _reached(self, failed: frozenset[str]) -> set[str]:
        alive = {e.name for e in self.elements} - failed
        ways: dict[str, list[str]] = {}
        for edge in self.edges:
            if edge.name not in failed and not failed & set(edge.risks):
                ways.setdefault(edge.a, []).append(edge.z)
                ways.setdefault(edge.z, []).append(edge.a)
        queue = deque(e.name for e in self.elements if e.is_gateway and e.name in alive)
        seen = set(queue)
        while queue:
            for other in ways.get(queue.popleft(), ()):
                if other in alive and other not in seen:
                    seen.add(other)
                    queue.append(other)
        return seen


def any_graph(rng: random.Random) -> World:
    """Any graph at all: parts without a gateway, parallel links, several gateways."""
    n = rng.randint(1, 12)
    elements = [Element(f"node:{i}", "core_router", is_gateway=rng.random() < 0.2) for i in range(n)]
    risks = [SharedRisk(f"duct:{i}", "duct") for i in range(rng.randint(0, 3))]
    edges = []
    for i in range(rng.randint(0, 18) if n > 1 else 0):
        a, z = rng.sample(range(n), 2)
        ridden = tuple(r.name for r in risks if rng.random() < 0.3)
        edges.append(Edge(f"link:{i}", f"node:{a}", f"node:{z}", "fibre", ridden))
    return World(elements, edges, risks)


def ids(topology: Topology, names: Iterable[str]) -> list[int]:
    """The ids of these names, all of which must be known."""
    return [i for name in names if (i := topology.index(name)) is not None]


def names(topology: Topology, ids: Sequence[int]) -> set[str]:
    """The names of these ids."""
    return {topology.name(i) for i in ids}
