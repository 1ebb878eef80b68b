"""Measurements of services: taken in by the batch, kept by the minute for some hours and by the hour for weeks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.copy import copy_rows
from atlas.network.enums import LEVELS, Metric

#: How long minutes and hours are kept.
MINUTES_KEPT, HOURS_KEPT = timedelta(hours=3), timedelta(weeks=9)
#: How far a measurement's time may be from ours: one that is older judges nothing, one that is ahead is a wrong clock.
LATE, AHEAD = timedelta(hours=1), timedelta(minutes=5)

ElementName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


class Measurement(BaseModel):
    """What was seen of a service in the last minute or so.

    A share is `value` failures of `total` tries; a level (sessions, traffic, prefixes) is `value` alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    element: ElementName = Field(description="Who measured, or what was measured: a BNG, a server, a probe.")
    metric: Metric
    about: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f]*$")] = Field(
        default="", description="The provider that was asked, where `element` asked one."
    )
    value: float = Field(ge=0, lt=1e18, description="Failures, or the level.")
    total: float | None = Field(default=None, ge=0, lt=1e18, description="Tries; none for a level.")
    at: AwareDatetime = Field(description="The end of the span that was measured.")

    @model_validator(mode="after")
    def _fits(self) -> "Measurement":
        is_level = self.metric in LEVELS
        if is_level != (self.total is None):
            raise ValueError(f"{self.metric} is a {'level: leave `total` out' if is_level else 'share: give `total`'}")
        if self.total is not None and self.value > self.total:
            raise ValueError("more failures than tries")
        return self


class MeasurementReceipt(BaseModel):
    """What became of a batch of measurements."""

    accepted: int
    duplicates: int = Field(default=0, description="Of the same moment, element and metric as one that is there.")
    rejected: list[str] = Field(default_factory=list, description="One clear sentence per refused measurement.")


class Series(NamedTuple):
    """What is measured: a metric of an element, or of a provider from there."""

    metric: str
    element: str
    about: str


class Point(NamedTuple):
    """A value at a time, in epoch seconds; `total` of a share."""

    at: float
    value: float
    total: float | None


COLUMNS = ("metric", "element", "about", "at", "value", "total")
STAGE = """
CREATE TEMP TABLE IF NOT EXISTS vital_stage (
    metric text, element text, about text, at timestamptz, value float, total float
) ON COMMIT DELETE ROWS
"""
RECORD = """
INSERT INTO vital (metric, element, about, at, value, total)
SELECT metric, element, about, at, value, total FROM vital_stage ON CONFLICT DO NOTHING
"""


async def record_measurements(
    session: AsyncSession, measurements: Sequence[Measurement], now: datetime
) -> MeasurementReceipt:
    """Store a batch; what is too old or too far ahead is refused with a sentence, a repeated one counted."""
    taken, rejected = [], []
    for place, each in enumerate(measurements):
        if now - LATE <= each.at <= now + AHEAD:
            taken.append((each.metric.value, each.element, each.about, each.at, each.value, each.total))
        else:
            rejected.append(f"measurement {place}: at: {each.at.isoformat()} is not of the last hour.")
    if not taken:
        return MeasurementReceipt(accepted=0, rejected=rejected)
    await session.execute(text(STAGE))
    await copy_rows(session, "vital_stage", COLUMNS, taken)
    accepted = int((await session.execute(text(RECORD))).rowcount)  # type: ignore[attr-defined]
    await session.execute(text("TRUNCATE vital_stage"))
    return MeasurementReceipt(accepted=accepted, duplicates=len(taken) - accepted, rejected=rejected)


# An hour is written once it is over, with some minutes for measurements that come late.
ROLL_UP = """
INSERT INTO vital_hour (metric, element, about, hour, value, total)
SELECT metric, element, about, date_trunc('hour', at),
       CASE WHEN bool_or(total IS NOT NULL) THEN sum(value) ELSE percentile_cont(0.5) WITHIN GROUP (ORDER BY value) END,
       sum(total)
FROM vital WHERE at < date_trunc('hour', CAST(:now AS timestamptz) - interval '5 minutes')
GROUP BY metric, element, about, date_trunc('hour', at)
ON CONFLICT DO NOTHING
"""


async def roll_up(session: AsyncSession, now: datetime) -> None:
    """Write the hours that are over, and let go of what is past its time."""
    await session.execute(text(ROLL_UP), {"now": now})
    await session.execute(text("DELETE FROM vital WHERE at < :old"), {"old": now - MINUTES_KEPT})
    await session.execute(text("DELETE FROM vital_hour WHERE hour < :old"), {"old": now - HOURS_KEPT})


async def minutes(
    session: AsyncSession, since: datetime, until: datetime, levels_since: datetime
) -> dict[Series, list[Point]]:
    """Every measurement of a span of time, by series, the oldest first; of levels those since an earlier time."""
    query = (
        "SELECT metric, element, about, extract(epoch FROM at)::float, value, total FROM vital"
        " WHERE at <= :until AND (at > :since OR (at > :levels_since AND metric = ANY(:levels))) ORDER BY at"
    )
    values = {"since": since, "until": until, "levels_since": levels_since, "levels": sorted(LEVELS)}
    return _by_series(await session.execute(text(query), values))


async def last_measured(session: AsyncSession) -> dict[Series, datetime]:
    """When each series was measured last, of those that were in the last hours."""
    query = "SELECT metric, element, about, max(at) FROM vital GROUP BY metric, element, about"
    return {Series(*row[:3]): row[3] for row in await session.execute(text(query))}


async def hours(
    session: AsyncSession, since: datetime, metrics: Sequence[Metric], moments: Sequence[datetime] | None = None
) -> dict[Series, list[Point]]:
    """The hours of these metrics from a time on, or just those that begin at these moments."""
    query = (
        "SELECT metric, element, about, extract(epoch FROM hour)::float, value, total FROM vital_hour"
        " WHERE metric = ANY(:metrics) AND hour >= :since"
        + (" AND hour = ANY(:moments)" if moments is not None else "")
        + " ORDER BY hour"
    )
    values = {"metrics": [metric.value for metric in metrics], "since": since, "moments": list(moments or ())}
    if moments is None:
        del values["moments"]
    return _by_series(await session.execute(text(query), values))


def _by_series(rows: object) -> dict[Series, list[Point]]:
    found: dict[Series, list[Point]] = {}
    for metric, element, about, at, value, total in rows:  # type: ignore[attr-defined]
        found.setdefault(Series(metric, element, about), []).append(Point(at, value, total))
    return found


# A session counts while its next word is not overdue, as for the alarm of a single one: what was due before anybody
# listened is not missed. A NAS that ended all its sessions today still counts, as none.
HEARD = """
INSERT INTO vital (metric, element, about, at, value)
SELECT 'sessions', nas, '', :now, count(*) FILTER (
    WHERE stopped_at IS NULL AND CAST(:now AS timestamptz) - make_interval(secs => :grace)
          <= make_interval(secs => interim_seconds * (1 + :share))
           + CASE WHEN last_interim_at + make_interval(secs => interim_seconds) >= :since
                  THEN last_interim_at ELSE CAST(:since AS timestamptz) END)
FROM access_session WHERE stopped_at IS NULL OR stopped_at > CAST(:now AS timestamptz) - interval '1 day'
GROUP BY nas ON CONFLICT DO NOTHING
"""


async def measure_sessions(session: AsyncSession, now: datetime, share: float, grace: float, since: datetime) -> None:
    """Our own measurement: of how many sessions each NAS gave a word in time, `grace` seconds and a `share` of an
    interval late at most. `since`: when we began to listen.
    """
    await session.execute(text(HEARD), {"now": now, "share": share, "grace": grace, "since": since})


class Contact(NamedTuple):
    """Somebody told us that they have no service; what their line hangs on."""

    zone: int | None
    nas: str | None
    site: str | None


# A person counts once, tickets of people whom an open incident cuts off not at all.
CONTACTS = """
SELECT DISTINCT ON (t.subscriber_id) z.number, a.nas, p.name
FROM ticket t JOIN service s ON s.subscriber_id = t.subscriber_id AND s.state = 'active'
JOIN address d ON d.id = s.address_id JOIN zone z ON z.id = d.zone_id
JOIN node n ON n.id = s.access_node_id
LEFT JOIN access_session a ON a.service_id = s.id AND a.stopped_at IS NULL
LEFT JOIN node p ON p.name = split_part(n.name, '/', 1) AND p.id <> n.id
WHERE t.kind = 'subscriber' AND t.category = 'no_service' AND t.opened_at > :since AND t.opened_at <= :now
  AND NOT EXISTS (SELECT 1 FROM incident_line l JOIN incident i ON i.id = l.incident_id
                  WHERE l.service_id = s.id AND i.state IN ('open', 'monitoring'))
"""
LINES = """
SELECT z.number, a.nas, split_part(n.name, '/', 1), count(*)
FROM service s JOIN address d ON d.id = s.address_id JOIN zone z ON z.id = d.zone_id
JOIN node n ON n.id = s.access_node_id LEFT JOIN access_session a ON a.service_id = s.id AND a.stopped_at IS NULL
WHERE s.state = 'active' GROUP BY 1, 2, 3
"""
USUAL = """
SELECT count(*) FROM ticket
WHERE kind = 'subscriber' AND category = 'no_service' AND opened_at > :since AND opened_at <= :until
"""
FIRST = "SELECT min(opened_at) FROM ticket WHERE kind = 'subscriber'"


async def contacts(session: AsyncSession, since: datetime, now: datetime) -> list[Contact]:
    """Who told us of no service since then."""
    return [Contact(*row) for row in await session.execute(text(CONTACTS), {"since": since, "now": now})]


async def lines_by_place(session: AsyncSession) -> list[tuple[Contact, int]]:
    """How many active lines there are, by the places they have in common."""
    return [(Contact(*row[:3]), row[3]) for row in await session.execute(text(LINES))]


async def usual_contacts(session: AsyncSession, since: datetime, until: datetime) -> tuple[int, float]:
    """Contacts about no service in a span of time, and the hours of it in which any were kept."""
    first = (await session.execute(text(FIRST))).scalar()
    begun = max(since, first) if first else until
    count = (await session.execute(text(USUAL), {"since": begun, "until": until})).scalar_one()
    return count, max(0.0, (until - begun).total_seconds() / 3600)
