"""A small measured network in Atlas: ONTs on one splitter with a reading every other day, and what failed of them."""

from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.cmdb.models import Device, DeviceModel
from atlas.field.models import WorkOrder
from atlas.network.models import Link, Node, Sample
from tests.factories.subscribers import PLACE, line, node, save, zone


async def street(session: AsyncSession, size: int, now: datetime, days: int = 60, *, seed: int = 1) -> list[Node]:
    """ONTs behind splitters of eight, each with a line, steady at -19 dBm for `days`."""
    rng = np.random.default_rng(seed)
    where = await zone(session)
    model = await save(session, DeviceModel(vendor="Acme", name="ONT-1", kind="ont"))
    onts: list[Node] = []
    for number in range(size):
        if number % 8 == 0:
            splitter = await node(session, f"split-{number}", "splitter")
        device = await save(
            session,
            Device(
                name=f"olt/ont{number}", model_id=model.id, serial=f"O{number}", hardware_batch="B1", firmware="1.0",
                installed_on=(now - timedelta(days=600)).date(),
            ),
        )  # fmt: skip
        ont = Node(name=device.name, kind="ont", zone_id=where.id, device_id=device.id, technology="pon", **PLACE)
        onts.append(await save(session, ont))
        await save(session, Link(name=f"drop-{number}", kind="fibre", a_node_id=splitter.id, z_node_id=ont.id))
    await line(session, onts[0])
    rows = [
        {"node_id": ont.id, "metric": "rx_power_dbm", "at": now - timedelta(days=day, hours=1),
         "value": float(-19 + rng.normal(0, 0.2))}
        for ont in onts for day in range(0, days, 2)
    ]  # fmt: skip
    await session.execute(insert(Sample), rows)
    return onts


async def mended(
    session: AsyncSession, ont: Node, failed: datetime, done: datetime, outcome: str = "ONT swapped; laser dead."
) -> WorkOrder:
    """A job that is over."""
    row = WorkOrder(
        skill="pon", element=f"node:{ont.name}", place="Long Street 1", instructions="Look.", state="done",
        created_at=failed, done_at=done, outcome=outcome,
    )  # fmt: skip
    return await save(session, row)
