"""Impact on paper: three subscribers in two zones behind one link."""

import numpy as np

from cortex.impact import Weights, measure, measure_one
from cortex.topology import Edge, Element, Topology

TOPOLOGY = Topology.build(
    [
        Element("gw", "transit", is_gateway=True),
        Element("olt", "olt", is_device=True, zone=3),
        Element("ont-1", "ont", zone=3),
        Element("ont-2", "ont", zone=4),
        Element("ont-3", "ont"),
    ],
    [Edge("uplink", "gw", "olt", "fibre"), *(Edge(f"drop-{i}", "olt", f"ont-{i}", "fibre") for i in (1, 2, 3))],
)
TABLE = np.zeros((TOPOLOGY.size, 2))
TABLE[2:5] = [[1, 0.05], [1, 0.07], [2, 0.1]]
WEIGHTS = Weights(("subscribers", "revenue_per_hour"), TABLE)


def test_a_cut_uplink_counts_everyone_once_and_by_zone() -> None:
    impact = measure(TOPOLOGY, WEIGHTS, [5])
    assert impact.devices == 1
    assert impact.totals == {"subscribers": 4.0, "revenue_per_hour": 0.22}
    assert impact.zones == {
        3: {"devices": 1.0, "subscribers": 1.0, "revenue_per_hour": 0.05},
        4: {"devices": 0.0, "subscribers": 1.0, "revenue_per_hour": 0.07},
    }
    assert impact.cut_off.tolist() == [1, 2, 3, 4]


def test_prefix_sums_give_the_same_totals() -> None:
    sums = TOPOLOGY.sums(TABLE)
    for failed in ([5], [1], [6, 7], [1, 6]):
        assert measure(TOPOLOGY, WEIGHTS, failed, sums).totals == measure(TOPOLOGY, WEIGHTS, failed).totals


def test_one_line_is_measured_as_any_other_failure() -> None:
    for node in (2, 3, 4):
        one, any_other = measure_one(TOPOLOGY, WEIGHTS, node), measure(TOPOLOGY, WEIGHTS, [node])
        assert (one.devices, one.totals, one.zones) == (any_other.devices, any_other.totals, any_other.zones)
        assert one.cut_off.tolist() == any_other.cut_off.tolist()
