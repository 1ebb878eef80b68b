"""Who is sent to mend an incident's cause: the skill it takes, and somebody near who has it."""

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.field import service as field
from atlas.gis.models import Duct, Fibre, Site, Zone
from atlas.itsm import incidents, words
from atlas.network.models import Node
from forge.runtime import current
from forge.sagas.calls import propose

SKILL_FOR = {"fibre": "fibre_splicing", "duct": "fibre_splicing", "link": "fibre_splicing"}
SKILL_FOR_NODE = {
    "splitter": "fibre_splicing",
    "fibre_node": "coax",
    "cmts": "coax",
    "modem": "premises",
    "tower": "radio",
    "sector": "radio",
    "cpe": "radio",
}


async def send_crew(incident: int) -> str:
    """A work order for someone with the skill, and someone assigned to it. An uncertain cause waits for a person."""
    async with current().sessions() as session:
        row = await incidents.get_incident(session, incident)
        element = row.cause
        part = f":{element}" if row.verdict_by else ""  # where a person named the cause, a crew of its own
        if element is None or not (row.is_certain or row.verdict_by) or row.state != "open":
            return "no crew: the cause is not certain"
        if row.is_doubtful or element.startswith("monitoring:"):
            return "no crew: there may be nothing to mend"
        if not words.needs_crew(row):
            return f"no crew: {row.mode}, {row.remedy}"
        skill, zone = words.crew_skill(row) or await _skill(session, element), await _zone(session, element)
        order = await field.for_incident(session, incident)
    if order is None:
        said = words.crew_words(row)
        await propose("create_work_order", incident, part, incident=row.reference, skill=skill, instructions=said)
    async with current().sessions() as session:
        order = await field.for_incident(session, incident)
        technician = await field.best_technician(session, skill, zone)
    if order is None or order.technician_id is not None:
        return "the crew is seen to"
    if technician is None:
        return f"nobody on shift is trained for {skill}"
    return await propose("assign_technician", incident, part, work_order=order.reference, technician=technician.name)


async def _skill(session: AsyncSession, element: str) -> str:
    kind, _, name = element.partition(":")
    if kind != "node":
        return SKILL_FOR.get(kind, "fibre_splicing")
    node = (await session.scalars(select(Node.kind).where(Node.name == name))).first()
    return SKILL_FOR_NODE.get(node or "", "pon")


async def _zone(session: AsyncSession, element: str) -> int | None:
    """The zone number an element lies in, for choosing who is near."""
    name = element.partition(":")[2]
    zones = union_all(
        *(select(model.zone_id.label("z")).where(model.name == name) for model in (Node, Fibre, Duct, Site))
    )
    query = select(Zone.number).where(Zone.id.in_(select(zones.subquery().c.z)))
    return (await session.scalars(query)).first()
