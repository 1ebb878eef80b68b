"""Learns from Atlas' own log which type of alarm sets off which, and keeps the table."""

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.network.models import AlarmTypeCause
from cortex.causality import LEAST, Log, learn

#: Alarms that are learned from, the latest; more take minutes and say the same.
MOST = 50_000

RAISED = """
SELECT alarm_type, device, extract(epoch FROM event_at)::float FROM alarm_occurrence
WHERE received_at >= :since AND NOT is_cleared ORDER BY received_at DESC LIMIT :most
"""
LINKS = """
SELECT a.name, z.name FROM link l JOIN node a ON a.id = l.a_node_id JOIN node z ON z.id = l.z_node_id
"""


async def learn_causes(session: AsyncSession, days: int, now: datetime) -> list[AlarmTypeCause]:
    """Learn the table anew from the last days and keep it, the surest first.

    DomainError where there is too little to learn from: the table that was there stays.
    """
    since = now - timedelta(days=days)
    rows = (await session.execute(text(RAISED), {"since": since, "most": MOST})).all()
    types, kind = np.unique([row[0] for row in rows], return_inverse=True)
    names, device = np.unique([row[1] for row in rows], return_inverse=True)
    if len(rows) < LEAST or len(types) < 2:
        raise DomainError(f"{len(rows)} alarms of {len(types)} types in {days} days are too few to learn from.")
    number = {str(name): n for n, name in enumerate(names)}
    links = [(number[a], number[z]) for a, z in await session.execute(text(LINKS)) if a in number and z in number]
    log = Log(kind.astype(np.int64), device.astype(np.int64), np.array([row[2] for row in rows]))
    counts = np.bincount(kind)
    await session.execute(delete(AlarmTypeCause))
    for trigger in learn(log, len(types), links).triggers:
        session.add(
            AlarmTypeCause(
                cause=str(types[trigger.cause]),
                effect=str(types[trigger.effect]),
                gain=trigger.gain,
                share=min(1.0, trigger.share),
                lag_seconds=trigger.lag,
                alarms=int(counts[trigger.effect]),
                learned_at=now,
            )
        )
    await session.flush()
    return await causes(session)


async def causes(session: AsyncSession) -> list[AlarmTypeCause]:
    """The table as it was last learned, the surest first."""
    query = select(AlarmTypeCause).order_by(AlarmTypeCause.gain.desc(), AlarmTypeCause.cause, AlarmTypeCause.effect)
    return list(await session.scalars(query))
