"""Time passes and nobody says more: what an open group means is worked out again."""

from cortex.config import Config
from cortex.correlator import Correlator, Finding
from cortex.group import Group
from cortex.looks import Looks
from cortex.signals import Signal
from cortex.topology import Edge, Element, SharedRisk, Topology

T0 = 1_800_000_000.0

# The fibre to the OLT lies in one duct with a link of the ring, whose two ends have another way out.
TOPOLOGY = Topology.build(
    [
        Element("node:gw", "transit", is_gateway=True),
        *(Element(f"node:core-{i}", "core_router", is_device=True) for i in (1, 2, 3)),
        Element("node:olt", "olt", is_device=True),
    ],
    [
        Edge("link:gw", "node:gw", "node:core-1", "internal"),
        Edge("link:1-2", "node:core-1", "node:core-2", "fibre", ("fibre:1-2",)),
        Edge("link:2-3", "node:core-2", "node:core-3", "fibre", ("fibre:2-3", "duct:shared")),
        Edge("link:3-1", "node:core-3", "node:core-1", "fibre", ("fibre:3-1",)),
        Edge("link:olt", "node:core-1", "node:olt", "fibre", ("fibre:olt", "duct:shared")),
    ],
    [*(SharedRisk(f"fibre:{n}", "fibre") for n in ("1-2", "2-3", "3-1", "olt")), SharedRisk("duct:shared", "duct")],
)


def says(element: str, kind: str, after: float, about: str | None = None) -> Signal:
    return Signal(
        alarm=int(after * 10) + 1,
        element=TOPOLOGY.index(element),
        type=kind,
        cleared=False,
        at=T0 + after,
        received=T0 + after,
        feed="syslog",
        about=TOPOLOGY.index(about) if about else None,
        key=element,
    )


NEAR_END = [
    says("node:core-1", "loss-of-signal", 0.0, "link:olt"),
    says("node:core-1", "link-down", 0.3, "link:olt"),
]


def named(finding: Finding) -> list[set[str]]:
    return [{TOPOLOGY.name(i) for i in (c.element, *c.tied_with)} for c in finding.causes]


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


OLT = {"fibre:olt", "link:olt", "node:olt"}


def test_silence_of_live_neighbours_makes_sure_without_another_signal() -> None:
    correlator = Correlator(TOPOLOGY)
    correlator.add(NEAR_END)
    early = only(correlator.findings(T0 + 0.4))
    assert named(early) == [OLT, {"duct:shared"}]
    assert not early.certain
    late = only(correlator.findings(T0 + 60.4))
    assert named(late) == [OLT]
    assert late.certain
    assert late.group == early.group


def test_a_look_that_finds_nothing_new_says_nothing() -> None:
    correlator = Correlator(TOPOLOGY)
    correlator.add(NEAR_END)
    correlator.findings(T0 + 0.4)
    correlator.findings(T0 + 60.4)
    assert [f for after in (61.0, 301.0, 901.0, 3601.0) for f in correlator.findings(T0 + after)] == []


def test_what_has_cleared_is_not_looked_at_again() -> None:
    correlator = Correlator(TOPOLOGY)
    correlator.add(NEAR_END)
    correlator.findings(T0 + 0.4)
    correlator.add([s._replace(cleared=True, at=T0 + 1, received=T0 + 1) for s in NEAR_END])
    assert only(correlator.findings(T0 + 1)).is_cleared
    assert correlator.findings(T0 + 60.4) == []


def test_no_more_looks_are_taken_at_once_than_allowed() -> None:
    correlator = Correlator(TOPOLOGY, config=Config(max_looks=0))
    correlator.add(NEAR_END)
    assert not only(correlator.findings(T0 + 0.4)).certain
    assert correlator.findings(T0 + 60.4) == []


def test_a_single_alarm_that_does_not_stand_alone_waits_for_others() -> None:
    correlator = Correlator(TOPOLOGY)
    correlator.add([says("node:core-1", "bgp-peer-down", 0.0, "link:3-1")])
    assert correlator.findings(T0 + 1) == []
    finding = only(correlator.findings(T0 + 5))
    assert not finding.notable
    assert "link:3-1" in named(finding)[0]


def test_a_second_alarm_ends_the_wait() -> None:
    correlator = Correlator(TOPOLOGY)
    correlator.add([says("node:core-1", "bgp-peer-down", 0.0, "link:3-1")])
    assert correlator.findings(T0 + 0.5) == []
    correlator.add([says("node:core-3", "bfd-session-down", 1.0, "link:3-1")])
    assert only(correlator.findings(T0 + 1)).notable


def test_looks_come_at_growing_delays_and_end() -> None:
    looks, group = Looks((5.0, 60.0)), Group(7, T0, T0, T0, T0, T0)
    looks.plan(group, T0)
    assert looks.due(T0 + 4, 9) == []
    assert looks.due(T0 + 5, 9) == [7]
    looks.plan(group, T0 + 5)
    assert looks.due(T0 + 59, 9) == []
    assert looks.due(T0 + 60, 9) == [7]
    looks.plan(group, T0 + 60)
    assert looks.due(T0 + 9999, 9) == []
