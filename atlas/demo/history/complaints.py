"""Troubles of single lines, and the tickets and visits they led to.

Connectors that get dirty (the optical level drifts down for weeks, then a visit cleans it), ONTs of a weak batch
(their laser dies, the unit is swapped), slow wifi, questions about bills. Most are closed; the newest are open.
Behind zone 3's backhaul nothing is open but the complaints of the last week, when that cable began to fade.
"""

from datetime import datetime, timedelta

from atlas.demo import hardware, valley
from atlas.demo.history.neighbourhood import Neighbourhood
from atlas.demo.history.scribe import Scribe
from atlas.demo.services import Customer
from atlas.network.enums import AlarmType, Feed, Severity, Technology

LINES_PER_QUESTION, LINES_PER_DRIFT = 25, 160
WEAK_FAILURE = 0.12
OPEN_SHARE = 0.3  # of the questions of the last days

QUESTIONS = (
    ("billing", "Why is my bill higher this month?", "Explained: the welcome discount ended."),
    ("billing", "I was charged for calls I don't know", "Explained call by call; one taken off the bill."),
    ("slow", "Wifi is slow upstairs", "Moved to a free channel; advice on where to put the box."),
    ("slow", "Slow in the evening", "Measured with the subscriber: the line holds its speed, a game update ran."),
    ("intermittent", "Video calls freeze", "Firmware of the box updated."),
    ("other", "Moving house, can I take my line along?", "Order for the new address taken."),
    ("other", "Port forwarding for a camera", "Explained; public address booked."),
    ("no_service", "No internet since this morning", "The box was unplugged by the cleaner."),
)
FADING = (
    ("intermittent", "Connection drops for seconds, several times a day"),
    ("slow", "Very slow since the weekend"),
    ("intermittent", "Telephone cuts out in mid-sentence"),
    ("slow", "Streaming stops and buffers"),
)


def happen(scribe: Scribe, around: Neighbourhood, served: list[Customer]) -> None:
    """Sixty days of them."""
    active = [customer for customer in served if customer.is_active]
    pon = [customer for customer in active if customer.line.technology is Technology.PON]
    _questions(scribe, active)
    for customer in scribe.rng.sample(pon, max(4, len(pon) // LINES_PER_DRIFT)):
        _dirty_connector(scribe, around, customer)
    for customer in pon:
        if around.device(customer.line.node).hardware_batch == hardware.WEAK_BATCH:
            _weak_laser(scribe, around, customer)
    _fading_backhaul(scribe, [customer for customer in active if customer.line.backhaul])


def _questions(scribe: Scribe, active: list[Customer]) -> None:
    for customer in scribe.rng.sample(active, len(active) // LINES_PER_QUESTION):
        category, subject, answer = scribe.rng.choice(QUESTIONS)
        opened = scribe.some_day(1)
        is_new = opened > scribe.now - timedelta(days=6)
        stays_open = is_new and not customer.line.backhaul and scribe.rng.random() < OPEN_SHARE
        done = min(opened + timedelta(hours=scribe.rng.randrange(1, 60)), scribe.now)
        scribe.ticket(customer, category, subject, opened, None if stays_open else (done, answer))


def _dirty_connector(scribe: Scribe, around: Neighbourhood, customer: Customer) -> None:
    """The level drifts from -19 to -28 dBm until it is noticed, and jumps back once cleaned."""
    node = customer.line.node
    noticed = scribe.some_day(3)
    is_over = customer.line.backhaul or noticed < scribe.now - timedelta(days=9)
    cleaned = min(noticed + timedelta(days=3), scribe.now - timedelta(hours=5)) if is_over else None
    day = noticed - timedelta(days=21)
    while day < scribe.now:
        drift = max(0.0, 1 - (noticed - day).days / 21) if cleaned is None or day < cleaned else 0.0
        scribe.sample(node.id, "rx_power_dbm", day, -19 - 9 * min(1.0, drift) + scribe.rng.gauss(0, 0.15))
        day += timedelta(days=1)
    text = "Received optical power low, -27 dBm"
    scribe.alarm(node.name, AlarmType.OPTICAL_POWER_LOW, Severity.WARNING, noticed, cleaned, Feed.SNMP_TRAP, text)
    done = (cleaned, "Connector at the wall socket cleaned; level back to -19 dBm.") if cleaned else None
    ticket = scribe.ticket(customer, "slow", "Slow and stuttering for some days", noticed + timedelta(hours=7), done)
    _send(scribe, around, customer, "pon", "Clean the connectors, measure the level.", ticket, noticed, done)


def _weak_laser(scribe: Scribe, around: Neighbourhood, customer: Customer) -> None:
    if scribe.rng.random() > WEAK_FAILURE:
        return
    began = scribe.some_day(5)
    swapped = began + timedelta(hours=scribe.rng.randrange(20, 70))
    node = customer.line.node
    text = f"ONT {node.name.partition('/')[2]} LOS"
    scribe.alarm(node.name, AlarmType.ONT_LOS, Severity.MINOR, began, swapped, Feed.SYSLOG, text)
    serial = around.device(node).serial
    done = (swapped, f"ONT swapped; {serial}'s laser had failed (batch {hardware.WEAK_BATCH}).")
    opened = began + timedelta(hours=scribe.rng.randrange(1, 12))
    ticket = scribe.ticket(customer, "no_service", "No internet, red light on the box", opened, done)
    _send(scribe, around, customer, "premises", "Swap the ONT.", ticket, opened, done)


def _send(
    scribe: Scribe,
    around: Neighbourhood,
    customer: Customer,
    skill: str,
    instructions: str,
    ticket: int,
    created: datetime,
    done: tuple[datetime, str] | None,
) -> None:
    who = around.crew(customer.line.zone, skill, scribe.rng)
    where = f"{customer.address.street} {customer.address.house_number}, {customer.address.city}"
    element = f"node:{customer.line.node.name}"
    order = scribe.work_order(skill, element, where, instructions, who, created, done, ticket=ticket)
    planned = done[0] - timedelta(hours=1) if done else scribe.now + timedelta(days=scribe.rng.randrange(1, 4))
    scribe.visit(customer, order, who, planned)


def _fading_backhaul(scribe: Scribe, behind: list[Customer]) -> None:
    """Complaints of the last week from behind a cable that is about to give."""
    for number, customer in enumerate(scribe.rng.sample(behind, valley.OPEN_TICKETS)):
        category, subject = FADING[number % len(FADING)]
        opened = scribe.now - timedelta(hours=scribe.rng.randrange(5, 150))
        scribe.ticket(customer, category, subject, opened, None)
