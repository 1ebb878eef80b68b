"""A year of invoices and payments: monthly bills, welcome discounts that end, extra calls, some overdue."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from atlas.demo.catalogue import CURRENCY
from atlas.demo.rows import AccountRow, CreditRow, InvoiceLineRow, InvoiceRow, PaymentRow
from atlas.demo.services import Customer

MONTHS = 12
BATCH = 5_000
DAYS_TO_PAY = 14
WELCOME = Decimal("-5.000")
WELCOME_MONTHS = 6
_OVERDUE, _USAGE, _CREDITED, _VISIT = 0.025, 0.06, 0.004, 0.003

Item = tuple[str, str, Decimal]  # kind, description, amount


class Billing(NamedTuple):
    """The rows of a year, gathered: lines, payments and credits follow from the same invoices."""

    accounts: list[AccountRow]
    invoices: list[InvoiceRow]
    lines: list[InvoiceLineRow]
    payments: list[PaymentRow]
    credits: list[CreditRow]


def a_year(served: list[Customer], seed: int, now: datetime) -> Iterator[Billing]:
    """Accounts with their twelve months of bills, in batches of `BATCH` subscribers."""
    rng = random.Random(f"{seed}/money")
    ids = Counters()
    for start in range(0, len(served), BATCH):
        batch = Billing([], [], [], [], [])
        for customer in served[start : start + BATCH]:
            _account(customer, batch, ids, rng, now)
        yield batch


class Counters:
    """The last id of each table."""

    def __init__(self) -> None:
        self.invoice = self.line = self.payment = self.credit = 0


def _account(customer: Customer, batch: Billing, ids: Counters, rng: random.Random, now: datetime) -> None:
    today = now.date()
    bill_day = rng.randrange(1, 29)
    account = customer.person.id
    batch.accounts.append(AccountRow(account, account, CURRENCY, bill_day))
    since = customer.person.since.date()
    dates = [day for day in bill_dates(today, bill_day) if day > since + timedelta(days=14)]
    unpaid = rng.randrange(1, 3) if rng.random() < _OVERDUE else 0
    owed = Decimal(0)
    for n, issued in enumerate(dates):
        items = _items(customer, issued, since, owed, rng)
        ids.invoice += 1
        due = issued + timedelta(days=DAYS_TO_PAY)
        state = _state(due, today, n >= len(dates) - unpaid, rng)
        _write(customer, batch, ids, issued, items, state)
        owed = Decimal(0)
        if state == "paid":
            _pay(account, batch, ids, issued, min(due, today), rng)
            if n < len(dates) - 1 and rng.random() < _CREDITED:
                owed = _credit(account, customer, batch, ids, issued)


def bill_dates(today: date, day: int) -> list[date]:
    """The last twelve days of the month `day` up to today, oldest first."""
    months = range(today.year * 12 + today.month - 1, today.year * 12 + today.month - 1 - MONTHS - 1, -1)
    dates = [date(month // 12, month % 12 + 1, day) for month in months]
    return sorted(when for when in dates if when <= today)[-MONTHS:]


def _items(customer: Customer, issued: date, since: date, owed: Decimal, rng: random.Random) -> list[Item]:
    items = [("recurring", customer.plan.name, Decimal(customer.plan.monthly_price))]
    if (issued - since).days < WELCOME_MONTHS * 30:
        items.append(("credit", "Welcome discount, first six months", WELCOME))
    if rng.random() < _USAGE:
        minutes = rng.randrange(5, 240)
        items.append(("usage", f"Calls abroad, {minutes} minutes", minutes * Decimal("0.090")))
    if rng.random() < _VISIT:
        items.append(("one_off", "Visit: home network, not our fault", Decimal("49.000")))
    if owed:
        items.append(("credit", "Credit for an outage", -owed))
    return items


def _state(due: date, today: date, is_unpaid: bool, rng: random.Random) -> str:
    if due >= today:
        return "issued" if is_unpaid or rng.random() < 0.6 else "paid"
    return "overdue" if is_unpaid else "paid"


def _write(customer: Customer, batch: Billing, ids: Counters, issued: date, items: list[Item], state: str) -> None:
    total = sum((amount for _, _, amount in items), Decimal(0))
    due = (issued + timedelta(days=DAYS_TO_PAY)).isoformat()
    number = f"{issued:%Y%m}-{customer.person.number}"
    batch.invoices.append(
        InvoiceRow(ids.invoice, customer.person.id, number, state, issued.isoformat(), due, str(total), CURRENCY)
    )
    for kind, description, amount in items:
        ids.line += 1
        batch.lines.append(InvoiceLineRow(ids.line, ids.invoice, customer.service.id, kind, description, str(amount)))


def _pay(account: int, batch: Billing, ids: Counters, issued: date, latest: date, rng: random.Random) -> None:
    ids.payment += 1
    day = issued + timedelta(days=rng.randrange(0, (latest - issued).days + 1))
    received = f"{day.isoformat()}T{rng.randrange(0, 8):02}:{rng.randrange(60):02}:00+00:00"
    total = batch.invoices[-1].total
    batch.payments.append(
        PaymentRow(ids.payment, account, ids.invoice, total, CURRENCY, f"SEPA-{ids.payment:09}", received)
    )


def _credit(account: int, customer: Customer, batch: Billing, ids: Counters, issued: date) -> Decimal:
    """A seventh of a month for a day or so without service; it comes off the next bill."""
    ids.credit += 1
    amount = (Decimal(customer.plan.monthly_price) / 7).quantize(Decimal("0.01"))
    at = datetime.fromisoformat(f"{issued.isoformat()}T15:00:00+00:00")
    batch.credits.append(
        CreditRow(ids.credit, account, ids.invoice, str(amount), CURRENCY, "Outage, agreed on the phone", at)
    )
    return amount
