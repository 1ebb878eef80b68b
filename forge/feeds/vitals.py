"""The watcher of vital signs: once a minute it measures what is our own to measure, holds every measurement against
what is usual, and raises and clears the alarms of services.

What stands is read from Atlas, so a restart neither forgets nor repeats. What nobody measures any more is cleared
after an hour, and says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.network import vitals
from atlas.network.enums import LEVELS, AlarmType, EventType, Feed, Metric, Severity
from atlas.network.ingest import record_alarms
from atlas.network.schemas import Alarm
from atlas.network.vitals import Contact, Point, Series
from cortex.contacts import EVERYWHERE, Cluster, Usual, find
from cortex.vitals import (
    RULES,
    Judgement,
    Share,
    UsualShare,
    Verdict,
    at_this_hour,
    how_the_day_runs,
    judge_level,
    judge_share,
    usual_share,
)
from forge.feeds.radius_accounting import LATE_SHARE
from forge.feeds.standing import Key, standing_alarms

log = structlog.get_logger()

#: Which alarm a metric raises.
ALARM_OF = {
    Metric.AUTH_REJECTS: AlarmType.AUTH_REJECTS,
    Metric.AUTH_TIMEOUTS: AlarmType.AUTH_TIMEOUTS,
    Metric.DNS_FAILURES: AlarmType.DNS_FAILURES,
    Metric.DHCP_FAILURES: AlarmType.DHCP_FAILURES,
    Metric.NAT_FAILURES: AlarmType.NAT_EXHAUSTED,
    Metric.PROBE_FAILURES: AlarmType.PROBE_FAILED,
    Metric.SESSIONS: AlarmType.SESSIONS_LOW,
    Metric.TRAFFIC: AlarmType.TRAFFIC_LOW,
    Metric.PREFIXES: AlarmType.PREFIXES_LOST,
}
SHARES = tuple(metric for metric in Metric if metric not in LEVELS)

#: Seconds between two looks; wall seconds at least.
EVERY, EVERY_REAL = 60.0, 1.0
#: Measurements that count as now, and those of the day that say how it runs.
RECENT = timedelta(minutes=6)
DAY = (timedelta(minutes=75), timedelta(minutes=15))
#: What a share is held against, and how far back a level is.
SHARE_HISTORY, LEVEL_WEEKS = timedelta(days=7), 8
#: From when a series that is no longer measured is let go.
STALE = timedelta(hours=1)
#: Contacts of the last so long are scanned, against those of so long before.
CONTACT_HOURS, CONTACT_HISTORY = 1.0, timedelta(days=28)
#: What contacts without a place in common are about.
SUBSCRIBERS = "subscribers"


@dataclass
class Usually:
    """What is usual at this hour: read once an hour, for every series."""

    hour: datetime | None = None
    shares: dict[Series, UsualShare | None] = field(default_factory=dict)
    levels: dict[Series, dict[float, float]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    contacts: Usual = field(default_factory=lambda: Usual(0, 0))

    async def refresh(self, session: AsyncSession, now: datetime) -> None:
        """Read anew when another hour has begun."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour == self.hour:
            return
        await vitals.roll_up(session, now)
        shares = await vitals.hours(session, now - SHARE_HISTORY, SHARES)
        self.shares = {s: usual_share([Share(p.value, p.total or 0.0) for p in points]) for s, points in shares.items()}
        weeks = [timedelta(weeks=week) for week in range(1, LEVEL_WEEKS + 1)]
        moments = [hour - week + timedelta(hours=h) for week in weeks for h in (-2, -1, 0, 1)]
        levels = await vitals.hours(session, moments[-1] - timedelta(hours=4), sorted(LEVELS), moments)
        self.levels = {s: {p.at: p.value for p in points} for s, points in levels.items()}
        self.lines = _count(await vitals.lines_by_place(session))
        count, hours = await vitals.usual_contacts(session, now - CONTACT_HISTORY, now - timedelta(hours=CONTACT_HOURS))
        self.contacts = Usual(count, hours * self.lines.get(EVERYWHERE, 0))
        self.hour = hour


def _count(lines: Iterable[tuple[Contact, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for contact, count in lines:
        for place in {EVERYWHERE, *places_of(contact)}:
            found[place] = found.get(place, 0) + count
    return found


def places_of(contact: Contact) -> frozenset[str]:
    """The places a contact comes from, by the names that alarms call them."""
    zone = f"zone-{contact.zone}" if contact.zone is not None else None
    return frozenset(place for place in (zone, contact.nas, contact.site) if place)


@dataclass(frozen=True)
class Hearing:
    """How we hear accounting: since when, and by how many seconds an update may be late."""

    since: datetime
    grace: float


async def watch_for_ever(sessions: Sessions, clock: Clock, grace: float) -> None:
    """Look every minute until cancelled. `grace`: seconds by which an accounting update may be late."""
    usually, hearing = Usually(), Hearing(clock.now(), grace)
    while True:
        await clock.sleep(max(EVERY, EVERY_REAL / max(1e-9, clock.real(1.0))))
        async with transaction(sessions) as session:
            changes = await look(session, clock.now(), usually, hearing)
        if changes:
            log.info("vitals.changed", raised=sum(not c.is_cleared for c in changes), changes=len(changes))


async def look(session: AsyncSession, now: datetime, usually: Usually, hearing: Hearing) -> list[Alarm]:
    """One look: measure, judge, and record what changed; returns the changes."""
    await vitals.measure_sessions(session, now, LATE_SHARE, hearing.grace, hearing.since)
    await usually.refresh(session, now)
    standing = await standing_alarms(session, *ALARM_OF.values(), AlarmType.CONTACTS_CLUSTERED)
    measured = await vitals.minutes(session, now - RECENT, now, levels_since=now - DAY[0])
    judged = judge(measured, usually, now)
    changes = [
        change
        for series, judgement in judged.items()
        if (change := _change(series, judgement, standing, now)) is not None
    ]
    if standing:
        changes += _stale(standing, await vitals.last_measured(session), now)
    changes += await _contacts(session, usually, standing, now)
    await record_alarms(session, changes, now)
    return changes


def judge(measured: Mapping[Series, Sequence[Point]], usually: Usually, now: datetime) -> dict[Series, Judgement]:
    """What every series says at this moment."""
    moment, judged = now.timestamp(), {}
    recent = {s: [p for p in points if p.at > moment - RECENT.total_seconds()] for s, points in measured.items()}
    weeks = {s: at_this_hour(usually.levels.get(s, {}), moment, LEVEL_WEEKS) for s in recent if s.metric in RULES}
    today = {metric: _today(metric, measured, usually, moment) for metric in RULES}
    for series, points in recent.items():
        if series.metric in RULES:
            levels, rule = [p.value for p in points], RULES[series.metric]
            judged[series] = judge_level(levels, weeks[series], today[series.metric], rule)
        else:
            shares = [Share(p.value, p.total or 0.0) for p in points]
            judged[series] = judge_share(shares, usually.shares.get(series))
    return judged


def _today(metric: str, measured: Mapping[Series, Sequence[Point]], usually: Usually, moment: float) -> float:
    """How the day runs for a metric: an hour ago where that is known, else by what is seen now."""
    since, until = (moment - span.total_seconds() for span in DAY)
    then, now = list[float](), list[float]()
    for series, points in measured.items():
        if series.metric != metric:
            continue
        hours = usually.levels.get(series, {})
        for found, span in (
            (then, [p for p in points if since <= p.at <= until]),
            (now, [p for p in points if p.at > moment - RECENT.total_seconds()]),
        ):
            expected = at_this_hour(hours, (span[0].at + span[-1].at) / 2, LEVEL_WEEKS) if span else []
            if expected and median(expected) > 0:
                found.append(median(p.value for p in span) / median(expected))
    return how_the_day_runs(then or now, RULES[metric])


def _change(series: Series, judgement: Judgement, standing: set[Key], now: datetime) -> Alarm | None:
    kind = ALARM_OF[Metric(series.metric)]
    is_raised = (series.element, kind, series.about) in standing
    if judgement.verdict is Verdict.BEYOND and not is_raised:
        return alarm_of(series, judgement, now, is_cleared=False)
    if judgement.verdict is Verdict.WITHIN and is_raised:
        return alarm_of(series, judgement, now, is_cleared=True)
    return None


def alarm_of(series: Series, judgement: Judgement, now: datetime, *, is_cleared: bool) -> Alarm:
    """The alarm of a series beyond the usual, or back within it."""
    if series.metric in RULES:
        seen = f"{judgement.observed:,.0f}, usually {judgement.usual:,.0f} at this hour"
    else:
        seen = f"{judgement.observed:.1%} fail, usually {judgement.usual:.1%}"
    about = f" of {series.about}" if series.about else ""
    return Alarm(
        resource=series.element,
        alarm_type=ALARM_OF[Metric(series.metric)],
        qualifier=series.about,
        severity=Severity.MAJOR,
        is_cleared=is_cleared,
        event_type=EventType.QUALITY_OF_SERVICE,
        probable_cause="thresholdCrossed",
        event_time=now,
        text=f"{series.metric}{about}: {seen}.",
        feed=Feed.INTERNAL,
        extra={"share": round(judgement.share, 3)} | ({"neighbour": series.about} if series.about else {}),
    )


def _stale(standing: set[Key], measured: Mapping[Series, datetime], now: datetime) -> list[Alarm]:
    """Clears of what stands and was measured by nobody for an hour. A raise by somebody else is not ours to clear."""
    last = {(s.element, ALARM_OF[Metric(s.metric)], s.about): at for s, at in measured.items()}
    return [
        Alarm(
            resource=resource,
            alarm_type=kind,
            qualifier=about,
            is_cleared=True,
            event_type=EventType.QUALITY_OF_SERVICE,
            event_time=now,
            text="No longer measured.",
            feed=Feed.INTERNAL,
            extra={"neighbour": about} if about else {},
        )
        for resource, kind, about in sorted(standing)
        if (at := last.get((resource, kind, about))) is not None and at < now - STALE
    ]


async def _contacts(session: AsyncSession, usually: Usually, standing: set[Key], now: datetime) -> list[Alarm]:
    """Raise where contacts cluster; clear where they no longer do."""
    heard = await vitals.contacts(session, now - timedelta(hours=CONTACT_HOURS), now)
    cluster = find([places_of(contact) for contact in heard], usually.lines, CONTACT_HOURS, usually.contacts)
    place = None if cluster is None else cluster.place or SUBSCRIBERS
    raised = {resource for resource, kind, _ in standing if kind is AlarmType.CONTACTS_CLUSTERED}
    changes = [_contact_alarm(gone, None, now) for gone in sorted(raised - {place})]
    if cluster is not None and place is not None and place not in raised:
        changes.append(_contact_alarm(place, cluster, now))
    return changes


def _contact_alarm(place: str, cluster: Cluster | None, now: datetime) -> Alarm:
    words = "Contacts are back to what is usual."
    if cluster is not None:
        words = f"{cluster.contacts} people without service contacted us in an hour; {cluster.expected:.1f} are usual."
    return Alarm(
        resource=place,
        alarm_type=AlarmType.CONTACTS_CLUSTERED,
        severity=Severity.MAJOR,
        is_cleared=cluster is None,
        event_type=EventType.QUALITY_OF_SERVICE,
        event_time=now,
        text=words,
        feed=Feed.INTERNAL,
    )
