"""The versions of Cortex' numbers: kept, put to use, refused, and taken back. At most one is in use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.errors import DomainError
from atlas.itsm.verdict_models import CortexVersion

#: Version 0 is the tables as they are written; it has no row, and is in use when no other is.
TABLES = 0
LOCK = 0x0BED_0012


async def in_use(session: AsyncSession) -> CortexVersion | None:
    """The version in use; None for the tables as they are written."""
    return (await session.scalars(select(CortexVersion).where(CortexVersion.state == "in use"))).first()


async def all_versions(session: AsyncSession) -> list[CortexVersion]:
    """Every version, the newest first."""
    return list(await session.scalars(select(CortexVersion).order_by(CortexVersion.number.desc())))


async def keep(
    session: AsyncSession,
    *,
    state: str,
    by: str,
    now: datetime,
    window: tuple[datetime, datetime],
    verdicts: int,
    incidents: int,
    numbers: Mapping[str, Any],
    metrics: Mapping[str, Any],
    changes: Sequence[str],
    reason: str = "",
) -> CortexVersion:
    """Write a version down, as a candidate or as refused."""
    version = CortexVersion(
        state=state,
        made_at=now,
        made_by=by,
        window_from=window[0],
        window_to=window[1],
        verdicts=verdicts,
        incidents=incidents,
        numbers=dict(numbers),
        metrics=dict(metrics),
        changes=list(changes),
        reason=reason,
    )
    session.add(version)
    await session.flush()
    await _tell(session, f"cortex.{state}", version.number, by, now)
    return version


async def use(session: AsyncSession, number: int, by: str, now: datetime) -> int:
    """Put a version to use, or with 0 the tables as they are written; returns which was in use before.

    DomainError for one there is not, one that was refused, or the one in use already.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    before = await in_use(session)
    number_before = before.number if before else TABLES
    if number == number_before:
        raise DomainError(f"Version {number} is in use already.")
    version = None if number == TABLES else await session.get(CortexVersion, number)
    if version is None and number != TABLES:
        raise DomainError(f"There is no version {number}; `bedrock cortex versions` lists them.")
    if version and version.state == "refused":
        raise DomainError(f"Version {number} was refused: {version.reason}")
    if before:
        before.state, before.reason = "retired", f"{by} put version {number} to use on {now:%Y-%m-%d}."
        await session.flush()  # one is in use at a time, whatever order the two rows are written in
    if version:
        version.state, version.reason = "in use", ""
    await _tell(session, "cortex.in_use", number, by, now)
    return number_before


async def _tell(session: AsyncSession, kind: str, number: int, by: str, now: datetime) -> None:
    await session.flush()
    await events.emit(session, kind.replace(" ", "_"), f"version {number}", {"by": by}, at=now)
