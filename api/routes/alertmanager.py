"""Alertmanager's door: what a Prometheus fires comes in by its webhook, so that its users need change nothing."""

import structlog
from fastapi import APIRouter, Request, Response
from pydantic import Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from api.bodies import read_body
from api.deps import InHouse, Sender, Session
from api.errors import problems, respond
from api.house import House
from atlas.clock import Clock
from atlas.network.enums import Feed
from atlas.network.ingest import beat, record_alarms, record_dead_letters
from atlas.network.schemas import Alarm, DeadLetter, Receipt
from forge.feeds.alertmanager import Alert, Post, alarm_of, fault, mentioned, read_alerts
from forge.feeds.known_devices import known_devices
from forge.feeds.messages import dead_letter
from forge.feeds.metrics import MESSAGES, count
from forge.feeds.refired import refired

log = structlog.get_logger()

router = APIRouter(tags=["alarms"])

#: Bytes of one post.
LARGEST = 16 * 1024 * 1024


class AlertReceipt(Receipt):
    """What became of a post of alerts."""

    heartbeat: bool = Field(default=False, description="It held a Watchdog: Alertmanager is known to work.")
    truncated: int = Field(default=0, description="Alerts that Alertmanager left out; raise its max_alerts.")


@router.post(
    "/alerts/alertmanager",
    summary="Alertmanager's webhook",
    response_model=AlertReceipt,
    responses=problems(400, 401, 403, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object", "description": "Webhook version 4."}}},
        }
    },
)
async def post_alerts(request: Request, house: InHouse, session: Session, sender: Sender) -> AlertReceipt | Response:
    """Takes Alertmanager's webhook, version 4. Its token needs the role `feed`, which opens no other door.

    When this answers 200, what was accepted is committed. Alerts sent again are counted as duplicates. What cannot
    be read is kept as a dead letter: Alertmanager comes again only after a 5xx. A `Watchdog` is the feed's heartbeat.
    """
    body = await read_body(request, LARGEST)
    try:
        post = Post.model_validate_json(body)
    except ValidationError as error:
        return await _refuse(session, body, error, sender, house.store.clock)
    alerts, rejected = read_alerts(post)
    alarms = await _alarms(session, house, [alert for alert in alerts if not alert.is_watchdog], rejected)
    now = house.store.clock.now()
    receipt = await record_alarms(session, alarms, now, house.settings.max_text)
    has_watchdog = any(alert.is_watchdog and alert.status == "firing" for alert in alerts)
    if has_watchdog:
        await beat(session, Feed.ALERTMANAGER, post.externalURL[:200] or sender, now, _interval(house))
    await _keep_letters(session, post, rejected, sender, house.store.clock)
    _count(house, receipt, alarms, post)
    return AlertReceipt(
        accepted=receipt.accepted,
        duplicates=receipt.duplicates,
        unknown_resources=receipt.unknown_resources,
        rejected=[reason for reason, _ in rejected],
        heartbeat=has_watchdog,
        truncated=post.truncatedAlerts,
    )


async def _alarms(
    session: AsyncSession, house: House, alerts: list[Alert], rejected: list[tuple[str, object]]
) -> list[Alarm]:
    """The alarms that the alerts are; an alert that makes none is added to the rejected."""
    labels = house.settings.alert_labels
    known = await known_devices(session, mentioned(alerts, labels))
    alarms = []
    for alert in alerts:
        try:
            alarms.append(alarm_of(alert, labels, known))
        except ValidationError as error:
            rejected.append((f"alert {alert.name[:100]}: {fault(error)}", alert.model_dump(mode="json")))
    return await refired(session, alarms)


async def _refuse(session: AsyncSession, body: bytes, error: ValidationError, sender: str, clock: Clock) -> Response:
    """A post that can't be read as a whole: answered with what is wrong, and kept, for it won't come again."""
    first = error.errors(include_url=False, include_input=False)[0]
    is_json = first["type"] != "json_invalid"
    if first["loc"] == ("version",):
        reason = "Only version 4 of Alertmanager's webhook is spoken here; the post is of another."
    else:
        reason = f"Not a post of Alertmanager: {fault(error)}." if is_json else "The body is not JSON."
    letter = dead_letter(Feed.ALERTMANAGER, sender, reason, body, clock.now())
    await record_dead_letters(session, [letter])
    count(Feed.ALERTMANAGER, letter)
    return respond(422 if is_json else 400, reason)


async def _keep_letters(
    session: AsyncSession, post: Post, rejected: list[tuple[str, object]], sender: str, clock: Clock
) -> None:
    letters: list[DeadLetter] = [
        dead_letter(Feed.ALERTMANAGER, sender, reason, str(item), clock.now()) for reason, item in rejected
    ]
    if post.truncatedAlerts:
        reason = f"Alertmanager left {post.truncatedAlerts} alerts out of a group: raise its receiver's max_alerts."
        letters.append(dead_letter(Feed.ALERTMANAGER, sender, reason, post.groupKey, clock.now()))
        log.warning("alertmanager.truncated", alerts=post.truncatedAlerts, group=post.groupKey[:300])
    await record_dead_letters(session, letters)
    for letter in letters:
        count(Feed.ALERTMANAGER, letter)


def _interval(house: House) -> float:
    """Seconds of our clock within which the Watchdog comes again: its own clock is the wall's."""
    real = house.store.clock.real(1.0)
    return house.settings.watchdog_interval / real if real else house.settings.watchdog_interval


def _count(house: House, receipt: Receipt, alarms: list[Alarm], post: Post) -> None:
    MESSAGES.labels(Feed.ALERTMANAGER.value, "alarm").inc(len(alarms))
    MESSAGES.labels(Feed.ALERTMANAGER.value, "ignored").inc(len(post.alerts) - len(alarms))
    MESSAGES.labels(Feed.ALERTMANAGER.value, "dropped").inc(post.truncatedAlerts)
    house.metrics.alarms.labels("accepted").inc(receipt.accepted)
    house.metrics.alarms.labels("duplicate").inc(receipt.duplicates)
