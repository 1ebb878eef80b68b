"""The subscribers: names by faker, ways to reach them, what they agreed to.

Numbers run from 100001. Their languages are mostly English, as the assistant's are.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from faker import Faker

from atlas.demo import phones
from atlas.demo.rows import ConsentRow, ContactRow, SubscriberRow

FIRST_NUMBER = 100_001
BUSINESS_SHARE = 0.08
VULNERABLE_SHARE = 0.02
OPTED_OUT_SHARE = 0.012
_CHANNELS = (("sms", 0.38), ("whatsapp", 0.32), ("email", 0.23), ("voice", 0.07))
_LANGUAGES = (("en", 0.85), ("de", 0.11), ("tr", 0.04))
_PURPOSES = (("marketing", 0.35), ("recording", 0.6), ("usage_advice", 0.5))


def subscribers(count: int, seed: int, now: datetime) -> list[SubscriberRow]:
    """People and firms; nobody is newer than a fortnight."""
    rng = random.Random(f"{seed}/people")
    faker = Faker("de_DE")
    faker.seed_instance(f"{seed}/people")
    return [_subscriber(n, rng, faker, now) for n in range(1, count + 1)]


def _subscriber(n: int, rng: random.Random, faker: Faker, now: datetime) -> SubscriberRow:
    is_business = rng.random() < BUSINESS_SHARE
    name = faker.company() if is_business else f"{faker.first_name()} {faker.last_name()}"
    return SubscriberRow(
        n,
        str(FIRST_NUMBER + n - 1),
        name,
        "business" if is_business else "residential",
        _pick(_LANGUAGES, rng),
        _pick(_CHANNELS, rng),
        not is_business and rng.random() < VULNERABLE_SHARE,
        now - timedelta(days=rng.randrange(14, 6 * 365), seconds=rng.randrange(86_400)),
    )


def _pick(table: tuple[tuple[str, float], ...], rng: random.Random) -> str:
    draw = rng.random()
    for value, share in table:
        draw -= share
        if draw < 0:
            return value
    return table[0][0]


def contacts(people: list[SubscriberRow], seed: int, now: datetime) -> Iterator[ContactRow]:
    """Everyone has the channel they prefer; a few have sent STOP to it."""
    rng = random.Random(f"{seed}/contacts")
    id_ = 0
    for person in people:
        for channel, address in _addresses(person, rng):
            id_ += 1
            verified = person.since + timedelta(hours=1) if rng.random() < 0.9 else None
            is_out = channel == person.preferred_channel and rng.random() < OPTED_OUT_SHARE
            opted_out = now - timedelta(days=rng.randrange(1, 300)) if is_out else None
            yield ContactRow(id_, person.id, channel, address, person.since, verified, opted_out)


def _addresses(person: SubscriberRow, rng: random.Random) -> Iterator[tuple[str, str]]:
    preferred, mobile = person.preferred_channel, phones.mobile(person.id)
    if preferred != "voice" or rng.random() < 0.7:
        yield "sms", mobile
    if preferred == "whatsapp" or (preferred == "sms" and rng.random() < 0.4):
        yield "whatsapp", mobile
    if preferred == "voice":
        yield "voice", phones.landline(person.id)
    if preferred == "email" or rng.random() < 0.85:
        yield "email", f"subscriber.{person.number}@example.com"


def consents(people: list[SubscriberRow], seed: int) -> Iterator[ConsentRow]:
    """What they agreed to when they signed, and what some took back."""
    rng = random.Random(f"{seed}/consents")
    id_ = 0
    for person in people:
        for purpose, share in _PURPOSES:
            if rng.random() < share:
                id_ += 1
                withdrawn = person.since + timedelta(days=7) if rng.random() < 0.05 else None
                yield ConsentRow(id_, person.id, purpose, person.since, withdrawn)
