"""The version of Cortex' numbers in use, from Atlas to Cortex."""

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm import versions
from cortex.knowledge import HAND_WRITTEN, Knowledge
from cortex.numbers import from_json


async def knowledge_in_use(session: AsyncSession) -> Knowledge:
    """What the stream weighs evidence with."""
    version = await versions.in_use(session)
    return from_json(version.number, version.numbers) if version else HAND_WRITTEN
