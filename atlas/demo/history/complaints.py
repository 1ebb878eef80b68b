"""What subscribers asked and complained of without anybody having to come: slow wifi, bills, a move.

Most are closed; the newest are open. Behind zone 3's backhaul nothing is open but the complaints of the last week,
when that cable began to fade.
"""

from datetime import timedelta

from atlas.demo import valley
from atlas.demo.history.scribe import Scribe
from atlas.demo.services import Customer

LINES_PER_QUESTION = 25
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


def happen(scribe: Scribe, served: list[Customer]) -> None:
    """Sixty days of them."""
    active = [customer for customer in served if customer.is_active]
    _questions(scribe, active)
    _fading_backhaul(scribe, [customer for customer in active if customer.line.backhaul])


def _questions(scribe: Scribe, active: list[Customer]) -> None:
    for customer in scribe.rng.sample(active, len(active) // LINES_PER_QUESTION):
        category, subject, answer = scribe.rng.choice(QUESTIONS)
        opened = scribe.some_day(1)
        is_new = opened > scribe.now - timedelta(days=6)
        stays_open = is_new and not customer.line.backhaul and scribe.rng.random() < OPEN_SHARE
        done = min(opened + timedelta(hours=scribe.rng.randrange(1, 60)), scribe.now)
        scribe.ticket(customer, category, subject, opened, None if stays_open else (done, answer))


def _fading_backhaul(scribe: Scribe, behind: list[Customer]) -> None:
    """Complaints of the last week from behind a cable that is about to give."""
    for number, customer in enumerate(scribe.rng.sample(behind, valley.OPEN_TICKETS)):
        category, subject = FADING[number % len(FADING)]
        opened = scribe.now - timedelta(hours=scribe.rng.randrange(5, 150))
        scribe.ticket(customer, category, subject, opened, None)
