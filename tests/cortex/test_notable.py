"""As many of a kind as it takes, and no incident for what is ordinary in ones and twos."""

import pytest

from cortex.config import Config
from cortex.correlator import Correlator, Finding
from cortex.evidence import ALARMS
from cortex.notable import THRESHOLDS
from tests.cortex.test_correlator import T0, Say, correlator, cut, only, say

__all__ = ["correlator", "say"]


def notable(correlator: Correlator, after: float) -> list[Finding]:
    return [f for f in correlator.findings(T0 + after) if f.notable]


def test_every_threshold_is_of_a_type_there_is() -> None:
    assert set(THRESHOLDS) <= set(ALARMS)


@pytest.mark.parametrize("kind", sorted(THRESHOLDS))
def test_one_alone_of_an_ordinary_kind_is_nothing(correlator: Correlator, say: Say, kind: str) -> None:
    element, about = ("core-2", "link:agg") if kind in {"bfd-session-down", "bgp-peer-down"} else ("ont-1", None)
    correlator.add([say(element, kind, 0.0, about)])
    assert notable(correlator, 5) == notable(correlator, 1000) == []


def test_the_third_flap_of_a_bfd_session_counts(correlator: Correlator, say: Say) -> None:
    down = say("core-1", "bfd-session-down", 0.0, "link:1-2")
    for after, is_enough in ((0.0, False), (60.0, False), (120.0, True)):
        correlator.add([down._replace(at=T0 + after, received=T0 + after)])
        assert bool(notable(correlator, after + 20)) == is_enough
        correlator.add([down._replace(at=T0 + after + 25, received=T0 + after + 25, cleared=True)])


def test_one_lost_poll_is_nothing_and_a_second_is(correlator: Correlator, say: Say) -> None:
    silent = say("olt-1", "unreachable", 0.0)
    correlator.add([silent])
    assert notable(correlator, 1) == []
    correlator.add([silent._replace(cleared=True, at=T0 + 30, received=T0 + 30)])
    assert notable(correlator, Config().silence + 400) == []
    correlator.add([silent._replace(at=T0 + 900, received=T0 + 900)])
    assert notable(correlator, 901) == []
    assert only(notable(correlator, 901 + Config().silence)).impact.devices == 1


def test_two_silent_at_once_are_no_lost_polls(correlator: Correlator, say: Say) -> None:
    correlator.add([say("agg", "unreachable", 0.0), say("olt-1", "unreachable", 4.0)])
    assert notable(correlator, 5)


def test_a_port_that_no_topology_knows_wakes_nobody_and_hides_nothing(correlator: Correlator, say: Say) -> None:
    correlator.add([say("core-2", "link-down", 0.0, key="core-2/Gi0/0/9")])
    assert notable(correlator, 5) == []
    correlator.add(cut(say))
    assert only(notable(correlator, 60)).impact.devices == 3


def test_one_port_told_of_by_trap_and_by_syslog_is_one_condition(correlator: Correlator, say: Say) -> None:
    trap = say("core-2", "link-down", 0.0, "link:agg", key="core-2/Te0/0/0/1")._replace(feed="snmp-trap")
    syslog = say("core-2", "link-down", 0.4, "link:agg", key="core-2/TenGigE0/0/0/1")
    correlator.add([trap, syslog])
    finding = only(correlator.findings(T0 + 1))
    assert "2 alarms of 1 conditions" in finding.explanation[0]
    correlator.add([syslog._replace(cleared=True, at=T0 + 60, received=T0 + 60)])  # the trap's clear is lost
    assert only(correlator.findings(T0 + 61)).is_cleared


def test_a_flapping_link_is_one_incident_that_stays_open(correlator: Correlator, say: Say) -> None:
    down = say("core-1", "link-down", 0.0, "link:1-2")
    seen: list[tuple[int, bool]] = []
    for n in range(20):
        at = T0 + 60.0 * n
        correlator.add([down._replace(at=at, received=at)])
        seen += [(f.group, f.is_cleared) for f in correlator.findings(at + 1) if f.notable]
        correlator.add([down._replace(at=at + 20, received=at + 20, cleared=True)])
        seen += [(f.group, f.is_cleared) for f in correlator.findings(at + 21) if f.notable]
    assert len({group for group, _ in seen}) == 1
    assert [cleared for _, cleared in seen].count(True) <= 3
    over = [f for f in correlator.findings(T0 + 1200 + 2 * 3600) if f.notable]
    assert only(over).is_cleared
