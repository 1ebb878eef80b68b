"""Links, fibres and ducts between nodes; each is flushed, with an id."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.gis.models import Duct, Fibre, FibreSection
from atlas.network.models import Link, Node
from tests.factories.subscribers import save, zone


async def duct(session: AsyncSession, name: str) -> Duct:
    """A trench from the mill to the church."""
    row = Duct(name=name, a_place="the mill", z_place="the church", length_m=900, route=[[8.6, 50.1], [8.7, 50.1]])
    return await save(session, row)


async def fibre(
    session: AsyncSession, name: str, *ducts: Duct, in_zone: int | None = 3, role: str = "backhaul"
) -> Fibre:
    """A fibre through these ducts, in that order."""
    where = (await zone(session, in_zone)).id if in_zone is not None else None
    row = await save(session, Fibre(name=name, zone_id=where, role=role))
    for position, each in enumerate(ducts):
        await save(session, FibreSection(fibre_id=row.id, position=position, duct_id=each.id))
    return row


async def link(session: AsyncSession, name: str, a: Node, z: Node, on: Fibre | None = None, **more: Any) -> Link:
    """A link from a to z, on a fibre or inside a building."""
    row = {"kind": "fibre" if on else "internal"} | more
    return await save(session, Link(name=name, a_node_id=a.id, z_node_id=z.id, fibre_id=on.id if on else None, **row))
