"""The price list: what is sold over each technology, to homes and to firms. Prices are monthly, VAT included."""

from atlas.demo.rows import PlanRow
from atlas.network.enums import Technology

CURRENCY = "EUR"
_SOLD = (
    ("FIB-150", "Fibre 150", Technology.PON, "residential", 150, 75, "34.900", 24),
    ("FIB-300", "Fibre 300", Technology.PON, "residential", 300, 150, "42.900", 24),
    ("FIB-1000", "Fibre 1000", Technology.PON, "residential", 1000, 300, "59.900", 24),
    ("FIB-B-500", "Business Fibre 500", Technology.PON, "business", 500, 500, "119.000", 8),
    ("CAB-100", "Cable 100", Technology.DOCSIS, "residential", 100, 20, "29.900", 24),
    ("CAB-250", "Cable 250", Technology.DOCSIS, "residential", 250, 40, "37.900", 24),
    ("CAB-1000", "Cable 1000", Technology.DOCSIS, "residential", 1000, 50, "49.900", 24),
    ("CAB-B-400", "Business Cable 400", Technology.DOCSIS, "business", 400, 100, "89.000", 8),
    ("AIR-50", "Air 50", Technology.WIRELESS, "residential", 50, 10, "31.900", 48),
    ("AIR-100", "Air 100", Technology.WIRELESS, "residential", 100, 20, "39.900", 48),
    ("AIR-B-100", "Business Air 100", Technology.WIRELESS, "business", 100, 50, "99.000", 12),
)
_NO_LONGER_SOLD = (("FIB-100", "Fibre 100", Technology.PON, "residential", 100, 50, "32.900", 24),)

PLANS = [
    PlanRow(n, code, name, technology.value, segment, down, up, price, CURRENCY, hours, n <= len(_SOLD))
    for n, (code, name, technology, segment, down, up, price, hours) in enumerate((*_SOLD, *_NO_LONGER_SOLD), start=1)
]


def plans_for(technology: Technology, segment: str) -> list[PlanRow]:
    """What a subscriber of this segment can have over this technology."""
    return [plan for plan in PLANS if plan.technology == technology and plan.segment == segment]
