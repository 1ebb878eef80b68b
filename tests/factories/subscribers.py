"""Small rows of an ISP: a zone, a node with a device, a subscriber with a line. Each is flushed, with an id."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import atlas.models  # noqa: F401 - a flush needs every table that a foreign key names
from atlas.catalogue.models import Plan
from atlas.cmdb.models import Device, DeviceModel
from atlas.crm.models import Subscriber
from atlas.db import Base
from atlas.gis.models import Address, Zone
from atlas.network.models import AccessSession, Node
from atlas.orders.models import Service

SINCE = datetime(2025, 6, 1, tzinfo=UTC)
PLACE: dict[str, Any] = {"lon": 8.6, "lat": 50.1}
_numbers = itertools.count(1)

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Line:
    """A subscriber and the one line they have."""

    subscriber: Subscriber
    service: Service
    node: Node


async def save(session: AsyncSession, row: Row) -> Row:
    """Write a row down, so that it has its id."""
    session.add(row)
    await session.flush()
    return row


async def zone(session: AsyncSession, number: int = 3) -> Zone:
    """The zone of that number, made when it isn't there."""
    found = (await session.scalars(select(Zone).where(Zone.number == number))).first()
    return found or await save(session, Zone(number=number, name=f"Zone {number}", **PLACE))


async def node(
    session: AsyncSession, name: str, kind: str = "olt", *, in_zone: int | None = 3, address: str | None = None
) -> Node:
    """A node; routers, OLTs and whatever else has a management `address` come with a device."""
    device = await _device(session, name, kind, address) if address or kind in ("olt", "bng", "aggregation") else None
    where = (await zone(session, in_zone)).id if in_zone is not None else None
    row = Node(name=name, kind=kind, zone_id=where, device_id=device.id if device else None, technology="pon", **PLACE)
    return await save(session, row)


async def _device(session: AsyncSession, name: str, kind: str, address: str | None) -> Device:
    model = (await session.scalars(select(DeviceModel).where(DeviceModel.name == f"{kind}-9000"))).first()
    model = model or await save(session, DeviceModel(vendor="Acme", name=f"{kind}-9000", kind=kind))
    row = Device(
        name=name, model_id=model.id, serial=f"S-{name}", hardware_batch="B7", firmware="4.2",
        installed_on=SINCE.date(), management_address=address,
    )  # fmt: skip
    return await save(session, row)


async def plan(session: AsyncSession, price: str = "30.00") -> Plan:
    """A plan at a monthly price."""
    row = Plan(
        code=f"F100-{next(_numbers)}", name="Fibre 100", technology="pon", segment="residential", down_mbps=100,
        up_mbps=50, monthly_price=Decimal(price), currency="EUR", repair_hours=24,
    )  # fmt: skip
    return await save(session, row)


async def subscriber(session: AsyncSession, **more: Any) -> Subscriber:
    """A person with a contract."""
    n = next(_numbers)
    row = {"number": f"S{n}", "name": f"Person {n}", "segment": "residential", "preferred_channel": "sms"} | more
    return await save(session, Subscriber(since=SINCE, **row))


async def line(
    session: AsyncSession,
    at: Node,
    *,
    of: Subscriber | None = None,
    in_zone: int = 3,
    price: str = "30.00",
    **more: Any,
) -> Line:
    """An active line that ends at a node, of a subscriber given or new."""
    owner = of or await subscriber(session)
    home = Address(
        zone_id=(await zone(session, in_zone)).id, street="Long Street", house_number=str(next(_numbers)),
        postcode="10003", city="Town", **PLACE,
    )  # fmt: skip
    row = {"state": "active", "username": f"line{next(_numbers)}"} | more
    service = Service(
        subscriber_id=owner.id, plan_id=(await plan(session, price)).id, address_id=(await save(session, home)).id,
        access_node_id=at.id, **row,
    )  # fmt: skip
    return Line(owner, await save(session, service), at)


async def online(session: AsyncSession, service: Service, at: datetime, **more: Any) -> AccessSession:
    """The RADIUS session of a line, last heard at a moment."""
    row: dict[str, Any] = {"nas": "z3-bng-1", "session_id": f"x{next(_numbers)}", "interim_seconds": 1800} | more
    return await save(session, AccessSession(service_id=service.id, started_at=SINCE, last_interim_at=at, **row))
