"""The correlator by example, on one small network whose parts all have names."""

from collections.abc import Callable

import numpy as np
import pytest

from cortex.config import Config
from cortex.correlator import UNKNOWN, Correlator, Finding
from cortex.impact import Weights
from cortex.signals import Signal
from cortex.topology import Edge, Element, SharedRisk, Topology

T0 = 1_800_000_000.0

ELEMENTS = [
    Element("node:gw", "transit", is_gateway=True),
    Element("node:core-1", "core_router", is_device=True, zone=1),
    Element("node:core-2", "core_router", is_device=True, zone=1),
    Element("node:core-3", "core_router", is_device=True, zone=1),
    Element("node:agg", "aggregation", is_device=True, zone=3),
    Element("node:olt-1", "olt", is_device=True, zone=3),
    Element("node:olt-2", "olt", is_device=True, zone=4),
    Element("node:port", "pon_port", zone=3),
    Element("node:splitter", "splitter", zone=3, silent=True),
    *(Element(f"node:ont-{i}", "ont", zone=3) for i in range(8)),
    Element("node:far", "olt", is_device=True, zone=9),
]
EDGES = [
    Edge("link:gw", "node:gw", "node:core-1", "internal"),
    Edge("link:1-2", "node:core-1", "node:core-2", "fibre", ("fibre:1-2", "duct:ring")),
    Edge("link:2-3", "node:core-2", "node:core-3", "fibre", ("fibre:2-3",)),
    Edge("link:3-1", "node:core-3", "node:core-1", "fibre", ("fibre:3-1", "duct:ring")),
    Edge("link:agg", "node:core-2", "node:agg", "fibre", ("fibre:agg", "duct:hill", "duct:ring")),
    Edge("link:olt-1", "node:agg", "node:olt-1", "fibre", ("fibre:olt-1",)),
    Edge("link:olt-2", "node:agg", "node:olt-2", "fibre", ("fibre:olt-2",)),
    Edge("link:port", "node:olt-1", "node:port", "internal"),
    Edge("link:feeder", "node:port", "node:splitter", "fibre", ("fibre:feeder",)),
    *(Edge(f"link:drop-{i}", "node:splitter", f"node:ont-{i}", "fibre") for i in range(8)),
    Edge("link:far", "node:core-3", "node:far", "fibre", ("fibre:far",)),
]
FIBRES = [n for edge in EDGES for n in edge.risks if n.startswith("fibre")]
RISKS = [*(SharedRisk(n, "fibre") for n in FIBRES), SharedRisk("duct:ring", "duct"), SharedRisk("duct:hill", "duct")]
TOPOLOGY = Topology.build(ELEMENTS, EDGES, RISKS)

Say = Callable[..., Signal]


def weights() -> Weights:
    table = np.zeros((TOPOLOGY.size, 1))
    for i in range(8):
        table[TOPOLOGY.index(f"node:ont-{i}")] = 2.0
    return Weights(("subscribers",), table)


@pytest.fixture
def say() -> Say:
    """Makes signals, numbered from 1: `say(element, type, after, ...)`."""
    count = iter(range(1, 10_000))

    def make(
        element: str | None,
        kind: str,
        after: float = 0.0,
        about: str | None = None,
        cleared: bool = False,
        received: float | None = None,
        alarm: int | None = None,
        key: str = "",
    ) -> Signal:
        return Signal(
            alarm=next(count) if alarm is None else alarm,
            element=TOPOLOGY.index(f"node:{element}") if element else None,
            type=kind,
            cleared=cleared,
            at=T0 + after,
            received=T0 + (after if received is None else received),
            feed="syslog",
            about=TOPOLOGY.index(about) if about else None,
            key=key or element or "",
        )

    return make


@pytest.fixture
def correlator() -> Correlator:
    return Correlator(TOPOLOGY, weights())


def cut(say: Say) -> list[Signal]:
    """The fibre to the aggregation router is cut: the near end says so, three devices fall silent."""
    return [
        say("core-2", "loss-of-signal", 0.0, "link:agg"),
        say("core-2", "link-down", 0.4, "link:agg"),
        say("core-2", "ospf-adjacency-down", 2.0, "node:agg"),
        say("agg", "unreachable", 35.0),
        say("olt-1", "unreachable", 41.0),
        say("olt-2", "unreachable", 44.0),
    ]


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def named(finding: Finding) -> set[str]:
    first = finding.causes[0]
    return {TOPOLOGY.name(i) for i in (first.element, *first.tied_with)}


def test_a_cut_fibre_is_one_finding_with_its_cause_and_its_impact(correlator: Correlator, say: Say) -> None:
    correlator.add(cut(say))
    finding = only(correlator.findings(T0 + 60))
    assert finding.causes[0].name == "fibre:agg"
    assert named(finding) == {"fibre:agg", "link:agg", "duct:hill", "node:agg"}
    assert finding.certain
    assert finding.notable
    assert not finding.is_cleared
    assert finding.alarms == (1, 2, 3, 4, 5, 6)
    assert finding.impact.devices == 3
    assert finding.impact.totals == {"subscribers": 16.0}
    assert finding.impact.zones == {3: {"devices": 2.0, "subscribers": 16.0}, 4: {"devices": 1.0, "subscribers": 0.0}}


def test_a_finding_says_why_with_numbers_and_where_to_look(correlator: Correlator, say: Say) -> None:
    correlator.add(cut(say))
    cause = only(correlator.findings(T0 + 60)).causes[0]
    assert "3 of 3 devices behind fibre agg fell silent" in cause.why
    assert "loss of signal came first, 35.0 s before the rest" in cause.why
    assert cause.place == "between core-2 and agg, along duct hill (not ring: links in it are up)"


def test_the_first_alarm_alone_already_opens_it_and_later_ones_agree(correlator: Correlator, say: Say) -> None:
    storm = cut(say)
    groups, causes = [], []
    for signal in storm:
        correlator.add([signal])
        finding = only(correlator.findings(signal.received))
        groups.append(finding.group)
        causes.append(finding.causes[0].name)
        assert finding.notable
    assert set(groups) == {1}
    assert set(causes) == {"fibre:agg"}


def test_findings_come_only_for_groups_that_changed(correlator: Correlator, say: Say) -> None:
    storm = cut(say)
    correlator.add(storm)
    assert len(correlator.findings(T0 + 60)) == 1
    assert correlator.findings(T0 + 61) == []
    correlator.add(storm)  # word for word again
    assert correlator.findings(T0 + 62) == []


def test_the_order_of_arrival_does_not_matter(say: Say) -> None:
    storm = cut(say)
    for turn in range(len(storm)):
        correlator = Correlator(TOPOLOGY, weights())
        correlator.add(storm[turn:] + storm[:turn])
        assert only(correlator.findings(T0 + 60)).causes[0].name == "fibre:agg"


def test_late_accounting_and_buffered_words_join_the_open_finding(correlator: Correlator, say: Say) -> None:
    correlator.add(cut(say))
    group = only(correlator.findings(T0 + 60)).group
    correlator.add([say("ont-3", "radius-interim-missing", 900.0)])
    assert only(correlator.findings(T0 + 900)).group == group
    correlator.add([say("olt-1", "link-down", 0.3, "link:olt-1", received=3000.0)])
    assert only(correlator.findings(T0 + 3000)).group == group


def test_an_alarm_in_the_blast_radius_opens_no_second_finding_hours_later(correlator: Correlator, say: Say) -> None:
    correlator.add(cut(say))
    group = only(correlator.findings(T0 + 60)).group
    correlator.add([say("olt-2", "equipment-failure", 9000.0)])
    assert only(correlator.findings(T0 + 9000)).group == group


def test_a_fault_elsewhere_at_the_same_time_is_a_finding_of_its_own(correlator: Correlator, say: Say) -> None:
    far = [say("core-3", "loss-of-signal", 1.0, "link:far"), say("far", "unreachable", 33.0)]
    correlator.add([*cut(say), *far])
    causes = {f.causes[0].name for f in correlator.findings(T0 + 60)}
    assert causes == {"fibre:agg", "fibre:far"}


def test_two_cuts_in_a_ring_are_two_faults_of_one_finding(correlator: Correlator, say: Say) -> None:
    correlator.add(
        [
            say("core-1", "loss-of-signal", 0.0, "link:1-2"),
            say("core-1", "loss-of-signal", 0.1, "link:3-1"),
            *(
                say(n, "unreachable", 30.0 + i)
                for i, n in enumerate(["core-2", "core-3", "agg", "olt-1", "olt-2", "far"])
            ),
        ]
    )
    finding = only(correlator.findings(T0 + 90))
    assert finding.impact.devices == 6
    assert finding.together in (1, 2)
    assert named(finding) & {"duct:ring", "fibre:1-2", "fibre:3-1"}


def test_one_cut_in_a_ring_cuts_nobody_off_but_costs_redundancy(correlator: Correlator, say: Say) -> None:
    correlator.add([say("core-2", "loss-of-signal", 0.0, "link:2-3"), say("core-3", "loss-of-signal", 0.1, "link:2-3")])
    finding = only(correlator.findings(T0 + 60))
    assert finding.causes[0].name == "fibre:2-3"
    assert finding.impact.devices == 0
    assert finding.impact.at_risk > 0
    assert finding.notable


def test_a_node_that_lost_its_power_is_told_from_its_uplink_by_its_last_words(correlator: Correlator, say: Say) -> None:
    correlator.add([say("agg", "mains-power-loss", -0.5), *cut(say)])
    finding = only(correlator.findings(T0 + 60))
    assert finding.causes[0].name == "node:agg"
    assert finding.causes[0].tied_with == ()


def test_a_link_that_goes_down_with_its_light_on_speaks_for_the_node(correlator: Correlator, say: Say) -> None:
    correlator.add([s for s in cut(say) if s.type != "loss-of-signal"])
    assert "node:agg" in named(only(correlator.findings(T0 + 60)))


def test_a_port_in_the_dark_is_its_feeder_splitter_or_itself(correlator: Correlator, say: Say) -> None:
    correlator.add([say("port", "pon-loss-of-signal")])
    finding = only(correlator.findings(T0 + 30))
    assert finding.causes[0].name == "fibre:feeder"
    assert {"link:feeder", "node:splitter"} <= named(finding)
    assert finding.notable
    assert finding.impact.totals == {"subscribers": 16.0}


def test_some_lost_onts_of_a_port_are_their_drops(correlator: Correlator, say: Say) -> None:
    correlator.add([say("ont-1", "ont-loss-of-signal")])
    finding = only(correlator.findings(T0 + 30))
    assert named(finding) == {"node:ont-1", "link:drop-1"}
    assert not finding.notable


def test_one_dying_gasp_is_a_switched_off_ont_and_many_are_the_mains(correlator: Correlator, say: Say) -> None:
    correlator.add([say("ont-0", "ont-dying-gasp")])
    assert only(correlator.findings(T0 + 5)).causes[0].name == "node:ont-0"
    correlator.add([say(f"ont-{i}", "ont-dying-gasp", 1.0) for i in range(1, 6)])
    finding = only(correlator.findings(T0 + 10))
    assert finding.causes[0].kind == "mains"
    assert finding.impact.totals == {"subscribers": 12.0}
    assert finding.notable


def test_a_dead_branch_whose_near_end_is_lost_is_found_by_quorum(correlator: Correlator, say: Say) -> None:
    correlator.add([say("olt-1", "unreachable", 10.0), say("olt-2", "unreachable", 21.0)])
    finding = only(correlator.findings(T0 + 60))
    assert finding.impact.devices == 3
    assert "node:agg" in named(finding)


def test_single_noise_is_not_notable(correlator: Correlator, say: Say) -> None:
    correlator.add([say("ont-5", "radius-interim-missing"), say("core-1", "other", 5.0), say(None, "other", key="x/1")])
    assert not any(f.notable for f in correlator.findings(T0 + 30))


def test_a_finding_is_cleared_when_all_its_alarms_are(correlator: Correlator, say: Say) -> None:
    storm = cut(say)
    correlator.add(storm)
    correlator.findings(T0 + 60)
    clears = [s._replace(cleared=True, at=T0 + 500, received=T0 + 500) for s in storm]
    correlator.add(clears[:3])
    assert not only(correlator.findings(T0 + 501)).is_cleared
    correlator.add(clears[3:])
    finding = only(correlator.findings(T0 + 502))
    assert finding.is_cleared
    assert finding.causes[0].name == "fibre:agg"


def test_a_restart_keeps_no_finding_open(correlator: Correlator, say: Say) -> None:
    storm = cut(say)
    correlator.add(storm)
    correlator.findings(T0 + 60)
    correlator.add([say("olt-1", "restarted", 480.0)])
    correlator.add([s._replace(cleared=True, at=T0 + 500, received=T0 + 500) for s in storm])
    assert only(correlator.findings(T0 + 501)).is_cleared


def test_a_flap_returns_to_its_finding(correlator: Correlator, say: Say) -> None:
    storm = cut(say)
    correlator.add(storm)
    group = only(correlator.findings(T0 + 60)).group
    correlator.add([s._replace(cleared=True, at=T0 + 100, received=T0 + 100) for s in storm])
    correlator.findings(T0 + 100)
    correlator.add([s._replace(at=T0 + 200, received=T0 + 200) for s in storm])
    again = only(correlator.findings(T0 + 200))
    assert again.group == group
    assert not again.is_cleared


def test_a_clear_that_overtakes_its_alarm_is_remembered(correlator: Correlator, say: Say) -> None:
    raised = say("olt-1", "unreachable", 0.0, received=3.0)
    correlator.add([raised._replace(cleared=True, at=T0 + 1, received=T0 + 2), raised])
    assert only(correlator.findings(T0 + 5)).is_cleared


def test_an_old_clear_that_comes_late_changes_nothing(correlator: Correlator, say: Say) -> None:
    raised = say("olt-1", "unreachable", 100.0)
    correlator.add([raised, raised._replace(cleared=True, at=T0 + 50, received=T0 + 110)])
    assert not only(correlator.findings(T0 + 120)).is_cleared


def test_each_alarm_of_a_resource_is_cleared_by_its_own_id(correlator: Correlator, say: Say) -> None:
    one = say("core-2", "bgp-peer-down", 0.0, key="core-2")
    other = say("core-2", "bgp-peer-down", 1.0, key="core-2")
    correlator.add([one, other, one._replace(cleared=True, at=T0 + 9, received=T0 + 9)])
    assert not only(correlator.findings(T0 + 10)).is_cleared
    correlator.add([other._replace(cleared=True, at=T0 + 19, received=T0 + 19)])
    assert only(correlator.findings(T0 + 20)).is_cleared


def test_a_clear_of_nothing_is_nothing(correlator: Correlator, say: Say) -> None:
    correlator.add([say("olt-1", "unreachable", cleared=True)])
    assert correlator.findings(T0 + 5) == []


def test_a_clock_a_day_off_counts_by_its_arrival(correlator: Correlator, say: Say) -> None:
    for off in (-86_400.0, 86_400.0):
        correlator = Correlator(TOPOLOGY, weights())
        near, *rest = cut(say)
        correlator.add([*rest, near._replace(at=near.at + off)])
        finding = only(correlator.findings(T0 + 60))
        assert finding.opened_at == T0
        assert len(finding.alarms) == 6


def test_a_network_without_topology_gives_a_finding_per_device_and_time(say: Say) -> None:
    correlator = Correlator(Topology.build([], []))
    lines = [(0.0, "leaf1/Te0/0"), (3.0, "leaf1/Te0/1"), (5.0, "leaf1"), (9.0, "spine1"), (9000.0, "leaf1/Te0/0")]
    correlator.add([say(None, "bgp-peer-down", at, key=key) for at, key in lines[:4]])
    one, two = sorted(correlator.findings(T0 + 20), key=lambda f: f.group)
    assert (one.causes[0].name, one.causes[0].element) == ("device leaf1", UNKNOWN)
    assert one.causes[0].confidence < 0.5
    assert not one.certain
    assert one.notable
    assert len(one.alarms) == 3
    assert not two.notable
    correlator.add([say(None, "link-down", 9000.0, key="leaf1/Te0/2")])
    assert only(correlator.findings(T0 + 9001)).group not in {one.group, two.group}


def test_a_known_neighbour_places_an_alarm_of_an_unknown_device(correlator: Correlator, say: Say) -> None:
    correlator.add([*cut(say), say(None, "bgp-peer-down", 3.0, "node:agg", key="peer-of-ours")])
    assert only(correlator.findings(T0 + 60)).causes[0].name == "fibre:agg"


def test_groups_merge_into_the_older_and_say_so_once(correlator: Correlator, say: Say) -> None:
    correlator.add([say("olt-1", "unreachable", 10.0)])
    correlator.add([say("ont-7", "radius-interim-missing", 60.0)])
    first = correlator.findings(T0 + 61)
    correlator.add([say("olt-2", "unreachable", 50.0), say("far", "unreachable", 55.0)])
    correlator.findings(T0 + 62)
    correlator.add([say("core-2", "loss-of-signal", 0.0, "link:agg", received=65.0)])
    merged = [f for f in correlator.findings(T0 + 66) if "fibre:agg" in named(f)]
    assert only(merged).group == min(f.group for f in first)
    correlator.add([say("agg", "unreachable", 70.0)])
    assert [f.merged for f in correlator.findings(T0 + 71) if "fibre:agg" in named(f)] == [()]


def test_what_was_reported_apart_is_reported_as_merged(correlator: Correlator, say: Say) -> None:
    correlator.add([say("olt-1", "unreachable", 10.0)])
    older = only(correlator.findings(T0 + 11))
    correlator.add([say("far", "unreachable", 12.0)])
    younger = only(correlator.findings(T0 + 13))
    assert younger.group > older.group
    correlator.add([say("core-1", "loss-of-signal", 9.0, "link:gw", received=14.0)])
    survivor = only(correlator.findings(T0 + 15))
    assert survivor.group == older.group
    assert younger.group in survivor.merged


def test_after_a_restart_an_adopted_group_keeps_its_id_and_goes_on(say: Say) -> None:
    storm = cut(say)
    correlator = Correlator(TOPOLOGY, weights())
    correlator.adopt(4711, storm[:4])
    correlator.add(storm[4:])
    finding = only(correlator.findings(T0 + 60))
    assert finding.group == 4711
    assert len(finding.alarms) == 6
    correlator.add([say("far", "unreachable", 9000.0)])
    assert only(correlator.findings(T0 + 9001)).group == 4712


def test_a_closed_group_is_forgotten(correlator: Correlator, say: Say) -> None:
    correlator.add(cut(say))
    group = only(correlator.findings(T0 + 60)).group
    correlator.close(group)
    correlator.add([say("olt-1", "unreachable", 500.0)])
    assert only(correlator.findings(T0 + 501)).group != group


def test_a_cleared_group_is_forgotten_after_a_while_and_noise_too(say: Say) -> None:
    correlator = Correlator(TOPOLOGY, weights(), Config(hold=100.0, forget=1000.0))
    storm = cut(say)
    correlator.add([*storm, *(s._replace(cleared=True, at=T0 + 90, received=T0 + 90) for s in storm)])
    correlator.add([say("core-3", "other", 60.0)])
    assert {f.group for f in correlator.findings(T0 + 100)} == {1, 2}
    correlator.findings(T0 + 5000)
    correlator.add([say("olt-1", "unreachable", 5001.0), say("core-3", "other", 5001.0)])
    assert min(f.group for f in correlator.findings(T0 + 5002)) > 2


def test_no_more_groups_are_worked_out_at_once_than_allowed(say: Say) -> None:
    correlator = Correlator(Topology.build([], []), config=Config(max_findings=3))
    correlator.add([say(None, "other", key=f"device-{i}") for i in range(5)])
    assert len(correlator.findings(T0 + 1)) == 3
    assert correlator.pending == 2
    assert len(correlator.findings(T0 + 1)) == 2


def test_huge_groups_take_turns_and_a_new_one_goes_first(say: Say) -> None:
    correlator = Correlator(TOPOLOGY, config=Config(max_evidence=4))
    correlator.add(cut(say))
    big = only(correlator.findings(T0 + 45)).group
    correlator.add([say("agg", "link-down", 1.0, "link:olt-1"), say("core-3", "loss-of-signal", 46.0, "link:far")])
    correlator.add([say("far", "unreachable", 47.0)])
    new = only(correlator.findings(T0 + 50)).group
    assert new != big
    assert correlator.pending == 1
    assert only(correlator.findings(T0 + 50)).group == big


def test_not_sure_is_an_answer(correlator: Correlator, say: Say) -> None:
    correlator.add([say("ont-1", "ont-loss-of-signal"), say("ont-2", "ont-loss-of-signal", 2.0)])
    found = correlator.findings(T0 + 4)
    for finding in found:
        assert sum(c.confidence for c in finding.causes) <= finding.together + 1e-6
        assert finding.certain == all(c.confidence >= Config().sure for c in finding.causes[: finding.together])
