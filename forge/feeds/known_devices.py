"""Whom a name or an address means: the devices of the inventory, asked for just those that were mentioned."""

from collections.abc import Collection
from ipaddress import ip_address

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.cmdb.models import Device
from atlas.network.models import Node

#: Longest name that is looked for.
LONGEST = 300


async def known_devices(session: AsyncSession, mentioned: Collection[str]) -> dict[str, str]:
    """The node that each name or management address means; what means none, or several, is left out."""
    words = {word for word in mentioned if 0 < len(word) <= LONGEST and "\x00" not in word}
    if not words:
        return {}
    names = await session.scalars(select(Node.name).where(Node.name.in_(words)))
    found = {name: name for name in names}
    addresses = [word for word in words if word not in found and _is_address(word)]
    if addresses:
        rows = await session.execute(
            select(Device.management_address, func.min(Node.name))
            .join(Node, Node.device_id == Device.id)
            .where(Device.management_address.in_(addresses))
            .group_by(Device.management_address)
            .having(func.count() == 1)
        )
        found |= {str(address): name for address, name in rows}
    return found


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True
