"""A network without topology: devices meet by the sessions they share, and the messages say which end is to blame."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.recorded import PERTURBATIONS, Event, events_of, incidents_of, recorded, score
from benchmarks.shared import shared
from cortex.adjacency.learner import Learner
from cortex.correlator import Correlator, Finding
from cortex.finding import Remedy
from cortex.group import Evidence
from cortex.signals import Signal
from cortex.topology import Topology
from cortex.unknown import heard, names_of

T0 = 1_800_000_000.0
RECORDED = shared("alarms/ios-xr-bgpclear")
CLEARED = "User clear requested (CEASE notification sent - administrative reset)"
RECEIVED = "BGP Notification received, administrative reset"


def says(
    device: str, peer: str, after: float, cleared: bool = False, reason: str = "", peer_as: str = "", kind: str = ""
) -> Signal:
    number, at = abs(hash((device, peer, kind))), T0 + after
    return Signal(
        number,
        None,
        kind or "bgp-peer-down",
        cleared,
        at,
        at,
        "syslog",
        key=device,
        peer=peer,
        peer_as=peer_as,
        reason=reason,
    )


def leaf_down(after: float, cleared: bool = False, leaf: int = 1) -> list[Signal]:
    """A leaf loses its sessions with four spines; each end names the other's address."""
    ours = [says(f"leaf{leaf}", f"172.31.{spine}.{2 * leaf}", after, cleared) for spine in range(4)]
    theirs = [says(f"spine{spine}", f"172.31.{spine}.{2 * leaf + 1}", after + 0.1, cleared) for spine in range(4)]
    return ours + theirs


def found(signals: list[Signal], now: float = 5.0) -> list[Finding]:
    correlator = Correlator(Topology.build([], []))
    correlator.add(signals)
    return correlator.findings(T0 + now)


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def named(finding: Finding) -> list[str]:
    return [cause.name for cause in finding.causes]


def test_two_ends_of_a_point_to_point_link_are_one_session() -> None:
    def names(device: str, peer: str) -> set[str]:
        evidence = Evidence(-1, "bgp-peer-down", -1, f"{device}/{peer}", T0, T0, True, "syslog", peer=peer)
        return set(names_of(evidence, Learner()))

    assert "172.31.0.0/31" in names("leaf1", "172.31.0.0") & names("spine0", "172.31.0.1")
    assert names("leaf1", "2001:db8::2") & names("spine0", "2001:db8::3")
    assert names("leaf1", "10.0.0.1") & names("spine0", "10.0.0.2") == {"10.0.0.0/30"}
    assert not names("leaf1", "fe80::1") & names("spine0", "fe80::2")


def test_a_port_and_a_device_stand_for_themselves() -> None:
    port = Evidence(-1, "link-down", -1, "leaf1/Te0/0/0/1", T0, T0, True, "syslog")
    assert names_of(port, Learner()) == ("leaf1", "leaf1/Te0/0/0/1")


def test_the_device_on_every_session_is_suspected() -> None:
    finding = only(found(leaf_down(0.0)))
    assert named(finding) == ["device leaf1"]
    assert finding.notable
    assert "device leaf1 is an end of 4 losses with 4 neighbours, 4 of which say so too" in finding.explanation


def test_of_a_single_link_neither_end_is_named() -> None:
    finding = only(found([says("leaf1", "172.31.0.2", 0.0), says("spine0", "172.31.0.3", 0.1)]))
    assert named(finding) == ["link between device leaf1 and device spine0"]
    assert finding.causes[0].confidence < 0.5
    assert not finding.notable


def test_of_a_single_link_the_end_that_did_it_is_named() -> None:
    ours = [says("leaf1", "172.31.0.2", 0.0, reason=CLEARED), says("leaf1", "2001:db8::2", 0.0, reason=CLEARED)]
    theirs = [says("spine0", "172.31.0.3", 0.0, reason=RECEIVED), says("spine0", "2001:db8::3", 0.0, reason=RECEIVED)]
    finding = only(found(ours + theirs))
    assert named(finding) == ["device leaf1"]
    assert (finding.causes[0].mode, finding.causes[0].remedy) == ("ended its sessions itself", Remedy.DESK)
    assert not finding.notable  # two sessions of one pair are no incident


def test_a_silent_router_is_named_by_its_as() -> None:
    lost = "BGP Notification sent, hold time expired"
    signals = [says(f"dr{n}", f"172.31.40.{2 * n}", 0.2 * n, reason=lost, peer_as="65503") for n in range(1, 5)]
    finding = only(found(signals))
    assert named(finding) == ["the router of AS 65503"]
    assert finding.notable
    assert finding.causes[0].confidence == pytest.approx(0.7, abs=0.01)


def test_a_silent_router_is_named_by_what_was_learned_of_its_addresses_before() -> None:
    correlator = Correlator(Topology.build([], []))
    correlator.add([*leaf_down(0.0), *leaf_down(20.0, cleared=True)])
    correlator.findings(T0 + 21)
    correlator.add([s for s in leaf_down(1000.0) if s.key.startswith("spine")])
    (again,) = [f for f in correlator.findings(T0 + 1001) if not f.is_cleared]
    assert named(again) == ["device leaf1"]


def test_a_providers_own_as_is_no_single_router() -> None:
    mesh = [says(f"r{a}", f"10.0.0.{z}", 0.0, peer_as="64512") for a in range(1, 5) for z in range(1, 5) if a != z]
    learner = Learner()
    learner.learn(map(heard, mesh))
    assert learner.router_in("64512") == ""


def test_two_at_once_are_both_named() -> None:
    finding = only(found([*leaf_down(0.0), *leaf_down(30.0, leaf=2)], now=35.0))
    assert sorted(named(finding)) == ["device leaf1", "device leaf2"]
    assert finding.together == 2


def test_three_alarms_of_one_port_are_one_loss() -> None:
    kinds = ("link-down", "loss-of-signal", "equipment-failure")
    port = [says("leaf1/Hu0/0/0/26", "", 0.0, kind=kind) for kind in kinds]
    assert not only(found(port)).notable


def test_ports_lead_to_the_router_that_was_lost() -> None:
    lost = [says(f"dr{n}", f"172.31.40.{2 * n}", 0.0, peer_as="65503", reason="hold time expired") for n in (1, 2, 3)]
    ports = [says(f"dr{n}/Hu0/0/0/{p}", "", 190.0, kind="link-down") for n in (1, 2, 3) for p in (1, 2)]
    correlator = Correlator(Topology.build([], []))
    correlator.add(lost)
    correlator.findings(T0 + 5)
    correlator.add(ports)
    finding = only(correlator.findings(T0 + 195))
    assert named(finding) == ["the router of AS 65503"]
    assert len(finding.alarms) == 9


def test_a_quick_flap_returns_and_a_later_loss_is_something_new() -> None:
    correlator = Correlator(Topology.build([], []))
    correlator.add([*leaf_down(0.0), *leaf_down(30.0, cleared=True)])
    first = only(correlator.findings(T0 + 31))
    correlator.add([*leaf_down(60.0), *leaf_down(90.0, cleared=True)])
    assert only(correlator.findings(T0 + 91)).group == first.group
    correlator.add(leaf_down(300.0))
    again = only(correlator.findings(T0 + 301))
    assert again.group != first.group
    assert not again.is_cleared
    assert len(again.alarms) == 8


def test_a_session_whose_return_was_not_heard_is_lost_anew_with_the_others() -> None:
    correlator = Correlator(Topology.build([], []))
    correlator.add([*leaf_down(0.0), *leaf_down(30.0, cleared=True)[1:]])  # the first of them never comes back
    first = only(correlator.findings(T0 + 31))
    assert not first.is_cleared
    correlator.add(leaf_down(400.0)[1:] + leaf_down(400.0)[:1])
    by_group = {finding.group: finding for finding in correlator.findings(T0 + 401)}
    assert by_group.pop(first.group).is_cleared
    (again,) = by_group.values()
    assert len(again.alarms) == 8


@settings(deadline=None, max_examples=40)
@given(st.permutations(leaf_down(0.0) + leaf_down(0.5, leaf=2)))
def test_the_order_of_the_messages_does_not_matter(signals: list[Signal]) -> None:
    finding = only(found(signals))
    assert sorted(named(finding)) == ["device leaf1", "device leaf2"]
    assert len({cause.confidence for cause in finding.causes}) == 1


NAMES = st.lists(st.text("abcdefghij-_09", min_size=1, max_size=8), min_size=5, max_size=5, unique=True)


@settings(deadline=None, max_examples=40)
@given(NAMES)
def test_names_do_not_matter(names: list[str]) -> None:
    other = dict(zip(["leaf1", "spine0", "spine1", "spine2", "spine3"], names, strict=True))
    signals = [signal._replace(key=other[signal.key]) for signal in leaf_down(0.0)]
    assert named(only(found(signals))) == [f"device {other['leaf1']}"]


# -- the recording


def the_recording() -> tuple[list[object], list[Event]]:
    if not RECORDED.is_dir():
        pytest.skip(f"no recorded alarms in {RECORDED}")
    alarms = recorded(sorted(RECORDED.glob("*.bgpclear.log")), datetime(2017, 8, 4, 18, tzinfo=UTC))
    return alarms, events_of(RECORDED / "bgpclear_casedata.txt", ZoneInfo("America/Los_Angeles"))  # type: ignore[return-value]


def test_five_recorded_clears_are_five_incidents_of_the_routers_they_were_done_on() -> None:
    alarms, events = the_recording()
    assert score(events, incidents_of(alarms)) == (5, 5, 5, 0)  # type: ignore[arg-type]


TOLD = (
    "renamed routers",
    "other addresses",
    "/30 and /126 links",
    "another day",
    "10% of lines lost",
    "no reasons, no AS",
)


@pytest.mark.parametrize("name", TOLD)
def test_the_recording_told_differently_is_still_five(name: str) -> None:
    import random

    alarms, events = the_recording()
    told, true = PERTURBATIONS[name](alarms, events, random.Random(7))  # type: ignore[arg-type]
    assert score(true, incidents_of(told)) == (5, 5, 5, 0)
