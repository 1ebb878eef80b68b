"""Who has which line: orders, services, addresses and the RADIUS sessions that are open now."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import NamedTuple

from atlas.demo import zones
from atlas.demo.catalogue import plans_for
from atlas.demo.draft import Line, place_of
from atlas.demo.rows import AddressRow, OrderRow, PlanRow, ServiceRow, SessionRow, SubscriberRow
from atlas.demo.zones import Gazetteer

INTERIM_SECONDS = 1_800
_SUSPENDED, _TERMINATED = 0.006, 0.012
_FRAMED = IPv4Address("100.64.0.0")  # shared address space (RFC 6598)


class Customer(NamedTuple):
    """A subscriber with their one line; everything later looks them up here."""

    person: SubscriberRow
    line: Line
    plan: PlanRow
    service: ServiceRow
    address: AddressRow

    @property
    def is_active(self) -> bool:
        return self.service.state == "active"


def customers(
    people: list[SubscriberRow], lines: list[Line], places: dict[int, Gazetteer], seed: int, now: datetime
) -> list[Customer]:
    """Give each subscriber a line, in no order; behind zone 3's backhaul every line is active."""
    rng = random.Random(f"{seed}/services")
    shuffled = rng.sample(lines, len(lines))
    return [_customer(person, line, places, rng, now) for person, line in zip(people, shuffled, strict=True)]


def _customer(
    person: SubscriberRow, line: Line, places: dict[int, Gazetteer], rng: random.Random, now: datetime
) -> Customer:
    plan = rng.choice(plans_for(line.technology, person.segment))
    address = zones.address(person.id, places[line.zone], place_of(line.node), rng)
    state, activated, ended = "active", person.since + timedelta(days=9), None
    draw = rng.random()
    if not line.backhaul and draw < _TERMINATED:
        state, ended = "terminated", now - timedelta(days=rng.randrange(1, 5))
    elif not line.backhaul and draw < _TERMINATED + _SUSPENDED:
        state = "suspended"
    username = f"{person.number}@lines.example"
    service = ServiceRow(person.id, person.id, plan.id, address.id, line.node.id, username, state, activated, ended)
    return Customer(person, line, plan, service, address)


def orders(served: list[Customer]) -> Iterator[OrderRow]:
    """The order each service came from."""
    for customer in served:
        service, since = customer.service, customer.person.since
        yield OrderRow(
            service.id,
            customer.person.id,
            service.plan_id,
            service.address_id,
            "completed",
            since,
            service.activated_at,
        )


def sessions(served: list[Customer], seed: int, now: datetime) -> Iterator[SessionRow]:
    """One open session per active line; the last interims are spread evenly over the interval before `now`."""
    rng = random.Random(f"{seed}/sessions")
    active = [customer for customer in served if customer.is_active]
    step = INTERIM_SECONDS / max(1, len(active))
    for n, customer in enumerate(active):
        heard = now - timedelta(seconds=n * step)
        longest = max(1, min(20, (heard - (customer.service.activated_at or heard)).days))
        started = heard - INTERIM_SECONDS * timedelta(seconds=rng.randrange(1, 48 * longest))
        hours = (heard - started).total_seconds() / 3600
        octets = int(hours * rng.lognormvariate(0, 1) * 4e8)
        yield SessionRow(
            n + 1,
            customer.service.id,
            customer.line.nas,
            session_id(customer.service.id, started),
            str(_FRAMED + customer.service.id),
            started,
            heard,
            INTERIM_SECONDS,
            octets // 12,
            octets,
        )


def session_id(service: int, started: datetime) -> str:
    """Acct-Session-Id as this operator's BNGs write it: start in seconds, then the line, in hexadecimal."""
    return f"{int(started.timestamp()):08x}{service:08x}"
