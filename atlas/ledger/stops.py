"""The off switch: which kinds of effect are stopped right now, by whom and why.

Effects share a lock that stopping takes alone. So stopping waits for what is just being committed, whatever comes
after it finds the switch on, and when it has returned nothing more happens.
"""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.events import emit
from atlas.ledger import audit
from atlas.ledger.models import EffectStop

ALL = "all"
STOP_LOCK = 0x0BED_0011


async def stopped_risks(session: AsyncSession) -> frozenset[str]:
    """The risks whose effects are stopped; `all` among them stops every one."""
    return frozenset((await session.scalars(select(EffectStop.risk))).all())


async def is_stopped(session: AsyncSession, risk: str) -> bool:
    """Whether effects of a risk are stopped: a workflow asks before each step that goes out."""
    return bool(await stopped_risks(session) & {risk, ALL})


async def begin_effect(session: AsyncSession) -> None:
    """Keep the switch from being turned until this transaction ends; before the switch is read."""
    await session.execute(select(func.pg_advisory_xact_lock_shared(STOP_LOCK)))


async def stop_effects(session: AsyncSession, risk: str, *, by: str, reason: str, now: datetime) -> None:
    """Stop effects of a risk, or of `all`. Stopping what is stopped keeps the latest reason."""
    await session.execute(select(func.pg_advisory_xact_lock(STOP_LOCK)))
    values = {"risk": risk, "by": by, "reason": reason, "at": now}
    insertion = upsert(EffectStop).values(values)
    await session.execute(insertion.on_conflict_do_update(index_elements=["risk"], set_=values))
    await _tell(session, "stopped", risk, by, reason, now)


async def resume_effects(session: AsyncSession, risk: str, *, by: str, now: datetime) -> bool:
    """Let effects of a risk, or of `all`, go on; False when that switch was not on."""
    removal = delete(EffectStop).where(EffectStop.risk == risk).returning(EffectStop.risk)
    if (await session.execute(removal)).one_or_none() is None:
        return False
    await _tell(session, "resumed", risk, by, "", now)
    return True


async def _tell(session: AsyncSession, verb: str, risk: str, by: str, reason: str, now: datetime) -> None:
    await emit(session, f"effects.{verb}", risk, {"by": by, "reason": reason}, at=now)
    await audit.record_entry(
        session,
        at=now,
        actor=by,
        verb=f"effects.{verb}",
        subject=f"risk:{risk}",
        detail={"reason": reason},
    )
