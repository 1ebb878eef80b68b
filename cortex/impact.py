"""Who is hurt: devices, subscribers and whatever else is weighed, cut off from every gateway; and who is
one fault away.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cortex.intervals import Interval, total
from cortex.topology import Topology

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """What hangs on each node. `table` has shape (topology.size, len(columns)); rows of access nodes carry
    the figures.
    """

    columns: tuple[str, ...]
    table: Floats

    @classmethod
    def none(cls, topology: Topology) -> "Weights":
        """Nothing known of subscribers: only devices are counted."""
        return cls((), np.zeros((topology.size, 0)))


@dataclass(frozen=True, slots=True)
class Impact:
    """Counts over the nodes cut off. `totals` by column; `zones`: the same and "devices" per zone;
    `at_risk`: nodes still up that have lost redundancy. `cut_off`: ids, ascending."""

    devices: int
    totals: dict[str, float]
    zones: dict[int, dict[str, float]]
    cut_off: npt.NDArray[np.int64]
    at_risk: int = 0


NO_IMPACT = Impact(0, {}, {}, np.empty(0, dtype=np.int64))


def measure(topology: Topology, weights: Weights, failed: Iterable[int], sums: Floats | None = None) -> Impact:
    """The impact of these failures together. `sums`: `topology.sums(weights.table)`, where it is at hand."""
    elements = list(failed)
    spans = topology.cut_intervals(elements)
    nodes = topology.cut_off(elements)
    return Impact(
        devices=total(topology.device_sums, spans),
        totals=_totals(weights, nodes, spans, sums),
        zones=_zones(topology, weights, nodes),
        cut_off=nodes,
        at_risk=topology.exposed(elements),
    )


def measure_nodes(topology: Topology, weights: Weights, nodes: npt.NDArray[np.int64]) -> Impact:
    """The impact of exactly these nodes being down, whatever they have in common."""
    devices = sum(topology.is_device(i) for i in nodes.tolist())
    return Impact(devices, _totals(weights, nodes, (), None), _zones(topology, weights, nodes), np.sort(nodes))


def measure_one(topology: Topology, weights: Weights, node: int) -> Impact:
    """The impact of one node with nothing behind it; as `measure`, without its cost."""
    totals = dict(zip(weights.columns, weights.table[node].tolist(), strict=True))
    devices, zone = int(topology.is_device(node)), topology.zone(node)
    zones = {} if zone is None else {zone: {"devices": float(devices), **totals}}
    return Impact(devices, totals, zones, np.asarray([node], dtype=np.int64))


def _totals(
    weights: Weights, nodes: npt.NDArray[np.int64], spans: tuple[Interval, ...], sums: Floats | None
) -> dict[str, float]:
    if sums is None:
        column = weights.table[nodes].sum(axis=0)
    else:
        column = np.zeros(len(weights.columns))
        for lo, hi in spans:
            column += sums[hi] - sums[lo]
    return dict(zip(weights.columns, np.round(column, 6).tolist(), strict=True))


def _zones(topology: Topology, weights: Weights, nodes: npt.NDArray[np.int64]) -> dict[int, dict[str, float]]:
    zone = topology.zones[nodes]
    counted: dict[int, dict[str, float]] = {}
    for z in np.unique(zone[zone >= 0]).tolist():
        inside = nodes[zone == z]
        row = {"devices": float(np.count_nonzero(topology.device_mask[inside]))}
        row.update(zip(weights.columns, weights.table[inside].sum(axis=0).tolist(), strict=True))
        counted[z] = row
    return counted
