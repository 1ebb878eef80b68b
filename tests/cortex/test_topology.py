"""The topology against plain search, and examples one can draw on paper."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex.parts import Arrays
from cortex.topology import Edge, Element, SharedRisk, Topology
from tests.cortex.worlds import World, any_graph, ids, names


def branch() -> World:
    """gateway - a - b - c, a ring a - r1 - r2 - a, and both links of the ring's far side in one duct."""
    return World(
        [
            Element("gw", "transit", is_gateway=True),
            Element("a", "core_router", is_device=True, zone=1),
            Element("b", "olt", is_device=True, zone=3),
            Element("c", "ont", zone=3),
            Element("r1", "aggregation", is_device=True, zone=2),
            Element("r2", "aggregation", is_device=True, zone=2),
        ],
        [
            Edge("gw-a", "gw", "a", "internal"),
            Edge("a-b", "a", "b", "fibre", ("fibre", "duct")),
            Edge("b-c", "b", "c", "fibre"),
            Edge("a-r1", "a", "r1", "fibre", ("duct-ring",)),
            Edge("r1-r2", "r1", "r2", "fibre"),
            Edge("r2-a", "r2", "a", "fibre", ("duct-ring", "duct")),
        ],
        [SharedRisk("fibre", "fibre"), SharedRisk("duct", "duct"), SharedRisk("duct-ring", "duct")],
    )


def cut(world: World, *failed: str) -> set[str]:
    topology = world.topology
    return names(topology, topology.cut_off(ids(topology, failed)).tolist())


def test_a_cut_link_takes_all_behind_it() -> None:
    assert cut(branch(), "a-b") == {"b", "c"}
    assert cut(branch(), "fibre") == {"b", "c"}


def test_a_ring_survives_one_cut_but_not_its_shared_duct() -> None:
    assert cut(branch(), "a-r1") == set()
    assert cut(branch(), "a-r1", "r2-a") == {"r1", "r2"}
    assert cut(branch(), "duct-ring") == {"r1", "r2"}
    assert cut(branch(), "duct") == {"b", "c"}
    assert cut(branch(), "duct", "a-r1") == {"b", "c", "r1", "r2"}


def test_a_failed_node_is_among_those_it_cuts_off() -> None:
    assert cut(branch(), "r1") == {"r1"}
    assert cut(branch(), "a") == {"a", "b", "c", "r1", "r2"}


def test_the_blast_of_one_failure_counts_nodes_devices_and_lines() -> None:
    topology = branch().topology
    blast = topology.blast(ids(topology, ["duct"])[0])
    assert (blast.nodes, blast.devices, blast.lines) == (2, 1, 1)


def test_a_cut_ring_leaves_its_nodes_one_fault_away() -> None:
    topology = branch().topology
    assert topology.exposed(ids(topology, ["a-r1"])) == 2
    assert topology.exposed(ids(topology, ["a-b"])) == 0


def test_the_dependency_tree_is_walked_both_ways() -> None:
    topology = branch().topology
    c, a = ids(topology, ["c", "a"])
    assert [topology.name(i) for i in topology.ancestors(c)] == ["b-c", "b", "a-b", "a", "gw-a", "gw"]
    assert names(topology, topology.children(a)) == {"a-b", "r1", "r2", "a-r1", "r1-r2", "r2-a"}


def test_a_link_knows_its_ends_and_its_ducts_in_order() -> None:
    topology = branch().topology
    link, a, r2 = ids(topology, ["r2-a", "a", "r2"])
    assert topology.neighbours(link) == [r2, a]
    assert [topology.name(i) for i in topology.risks_of(link)] == ["duct-ring", "duct"]
    assert topology.between(a, r2) == [link]


def test_wrong_input_is_refused_with_a_reason() -> None:
    a, b = Element("a", "olt"), Element("b", "olt")
    with pytest.raises(ValueError, match="two elements are named a"):
        Topology.build([a, a], [])
    with pytest.raises(ValueError, match="link l names x, which is not an element"):
        Topology.build([a, b], [Edge("l", "a", "x", "fibre")])
    with pytest.raises(ValueError, match="link l joins a to itself"):
        Topology.build([a, b], [Edge("l", "a", "a", "fibre")])


def test_nothing_at_all_is_a_topology() -> None:
    topology = Topology.build([], [])
    assert topology.size == 0
    assert topology.cut_off([]).tolist() == []


@given(st.integers(0, 2**32), st.data())
def test_who_is_cut_off_agrees_with_plain_search(seed: int, data: st.DataObject) -> None:
    world = any_graph(random.Random(seed))
    failed = data.draw(st.lists(st.sampled_from(world.names), max_size=4, unique=True))
    topology = world.topology
    assert names(topology, topology.cut_off(ids(topology, failed)).tolist()) == world.cut_off(failed)


@given(st.integers(0, 2**32))
def test_the_parent_is_the_nearest_single_point_of_failure(seed: int) -> None:
    world = any_graph(random.Random(seed))
    topology = world.topology
    takes = {i: world.cut_off([topology.name(i)]) for i in range(topology.vertices)}
    for element in world.elements:
        (node,) = ids(topology, [element.name])
        above = {i for i in takes if element.name in takes[i] and i != node}
        assert set(topology.ancestors(node)) == above


@given(st.integers(0, 2**32), st.data())
def test_exposed_counts_the_nodes_that_gained_a_single_point_of_failure(seed: int, data: st.DataObject) -> None:
    world = any_graph(random.Random(seed))
    failed = data.draw(st.lists(st.sampled_from(world.names), min_size=1, max_size=2, unique=True))
    topology = world.topology
    down = world.cut_off(failed)
    vertices = [topology.name(i) for i in range(topology.vertices)]
    exposed = {
        node.name
        for node in world.elements
        if node.name in world.cut_off([node.name])
        and node.name not in down
        and any(node.name in world.cut_off([*failed, v]) and node.name not in world.cut_off([v]) for v in vertices)
    }
    assert topology.exposed(ids(topology, failed)) == len(exposed)


def test_arrays_and_names_give_the_same_network() -> None:
    named = branch().topology
    bare = Topology(
        Arrays(
            kinds=["any"],
            kind_codes=np.zeros(named.size, dtype=np.int64),
            gateways=np.arange(6) == 0,
            devices=named.device_mask,
            silent=np.zeros(6, dtype=np.bool_),
            zones=named.zones,
            ends_a=named.ends_a,
            ends_z=named.ends_z,
        )
    )
    for i in range(named.vertices):
        assert bare.cut_off([i]).tolist() == named.cut_off([i]).tolist()
