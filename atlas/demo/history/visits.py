"""Visits because of a complaint: some find a fault, many find none, and the words of the call don't tell them apart.

What the trouble really was is drawn first; it colours the words, the level, and what the technician writes down.
"""

from datetime import timedelta
from typing import NamedTuple

from atlas.demo.history import levels
from atlas.demo.history.callout import send
from atlas.demo.history.neighbourhood import Neighbourhood
from atlas.demo.history.scribe import Scribe
from atlas.demo.services import Customer
from atlas.network.enums import AlarmType, Feed, Severity

LINES_PER_VISIT = 30
#: Of the complaints of any kind, those whose words are another kind's.
MISTAKEN = 0.25


class Trouble(NamedTuple):
    """What was really wrong: how often, how people put it, how often the level and the alarms show it, and what the
    visit came to.
    """

    share: float
    category: str
    words: tuple[str, ...]
    shows: float
    outcomes: tuple[str, ...]


TROUBLES = (
    Trouble(
        0.26, "slow",
        ("Wifi is slow upstairs", "Slow on the laptop, the television is fine", "Wifi drops in the bedroom",
         "Slow in the evening when everybody is home"),
        0.0,
        ("No fault found; line tested good at the socket, wifi moved to another channel.",
         "No fault found. Box stood behind the television.", "NFF, speed at the cable is what was sold."),
    ),
    Trouble(
        0.14, "no_service",
        ("No internet since this morning", "Box is dark", "Nothing works since the painters were here"),
        0.15,
        ("No fault found: the box was unplugged.", "No fault found; customer's own router was switched off."),
    ),
    Trouble(
        0.22, "intermittent",
        ("Connection drops several times a day", "Video calls freeze", "Internet comes and goes when it is windy"),
        0.75,
        ("Drop cable chafed at the gutter; new cable pulled.", "Loose connector at the wall socket; remade.",
         "Kink in the patch cord; replaced."),
    ),
    Trouble(
        0.20, "slow",
        ("Very slow for a week, on the cable too", "Slow and stuttering for some days", "Streaming stops and buffers"),
        0.7,
        ("Dirty connector cleaned; level back to normal.", "Corroded splitter in the house replaced."),
    ),
    Trouble(
        0.18, "no_service",
        ("No internet, red light on the box", "Dead since the thunderstorm", "No internet since last night"),
        0.85,
        ("Box swapped: power supply had failed.", "Box swapped after lightning.",
         "Drop cable cut by the gardener; spliced."),
    ),
)  # fmt: skip


def happen(scribe: Scribe, around: Neighbourhood, served: list[Customer]) -> None:
    """Sixty days of them, all over but the newest."""
    able = [c for c in served if c.is_active and not c.line.backhaul and c.line.node.id not in scribe.shifts]
    for customer in scribe.rng.sample(able, len(able) // LINES_PER_VISIT):
        _visit(scribe, around, customer)


def _visit(scribe: Scribe, around: Neighbourhood, customer: Customer) -> None:
    rng = scribe.rng
    trouble = rng.choices(TROUBLES, [each.share for each in TROUBLES])[0]
    said = rng.choice(TROUBLES) if rng.random() < MISTAKEN else trouble
    opened = scribe.some_day(1)
    mended = opened + timedelta(hours=rng.randrange(6, 72))
    done = (mended, rng.choice(trouble.outcomes)) if mended < scribe.now else None
    if rng.random() < trouble.shows:
        began = opened - timedelta(days=rng.uniform(0.1, 9))
        depth = rng.uniform(0.8, 3.5)
        scribe.shifts[customer.line.node.id] = [
            -depth * rng.uniform(0.3, 1.2) if began <= at < mended else 0.0 for at in levels.moments(scribe.now)
        ]
    if rng.random() < trouble.shows / 2:
        name = customer.line.node.name
        cleared = mended if done else None
        raised = opened - timedelta(hours=rng.randrange(1, 20))
        scribe.alarm(name, AlarmType.OTHER, Severity.WARNING, raised, cleared, Feed.HTTP, "Line quality degraded")
    ticket = scribe.ticket(customer, said.category, rng.choice(said.words), opened, done)
    send(scribe, around, customer, "premises", "Check the line at the subscriber's.", ticket, opened, done)
