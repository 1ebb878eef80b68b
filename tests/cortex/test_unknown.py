"""A network without topology: devices meet by the sessions they share, and nothing is certain."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from atlas.network.schemas import Alarm
from cortex.correlator import Correlator, Finding
from cortex.signals import Signal
from cortex.topology import Topology
from cortex.unknown import names_of
from forge.feeds.replay import replay

T0 = 1_800_000_000.0
RECORDED = Path(__file__).parents[3] / "shared/alarms/ios-xr-bgpclear"


def says(device: str, peer: str, after: float, cleared: bool = False) -> Signal:
    number = abs(hash((device, peer)))
    return Signal(number, None, "bgp-peer-down", cleared, T0 + after, T0 + after, "syslog", key=device, peer=peer)


def leaf_down(after: float, cleared: bool = False) -> list[Signal]:
    """A leaf loses its sessions with four spines; each end names the other's address."""
    ours = [says("leaf1", f"172.31.{spine}.0", after, cleared) for spine in range(4)]
    theirs = [says(f"spine{spine}", f"172.31.{spine}.1", after + 0.1, cleared) for spine in range(4)]
    return ours + theirs


def only(found: list[Finding]) -> Finding:
    (finding,) = found
    return finding


def test_two_ends_of_a_point_to_point_link_are_one_session() -> None:
    assert names_of("leaf1/172.31.0.0")[1] == names_of("spine0/172.31.0.1")[1] == "172.31.0.0/31"
    assert names_of("leaf1/2001:db8::2")[1] == names_of("spine0/2001:db8::3")[1]
    assert names_of("leaf1/Te0/0/0/1") == ("leaf1", "leaf1/Te0/0/0/1")
    assert names_of("10.0.0.1") == ("10.0.0.1", "10.0.0.1")


def test_the_device_on_every_session_is_suspected() -> None:
    correlator = Correlator(Topology.build([], []))
    correlator.add(leaf_down(0.0))
    finding = only(correlator.findings(T0 + 5))
    assert [c.name for c in finding.causes] == ["device leaf1"]
    assert finding.notable
    assert not finding.certain
    assert "leaf1 is an end of 4 lost sessions with 4 neighbours that say so too" in finding.explanation


def test_a_session_lost_at_both_ends_and_no_other_leaves_its_ends_level() -> None:
    correlator = Correlator(Topology.build([], []))
    correlator.add([says("leaf1", "172.31.0.0", 0.0), says("spine0", "172.31.0.1", 0.1)])
    finding = only(correlator.findings(T0 + 5))
    assert finding.causes[0].confidence == 0.3
    assert not finding.notable


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


def recorded() -> Iterator[Signal]:
    numbers: dict[tuple[str, str], int] = {}
    for _, item in replay(sorted(RECORDED.glob("*.bgpclear.log")), datetime(2017, 8, 4, 18, tzinfo=UTC)):
        if isinstance(item, Alarm):
            at, peer = item.event_time.timestamp(), str(item.extra.get("neighbour", ""))
            alarm = numbers.setdefault((item.resource, peer), len(numbers) + 1)
            yield Signal(alarm, None, item.alarm_type, item.is_cleared, at, at, "syslog", key=item.resource, peer=peer)


def test_five_recorded_clears_are_five_findings_of_the_devices_they_were_done_on() -> None:
    if not RECORDED.is_dir():
        pytest.skip(f"no recorded alarms in {RECORDED}")
    correlator, last = Correlator(Topology.build([], [])), dict[int, Finding]()
    for signal in recorded():
        correlator.add([signal])
        for finding in correlator.findings(signal.received):
            last[finding.group] = finding
            for gone in finding.merged:
                del last[gone]
    notable = sorted((f for f in last.values() if f.notable), key=lambda f: f.opened_at)
    assert [{c.name.partition(" ")[2] for c in f.causes} for f in notable] == [
        {"leaf1"},
        {"leaf6"},
        {"spine2"},
        {"leaf2", "leaf8"},
        {"spine1", "spine2", "spine3"},
    ]
    assert all(f.is_cleared and not f.certain for f in notable)
