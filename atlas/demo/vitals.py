"""What is measured of the demo's services on an ordinary day: the day's and the week's curve, noise, small failures.

One model for the weeks that are loaded and for the minutes that the gear posts, so that they can be compared.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.copy import copy_rows
from atlas.network.enums import LEVELS, Metric

WEEKS_OF_LEVELS, DAYS_OF_SHARES = 5, 7
#: Hour of the day (UTC) at which most is going on, and how much more than at the quietest there is then.
PEAK, SWING = 20, 0.45
#: Share by which a level varies from minute to minute, and from hour to hour of different weeks.
NOISE = 0.02


class Meter(NamedTuple):
    """A series with its usual size: tries a minute and the share that fails, or the level; `flat`: by day and night
    alike, for checks that a machine makes.
    """

    metric: Metric
    element: str
    about: str
    size: float
    part: float = 0.0
    flat: float = 0.0


class Cast(NamedTuple):
    """Who is measured: BNGs with their lines, the servers of each kind, CGNATs with their BNGs, transits."""

    bngs: dict[str, int]
    radius: Sequence[str]
    dhcp: Sequence[str]
    dns: Sequence[str]
    cgnats: dict[str, Sequence[str]]
    transits: Sequence[str]


def meters(cast: Cast) -> list[Meter]:
    """Everything that is measured, but for what Bedrock counts itself."""
    return [*_of_bngs(cast), *_of_the_core(cast)]


def _of_bngs(cast: Cast) -> Iterator[Meter]:
    for bng, lines in cast.bngs.items():
        for server in cast.radius:  # a check every ten seconds (RFC 5997), and lines that sign on
            yield Meter(Metric.AUTH_TIMEOUTS, bng, server, 0.01 * lines, 0.002, flat=6)
            yield Meter(Metric.AUTH_REJECTS, bng, server, 0.01 * lines, 0.02, flat=2)
        for server in cast.dhcp:  # leases of an hour are renewed every half
            yield Meter(Metric.DHCP_FAILURES, bng, server, lines / 60, 0.004, flat=2)
        for server in cast.dns:
            yield Meter(Metric.DNS_FAILURES, bng, server, 1.5 * lines, 0.004, flat=6)
        yield Meter(Metric.TRAFFIC, bng, "", 1.5e6 * lines)
        yield Meter(Metric.PROBE_FAILURES, f"probe-home-{bng}", bng, 0, 0.004, flat=6)


def _of_the_core(cast: Cast) -> Iterator[Meter]:
    lines = sum(cast.bngs.values())
    for transit in cast.transits:
        yield Meter(Metric.TRAFFIC, transit, "", 1.5e6 * lines / len(cast.transits))
        yield Meter(Metric.PREFIXES, transit, "", 948_000)
        yield Meter(Metric.PROBE_FAILURES, "probe-outside", transit, 0, 0.004, flat=6)
    for cgnat, bngs in cast.cgnats.items():
        behind = sum(cast.bngs.get(bng, 0) for bng in bngs)
        yield Meter(Metric.TRAFFIC, cgnat, "", 0.6e6 * behind)
        yield Meter(Metric.NAT_FAILURES, cgnat, "", 4.0 * behind, 0.0005)


def going_on(at: datetime) -> float:
    """How much is going on at this moment, as a share of the busiest of a weekday; weekends are busier."""
    hour = at.hour + at.minute / 60 + at.second / 3600
    curve = (1 - SWING) + SWING * math.cos((hour - PEAK) / 24 * 2 * math.pi)
    return curve * (1.1 if at.weekday() >= 5 else 1.0)


def draw(
    meter: Meter,
    at: datetime,
    rng: np.random.Generator,
    *,
    minutes: float = 1,
    times: float = 1,
    part: float | None = None,
) -> tuple[float, float | None]:
    """A measurement of some minutes: (value, total). `times`: how much more or less than usual; `part`: what fails."""
    if meter.metric is Metric.PREFIXES:
        return float(round(meter.size * times * rng.normal(1, 0.001))), None
    if meter.metric in LEVELS:
        return float(max(0.0, meter.size * times * going_on(at) * rng.normal(1, NOISE))), None
    tries = int(rng.poisson((meter.size * going_on(at) + meter.flat) * times * minutes))
    failed = int(rng.binomial(tries, meter.part if part is None else part))
    return float(failed), float(tries)


class HourRow(NamedTuple):
    """An hour of a series, as it is kept."""

    metric: str
    element: str
    about: str
    hour: datetime
    value: float
    total: float | None


def weeks(cast: Cast, now: datetime, seed: int) -> Iterator[HourRow]:
    """The hours before `now`: five weeks of levels, seven days of shares."""
    rng = np.random.default_rng(abs(seed))
    this = now.replace(minute=0, second=0, microsecond=0)
    sessions = [Meter(Metric.SESSIONS, bng, "", lines) for bng, lines in cast.bngs.items()]
    for meter in [*meters(cast), *sessions]:
        back = WEEKS_OF_LEVELS * 168 if meter.metric in LEVELS else DAYS_OF_SHARES * 24
        for hour in range(back, 0, -1):
            at = this - timedelta(hours=hour)
            if meter.metric is Metric.SESSIONS:
                value, total = float(meter.size - (rng.random() < 0.2)), None
            else:
                value, total = draw(meter, at + timedelta(minutes=30), rng, minutes=60)
            yield HourRow(meter.metric.value, meter.element, meter.about, at, value, total)


SERVERS = "SELECT name, kind FROM node WHERE kind IN ('radius', 'dhcp', 'dns', 'transit') ORDER BY name"
LINES = "SELECT nas, count(*) FROM access_session WHERE stopped_at IS NULL GROUP BY nas ORDER BY nas"
NATS = """
SELECT p.name, c.name FROM dependency d JOIN node p ON p.id = d.provider_id JOIN node c ON c.id = d.consumer_id
WHERE d.role = 'nat' ORDER BY 1, 2
"""
KNOWN = "SELECT 1 FROM vital_hour WHERE metric = 'traffic_bps' AND hour = :hour LIMIT 1"


async def load_cast(session: AsyncSession) -> Cast:
    """Who there is, read from the network."""
    kinds: dict[str, list[str]] = {"radius": [], "dhcp": [], "dns": [], "transit": []}
    for name, kind in await session.execute(text(SERVERS)):
        kinds[kind].append(name)
    nats: dict[str, list[str]] = {}
    for cgnat, bng in await session.execute(text(NATS)):
        nats.setdefault(cgnat, []).append(bng)
    lines = {row[0]: row[1] for row in await session.execute(text(LINES))}
    return Cast(lines, kinds["radius"], kinds["dhcp"], kinds["dns"], dict(nats), kinds["transit"])


async def remember(session: AsyncSession, cast: Cast, now: datetime, seed: int = 1) -> int:
    """Write the weeks before `now` where they are missing: the demo's clock runs on while nobody serves it."""
    hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=7)
    if (await session.execute(text(KNOWN), {"hour": hour})).scalar():
        return 0
    await session.execute(text("CREATE TEMP TABLE remembered (LIKE vital_hour) ON COMMIT DROP"))
    rows = list(weeks(cast, now, seed))
    await copy_rows(session, "remembered", HourRow._fields, rows)
    await session.execute(text("INSERT INTO vital_hour SELECT * FROM remembered ON CONFLICT DO NOTHING"))
    return len(rows)
