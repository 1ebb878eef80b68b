"""Prometheus's alerts as Alertmanager posts them (webhook version 4), made into alarms. Pure.

An alert is identified by its fingerprint, which hashes its labels: with the rule's name that is the qualifier, so
that two alerts about one device never clear each other. It was raised at its `startsAt`, which Alertmanager keeps
through every repetition, and cleared at its `endsAt`: what is sent again is a duplicate to Atlas.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from atlas.feed_settings import AlertLabels
from atlas.network.enums import AlarmType, EventType, Feed
from atlas.network.schemas import Alarm
from forge.feeds.alert_rules import WATCHDOGS, WHOLE_DEVICE, alarm_type, plain, severity
from forge.feeds.messages import device_name, short_interface

#: Labels of one alert that are kept, and characters of each.
MOST_LABELS, LONGEST = 40, 200

_EVENT_TYPES = {
    AlarmType.POWER_LOSS: EventType.ENVIRONMENTAL,
    AlarmType.ON_BATTERY: EventType.ENVIRONMENTAL,
    AlarmType.BATTERY_LOW: EventType.ENVIRONMENTAL,
    AlarmType.TEMPERATURE_HIGH: EventType.ENVIRONMENTAL,
    AlarmType.EQUIPMENT_FAILURE: EventType.EQUIPMENT,
    AlarmType.RESTARTED: EventType.EQUIPMENT,
    AlarmType.TRAFFIC_LOW: EventType.QUALITY_OF_SERVICE,
    AlarmType.OTHER: EventType.PROCESSING,
}


class Alert(BaseModel):
    """One alert. Fields that are not read here are passed over: Alertmanager may grow."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    startsAt: AwareDatetime  # noqa: N815 - the field names are Alertmanager's
    endsAt: AwareDatetime | None = None  # noqa: N815
    generatorURL: str = ""  # noqa: N815
    fingerprint: str = ""

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.labels.get("alertname", "").strip() or "alert"

    @property
    def is_watchdog(self) -> bool:
        """Whether it fires always, to show that it can."""
        return plain(self.name) in WATCHDOGS

    @property
    def id(self) -> str:
        """Its fingerprint, or one of ours where an old Alertmanager gave none."""
        said = repr(sorted(self.labels.items())).encode()
        return self.fingerprint or hashlib.sha256(said).hexdigest()[:16]


class Post(BaseModel):
    """What Alertmanager posts. The alerts are read one by one, so that one that is odd does not cost the others."""

    version: Literal["4"]
    groupKey: Annotated[str, Field(description="Which group of alerts this is.")]  # noqa: N815
    truncatedAlerts: Annotated[int, Field(ge=0, description="Alerts left out, by its max_alerts.")] = 0  # noqa: N815
    receiver: str = ""
    externalURL: Annotated[str, Field(description="Which Alertmanager this is.")] = ""  # noqa: N815
    alerts: list[Any]


def read_alerts(post: Post) -> tuple[list[Alert], list[tuple[str, Any]]]:
    """The alerts, and for each that is none a sentence and what was sent."""
    alerts, rejected = [], []
    for number, item in enumerate(post.alerts):
        try:
            alerts.append(Alert.model_validate(item))
        except ValidationError as error:
            rejected.append((f"alert {number}: {fault(error)}", item))
    return alerts, rejected


def fault(error: ValidationError) -> str:
    """What is wrong, in one clear sentence that repeats nothing of the input."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "body"
    return f"{place}: {first['msg']}"


def mentioned(alerts: list[Alert], labels: AlertLabels) -> set[str]:
    """Every name and address that could mean a device of the inventory."""
    return {form for alert in alerts for value in _values(alert, labels.device) for form in _forms(value)}


def alarm_of(alert: Alert, labels: AlertLabels, known: Mapping[str, str]) -> Alarm:
    """The alarm an alert is. `known`: which node a name or address means. ValidationError if it makes none."""
    part = short_interface(next(_values(alert, labels.part), ""))
    kind = alarm_type(alert.name, has_part=bool(part))
    device = _device(alert, labels, known)
    has_part = part and kind not in WHOLE_DEVICE
    neighbour = next(_values(alert, labels.neighbour), "")
    is_cleared = alert.status == "resolved"
    return Alarm(
        resource=f"{device}/{part}" if has_part else device,
        alarm_type=kind,
        qualifier=f"{neighbour[:100]} {alert.name[:100]} {alert.id[:40]}".strip(),
        severity=severity(alert.labels),
        is_cleared=is_cleared,
        event_type=_EVENT_TYPES.get(kind, EventType.COMMUNICATIONS),
        event_time=alert.endsAt if is_cleared and alert.endsAt else alert.startsAt,
        text=_words(alert),
        feed=Feed.ALERTMANAGER,
        extra=_extra(alert, neighbour, labels),
    )


def _values(alert: Alert, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if value := alert.labels.get(name, "").strip():
            yield value


def _device(alert: Alert, labels: AlertLabels, known: Mapping[str, str]) -> str:
    """The first label that means a known device; else the first there is, else the site, else nobody's."""
    values = list(_values(alert, labels.device))
    for value in values:
        for form in _forms(value):
            if form in known:
                return known[form]
    if values:
        return device_name(_host(values[0])).replace("/", "-") or "alertmanager"
    return next(_values(alert, labels.site), "alertmanager").replace("/", "-")


def _forms(value: str) -> tuple[str, str, str]:
    """What a label may be known by: as it stands, as a host without a port, as that host's own name."""
    host = _host(value)
    return value, host, device_name(host)


def _host(value: str) -> str:
    """The host in "host:9100", "[2001:db8::1]:9100", "https://host/path"; an address stays whole."""
    value = value.rpartition("://")[2].partition("/")[0]
    if value.startswith("["):
        return value[1:].partition("]")[0]
    return value.partition(":")[0] if value.count(":") == 1 else value


def _words(alert: Alert) -> str:
    said = (alert.annotations.get(name, "").strip() for name in ("summary", "message", "description"))
    return next(filter(None, said), "") or alert.name


def _extra(alert: Alert, neighbour: str, labels: AlertLabels) -> dict[str, Any]:
    kept = {name[:LONGEST]: value[:LONGEST] for name, value in list(alert.labels.items())[:MOST_LABELS]}
    extra: dict[str, Any] = {"alertname": alert.name[:LONGEST], "labels": kept}
    named = {
        "neighbour": neighbour[:LONGEST],
        "site": next(_values(alert, labels.site), "")[:LONGEST],
        "description": alert.annotations.get("description", "")[:500],
        "source": alert.generatorURL[:500],
    }
    return extra | {name: value for name, value in named.items() if value}
