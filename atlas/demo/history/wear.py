"""Lines that wear out: what their levels show for weeks, the call that comes of it, and the visit that mends it.

Connectors that get dirty, connectors with water in them (they dip when it rains, then die), lasers of a weak batch
(restless, then dead). Beside them lines that look as bad and never fail: levels that drift and settle, lines that are
always restless, whole splitters that sink for a while. What is not over yet is what there is to foresee.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from atlas.demo import hardware
from atlas.demo.history import levels
from atlas.demo.history.callout import send
from atlas.demo.history.neighbourhood import Neighbourhood
from atlas.demo.history.scribe import Scribe
from atlas.demo.services import Customer
from atlas.network.enums import AlarmType, Feed, Severity, Technology

#: Lines to one with this fate in sixty days, and of the weak batch the share whose laser goes.
LINES_PER_DIRTY, LINES_PER_WET, LINES_PER_SETTLED, LINES_PER_RESTLESS = 110, 140, 90, 90
SPLITTERS_SINKING, WEAK_FAILURE, WET_DAYS = 0.03, 0.12, 0.35
#: Of what fails, the share that does so after now.
STILL_TO_COME = 0.2


class Fate(NamedTuple):
    """A way to fail: `dip(days to go, is wet)` is what it takes from the level, in dB."""

    dip: Callable[[Scribe, float, bool], float]
    alarm: AlarmType
    severity: Severity
    trap: str
    category: str
    subject: str
    skill: str
    job: str
    outcome: str


DIRTY = Fate(
    lambda scribe, left, wet: 9 * max(0.0, 1 - left / 30) ** 1.5,  # noqa: ARG005
    AlarmType.OPTICAL_POWER_LOW, Severity.WARNING, "Received optical power low", "slow",
    "Slow and stuttering for some days", "pon", "Clean the connectors, measure the level.",
    "Connector at the wall socket cleaned; level back to normal.",
)  # fmt: skip
WET = Fate(
    lambda scribe, left, wet: scribe.rng.uniform(0.5, 1.4) * max(0.6, 3.2 - left / 14) if wet and left < 40 else 0.0,
    AlarmType.ONT_LOS, Severity.MINOR, "LOS", "no_service", "No internet, red light on the box", "pon",
    "No light at the ONT: check the drop.", "Water in the connector of the drop; replaced and sealed.",
)  # fmt: skip
WEAK = Fate(
    lambda scribe, left, wet: abs(scribe.rng.gauss(0, max(0.0, 1.3 - left / 18))),  # noqa: ARG005
    AlarmType.ONT_LOS, Severity.MINOR, "LOS", "no_service", "No internet, red light on the box", "premises",
    "Swap the ONT.", f"ONT swapped; its laser had failed (batch {hardware.WEAK_BATCH}).",
)  # fmt: skip


def happen(scribe: Scribe, around: Neighbourhood, served: list[Customer]) -> None:
    """Sixty days of them, and the first weeks of what is to come."""
    wet = {at for at in levels.moments(scribe.now) if scribe.rng.random() < WET_DAYS}
    pon = [each for each in served if each.is_active and each.line.technology is Technology.PON]
    weak = [each for each in pon if around.device(each.line.node).hardware_batch == hardware.WEAK_BATCH]
    for customer in weak:
        if scribe.rng.random() < WEAK_FAILURE:
            _fail(scribe, around, customer, WEAK, wet)
    hale = [each for each in pon if each.line.node.id not in scribe.shifts]
    counts = [max(4, len(pon) // n) for n in (LINES_PER_DIRTY, LINES_PER_WET, LINES_PER_SETTLED, LINES_PER_RESTLESS)]
    chosen = iter(scribe.rng.sample(hale, sum(counts)))
    for fate, count in zip((DIRTY, WET), counts, strict=False):
        for _ in range(count):
            _fail(scribe, around, next(chosen), fate, wet)
    for _ in range(counts[2]):
        _settle(scribe, next(chosen))
    for customer in chosen:
        _add(scribe, customer, [scribe.rng.gauss(0, 0.8) for _ in range(levels.READINGS)])
    for splitter in around.splitters:
        if scribe.rng.random() < SPLITTERS_SINKING:
            _sink(scribe, splitter.customers)


def _fail(scribe: Scribe, around: Neighbourhood, customer: Customer, fate: Fate, wet: set[datetime]) -> None:
    """It gets worse until the day it fails; within days somebody comes, and the level is as it was.

    Behind zone 3's backhaul nothing is left open: there the story is another.
    """
    to_come = scribe.rng.random() < STILL_TO_COME and not customer.line.backhaul
    failed = scribe.now + timedelta(days=scribe.rng.uniform(0.5, 14)) if to_come else scribe.some_day(1)
    mended = failed + timedelta(hours=scribe.rng.randrange(20, 70))
    if customer.line.backhaul:
        mended = min(mended, scribe.now - timedelta(hours=5))
        failed = min(failed, mended - timedelta(hours=8))
    _add(
        scribe,
        customer,
        [
            -fate.dip(scribe, max(0.0, (failed - at).total_seconds() / 86400), at in wet) if at < mended else 0.0
            for at in levels.moments(scribe.now)
        ],
    )
    if failed < scribe.now:
        _call(scribe, around, customer, fate, failed, mended)


def _call(
    scribe: Scribe, around: Neighbourhood, customer: Customer, fate: Fate, failed: datetime, mended: datetime
) -> None:
    name = customer.line.node.name
    is_over = mended < scribe.now
    opened = min(failed + timedelta(hours=scribe.rng.randrange(1, 12)), scribe.now)
    text = f"ONT {name.partition('/')[2]} {fate.trap}"
    scribe.alarm(name, fate.alarm, fate.severity, failed, mended if is_over else None, Feed.SYSLOG, text)
    done = (mended, fate.outcome) if is_over else None
    ticket = scribe.ticket(customer, fate.category, fate.subject, opened, done)
    send(scribe, around, customer, fate.skill, fate.job, ticket, opened, done)


def _settle(scribe: Scribe, customer: Customer) -> None:
    """A bend, a splice that sinks: alarming, and harmless."""
    start, weeks, depth = (
        scribe.rng.randrange(-5, levels.READINGS),
        scribe.rng.randrange(4, 12),
        scribe.rng.uniform(2, 6),
    )
    _add(scribe, customer, [-depth * min(1.0, max(0.0, (n - start) / weeks)) for n in range(levels.READINGS)])


def _sink(scribe: Scribe, customers: list[Customer]) -> None:
    """A feeder that is disturbed for a while: all its lines sink together and come back."""
    start, length, depth = scribe.rng.randrange(0, 15), scribe.rng.randrange(3, 9), scribe.rng.uniform(1.5, 4)
    fall = [-depth * (n - start) / length if start <= n <= start + length else 0.0 for n in range(levels.READINGS)]
    for customer in customers:
        if customer.line.technology is Technology.PON:
            _add(scribe, customer, fall)


def _add(scribe: Scribe, customer: Customer, shift: list[float]) -> None:
    there = scribe.shifts.get(customer.line.node.id, [0.0] * levels.READINGS)
    scribe.shifts[customer.line.node.id] = [a + b for a, b in zip(there, shift, strict=True)]
