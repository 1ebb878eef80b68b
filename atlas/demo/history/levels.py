"""Weekly levels of every line, and the fading light on zone 3's backhaul."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from atlas.demo import valley
from atlas.demo.layout import Layout
from atlas.demo.rows import SampleRow
from atlas.demo.services import Customer
from atlas.network.enums import NodeKind, Technology

WEEKS = 9
#: Metric, mean and spread of a healthy line.
HEALTHY = {
    Technology.PON: ("rx_power_dbm", -19.0, 1.6),
    Technology.DOCSIS: ("snr_db", 36.5, 1.4),
    Technology.WIRELESS: ("rssi_dbm", -61.0, 4.5),
}


def weekly(served: list[Customer], first_id: int, seed: int, now: datetime) -> Iterator[SampleRow]:
    """Each active line's level, once a week over the last nine."""
    rng = random.Random(f"{seed}/levels")
    weeks = [(now - timedelta(days=7 * week, hours=3)).isoformat() for week in reversed(range(WEEKS))]
    id_ = first_id
    for customer in served:
        if customer.is_active:
            metric, mean, spread = HEALTHY[customer.line.technology]
            level = rng.gauss(mean, spread)
            for at in weeks:
                yield SampleRow(id_, customer.line.node.id, metric, at, round(level + rng.gauss(0, 0.2), 2))
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
