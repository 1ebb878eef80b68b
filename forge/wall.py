"""The second wall: PostgreSQL itself keeps a subscriber's call to that subscriber's own rows.

A body gets a session of its own, so that nothing another session has loaded can be seen through it, on a
transaction whose role and `bedrock.subscriber_id` are bound to the *requester*, never to who approved. What
the body wrote is flushed before the role is reset; what it rolls back by itself leaves the wall standing.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import Session, SessionTransaction

from atlas.migrate import SUBSCRIBER_ROLE
from policies.spec import Principal

ENTER_ROLE = text(f"SET LOCAL ROLE {SUBSCRIBER_ROLE}")
LEAVE_ROLE = text("RESET ROLE")
BIND = text("SELECT set_config('bedrock.subscriber_id', :subscriber, true)")
READ_ONLY = text("SET TRANSACTION READ ONLY")


@asynccontextmanager
async def writing_session(connection: AsyncConnection, principal: Principal) -> AsyncIterator[AsyncSession]:
    """A session for one body inside the executor's transaction; an error undoes the body and nothing else.

    The body may commit or roll back: either ends at a savepoint inside the wall's own.
    """
    async with connection.begin_nested():
        await connection.run_sync(_enter, principal)
        async with AsyncSession(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
            await session.commit()
        await connection.run_sync(_leave, principal)


@asynccontextmanager
async def reading_session(engine: AsyncEngine, principal: Principal) -> AsyncIterator[AsyncSession]:
    """A session whose every transaction is read-only and, for a subscriber, begins behind the wall."""

    def begin(_: Session, __: SessionTransaction, connection: Connection) -> None:
        connection.execute(READ_ONLY)
        _enter(connection, principal)

    async with AsyncSession(engine, expire_on_commit=False) as session:
        event.listen(session.sync_session, "after_begin", begin)
        yield session


def _enter(connection: Connection, principal: Principal) -> None:
    if principal.kind == "subscriber":
        connection.execute(ENTER_ROLE)
        connection.execute(BIND, {"subscriber": str(principal.subscriber_id)})


def _leave(connection: Connection, principal: Principal) -> None:
    if principal.kind == "subscriber":
        connection.execute(LEAVE_ROLE)
        connection.execute(BIND, {"subscriber": ""})
