"""The engine, the sessions and the column types every model shares.

Service functions take a session first and never commit; the one commit is at the edge. Relationships are
`lazy="raise"`: a query says what it needs.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Identity, MetaData, Numeric, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, mapped_column

Sessions = async_sessionmaker[AsyncSession]

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one declarative base; Alembic compares its metadata with the database."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: DateTime(timezone=True),
        int: BigInteger,
        str: String,
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


# `Identity(always=False)`, so that the demo ISP can COPY rows whose ids it has chosen.
Key = Annotated[int, mapped_column(Identity(always=False), primary_key=True)]
Money = Annotated[Decimal, mapped_column(Numeric(14, 3))]
Currency = Annotated[str, mapped_column(String(3))]
Name = Annotated[str, mapped_column(String(200))]


def make_engine(url: str, pool_size: int = 10) -> AsyncEngine:
    """An async engine on psycopg 3 for a libpq URL."""
    return create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
    )


def make_sessions(engine: AsyncEngine) -> Sessions:
    """A session factory; objects stay readable after commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def transaction(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One session in one transaction: committed when the block ends, rolled back when it raises."""
    async with sessions() as session, session.begin():
        yield session
