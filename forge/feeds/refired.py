"""Alerts that fire again under their old start.

When Prometheus is cut off from Alertmanager, Alertmanager resolves what it no longer hears of. Once it hears again,
the same alert fires with the same `startsAt`: to Atlas a raise that it has seen. Such a raise is given the moment
after the clear, in the sender's own time.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.network.models import AlarmRecord
from atlas.network.schemas import Alarm

MOMENT = timedelta(milliseconds=1)


async def refired(session: AsyncSession, alarms: Sequence[Alarm]) -> list[Alarm]:
    """The alarms, with raises that a later clear has taken back moved behind that clear."""
    keys = {_key(alarm) for alarm in alarms if not alarm.is_cleared}
    columns = (AlarmRecord.resource, AlarmRecord.alarm_type, AlarmRecord.qualifier)
    query = select(*columns, AlarmRecord.cleared_at).where(tuple_(*columns).in_(keys), AlarmRecord.is_cleared)
    rows = await session.execute(query) if keys else ()
    cleared = {(resource, kind, qualifier): at for resource, kind, qualifier, at in rows if at is not None}
    return [
        alarm.model_copy(update={"event_time": at + MOMENT})
        if not alarm.is_cleared and (at := cleared.get(_key(alarm))) is not None and alarm.event_time <= at
        else alarm
        for alarm in alarms
    ]


def _key(alarm: Alarm) -> tuple[str, str, str]:
    return alarm.resource, alarm.alarm_type.value, alarm.qualifier
