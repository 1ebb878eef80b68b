"""What people call the things that can fail."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.gis.models import Duct, Fibre, Zone
from atlas.network.enums import NodeKind
from atlas.network.models import Link, Node

WORDS = {
    NodeKind.TRANSIT: "transit",
    NodeKind.CORE_ROUTER: "core router",
    NodeKind.BNG: "BNG",
    NodeKind.AGGREGATION: "aggregation router",
    NodeKind.OLT: "OLT",
    NodeKind.PON_PORT: "PON port",
    NodeKind.SPLITTER: "splitter",
    NodeKind.ONT: "ONT",
    NodeKind.CMTS: "CMTS",
    NodeKind.FIBRE_NODE: "fibre node",
    NodeKind.MODEM: "modem",
    NodeKind.TOWER: "tower",
    NodeKind.SECTOR: "sector",
    NodeKind.CPE: "radio CPE",
    NodeKind.RADIUS: "RADIUS server",
    NodeKind.DHCP: "DHCP server",
    NodeKind.DNS: "DNS resolver",
    NodeKind.CGNAT: "carrier-grade NAT",
}

#: Everything of a kind at once, by the kind of its providers: "service:radius".
POOLS = {
    "radius": "RADIUS, every server of it",
    "dhcp": "DHCP, every server of it",
    "dns": "DNS, every resolver of it",
    "cgnat": "carrier-grade NAT, all of it",
    "transit": "transit, every provider of it",
}


async def describe(session: AsyncSession, element: str) -> str:
    """An element in an engineer's words: "fibre F-Z3-BH-1, zone 3 backhaul"."""
    kind, _, name = element.partition(":")
    match kind:
        case "fibre":
            query = select(Zone.number, Fibre.role).select_from(Fibre).outerjoin(Zone).where(Fibre.name == name)
            row = (await session.execute(query)).first()
            return f"fibre {name}" + _where(row[0] if row else None, row[1] if row else "")
        case "duct":
            duct = (await session.execute(select(Duct.a_place, Duct.z_place).where(Duct.name == name))).first()
            return f"duct {name}" + (f", between {duct[0]} and {duct[1]}" if duct else "")
        case "node":
            query = select(Zone.number, Node.kind).select_from(Node).outerjoin(Zone).where(Node.name == name)
            row = (await session.execute(query)).first()
            return f"{WORDS[NodeKind(row[1])]} {name}" + _where(row[0]) if row else f"device {name}"
        case "link":
            found = (await session.execute(select(Link.kind).where(Link.name == name))).scalar()
            return f"{found or 'unknown'} link {name}"
        case "service":
            return POOLS.get(name, f"service {name}")
    return element


def _where(zone: int | None, role: str = "") -> str:
    place = " ".join(filter(None, [f"zone {zone}" if zone is not None else "", role]))
    return f", {place}" if place else ""


def plain_cause(element: str | None) -> str:
    """The cause as a subscriber should hear it, naming no equipment."""
    match (element or "").partition(":")[0]:
        case "fibre" | "duct":
            return "a damaged fibre cable"
        case "link":
            return "a broken connection in our network"
        case "node":
            return "a fault in a piece of our equipment"
        case "service":
            return "a fault in a system that all connections need"
    return "a fault in our network that we are tracing"
