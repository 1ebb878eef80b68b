"""A level of every line every three days, with what wear adds to it; and the fading light on zone 3's backhaul."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from atlas.demo import valley
from atlas.demo.layout import Layout
from atlas.demo.rows import SampleRow
from atlas.demo.services import Customer
from atlas.network.enums import NodeKind, Technology

#: Readings of a line, the newest last, and the days between them.
READINGS, EVERY_DAYS = 20, 3
#: A line that did not answer when it was asked.
MISSED = 0.06
#: Metric, mean and spread of a healthy line.
HEALTHY = {
    Technology.PON: ("rx_power_dbm", -19.0, 1.6),
    Technology.DOCSIS: ("snr_db", 36.5, 1.4),
    Technology.WIRELESS: ("rssi_dbm", -61.0, 4.5),
}


def moments(now: datetime) -> list[datetime]:
    """When lines were read, the oldest first."""
    return [now - timedelta(days=EVERY_DAYS * back, hours=3) for back in reversed(range(READINGS))]


def readings(
    served: list[Customer], shifts: dict[int, list[float]], first_id: int, seed: int, now: datetime
) -> Iterator[SampleRow]:
    """Each active line's level over the last sixty days. `shifts`: what wear adds, by node, reading for reading."""
    rng = random.Random(f"{seed}/levels")
    times = [at.isoformat() for at in moments(now)]
    none = [0.0] * READINGS
    id_ = first_id
    for customer in served:
        if customer.is_active:
            node = customer.line.node.id
            metric, mean, spread = HEALTHY[customer.line.technology]
            level = rng.gauss(mean, spread)
            for at, shift in zip(times, shifts.get(node, none), strict=True):
                if rng.random() >= MISSED:
                    yield SampleRow(id_, node, metric, at, round(level + shift + rng.gauss(0, 0.2), 2))
                    id_ += 1


def fading(layout: Layout, first_id: int, seed: int, now: datetime) -> Iterator[SampleRow]:
    """Daily levels at the far end of the backhaul: steady, then six decibels down in the last week."""
    rng = random.Random(f"{seed}/fading")
    draft = layout.draft
    cable = {fibre.id for fibre in draft.fibres if fibre.role == "backhaul" and "-BH-" in fibre.name}
    ends = {link.z_node_id for link in draft.links if link.fibre_id in cable}
    id_ = first_id
    for node in (node for node in draft.nodes if node.id in ends and node.kind == NodeKind.AGGREGATION):
        for day in range(60, 0, -1):
            lost = 6 * max(0.0, 1 - day / 7) if node.zone_id == valley.ZONE else 0.0
            at = (now - timedelta(days=day)).isoformat()
            yield SampleRow(id_, node.id, "rx_power_dbm", at, round(-8.5 - lost + rng.gauss(0, 0.1), 2))
            id_ += 1
