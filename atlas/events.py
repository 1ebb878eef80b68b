"""The outbox: a state change commits together with the event that tells of it.

Ids commit out of order, so `id > cursor` loses events. A reader therefore goes by (transaction, id) and stops
below `pg_snapshot_xmin`, under which nothing can still commit. NOTIFY carries nothing: it only wakes readers.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import BigInteger, Identity, Index, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Sessions

CHANNEL = "bedrock"
#: The inserting transaction's id, as a plain bigint.
CURRENT_XID = text("(pg_current_xact_id()::text::bigint)")
#: Transactions below this have all ended.
SETTLED = text("(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)")


class Event(Base):
    """Something that happened: `kind` is `<module>.<what>`, `subject` the reference people use."""

    __tablename__ = "event"
    __table_args__ = (Index(None, "xid", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    xid: Mapped[int] = mapped_column(server_default=CURRENT_XID)
    at: Mapped[datetime]
    kind: Mapped[str]
    subject: Mapped[str]
    payload: Mapped[dict[str, Any]]


class Cursor(NamedTuple):
    """A reader's place: the last (transaction, id) it has seen."""

    xid: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as a reader gets it."""

    cursor: Cursor
    at: datetime
    kind: str
    subject: str
    payload: dict[str, Any]


async def emit(
    session: AsyncSession, kind: str, subject: str, payload: dict[str, Any] | None = None, *, at: datetime
) -> None:
    """Write an event into the caller's transaction; readers are woken when it commits."""
    # Inline: without RETURNING, since a subscriber's role may tell of an event but not read one.
    row = insert(Event).values(at=at, kind=kind, subject=subject, payload=payload or {})
    await session.execute(row.inline())
    await wake(session)


async def wake(session: AsyncSession) -> None:
    """Wake readers when the caller's transaction commits."""
    await session.execute(select(func.pg_notify(CHANNEL, "")))


async def read(
    session: AsyncSession, after: Cursor, *, kinds: Collection[str] = (), limit: int = 500
) -> list[Happened]:
    """Events after a cursor, oldest first, none skipped and none twice. `kinds` may end in `.*`."""
    query = (
        select(Event)
        .where(func.row(Event.xid, Event.id) > func.row(after.xid, after.id), Event.xid < SETTLED)
        .order_by(Event.xid, Event.id)
        .limit(limit)
    )
    if kinds:
        query = query.where(Event.kind.like(func.any([_pattern(kind) for kind in kinds])))
    rows = (await session.scalars(query)).all()
    return [Happened(Cursor(row.xid, row.id), row.at, row.kind, row.subject, row.payload) for row in rows]


def _pattern(kind: str) -> str:
    """What LIKE takes for a kind, in which only a `.*` at the end stands for anything."""
    whole_module = kind.endswith(".*")
    plain = kind.removesuffix("*") if whole_module else kind
    plain = plain.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"{plain}%" if whole_module else plain


async def latest(session: AsyncSession) -> Cursor:
    """The place just before whatever is still to be committed."""
    xid = (await session.execute(select(SETTLED))).scalar_one()
    return Cursor(int(xid) - 1, 2**62)


async def wakes(engine: AsyncEngine, every: float = 1.0) -> AsyncIterator[None]:
    """Yield at once, then whenever something commits, and at least every `every` seconds.

    A lost connection is made again: a wake-up that was missed costs at most one interval.
    """
    while True:
        yield
        try:
            async for _ in _listen(engine, every):
                yield
        except psycopg.OperationalError:
            await asyncio.sleep(every)


async def _listen(engine: AsyncEngine, every: float) -> AsyncIterator[None]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        yield
        while True:
            async for _ in connection.notifies(timeout=every, stop_after=1):
                pass
            yield


async def follow(
    engine: AsyncEngine, sessions: Sessions, after: Cursor, *, kinds: Collection[str] = ()
) -> AsyncIterator[Happened]:
    """Every event after a cursor, for ever, as it commits."""
    async for _ in wakes(engine):
        while True:
            async with sessions() as session:
                batch = await read(session, after, kinds=kinds)
            for event in batch:
                yield event
                after = event.cursor
            if not batch:
                break
