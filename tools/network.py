"""Looking at the network: the state of a device, and a second look at an incident's cause."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import select, text

from atlas.cmdb.models import Device, DeviceModel
from atlas.errors import DomainError
from atlas.itsm import incidents
from atlas.network.models import AlarmRecord
from forge.diagnostics import Diagnosis, ask, devices_around
from policies.spec import Locality, Risk, ToolContext, tool
from tools.incidents import NOC
from tools.words import DeviceName, IncidentReference


class AlarmRow(BaseModel):
    """One active alarm."""

    resource: str
    alarm_type: str
    severity: str
    raised_at: datetime
    text: str


class DeviceState(BaseModel):
    """What is known of a device right now."""

    device: str
    model: str
    vendor: str
    hardware_batch: str
    firmware: str
    incidents: list[str]
    active_alarms: list[AlarmRow]


OPEN_INCIDENTS = """
SELECT 'INC-' || i.incident_id FROM incident_node i JOIN node n ON n.id = i.node_id
JOIN incident c ON c.id = i.incident_id
WHERE n.name = :device AND c.state IN ('open', 'monitoring') ORDER BY i.incident_id
"""


@tool(risk=Risk.READ, audience=NOC | {"forge"})
async def device_state(ctx: ToolContext, device: DeviceName) -> DeviceState:
    """Show one device: what it is, its active alarms, and the open incidents that cut it off."""
    query = select(Device, DeviceModel).join(DeviceModel).where(Device.name == device)
    found = (await ctx.session.execute(query)).first()
    if found is None:
        raise DomainError(f"No device is called {device}.")
    alarms = await ctx.session.scalars(
        select(AlarmRecord)
        .where(AlarmRecord.device == device, ~AlarmRecord.is_cleared)
        .order_by(AlarmRecord.raised_at.desc())
        .limit(20)
    )
    open_incidents = await ctx.session.execute(text(OPEN_INCIDENTS), {"device": device})
    return DeviceState(
        device=found[0].name,
        model=found[1].name,
        vendor=found[1].vendor,
        hardware_batch=found[0].hardware_batch,
        firmware=found[0].firmware,
        incidents=list(open_incidents.scalars()),
        active_alarms=[AlarmRow.model_validate(alarm, from_attributes=True) for alarm in alarms],
    )


@tool(risk=Risk.READ, audience=NOC | {"forge"}, locality=Locality.OUTSIDE)
async def run_diagnostics(ctx: ToolContext, incident: IncidentReference) -> Diagnosis:
    """Ask the devices around an incident's cause whether they answer, to check the finding."""
    if ctx.drivers is None:
        raise DomainError("Devices cannot be asked from here.")
    row = await incidents.get_incident(ctx.session, incident)
    devices = await devices_around(ctx.session, row.id)
    await ctx.session.commit()  # nothing is written here; devices may take seconds to answer
    return await ask(ctx.drivers, row.id, devices)
