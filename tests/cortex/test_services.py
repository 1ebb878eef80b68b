"""All green, everyone offline: the right service is named, and a cut that also lowers sessions stays one story."""

import pytest

from cortex.finding import UNKNOWN, Effect, Finding, Remedy
from cortex.service_aftermath import STILL
from cortex.service_cuts import RECOVERY
from cortex.signals import Signal
from tests.cortex.service_world import (
    BNGS,
    CONTACTS,
    DHCP,
    DNS,
    LINES,
    NAT,
    PREFIXES,
    PROBE,
    REJECTS,
    SESSIONS,
    TRAFFIC,
    at,
    correlator,
    everywhere,
    sign,
    timeouts,
    understood,
)

ALL = len(BNGS) * LINES


def only(found: list[Finding]) -> Finding:
    (finding,) = [f for f in found if f.notable]
    return finding


def named(finding: Finding) -> str:
    return finding.causes[0].name


# -- who is named


def test_every_bng_misses_the_answers_of_both_radius_servers_so_it_is_radius() -> None:
    finding = only(understood(timeouts()))
    assert named(finding) == "service:radius"
    assert finding.certain
    assert finding.causes[0].mode == "does not answer"
    assert finding.causes[0].remedy is Remedy.DESK


def test_lines_that_are_on_outlive_their_radius_and_fewer_sessions_in_accounting_prove_nothing() -> None:
    finding = only(understood([*timeouts(), *(sign(SESSIONS, bng) for bng in BNGS)]))
    assert (finding.effect, finding.impact.at_risk, finding.impact.totals) == (Effect.AT_RISK, ALL, {})
    assert "stay on until their session ends" in finding.explanation[-1]


def test_once_traffic_goes_too_they_are_degraded_by_as_much() -> None:
    finding = only(understood([*timeouts(), *(sign(TRAFFIC, bng, share=0.4) for bng in BNGS)]))
    assert named(finding) == "service:radius"
    assert (finding.effect, finding.degraded) == (Effect.DEGRADED, round(0.4 * ALL))


def test_one_radius_server_of_two_is_redundancy_lost() -> None:
    finding = only(understood(timeouts(servers=[2])))
    assert named(finding) == "node:radius-2"
    assert (finding.effect, finding.impact.at_risk) == (Effect.AT_RISK, ALL)


def test_one_bng_that_misses_all_answers_is_itself_the_fault() -> None:
    signs = [*timeouts(["bng-3"]), sign(DHCP, "bng-3", "dhcp-1"), sign(DHCP, "bng-3", "dhcp-2")]
    finding = only(understood([*signs, sign(SESSIONS, "bng-3"), sign(TRAFFIC, "bng-3", share=0.8)]))
    assert named(finding) == "node:bng-3"
    assert finding.effect is Effect.DOWN
    assert finding.impact.totals == {"subscribers": LINES}


def test_the_cgnat_that_carries_less_because_a_bng_failed_is_no_second_fault() -> None:
    signs = [*timeouts(["bng-3"]), sign(TRAFFIC, "bng-3", share=0.9), sign(TRAFFIC, "cgnat-1", share=0.4)]
    (finding,) = understood(signs)
    assert named(finding) == "node:bng-3"
    assert len(finding.alarms) == len(signs)


def test_the_cgnat_that_carries_less_because_a_cable_is_cut_is_no_fault_at_all() -> None:
    made = correlator()
    made.add([*cut("bng-3"), sign(TRAFFIC, "bng-3", when=60.0), sign(TRAFFIC, "cgnat-1", when=60.0, share=0.33)])
    assert len(made.findings(400)) == 1


def test_both_resolvers_are_named_and_everyone_is_down() -> None:
    finding = only(understood([*everywhere(DNS, "dns"), *(sign(TRAFFIC, bng, share=0.6) for bng in BNGS)]))
    assert named(finding) == "service:dns"
    assert (finding.effect, finding.impact.totals["subscribers"]) == (Effect.DOWN, ALL)


def test_one_resolver_of_two() -> None:
    finding = only(understood(everywhere(DNS, "dns", [1])))
    assert named(finding) == "node:dns-1"
    assert finding.effect is Effect.AT_RISK


def test_resolvers_that_fail_because_all_transit_is_gone_are_not_the_fault() -> None:
    signs = [*everywhere(DNS, "dns"), *(sign(TRAFFIC, bng, share=0.9) for bng in BNGS)]
    for n in (1, 2):
        signs += [sign(PREFIXES, f"transit-{n}"), sign(TRAFFIC, f"transit-{n}"), sign(PROBE, "far", f"transit-{n}")]
    finding = only(understood(signs))
    assert named(finding) == "service:transit"
    assert finding.effect is Effect.DOWN


def test_one_transit_that_lost_its_routes_is_theirs_not_ours() -> None:
    signs = [sign(PREFIXES, "transit-2"), sign(TRAFFIC, "transit-2"), sign(PROBE, "far", "transit-2")]
    finding = only(understood(signs))
    assert named(finding) == "node:transit-2"
    assert finding.effect is Effect.AT_RISK
    assert "theirs to mend" in finding.explanation[-1]


def test_dhcp_gives_no_addresses_and_leases_live_on() -> None:
    finding = only(understood(everywhere(DHCP, "dhcp")))
    assert named(finding) == "service:dhcp"
    assert finding.effect is Effect.AT_RISK
    assert "until the lease ends" in finding.explanation[-1]


def test_a_cgnat_without_ports_degrades_the_bngs_that_have_no_other() -> None:
    finding = only(understood([sign(NAT, "cgnat-1"), sign(TRAFFIC, "cgnat-1", share=0.5)]))
    assert named(finding) == "node:cgnat-1"
    assert (finding.effect, finding.degraded) == (Effect.DEGRADED, ALL // 2)


def test_rejects_from_all_sides_are_radius_too() -> None:
    finding = only(understood(everywhere(REJECTS, "radius")))
    assert named(finding) == "service:radius"
    assert finding.causes[0].mode == "rejects"


# -- not sure, and not yet


def test_calls_from_everywhere_with_all_green_are_told_without_a_cause() -> None:
    signs = [sign(CONTACTS, "subscribers"), *(sign(TRAFFIC, bng, share=0.4) for bng in BNGS[:2])]
    assert not [f for f in understood(signs, after=100.0) if f.notable]
    found = [f for f in understood(signs) if f.notable]
    assert found
    assert not any(f.certain for f in found)


def test_one_sign_at_one_bng_is_no_incident() -> None:
    assert not [f for f in understood([sign(TRAFFIC, "bng-1", share=0.4)], after=4000.0) if f.notable]


def test_two_services_that_fail_at_once_are_two_findings() -> None:
    signs = [*everywhere(DHCP, "dhcp"), sign(PREFIXES, "transit-1"), sign(TRAFFIC, "transit-1")]
    assert {named(f) for f in understood(signs) if f.notable} == {"service:dhcp", "node:transit-1"}


def test_a_second_failure_long_after_the_first_is_a_finding_of_its_own() -> None:
    made = correlator()
    made.adopt(42, [sign(PREFIXES, "transit-2"), sign(TRAFFIC, "transit-2"), sign(PROBE, "far", "transit-2")])
    assert only(made.findings(100)).group == 42
    late = [s._replace(at=27_000.0, received=27_000.0) for s in timeouts()]
    found: dict[int, str] = {}
    for n, batch in enumerate((late[:1], late[1:], [])):
        made.add(batch)
        found |= {f.group: named(f) for f in made.findings(27_001.0 + 100 * n) if f.notable}
    assert sorted(found.values()) == ["service:radius"]
    assert 42 not in found


def test_a_stranger_that_speaks_of_services_does_no_harm() -> None:
    found = understood([sign(DNS, "nobody-knows-me"), sign(REJECTS, "nor-me")])
    assert all(f.impact.totals == {} for f in found)


# -- one story


def test_signs_that_come_one_by_one_are_one_finding_with_one_number() -> None:
    made = correlator()
    numbers = set()
    for n, signal in enumerate([*timeouts(), *(sign(SESSIONS, bng) for bng in BNGS)]):
        made.add([signal._replace(at=n * 10.0, received=n * 10.0)])
        numbers |= {f.group for f in made.findings(n * 10.0 + 1) if f.notable}
    assert len(numbers) == 1


def test_all_signs_cleared_is_said_once_and_a_later_failure_is_another_finding() -> None:
    made = correlator()
    signals = timeouts()
    made.add(signals)
    group = only(made.findings(400)).group
    made.add([s._replace(cleared=True, at=900.0, received=900.0) for s in signals])
    assert [(f.group, f.is_cleared) for f in made.findings(901)] == [(group, True)]
    assert made.findings(902) == []
    made.add([s._replace(at=9000.0, received=9000.0) for s in signals])
    again = only(made.findings(9100))
    assert (again.group != group, again.opened_at) == (True, 9000.0)


def test_a_restart_goes_on_with_the_same_finding() -> None:
    made = correlator()
    signals = timeouts()
    made.adopt(77, signals[:6])
    made.add(signals[6:])
    finding = only(made.findings(400))
    assert finding.group == 77
    assert finding.alarms == tuple(sorted(s.alarm for s in signals))


def test_a_closed_finding_is_forgotten() -> None:
    made = correlator()
    made.add(timeouts())
    made.close(only(made.findings(400)).group)
    assert made.findings(1000) == []


# -- a cut that lowers sessions too


def cut(bng: str, when: float = 0.0) -> list[Signal]:
    """The fibre between a BNG and its OLT is cut."""
    olt, link = at(f"olt-{bng}"), correlator().topology.index(f"link:{bng}-olt")
    base = Signal(0, at(bng), "loss-of-signal", False, when, when, "syslog", link, f"{bng}/Te1")
    return [
        base._replace(alarm=900_001),
        base._replace(alarm=900_002, type="link-down"),
        Signal(900_003, olt, "unreachable", False, when + 30, when + 30, "poller", None, f"olt-{bng}"),
    ]


@pytest.mark.parametrize("first", ["the cut", "the sessions"])
def test_a_cut_that_lowers_sessions_is_one_incident_with_the_cut_as_its_cause(first: str) -> None:
    made = correlator()
    low = [sign(SESSIONS, "bng-2", when=60.0), sign(TRAFFIC, "bng-2", when=60.0)]
    batches = [cut("bng-2"), low] if first == "the cut" else [low, cut("bng-2")]
    last: dict[int, Finding] = {}
    for n, batch in enumerate(batches):
        made.add(batch)
        for finding in made.findings(100.0 + 400 * n):
            last[finding.group] = finding
            for gone in finding.merged:
                del last[gone]
    finding = only(list(last.values()))
    assert len(last) == 1
    assert named(finding) in {"link:bng-2-olt", "node:olt-bng-2"}
    assert {s.alarm for s in low} <= set(finding.alarms)
    assert any("signs beside" in said for said in finding.explanation)


def test_a_cut_elsewhere_explains_no_loss_here() -> None:
    made = correlator()
    made.add([*cut("bng-2"), sign(SESSIONS, "bng-5"), sign(TRAFFIC, "bng-5"), *timeouts(["bng-5"])])
    found = {named(f) for f in made.findings(400) if f.notable}
    assert "node:bng-5" in found
    assert len(found) == 2


def test_what_a_cut_lowered_may_take_its_time_to_come_back() -> None:
    made = correlator()
    alarms, low = cut("bng-2"), [sign(SESSIONS, "bng-2", when=60.0), sign(TRAFFIC, "bng-2", when=60.0)]
    made.add([*alarms, *low])
    made.findings(400)
    made.add([s._replace(cleared=True, at=3600.0, received=3600.0) for s in alarms])
    assert all(f.is_cleared for f in made.findings(3601))
    assert made.findings(4200) == []
    assert UNKNOWN not in {f.causes[0].element for f in made.findings(4800)}


def test_sessions_that_come_back_bit_by_bit_after_the_repair_are_no_second_failure() -> None:
    made, reasons = correlator(), timeouts()
    made.add(reasons)
    (group,) = [f.group for f in made.findings(400)]
    made.add([s._replace(cleared=True, at=1800.0, received=1800.0) for s in reasons])
    lost = [sign(SESSIONS, bng, when=1790.0, share=0.9) for bng in BNGS]
    made.add(lost)
    assert [f for now in (1801, 2200, 3000) for f in made.findings(now)] == []
    made.add([s._replace(cleared=True, at=3100.0, received=3100.0) for s in lost])
    assert [(f.group, f.is_cleared) for f in made.findings(3101)] == [(group, True)]


def test_what_stays_away_long_after_the_repair_is_news() -> None:
    made, reasons = correlator(), timeouts()
    made.add([*reasons, sign(SESSIONS, "bng-3", when=300.0, share=0.9), sign(TRAFFIC, "bng-3", when=300.0, share=0.9)])
    made.findings(400)
    made.add([s._replace(cleared=True, at=1800.0, received=1800.0) for s in reasons])
    assert made.findings(1801) == []
    assert any(named(f) == "node:bng-3" for f in made.findings(1801 + RECOVERY + 400))


def test_signs_that_go_one_by_one_leave_the_failure_its_name() -> None:
    made, reasons = correlator(), timeouts()
    made.add(reasons)
    made.add([sign(SESSIONS, bng, when=300.0, share=0.3) for bng in BNGS])
    ((group, name),) = [(f.group, named(f)) for f in made.findings(400)]
    said = []
    for n, reason in enumerate(reasons):
        now = 1800.0 + 60.0 * n
        made.add([reason._replace(cleared=True, at=now, received=now)])
        said += made.findings(now + 1)
    assert name == "service:radius"
    assert all(f.group == group and (f.is_cleared or named(f) == name) for f in said)


def test_a_part_that_stays_is_judged_anew() -> None:
    made, reasons = correlator(), timeouts()
    made.add(reasons)
    made.findings(400)
    gone = [r for r in reasons if r.about == at("radius-1")]
    made.add([r._replace(cleared=True, at=1800.0, received=1800.0) for r in gone])
    assert made.findings(1801) == []
    assert [named(f) for f in made.findings(1801 + STILL + 1)] == ["node:radius-2"]
