"""What the demo's equipment is: models by kind of node, production batches and firmware.

Vendors of access equipment are made up, so that a batch that fails in the demo is nobody's.
"""

import random
from datetime import date, timedelta
from typing import NamedTuple

from atlas.demo.rows import DeviceModelRow
from atlas.network.enums import NodeKind


class Product(NamedTuple):
    """A model with its running firmwares, the newest last, and its serial numbers' prefix."""

    vendor: str
    name: str
    kind: NodeKind
    firmwares: tuple[str, ...]
    serial: str


PRODUCTS = (
    Product("Cisco", "NCS-5504", NodeKind.CORE_ROUTER, ("7.9.2", "7.11.2"), "FOC"),
    Product("Cisco", "ASR-9904", NodeKind.BNG, ("7.9.2", "7.11.2"), "FOX"),
    Product("Cisco", "NCS-540X", NodeKind.AGGREGATION, ("7.8.1", "7.9.2", "7.11.2"), "FCW"),
    Product("Ostwind", "OLT-7016", NodeKind.OLT, ("5.4.1", "5.6.0"), "OWLT"),
    Product("Koralle", "CMTS-C40", NodeKind.CMTS, ("9.1", "9.3"), "KRCM"),
    Product("Koralle", "FN-2200", NodeKind.FIBRE_NODE, ("3.2",), "KRFN"),
    Product("Feldmast", "SiteRouter-8", NodeKind.TOWER, ("4.0.7", "4.1.0"), "FMSR"),
    Product("Feldmast", "Sector-90", NodeKind.SECTOR, ("4.0.7", "4.1.0"), "FMSC"),
    Product("Ostwind", "ONT-210", NodeKind.ONT, ("2.3.0", "2.4.1"), "OWNT"),
    Product("Ostwind", "ONT-240W", NodeKind.ONT, ("2.4.1",), "OWNW"),
    Product("Koralle", "CM-31", NodeKind.MODEM, ("6.0.2", "6.1.0"), "KRMO"),
    Product("Feldmast", "CPE-25", NodeKind.CPE, ("4.0.7", "4.1.0"), "FMCP"),
)

#: ONTs of this batch lose their laser early: the reason behind a good part of the history's visits.
WEAK_BATCH = "OWNT-2024-31"

MODELS = [DeviceModelRow(n, p.vendor, p.name, p.kind.value) for n, p in enumerate(PRODUCTS, start=1)]
_BY_KIND: dict[NodeKind, list[tuple[int, Product]]] = {}
for _id, _product in enumerate(PRODUCTS, start=1):
    _BY_KIND.setdefault(_product.kind, []).append((_id, _product))


class Build(NamedTuple):
    """The make of one device."""

    model_id: int
    serial: str
    hardware_batch: str
    firmware: str
    installed_on: date


def build(kind: NodeKind, number: int, today: date, rng: random.Random) -> Build:
    """A device of this kind: a batch is one model's production of four weeks."""
    model_id, product = rng.choice(_BY_KIND[kind])
    made = today - timedelta(days=rng.randrange(120, 5 * 365))
    year, week, _ = made.isocalendar()
    batch = f"{product.serial}-{year}-{week - (week - 3) % 4:02}" if week > 3 else f"{product.serial}-{year}-01"
    if product.serial == "OWNT" and rng.random() < 0.06:
        batch, made = WEAK_BATCH, min(made, today - timedelta(days=200))
    return Build(
        model_id,
        f"{product.serial}{number:08}",
        batch,
        rng.choice(product.firmwares),
        min(made + timedelta(days=rng.randrange(20, 110)), today),
    )
