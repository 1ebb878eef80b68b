"""A small ISP for the agents' tests: zone 3 with thirty lines behind one splitter, and the fibre to it cut.

Thirty is more than may be told without a signature; zone 4 has one line that works.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from atlas.catalogue.models import Plan
from atlas.clock import Clock
from atlas.cmdb.models import Device, DeviceModel
from atlas.crm.models import Contact, Subscriber
from atlas.db import Base, Sessions, transaction
from atlas.field.models import Technician, TechnicianSkill
from atlas.gis.models import Address, Zone
from atlas.itsm import incidents, tickets
from atlas.itsm.schemas import Assessment
from atlas.network.models import AccessSession, Node
from atlas.orders.models import Service

CUT_OFF = 30
LINES = CUT_OFF + 1
WORKING = LINES  # the id of the subscriber whose line works


async def build(sessions: Sessions, clock: Clock) -> None:
    """Zones, devices, subscribers 1 to 31 (number 4700 + id), their lines and sessions."""
    now = clock.now()
    place: dict[str, Any] = {"lon": 8.6, "lat": 50.1}
    async with transaction(sessions) as session:
        rows: dict[type[Base], list[dict[str, Any]]] = {
            Zone: [{"id": n, "number": n, "name": f"Zone {n}", **place} for n in (3, 4)],
            DeviceModel: [{"id": 1, "vendor": "Acme", "name": "OLT-16", "kind": "olt"}],
            Device: [
                {"id": 1, "name": "z3-olt-1", "serial": "S1", "model_id": 1, "hardware_batch": "B7", "firmware": "4.2"}
                | {"installed_on": now.date()}
            ],
            Node: [
                {"id": 1, "name": "z3-olt-1", "kind": "olt", "zone_id": 3, "device_id": 1, **place},
                {"id": 2, "name": "z3-spl-1", "kind": "splitter", "zone_id": 3, "device_id": None, **place},
                {"id": 3, "name": "z4-spl-1", "kind": "splitter", "zone_id": 4, "device_id": None, **place},
            ],
            Plan: [
                {"id": 1, "code": "F100", "name": "Fibre 100", "technology": "pon", "segment": "residential"}
                | {"down_mbps": 100, "up_mbps": 50, "monthly_price": 30, "currency": "EUR", "repair_hours": 24}
            ],
            Address: [
                place
                | {"id": n, "zone_id": n, "street": "Long Street", "house_number": str(n)}
                | {"postcode": f"1000{n}", "city": "Town"}
                for n in (3, 4)
            ],
            Technician: [{"id": 1, "name": "Maria Klein", "phone": "+4915550100001", "home_zone_id": 3}],
            TechnicianSkill: [{"technician_id": 1, "skill": "fibre_splicing"}],
        }
        for model, values in rows.items():
            await session.execute(insert(model), values)
        each = range(1, LINES + 1)
        await session.execute(
            insert(Subscriber),
            [
                {"id": n, "number": str(4700 + n), "name": f"Person {n}", "segment": "residential"}
                | {"preferred_channel": "sms", "since": now}
                for n in each
            ],
        )
        await session.execute(
            insert(Contact),
            [{"subscriber_id": n, "channel": "sms", "address": f"+49155501{n:05}", "on_file_since": now} for n in each],
        )
        await session.execute(
            insert(Service),
            [line(n) for n in each],
        )
        await session.execute(
            insert(AccessSession),
            [
                {"service_id": n, "nas": "bng", "session_id": f"s{n}", "started_at": now, "last_interim_at": now}
                | {"interim_seconds": 1800}
                for n in each
            ],
        )


def line(n: int) -> dict[str, Any]:
    """The row of subscriber n's line."""
    is_cut_off = n <= CUT_OFF
    where = {"address_id": 3 if is_cut_off else 4, "access_node_id": 2 if is_cut_off else 3}
    return {"id": n, "subscriber_id": n, "plan_id": 1, "username": f"line{n}", "state": "active"} | where


async def cut(sessions: Sessions, clock: Clock, *, nodes: tuple[int, ...] = (1, 2)) -> str:
    """The incident that Cortex would find when the fibre to zone 3 is cut; returns its reference."""
    now = clock.now()
    seen = Assessment(
        group=sum(nodes),
        element="fibre:F-Z3-BH-1",
        title="Fibre F-Z3-BH-1, zone 3 backhaul",
        confidence=0.93,
        is_certain=True,
        causes=[],
        explanation=["30 lines fell silent behind the fibre."],
        place="Mill Bridge",
        started_at=now - timedelta(minutes=4),
        devices=1,
        subscribers=CUT_OFF,
        business=0,
        vulnerable=2,
        at_risk=0,
        revenue_per_hour=12.5,
        node_ids=list(nodes),
    )
    async with transaction(sessions) as session:
        incident = await incidents.open_incident(session, seen, now)
        incident.next_update_at = now + timedelta(minutes=30)
        await tickets.open_tree(session, incident, now)
        return incident.reference
