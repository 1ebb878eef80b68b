"""Two faults in one group are told apart where they have nothing to do with one another, and only there."""

from cortex.correlator import Correlator, Finding
from cortex.signals import Signal
from cortex.topology import Edge, Element, Topology

T0 = 1_800_000_000.0

TOPOLOGY = Topology.build(
    [
        Element("node:gw", "transit", is_gateway=True),
        *(Element(f"node:core-{i}", "core_router", is_device=True) for i in range(3)),
        *(Element(f"node:agg-{i}", "aggregation", is_device=True) for i in range(2)),
        *(Element(f"node:olt-{i}", "olt", is_device=True) for i in range(4)),
    ],
    [
        Edge("link:gw", "node:gw", "node:core-0", "internal"),
        *(Edge(f"link:ring-{i}", f"node:core-{i}", f"node:core-{(i + 1) % 3}", "fibre") for i in range(3)),
        Edge("link:agg-0", "node:core-1", "node:agg-0", "fibre"),
        Edge("link:agg-1", "node:core-2", "node:agg-1", "fibre"),
        *(Edge(f"link:olt-{i}", f"node:agg-{i // 2}", f"node:olt-{i}", "fibre") for i in range(4)),
    ],
)


def say(number: int, element: str, kind: str, after: float, about: str = "", cleared: bool = False) -> Signal:
    at, found = T0 + after, TOPOLOGY.index(about) if about else None
    return Signal(number, TOPOLOGY.index(f"node:{element}"), kind, cleared, at, at + 0.1, "syslog", found, element)


def cut(first: int, near: str, link: str, after: float, *silent: str) -> list[Signal]:
    """The near end speaks, what hangs on the link is missed."""
    said = [
        say(first, near, "loss-of-signal", after, f"link:{link}"),
        say(first + 1, near, "link-down", after + 0.5, f"link:{link}"),
    ]
    return [*said, *(say(first + 2 + n, one, "unreachable", after + 30 + n) for n, one in enumerate(silent))]


def latest(correlator: Correlator, now: float) -> dict[int, Finding]:
    return {f.group: f for f in correlator.findings(now)}


def test_two_cuts_that_met_in_one_group_become_two() -> None:
    one = cut(1, "agg-0", "olt-0", 0.0, "olt-0")
    other = cut(11, "core-2", "agg-1", 2.0, "agg-1", "olt-2", "olt-3")
    correlator = Correlator(TOPOLOGY)
    correlator.add([*one, *other])
    groups = correlator._grouping.groups
    groups.united(list(groups.open))  # as a bridge between them would have it

    found = latest(correlator, T0 + 90)

    assert sorted(f.alarms for f in found.values()) == [(1, 2, 3), (11, 12, 13, 14, 15)]
    assert {f.causes[0].name for f in found.values()} == {"link:olt-0", "link:agg-1"}
    assert all(f.together == 1 for f in found.values())


def test_groups_reported_apart_keep_their_ids_when_they_met_and_were_told_apart() -> None:
    correlator = Correlator(TOPOLOGY)
    correlator.add(cut(1, "agg-0", "olt-0", 0.0, "olt-0"))
    (first,) = correlator.findings(T0 + 40)
    correlator.add(cut(11, "core-2", "agg-1", 2.0, "agg-1", "olt-2", "olt-3"))
    (second,) = correlator.findings(T0 + 41)
    groups = correlator._grouping.groups
    groups.united([first.group, second.group])

    found = latest(correlator, T0 + 90)

    assert set(found) == {first.group, second.group}
    assert (found[first.group].alarms, found[second.group].alarms) == (first.alarms, second.alarms)
    assert all(f.merged == () for f in found.values())


def test_what_comes_later_goes_to_the_fault_that_explains_it() -> None:
    correlator = Correlator(TOPOLOGY)
    correlator.add(cut(1, "agg-0", "olt-0", 0.0, "olt-0"))
    correlator.add(cut(11, "core-2", "agg-1", 2.0, "agg-1", "olt-2"))
    groups = correlator._grouping.groups
    groups.united(list(groups.open))
    before = latest(correlator, T0 + 90)
    correlator.add([say(30, "olt-3", "unreachable", 95.0)])

    after = latest(correlator, T0 + 96)

    (changed,) = after.values()
    assert changed.causes[0].name == "link:agg-1"
    assert set(after) < set(before)


def test_two_cuts_in_a_ring_that_only_together_cut_anybody_off_stay_one() -> None:
    correlator = Correlator(TOPOLOGY)
    ring = [say(n + 1, "core-0", "loss-of-signal", 0.1 * n, f"link:ring-{ring}") for n, ring in enumerate((0, 2))]
    silent = ("core-1", "core-2", "agg-0", "agg-1", "olt-0", "olt-1", "olt-2", "olt-3")
    correlator.add([*ring, *(say(10 + n, one, "unreachable", 30.0 + n) for n, one in enumerate(silent))])

    assert len(latest(correlator, T0 + 90)) == 1


def test_two_cuts_at_one_router_stay_one_it_may_be_dying_card_by_card() -> None:
    correlator = Correlator(TOPOLOGY)
    correlator.add([*cut(1, "agg-0", "olt-0", 0.0, "olt-0"), *cut(11, "agg-0", "olt-1", 40.0, "olt-1")])
    correlator.add([say(9, "agg-0", "equipment-failure", 0.5)])
    groups = correlator._grouping.groups
    groups.united(list(groups.open))

    (finding,) = latest(correlator, T0 + 120).values()

    assert finding.together == 2


def test_of_a_fault_that_is_mostly_mended_nothing_new_is_explained() -> None:
    correlator = Correlator(TOPOLOGY)
    storm = cut(1, "core-2", "agg-1", 0.0, "agg-1", "olt-2", "olt-3")
    correlator.add(storm)
    (first,) = correlator.findings(T0 + 60)
    back = [s._replace(cleared=True, at=T0 + 900, received=T0 + 900.1) for s in storm[:-1]]  # one clear is lost
    correlator.add(back)
    correlator.findings(T0 + 901)
    correlator.add([say(50, "agg-1", "loss-of-signal", 3000.0, "link:olt-2")])

    (later,) = correlator.findings(T0 + 3001)

    assert later.group != first.group
