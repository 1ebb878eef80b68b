"""Loads the demo ISP into an empty, migrated database.

Rows are copied table by table and committed group by group: one long transaction would hold back every reader
of the outbox. Two events mark start and end; a database whose load was broken off is emptied and loaded anew.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg.types.json import Jsonb

from atlas.demo import catalogue, field, hardware, money, people, services, vitals
from atlas.demo.history import book
from atlas.demo.layout import Layout, lay_out
from atlas.demo.rows import (
    AccountRow,
    AddressRow,
    ConsentRow,
    ContactRow,
    CreditRow,
    DependencyRow,
    DeviceModelRow,
    DeviceRow,
    DuctRow,
    FibreRow,
    FibreSectionRow,
    InvoiceLineRow,
    InvoiceRow,
    LinkRow,
    NodeRow,
    OrderRow,
    PaymentRow,
    PlanRow,
    ServiceRow,
    SessionRow,
    SiteRow,
    SubscriberRow,
    TechnicianRow,
    TechnicianSkillRow,
    ZoneRow,
)
from atlas.demo.services import Customer
from atlas.demo.writer import Progress, Table, analyse, copy, move_sequences
from atlas.network.enums import Role

Row = TypeVar("Row", bound=tuple[Any, ...])
LOADING, LOADED = "demo.loading", "demo.loaded"


class AlreadyLoadedError(RuntimeError):
    """The database holds an ISP already."""


class Summary(NamedTuple):
    """What was loaded: rows per table, and their sum."""

    subscribers: int
    tables: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def load(
    url: str,
    *,
    subscribers: int = 10_000,
    seed: int = 1,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Load an ISP of `subscribers` lines (2,000 or more), as it stands at `now` (UTC; default: the wall's).

    The same seed and time give the same rows, ids and names. Raises ValueError for too few subscribers and
    AlreadyLoadedError when the database holds an ISP. `progress(table, done, total)` is called along the way.
    """
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    layout = lay_out(subscribers, seed, now)
    counts: dict[str, int] = {}
    with psycopg.connect(url, autocommit=True) as connection:
        _begin(connection, subscribers, now)
        for group in _groups(layout, subscribers, seed, now):
            with connection.transaction():
                for part in group:
                    counts[part.name] = copy(connection, part, counts.get(part.name, 0), progress)
        move_sequences(connection, counts)
        analyse(connection, counts)
        _mark(connection, LOADED, subscribers, now)
    return Summary(subscribers, counts)


def _groups(layout: Layout, subscribers: int, seed: int, now: datetime) -> Iterator[Iterable[Table]]:
    """Table groups in the order foreign keys want them; each is one transaction."""
    people_ = people.subscribers(subscribers, seed, now)
    served = services.customers(people_, layout.draft.lines, layout.zones, seed, now)
    technicians, skills = field.technicians(seed)
    yield from _network(layout)
    yield [
        table("subscriber", SubscriberRow, people_),
        table("contact", ContactRow, people.contacts(people_, seed, now), subscribers * 3),
        table("consent", ConsentRow, people.consents(people_, seed), subscribers * 3 // 2),
        table("address", AddressRow, [customer.address for customer in served]),
    ]
    yield [
        table("plan", PlanRow, catalogue.PLANS),
        table("product_order", OrderRow, services.orders(served), subscribers),
        table("service", ServiceRow, [customer.service for customer in served]),
        table("access_session", SessionRow, services.sessions(served, seed, now), subscribers),
    ]
    yield [
        table("technician", TechnicianRow, technicians),
        table("technician_skill", TechnicianSkillRow, skills),
    ]
    yield from _money(served, seed, now)
    yield from book(layout, served, technicians, skills, seed, now)
    yield [table("vital_hour", vitals.HourRow, vitals.weeks(_cast(layout, served), now, seed))]


def _cast(layout: Layout, served: list[Customer]) -> vitals.Cast:
    """Who is measured, as the rows have it."""
    names = {node.id: node.name for node in layout.draft.nodes}
    lines = Counter(customer.line.nas for customer in served if customer.is_active)
    of_role: defaultdict[str, list[str]] = defaultdict(list)
    nats: defaultdict[str, list[str]] = defaultdict(list)
    for _, role, provider, consumer in layout.dependencies:
        if consumer is None:
            of_role[role].append(names[provider])
        else:
            nats[names[provider]].append(names[consumer])
    return vitals.Cast(
        dict(sorted(lines.items())),
        of_role[Role.AUTHENTICATION],
        of_role[Role.ADDRESSES],
        of_role[Role.NAMES],
        dict(nats),
        of_role[Role.ROUTES],
    )


def _network(layout: Layout) -> Iterator[list[Table]]:
    draft = layout.draft
    yield [
        table("zone", ZoneRow, [where.zone for where in layout.zones.values()]),
        table("site", SiteRow, layout.sites),
        table("duct", DuctRow, draft.ducts),
        table("fibre", FibreRow, draft.fibres),
        table("fibre_section", FibreSectionRow, draft.sections),
    ]
    yield [
        table("device_model", DeviceModelRow, hardware.MODELS),
        table("device", DeviceRow, draft.devices),
        table("node", NodeRow, draft.nodes),
        table("link", LinkRow, draft.links),
        table("dependency", DependencyRow, layout.dependencies),
    ]


def _money(served: list[Customer], seed: int, now: datetime) -> Iterator[list[Table]]:
    """A group per batch of accounts, so that a hundred thousand years of bills never stand in memory at once."""
    accounts, months = len(served), len(served) * money.MONTHS
    for batch in money.a_year(served, seed, now):
        yield [
            table("account", AccountRow, batch.accounts, accounts),
            table("invoice", InvoiceRow, batch.invoices, months),
            table("invoice_line", InvoiceLineRow, batch.lines, months * 5 // 4),
            table("payment", PaymentRow, batch.payments, months),
            table("credit", CreditRow, batch.credits),
        ]


def table(name: str, row: type[Row], rows: Iterable[Row], expected: int | None = None) -> Table:
    """A table to copy: its columns are the row type's fields."""
    size = expected if expected is not None else len(rows) if isinstance(rows, list) else 0
    return Table(name, rows, row._fields, size)  # type: ignore[attr-defined]


def _begin(connection: psycopg.Connection[Any], subscribers: int, now: datetime) -> None:
    """Make sure the database is empty, emptying it of what a broken-off load has left."""
    loaded = connection.execute("SELECT 1 FROM event WHERE kind = %s LIMIT 1", (LOADED,)).fetchone()
    begun = connection.execute("SELECT 1 FROM event WHERE kind = %s LIMIT 1", (LOADING,)).fetchone()
    holds = connection.execute("SELECT 1 FROM zone LIMIT 1").fetchone()
    if loaded or (holds and not begun):
        raise AlreadyLoadedError("The database already holds an ISP; load the demo into an empty one.")
    if holds:
        connection.execute(
            "TRUNCATE zone, site, duct, fibre, device_model, plan, subscriber, node, alarm, incident CASCADE"
        )
        connection.execute("TRUNCATE alarm_occurrence, problem, change, vital, vital_hour CASCADE")
    if not begun:
        _mark(connection, LOADING, subscribers, now)


def _mark(connection: psycopg.Connection[Any], kind: str, subscribers: int, now: datetime) -> None:
    connection.execute(
        "INSERT INTO event (at, kind, subject, payload) VALUES (%s, %s, 'demo', %s)",
        (now, kind, Jsonb({"subscribers": subscribers})),
    )


__all__ = ["AlreadyLoadedError", "Summary", "load"]
