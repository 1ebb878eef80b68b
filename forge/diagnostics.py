"""A second look before anyone is told: ask the devices around a suspected cause whether they answer."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm import incidents
from policies.spec import Drivers

#: Enough to tell one dead device from a dead branch, few enough to be quick.
SAMPLE_BEHIND = 5

# The two ends of whatever rides on the element, and the element itself when it is a device.
AROUND = """
SELECT DISTINCT d.name, d.management_address, i.node_id IS NOT NULL AS behind
FROM link l
LEFT JOIN fibre f ON f.id = l.fibre_id
JOIN node n ON n.id IN (l.a_node_id, l.z_node_id) JOIN device d ON d.id = n.device_id
LEFT JOIN incident_node i ON i.node_id = n.id AND i.incident_id = :incident
WHERE d.management_address IS NOT NULL
  AND CASE :kind
    WHEN 'link' THEN l.name = :name
    WHEN 'fibre' THEN f.name = :name
    WHEN 'duct' THEN f.id IN (SELECT s.fibre_id FROM fibre_section s JOIN duct t ON t.id = s.duct_id
                              WHERE t.name = :name)
    ELSE :name IN (SELECT e.name FROM node e WHERE e.id IN (l.a_node_id, l.z_node_id)) END
ORDER BY d.name LIMIT 20
"""
AT_SITE = """
SELECT d.name, d.management_address, i.node_id IS NOT NULL FROM site s JOIN node n ON n.site_id = s.id
JOIN device d ON d.id = n.device_id LEFT JOIN incident_node i ON i.node_id = n.id AND i.incident_id = :incident
WHERE d.management_address IS NOT NULL AND s.name = :name ORDER BY d.name LIMIT 20
"""
BEHIND = """
SELECT d.name, d.management_address, true FROM incident_node i JOIN node n ON n.id = i.node_id
JOIN device d ON d.id = n.device_id
WHERE i.incident_id = :incident AND d.management_address IS NOT NULL ORDER BY md5(d.name) LIMIT :sample
"""


class Probe(BaseModel):
    """One device asked."""

    device: str
    side: Literal["near", "behind"] = Field(description="behind: cut off, if the finding is right.")
    answers: bool


class Diagnosis(BaseModel):
    """What a second look showed."""

    incident: str
    probes: list[Probe]
    agrees: bool = Field(description="Everything near answers and nothing behind does.")
    summary: str


async def devices_around(session: AsyncSession, incident_id: int) -> list[tuple[str, str, bool]]:
    """(name, address, is behind) of the devices worth asking about an incident's cause."""
    incident = await incidents.get_incident(session, incident_id)
    kind, _, name = (incident.verdict_element or incident.element or "").partition(":")
    query, what = (AT_SITE, {"name": name}) if kind == "site" else (AROUND, {"kind": kind, "name": name})
    around = await session.execute(text(query), {"incident": incident_id, **what})
    behind = await session.execute(text(BEHIND), {"incident": incident_id, "sample": SAMPLE_BEHIND})
    found = {row[0]: (row[0], row[1], row[2]) for row in [*behind, *around]}
    return list(found.values())


async def ask(drivers: Drivers, incident_id: int, devices: Sequence[tuple[str, str, bool]]) -> Diagnosis:
    """Ask them all, and say whether it fits the cause. Takes seconds: hold no transaction meanwhile."""
    answers = await drivers.snmp.answering([(name, address) for name, address, _ in devices])
    probes = [
        Probe(device=name, side="behind" if behind else "near", answers=answers[name]) for name, _, behind in devices
    ]
    return _judge(incident_id, probes)


def _judge(incident_id: int, probes: list[Probe]) -> Diagnosis:
    near = [probe for probe in probes if probe.side == "near"]
    behind = [probe for probe in probes if probe.side == "behind"]
    near_up, behind_up = sum(p.answers for p in near), sum(p.answers for p in behind)
    agrees = bool(behind) and near_up == len(near) and behind_up == 0
    seen = f"{near_up} of {len(near)} devices on the near side answer, " + (
        f"{behind_up} of {len(behind)} behind" if behind else "none is there to ask behind"
    )
    summary = f"{seen}: {_verdict(agrees=agrees, asked=bool(behind), fits=near_up == len(near))}"
    return Diagnosis(incident=f"INC-{incident_id}", probes=probes, agrees=agrees, summary=summary)


def _verdict(*, agrees: bool, asked: bool, fits: bool) -> str:
    """A fault that cuts nobody off leaves nobody behind to ask: that confirms nothing and contradicts nothing."""
    if agrees:
        return "that agrees with the cause."
    if not asked and fits:
        return "that neither confirms the cause nor speaks against it."
    return "that does not fully agree with the cause."
