"""An access network of 60,000 lines for the quiet day: a ringed core, and PON, cable and fixed wireless below it."""

import numpy as np

from cortex.impact import Weights
from cortex.topology import Edge, Element, SharedRisk, Topology

CORE, AGGREGATION = 12, 24
OLTS, PORTS, SPLIT = 40, 16, 64  # 40,960 lines
CMTSES, FIBRE_NODES, MODEMS = 7, 8, 250  # 14,000 lines
TOWERS, SECTORS, CPES = 28, 4, 45  # 5,040 lines


class Net:
    """The network under construction. Names carry their kind; a fibre has the name of its link."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.edges: list[Edge] = []
        self.risks: list[SharedRisk] = []
        self._core()
        for i in range(OLTS):
            self._olt(i)
        for i in range(CMTSES):
            self._cmts(i)
        for i in range(TOWERS):
            self._tower(i)

    def node(self, name: str, kind: str, zone: int, *, is_device: bool = False, silent: bool = False) -> None:
        is_gateway = kind == "transit"
        element = Element(f"node:{name}", kind, is_gateway=is_gateway, is_device=is_device, zone=zone, silent=silent)
        self.elements.append(element)

    def link(self, a: str, z: str, kind: str) -> None:
        risks: tuple[str, ...] = ()
        if kind == "fibre":
            self.risks.append(SharedRisk(f"fibre:{a}={z}", "fibre"))
            risks = (f"fibre:{a}={z}",)
        self.edges.append(Edge(f"link:{a}={z}", f"node:{a}", f"node:{z}", kind, risks))

    def _core(self) -> None:
        for i in range(2):
            self.node(f"gw{i}", "transit", 0)
        for i in range(CORE):
            self.node(f"r{i}", "core_router", 0, is_device=True)
        for i in range(2):
            self.link(f"gw{i}", f"r{i * CORE // 2}", "internal")
        for i in range(CORE):
            self.link(f"r{i}", f"r{(i + 1) % CORE}", "fibre")
        for i in range(AGGREGATION):
            self.node(f"agg{i}", "aggregation", i, is_device=True)
            self.link(f"r{i // 2}", f"agg{i}", "fibre")
            self.link(f"r{(i // 2 + 1) % CORE}", f"agg{i}", "fibre")

    def _olt(self, i: int) -> None:
        zone = i % AGGREGATION
        self.node(f"olt{i}", "olt", zone, is_device=True)
        self.link(f"agg{zone}", f"olt{i}", "fibre")
        for p in range(PORTS):
            port, splitter = f"olt{i}-p{p}", f"olt{i}-s{p}"
            self.node(port, "pon_port", zone)
            self.link(f"olt{i}", port, "internal")
            self.node(splitter, "splitter", zone, silent=True)
            self.link(port, splitter, "fibre")
            for n in range(SPLIT):
                self.node(f"ont{i}-{p}-{n}", "ont", zone)
                self.edges.append(
                    Edge(f"link:drop{i}-{p}-{n}", f"node:{splitter}", f"node:ont{i}-{p}-{n}", "fibre", ())
                )

    def _cmts(self, i: int) -> None:
        zone = (3 * i) % AGGREGATION
        self.node(f"cmts{i}", "cmts", zone, is_device=True)
        self.link(f"agg{zone}", f"cmts{i}", "fibre")
        for n in range(FIBRE_NODES):
            self.node(f"fn{i}-{n}", "fibre_node", zone)
            self.link(f"cmts{i}", f"fn{i}-{n}", "fibre")
            for m in range(MODEMS):
                self.node(f"modem{i}-{n}-{m}", "modem", zone)
                self.link(f"fn{i}-{n}", f"modem{i}-{n}-{m}", "coax")

    def _tower(self, i: int) -> None:
        zone = (5 * i + 1) % AGGREGATION
        self.node(f"tower{i}", "tower", zone, is_device=True)
        self.link(f"agg{zone}", f"tower{i}", "radio")
        for s in range(SECTORS):
            self.node(f"sector{i}-{s}", "sector", zone)
            self.link(f"tower{i}", f"sector{i}-{s}", "internal")
            for c in range(CPES):
                self.node(f"cpe{i}-{s}-{c}", "cpe", zone)
                self.link(f"sector{i}-{s}", f"cpe{i}-{s}-{c}", "radio")


def network() -> tuple[Topology, Weights]:
    """The topology, and one subscriber at every line's end."""
    net = Net()
    topology = Topology.build(net.elements, net.edges, net.risks)
    table = np.zeros((topology.size, 1))
    for i in range(topology.nodes):
        if topology.kind(i) in {"ont", "modem", "cpe"}:
            table[i] = 1.0
    return topology, Weights(("subscribers",), table)
