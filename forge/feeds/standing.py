"""Which alarms stand now: what the watching feeds compare with, so that a restart neither forgets nor repeats."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.network.enums import AlarmType
from atlas.network.models import AlarmRecord

Key = tuple[str, AlarmType, str]


async def standing_alarms(session: AsyncSession, *types: AlarmType) -> set[Key]:
    """The (resource, type, qualifier) of every uncleared alarm of these types."""
    rows = await session.execute(
        select(AlarmRecord.resource, AlarmRecord.alarm_type, AlarmRecord.qualifier).where(
            AlarmRecord.alarm_type.in_([kind.value for kind in types]), ~AlarmRecord.is_cleared
        )
    )
    return {(resource, AlarmType(kind), qualifier) for resource, kind, qualifier in rows}
