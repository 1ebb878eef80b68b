"""The demo ISP as it is loaded: the laid-out zone, redundancy, and the same rows from the same seed."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from atlas.demo.load import AlreadyLoadedError, load
from tests.atlas.demo.graph import cut_off, links_on, loss

BACKHAUL = "fibre:F-Z3-BH-1"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def connection(demo_database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(demo_database, autocommit=True) as connection:
        yield connection


def one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def assert_laid_out(connection: psycopg.Connection[Any]) -> None:
    assert cut_off(connection, []) == set()
    lost = loss(connection, [BACKHAUL])
    assert (len(lost.devices), len(lost.subscribers), len(lost.open_tickets)) == (47, 312, 8)
    assert lost.zones == {3, 4}


def test_cutting_zone_3s_backhaul_takes_what_it_was_laid_out_to_take(
    connection: psycopg.Connection[Any],
) -> None:
    assert_laid_out(connection)


@pytest.mark.parametrize(("subscribers", "seed"), [(2_000, 7), (3_456, 2)])
def test_the_layout_holds_at_every_size_and_seed(database: str, subscribers: int, seed: int) -> None:
    load(database, subscribers=subscribers, seed=seed)
    with psycopg.connect(database) as connection:
        assert_laid_out(connection)
        assert one(connection, "SELECT count(*) FROM subscriber") == subscribers


def test_the_backhaul_looks_dual_homed_and_is_not(connection: psycopg.Connection[Any]) -> None:
    links = links_on(connection, BACKHAUL)
    assert len(links) == 2
    assert cut_off(connection, [f"link:{next(iter(links))}"]) == set()


def test_any_one_ring_or_core_fibre_may_be_cut(connection: psycopg.Connection[Any]) -> None:
    rings = connection.execute(
        "SELECT f.name FROM fibre f JOIN zone z ON z.id = f.zone_id WHERE f.role IN ('ring', 'core')"
    ).fetchall()
    assert len(rings) > 12
    for (name,) in rings:
        assert cut_off(connection, [f"fibre:{name}"]) == set(), name


def test_a_spur_shares_a_duct_with_its_ring(connection: psycopg.Connection[Any]) -> None:
    shared = one(
        connection,
        "SELECT d.name FROM duct d JOIN fibre_section s ON s.duct_id = d.id JOIN fibre f ON f.id = s.fibre_id"
        " WHERE d.zone_id = 6 GROUP BY d.name HAVING array_agg(f.role) @> '{ring,backhaul}'::varchar[]",
    )
    assert loss(connection, [f"duct:{shared}"]).subscribers


def test_every_name_is_a_devices_and_every_polled_device_has_an_address(
    connection: psycopg.Connection[Any],
) -> None:
    assert (
        one(connection, "SELECT count(*) FROM node n JOIN device d ON d.id = n.device_id WHERE n.name <> d.name") == 0
    )
    assert one(connection, "SELECT count(*) FROM node WHERE device_id IS NULL AND kind IN ('ont', 'olt', 'bng')") == 0
    addresses = one(connection, "SELECT count(management_address) - count(DISTINCT management_address) FROM device")
    assert addresses == 0


def test_every_active_line_is_online(connection: psycopg.Connection[Any]) -> None:
    offline = one(
        connection,
        "SELECT count(*) FROM service s LEFT JOIN access_session a ON a.service_id = s.id AND a.stopped_at IS NULL"
        " WHERE (s.state = 'active') <> (a.id IS NOT NULL)",
    )
    assert offline == 0
    assert (
        one(connection, "SELECT count(*) FROM access_session a LEFT JOIN node n ON n.name = a.nas WHERE n.id IS NULL")
        == 0
    )


def test_bills_add_up(connection: psycopg.Connection[Any]) -> None:
    wrong = one(
        connection,
        "SELECT count(*) FROM invoice i WHERE total <>"
        " (SELECT sum(amount) FROM invoice_line l WHERE l.invoice_id = i.id)",
    )
    assert wrong == 0
    assert one(connection, "SELECT count(*) FROM invoice WHERE state = 'overdue'") > 0
    assert (
        one(connection, "SELECT count(*) FROM invoice i JOIN payment p ON p.invoice_id = i.id WHERE i.state <> 'paid'")
        == 0
    )


def test_the_past_is_over(connection: psycopg.Connection[Any]) -> None:
    assert one(connection, "SELECT count(*) FROM incident WHERE state <> 'resolved'") == 0
    still = connection.execute("SELECT DISTINCT alarm_type FROM alarm WHERE NOT is_cleared").fetchall()
    assert still in ([], [("optical-power-low",)])
    assert one(connection, "SELECT count(*) FROM alarm_occurrence WHERE xid >= 0") == 0
    future = one(connection, "SELECT count(*) FROM ticket WHERE resolved_at < opened_at")
    assert future == 0


def test_new_rows_get_ids_after_the_loaded_ones(connection: psycopg.Connection[Any]) -> None:
    highest = one(connection, "SELECT max(id) FROM ticket")
    connection.execute(
        "INSERT INTO ticket (kind, state, category, subject, description, opened_at)"
        " VALUES ('incident', 'open', 'no_service', 'x', '', now())"
    )
    assert one(connection, "SELECT max(id) FROM ticket") == highest + 1


def digest(url: str) -> dict[str, str]:
    """A hash of every table's rows, but for the events that mark when it was loaded."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name <> 'event'"
        ).fetchall()
        found = {}
        for (table,) in tables:
            hashed = hashlib.sha256()
            with connection.cursor().copy(f'COPY (SELECT * FROM "{table}" t ORDER BY t) TO STDOUT') as copy:
                for block in copy:
                    hashed.update(block)
            found[table] = hashed.hexdigest()
        return found


def test_the_same_seed_and_time_give_the_same_rows(server_url: str, database: str, template: str) -> None:
    from atlas import server

    load(database, subscribers=2_000, seed=5, now=NOW)
    name = f"again_{database.rpartition('/')[2].partition('?')[0]}"
    server.create_database(server_url, name, template)
    again = server.with_database(server_url, name)
    try:
        load(again, subscribers=2_000, seed=5, now=NOW)
        assert digest(again) == digest(database)
    finally:
        server.drop_database(server_url, name)


def test_it_refuses_a_database_with_an_isp_and_too_few_subscribers(demo_database: str, database: str) -> None:
    with pytest.raises(AlreadyLoadedError, match="already holds"):
        load(demo_database)
    with pytest.raises(ValueError, match="at least 2000"):
        load(database, subscribers=100)


def test_a_load_that_was_broken_off_starts_again(database: str) -> None:
    def break_off(table: str, done: int, total: int) -> None:
        if table == "payment":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(database, subscribers=2_000, progress=break_off)
    summary = load(database, subscribers=2_000)
    assert summary.tables["subscriber"] == 2_000
