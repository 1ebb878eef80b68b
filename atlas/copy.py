"""PostgreSQL COPY inside a session's own transaction: the way in for anything that comes in thousands."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection, sql
from sqlalchemy.ext.asyncio import AsyncSession


async def copy_rows(
    session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """COPY rows into a table; they commit, or are rolled back, with the session."""
    connection = await (await session.connection()).get_raw_connection()
    driver: AsyncConnection[Any] | None = connection.driver_connection
    assert driver is not None
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    async with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)
