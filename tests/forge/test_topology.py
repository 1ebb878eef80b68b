"""From what a device calls a thing to what the topology calls it."""

import pytest

from atlas.network.inventory import Inventory, LineWeight, LinkRow, NodeRow
from cortex.topology import Topology
from forge.topology import COLUMNS, Resolver, build_topology, build_weights


def node(name: str, kind: str, *, address: str | None = None, gateway: bool = False) -> NodeRow:
    return NodeRow(0, name, kind, gateway, 3, "pon", address is not None, address)


INVENTORY = Inventory(
    nodes=[
        node("bng-1", "bng", address="10.0.0.1", gateway=True),
        node("agg-1", "aggregation", address="10.0.0.2"),
        node("olt-1", "olt", address="10.0.0.3"),
        node("olt-1/0/1/0", "pon_port"),
        node("s-1", "splitter"),
        node("ont-1", "ont"),
    ],
    links=[
        LinkRow("L-1", "fibre", "bng-1", "agg-1", "TenGigE0/0/0/1", "xe-0/1/0", "10.1.0.0", "10.1.0.1", "F-1"),
        LinkRow("L-2", "fibre", "bng-1", "agg-1", "Bundle-Ether7", "ae7", "10.1.0.2", "10.1.0.3", "F-2"),
        LinkRow("L-3", "fibre", "agg-1", "olt-1", "HundredGigE0/0/1/2", "eth1", None, None, "F-3"),
        LinkRow("L-4", "internal", "olt-1", "olt-1/0/1/0", "", "", None, None, None),
        LinkRow("L-5", "fibre", "olt-1/0/1/0", "s-1", "", "", None, None, "F-4"),
        LinkRow("L-6", "fibre", "s-1", "ont-1", "", "", None, None, None),
    ],
    ducts_of={"F-1": ["D-1", "D-2"], "F-2": ["D-1"]},
    weights=[LineWeight("ont-1", 2, 1, 0, 0.25), LineWeight("nowhere", 9, 9, 9, 9.0)],
)


@pytest.fixture(scope="module")
def topology() -> Topology:
    return build_topology(INVENTORY)


@pytest.fixture(scope="module")
def resolver(topology: Topology) -> Resolver:
    return Resolver.build(INVENTORY, topology)


def named(topology: Topology, index: int | None) -> str | None:
    return None if index is None else topology.name(index)


def test_everything_that_can_fail_is_in_it_and_numbered_as_the_inventory_is(topology: Topology) -> None:
    names = {topology.name(i) for i in range(topology.size)}
    assert names >= {"node:bng-1", "link:L-1", "fibre:F-4", "duct:D-2"}
    assert [topology.name(i) for i in range(6)] == [f"node:{row.name}" for row in INVENTORY.nodes]


@pytest.mark.parametrize(
    ("failed", "lost"),
    [
        ("fibre:F-1", set()),
        ("duct:D-1", {"agg-1", "olt-1", "olt-1/0/1/0", "s-1", "ont-1"}),
        ("duct:D-2", set()),
        ("fibre:F-3", {"olt-1", "olt-1/0/1/0", "s-1", "ont-1"}),
        ("node:s-1", {"s-1", "ont-1"}),
    ],
)
def test_what_shares_a_duct_fails_with_it(topology: Topology, failed: str, lost: set[str]) -> None:
    index = topology.index(failed)
    assert index is not None
    assert {topology.name(i) for i in topology.cut_off([index]).tolist()} == {f"node:{name}" for name in lost}


def test_only_equipment_with_a_device_counts_as_one(topology: Topology) -> None:
    devices = {row.name for i, row in enumerate(INVENTORY.nodes) if topology.is_device(i)}
    assert devices == {"bng-1", "agg-1", "olt-1"}


def test_weights_hang_on_their_node_and_unknown_ones_on_none(topology: Topology) -> None:
    weights = build_weights(INVENTORY, topology)
    assert weights.columns == COLUMNS
    assert weights.table[5].tolist() == [2, 1, 0, 0.25]
    assert weights.table.sum() == 3.25


@pytest.mark.parametrize(
    ("resource", "link"),
    [
        ("bng-1/TenGigE0/0/0/1", "link:L-1"),
        ("bng-1/Te0/0/0/1", "link:L-1"),
        ("bng-1/te0/0/0/1", "link:L-1"),
        ("bng-1/TenGigabitEthernet0/0/0/1", "link:L-1"),
        ("bng-1/Optics0/0/0/1", "link:L-1"),
        ("agg-1/xe-0/1/0", "link:L-1"),
        ("bng-1/Bundle-Ether7", "link:L-2"),
        ("bng-1/BE7", "link:L-2"),
        ("agg-1/ae7", "link:L-2"),
        ("agg-1/Hu0/0/1/2", "link:L-3"),
        ("agg-1/Optics0/0/1/2", "link:L-3"),
        ("bng-1/Te0/0/0/9", None),
        ("agg-1/Te0/0/0/1", None),
        ("stranger/Te0/0/0/1", None),
        ("bng-1", None),
    ],
)
def test_ports_by_whatever_the_vendor_calls_them(
    topology: Topology, resolver: Resolver, resource: str, link: str | None
) -> None:
    assert named(topology, resolver.about(resource, None)) == link


@pytest.mark.parametrize(
    ("neighbour", "about"),
    [
        ("10.1.0.1", "link:L-1"),
        ("10.1.0.2", "link:L-2"),
        ("10.0.0.2", "node:agg-1"),
        ("olt-1", "node:olt-1"),
        ("203.0.113.9", None),
    ],
)
def test_neighbours_by_address_or_name(
    topology: Topology, resolver: Resolver, neighbour: str, about: str | None
) -> None:
    assert named(topology, resolver.about("bng-1", neighbour)) == about


def test_the_neighbour_goes_first_and_the_port_helps_where_it_is_unknown(
    topology: Topology, resolver: Resolver
) -> None:
    assert named(topology, resolver.about("bng-1/Te0/0/0/1", "10.1.0.3")) == "link:L-2"
    assert named(topology, resolver.about("bng-1/Te0/0/0/1", "203.0.113.9")) == "link:L-1"


@pytest.mark.parametrize(
    ("resource", "speaker"),
    [
        ("bng-1", "node:bng-1"),
        ("bng-1/Te0/0/0/1", "node:bng-1"),
        ("olt-1/0/1/0", "node:olt-1/0/1/0"),
        ("olt-1/0/9/9", "node:olt-1"),
        ("ont-1", "node:ont-1"),
        ("stranger/Te0/0/0/1", None),
    ],
)
def test_who_speaks_is_the_part_itself_where_it_is_a_node(
    topology: Topology, resolver: Resolver, resource: str, speaker: str | None
) -> None:
    assert named(topology, resolver.element(resource)) == speaker
