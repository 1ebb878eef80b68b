"""Copies rows into PostgreSQL: one COPY per table, ids as chosen, identity sequences moved past them afterwards."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

Progress = Callable[[str, int, int], None]
#: Rows between two calls of the progress callback.
STEP = 5_000


class Table(NamedTuple):
    """A table to fill. `rows` are named tuples whose fields are its columns; `expected` is for the progress bar."""

    name: str
    rows: Iterable[Any]
    columns: Sequence[str]
    expected: int


def copy(connection: psycopg.Connection[Any], table: Table, before: int, progress: Progress | None) -> int:
    """Copy rows within the caller's transaction; returns how many the table holds, `before` among them."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    count = before
    with connection.cursor() as cursor, cursor.copy(statement) as target:
        for row in table.rows:
            target.write_row(row)
            count += 1
            if progress and count % STEP == 0:
                progress(table.name, count, max(count, table.expected))
    if progress:
        progress(table.name, count, max(count, table.expected))
    return count


def move_sequences(connection: psycopg.Connection[Any], tables: Iterable[str]) -> None:
    """Let each table's identity go on after its highest id; tables without one are left alone."""
    for name in tables:
        sequence = connection.execute(
            "SELECT pg_get_serial_sequence(c.table_name, c.column_name) FROM information_schema.columns c"
            " WHERE c.table_schema = 'public' AND c.table_name = %s AND c.is_identity = 'YES'",
            (name,),
        ).fetchone()
        if sequence:
            statement = sql.SQL("SELECT setval(%s, greatest(max(id), 1)) FROM {}").format(sql.Identifier(name))
            connection.execute(statement, sequence)


def analyse(connection: psycopg.Connection[Any], tables: Iterable[str]) -> None:
    """Give the planner statistics, so that the first query is as good as the thousandth."""
    for name in tables:
        connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))
