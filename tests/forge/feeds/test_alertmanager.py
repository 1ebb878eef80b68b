"""What Prometheus's alerts mean: their type by the rule's name, whom they are about, how grave they are."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from atlas.feed_settings import AlertLabels
from atlas.network.enums import AlarmType, Feed, Severity
from forge.feeds.alert_rules import alarm_type, severity
from forge.feeds.alertmanager import Alert, Post, alarm_of, mentioned, read_alerts

LABELS = AlertLabels()


def alert(name: str = "InstanceDown", status: str = "firing", **labels: str) -> Alert:
    return Alert.model_validate(
        {
            "status": status,
            "labels": {"alertname": name} | labels,
            "annotations": {"summary": "It is down."},
            "startsAt": "2026-03-02T09:00:00.123Z",
            "endsAt": "2026-03-02T09:20:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
            "fingerprint": "7e0c1d9b3a5f2c48",
        }
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("InstanceDown", AlarmType.UNREACHABLE),
        ("HostDown", AlarmType.UNREACHABLE),
        ("TargetDown", AlarmType.UNREACHABLE),
        ("PrometheusTargetMissing", AlarmType.UNREACHABLE),
        ("SNMPTargetDown", AlarmType.UNREACHABLE),
        ("ifOperStatus_Down", AlarmType.LINK_DOWN),
        ("LinkDown", AlarmType.LINK_DOWN),
        ("Interface is down", AlarmType.LINK_DOWN),
        ("UplinkPortDown", AlarmType.LINK_DOWN),
        ("BGPSessionDown", AlarmType.BGP_PEER_DOWN),
        ("BgpNeighborNotEstablished", AlarmType.BGP_PEER_DOWN),
        ("BGPPrefixesLost", AlarmType.PREFIXES_LOST),
        ("OspfNeighbourDown", AlarmType.OSPF_ADJACENCY_DOWN),
        ("NodeNetworkReceiveErrs", AlarmType.INTERFACE_ERRORS),
        ("HostNetworkTransmitErrors", AlarmType.INTERFACE_ERRORS),
        ("NodeNetworkInterfaceFlapping", AlarmType.INTERFACE_FLAPPING),
        ("SfpRxPowerLow", AlarmType.OPTICAL_POWER_LOW),
        ("PONPortLOS", AlarmType.PON_LOS),
        ("OntOffline", AlarmType.ONT_LOS),
        ("UPSOnBattery", AlarmType.ON_BATTERY),
        ("UpsBatteryLow", AlarmType.BATTERY_LOW),
        ("MainsPowerFailure", AlarmType.POWER_LOSS),
        ("PowerSupplyFailed", AlarmType.EQUIPMENT_FAILURE),
        ("HostPhysicalComponentTooHot", AlarmType.TEMPERATURE_HIGH),
        ("DeviceTemperatureHigh", AlarmType.TEMPERATURE_HIGH),
        ("DeviceRebooted", AlarmType.RESTARTED),
        ("BlackboxProbeFailed", AlarmType.PROBE_FAILED),
        ("DnsServfailRate", AlarmType.DNS_FAILURES),
        ("HostOutOfMemory", AlarmType.OTHER),
        ("NodeExporterDown", AlarmType.OTHER),
        ("BackupReportFailed", AlarmType.OTHER),
        ("TooManyLoginAttempts", AlarmType.OTHER),
        ("KubePodCrashLooping", AlarmType.OTHER),
        ("", AlarmType.OTHER),
    ],
)
def test_the_rules_name_says_which_alarm_it_is(name: str, kind: AlarmType) -> None:
    assert alarm_type(name, has_part=False) is kind


def test_a_high_error_rate_is_of_an_interface_only_where_one_is_named() -> None:
    assert alarm_type("HighErrorRate", has_part=True) is AlarmType.INTERFACE_ERRORS
    assert alarm_type("HighErrorRate", has_part=False) is AlarmType.OTHER


@pytest.mark.parametrize(
    ("said", "is_it"),
    [
        ({"severity": "Critical"}, Severity.CRITICAL),
        ({"severity": "page"}, Severity.CRITICAL),
        ({"severity": "warning"}, Severity.WARNING),
        ({"priority": "P2"}, Severity.MAJOR),
        ({"severity": "none"}, Severity.INDETERMINATE),
        ({"severity": "gremlins"}, Severity.INDETERMINATE),
        ({}, Severity.MAJOR),
    ],
)
def test_severity_is_what_the_label_says(said: dict[str, str], is_it: Severity) -> None:
    assert severity(said) is is_it


KNOWN = {"z3-agg-1": "z3-agg-1", "192.0.2.7": "z3-olt-2", "2001:db8::7": "z3-olt-3"}


@pytest.mark.parametrize(
    ("labels", "resource"),
    [
        ({"instance": "z3-agg-1:9116"}, "z3-agg-1"),
        ({"instance": "z3-agg-1.pop3.example.net:9100"}, "z3-agg-1"),
        ({"instance": "192.0.2.7:161"}, "z3-olt-2"),
        ({"instance": "192.0.2.7"}, "z3-olt-2"),
        ({"instance": "[2001:db8::7]:161"}, "z3-olt-3"),
        ({"instance": "2001:db8::7"}, "z3-olt-3"),
        ({"instance": "https://z3-agg-1.example.net:8443/health"}, "z3-agg-1"),
        ({"instance": "exporter-1:9116", "target": "192.0.2.7"}, "z3-olt-2"),
        ({"instance": "exporter-1:9116", "device": "unknown-9"}, "unknown-9"),
        ({"instance": "stranger.example.net:9100"}, "stranger"),
        ({"site": "POP 3"}, "POP 3"),
        ({}, "alertmanager"),
    ],
)
def test_the_device_is_the_first_label_that_means_a_known_one(labels: dict[str, str], resource: str) -> None:
    about = alert(**labels)
    known = {form: KNOWN[form] for form in mentioned([about], LABELS) & set(KNOWN)}
    assert alarm_of(about, LABELS, known).resource == resource


def test_an_interface_is_named_as_other_feeds_name_it() -> None:
    about = alert("LinkDown", instance="z3-agg-1:161", ifName="TenGigE0/0/0/1", severity="critical")
    alarm = alarm_of(about, LABELS, KNOWN)
    assert (alarm.resource, alarm.alarm_type) == ("z3-agg-1/Te0/0/0/1", AlarmType.LINK_DOWN)
    assert (alarm.severity, alarm.feed, alarm.text) == (Severity.CRITICAL, Feed.ALERTMANAGER, "It is down.")


def test_a_session_is_the_devices_and_names_its_neighbour() -> None:
    about = alert("BGPSessionDown", device="z3-agg-1", peer="10.0.0.2", interface="Te0/0/0/1")
    alarm = alarm_of(about, LABELS, KNOWN)
    assert (alarm.resource, alarm.extra["neighbour"]) == ("z3-agg-1", "10.0.0.2")


def test_a_raise_and_its_clear_share_one_key_and_carry_alertmanagers_times() -> None:
    raised, cleared = (alarm_of(alert(status=status), LABELS, {}) for status in ("firing", "resolved"))
    assert (raised.resource, raised.alarm_type, raised.qualifier) == (
        cleared.resource, cleared.alarm_type, cleared.qualifier,
    )  # fmt: skip
    assert raised.event_time == datetime(2026, 3, 2, 9, 0, 0, 123_000, UTC)
    assert cleared.event_time == datetime(2026, 3, 2, 9, 20, tzinfo=UTC)


def test_which_labels_name_a_device_can_be_set() -> None:
    labels = AlertLabels.model_validate({"device": ["routerName"], "part": ["circuit"]})
    about = alert("LinkDown", instance="exporter:9116", routerName="z3-agg-1", circuit="Te0/0/0/1")
    assert alarm_of(about, labels, KNOWN).resource == "z3-agg-1/Te0/0/0/1"


def test_one_odd_alert_does_not_cost_the_others() -> None:
    good = {"status": "firing", "labels": {"alertname": "HostDown"}, "startsAt": "2026-03-02T09:00:00Z"}
    post = Post.model_validate({"version": "4", "groupKey": "g", "alerts": [good, 5, good | {"status": "odd"}]})
    alerts, rejected = read_alerts(post)
    assert len(alerts) == 1
    assert [reason for reason, _ in rejected] == [
        "alert 1: body: Input should be a valid dictionary or instance of Alert",
        "alert 2: status: Input should be 'firing' or 'resolved'",
    ]


@given(labels=st.dictionaries(st.text(max_size=20), st.text(max_size=400), max_size=6), name=st.text(max_size=400))
def test_no_labels_make_it_raise_anything_but_a_validation_error(labels: dict[str, Any], name: str) -> None:
    about = Alert.model_validate(
        {
            "status": "firing",
            "labels": labels | {"instance": labels.get("instance", name), "alertname": name},
            "startsAt": "2026-03-02T09:00:00Z",
        }
    )
    mentioned([about], LABELS)
    try:
        alarm_of(about, LABELS, {})
    except ValidationError as error:
        assert {fault["loc"][0] for fault in error.errors()} <= {"resource"}
