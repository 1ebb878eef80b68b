"""Model versions: kept, taken into use, taken back. One version of a name is in use at most."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from atlas import events
from atlas.errors import DomainError
from atlas.learning.models import ModelVersion


class Learnt(NamedTuple):
    """A training's result, ready to be kept."""

    name: str
    data: bytes
    data_from: datetime
    data_until: datetime
    rows: int
    positives: int
    metrics: Mapping[str, Any]
    library: str


async def keep(session: AsyncSession, learnt: Learnt, *, refused: str, now: datetime) -> ModelVersion:
    """Write a version down: in use at once, or refused for the reason given."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": learnt.name})
    last = await session.scalar(select(func.max(ModelVersion.version)).where(ModelVersion.name == learnt.name))
    row = ModelVersion(
        **learnt._asdict() | {"metrics": dict(learnt.metrics)},
        version=(last or 0) + 1,
        state="refused",
        reason=refused,
        trained_at=now,
        digest=hashlib.sha256(learnt.data).hexdigest(),
    )
    session.add(row)
    await session.flush()
    if not refused:
        await _put_into_use(session, row, "")
    await events.emit(session, "model.trained", row.reference, {"state": row.state, "reason": refused}, at=now)
    return row


async def in_use(session: AsyncSession, name: str) -> ModelVersion | None:
    """The version in use, with its data."""
    query = select(ModelVersion).where(ModelVersion.name == name, ModelVersion.state == "in_use")
    return (await session.scalars(query.options(undefer(ModelVersion.data)))).first()


def data_of(row: ModelVersion) -> bytes:
    """A version's bytes. DomainError when they are not those that were kept."""
    if hashlib.sha256(row.data).hexdigest() != row.digest:
        raise DomainError(f"{row.reference} is not what was trained: its digest differs. Train again, or use another.")
    return row.data


async def every(session: AsyncSession) -> list[ModelVersion]:
    """Every version, by name, the newest first."""
    query = select(ModelVersion).order_by(ModelVersion.name, ModelVersion.version.desc())
    return list(await session.scalars(query))


async def use(session: AsyncSession, name: str, version: int, *, by: str, now: datetime) -> ModelVersion:
    """Take a version into use by a person's word, whatever training thought of it. DomainError if unknown."""
    query = select(ModelVersion).where(ModelVersion.name == name, ModelVersion.version == version)
    row = (await session.scalars(query.with_for_update())).first()
    if row is None:
        raise DomainError(f"There is no version {version} of the model {name}; `bedrock cortex models` lists them.")
    await _put_into_use(session, row, f"Taken into use by {by}.")
    await events.emit(session, "model.used", row.reference, {"by": by}, at=now)
    return row


async def rollback(session: AsyncSession, name: str, *, by: str, now: datetime) -> ModelVersion:
    """Go back to the version that was in use before. DomainError when there was none."""
    now_used = select(ModelVersion.version).where(ModelVersion.name == name, ModelVersion.state == "in_use")
    used = await session.scalar(now_used)
    earlier = select(func.max(ModelVersion.version)).where(
        ModelVersion.name == name, ModelVersion.state == "retired", ModelVersion.version < (used or 0)
    )
    version = await session.scalar(earlier)
    if version is None:
        raise DomainError(f"There is no earlier version of the model {name} to go back to.")
    return await use(session, name, version, by=by, now=now)


async def _put_into_use(session: AsyncSession, row: ModelVersion, reason: str) -> None:
    query = select(ModelVersion).where(ModelVersion.name == row.name, ModelVersion.state == "in_use")
    for other in await session.scalars(query.where(ModelVersion.id != row.id).with_for_update()):
        other.state = "retired"
    await session.flush()  # before the next line: the index allows one in use
    row.state, row.reason = "in_use", reason
    await session.flush()
