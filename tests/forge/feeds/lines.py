"""Lines in Atlas for the accounting tests: an ONT, its subscriber and the service with its username."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.catalogue.models import Plan
from atlas.crm.models import Subscriber
from atlas.gis.models import Address, Zone
from atlas.network.models import Node
from atlas.orders.models import Service

SINCE = datetime(2025, 1, 1, tzinfo=UTC)


async def add_lines(session: AsyncSession, number: int) -> list[str]:
    """Add `number` lines, each at an ONT `ont-<n>`; gives their usernames."""
    session.add(Zone(id=1, number=3, name="Hillside", lon=0.0, lat=0.0))
    session.add(
        Plan(
            id=1, code="fibre-100", name="Fibre 100", technology="pon", segment="residential", down_mbps=100,
            up_mbps=20, monthly_price=Decimal("30"), currency="GBP", repair_hours=24,
        )
    )  # fmt: skip
    await session.flush()
    for n in range(number):
        session.add(Subscriber(id=n, number=f"S{n}", name=f"P{n}", segment="residential",
                               preferred_channel="sms", since=SINCE))  # fmt: skip
        session.add(Address(id=n, zone_id=1, street="Mill Lane", house_number=str(n), postcode="X1", city="Y",
                            lon=0.0, lat=0.0))  # fmt: skip
        session.add(Node(id=n, name=f"ont-{n}", kind="ont", zone_id=1, technology="pon", lon=0.0, lat=0.0))
    await session.flush()
    for n in range(number):
        session.add(Service(id=n, subscriber_id=n, plan_id=1, address_id=n, access_node_id=n,
                            username=f"line{n}@isp.example", state="active", activated_at=SINCE))  # fmt: skip
    await session.flush()
    return [f"line{n}@isp.example" for n in range(number)]
