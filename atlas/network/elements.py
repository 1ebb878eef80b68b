"""What people call the things that can fail."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.gis.models import Duct, Fibre, Site, Zone
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
        case "site":
            at = (await session.execute(select(Site.place).where(Site.name == name))).scalar()
            return f"site {name}" + (f", {at}" if at else "")
        case "zone":
            return f"zone {name}"
        case "link":
            found = (await session.execute(select(Link.kind).where(Link.name == name))).scalar()
            return f"{found or 'unknown'} link {name}"
        case "monitoring":
            return f"our own monitoring: the {name} is blind"
        case "service":
            return POOLS.get(name, f"service {name}")
    return element


def _where(zone: int | None, role: str = "") -> str:
    place = " ".join(filter(None, [f"zone {zone}" if zone is not None else "", role]))
    return f", {place}" if place else ""


#: How a fault mode should be put to a subscriber: what it is, not whose box.
PLAIN_MODES = {
    "rogue ONT": "interference on the fibre line in your area",
    "weak light": "a worn fibre cable",
    "mains power out": "a power cut in your area",
    "ingress noise": "interference on the cable network in your area",
    "partial service": "a disturbance on the cable network in your area",
    "provisioning": "modems that had to start anew",
    "rain fade": "heavy rain, which weakens radio links until it has passed",
    "heavy rain": "heavy rain",
    "misaligned radio": "a disturbed radio link",
    "radar on the channel": "a radar station, to which our radio must give way for some minutes",
    "errors": "a worn connection in our network",
    "weak light on a link": "a worn connection in our network",
    "flapping": "an unsteady connection in our network",
    "session down": "a fault between two of our routers",
    "on the standby path": "a fault in our network, which runs on its reserve",
    "on battery": "a power cut at one of our sites, which runs on its battery",
    "battery low": "a power cut at one of our sites, which runs on its battery",
    "without power": "a power cut at one of our sites",
    "too hot": "heat at one of our sites",
    "switched off": "a device that is switched off",
}


def plain_cause(element: str | None, mode: str = "") -> str:
    """The cause as a subscriber should hear it, naming no equipment. `mode`: how it is at fault, where Cortex says."""
    if mode in PLAIN_MODES:
        return PLAIN_MODES[mode]
    match (element or "").partition(":")[0]:
        case "fibre" | "duct":
            return "a damaged fibre cable"
        case "link":
            return "a broken connection in our network"
        case "site":
            return "a fault at one of our sites"
        case "node":
            return "a fault in a piece of our equipment"
        case "service":
            return "a fault in a system that all connections need"
    return "a fault in our network that we are tracing"


#: Element key prefix -> the table that knows it.
ELEMENTS: dict[str, type[Node | Link | Fibre | Duct]] = {"node": Node, "link": Link, "fibre": Fibre, "duct": Duct}
#: Of these there are as many as subscribers, and nobody types their names from memory: not searched for likeness.
ENDS_OF_LINES = (NodeKind.ONT, NodeKind.MODEM, NodeKind.CPE)
#: How alike two names must be, of 100, for the one to be meant when the other is typed.
ALIKE, MOST_LIKE = 60, 3


async def find_element(session: AsyncSession, named: str) -> str:
    """The key of an element by its key, or by its bare name. DomainError with the names most like it."""
    kind, _, name = named.strip().rpartition(":")
    kinds = [kind] if kind in ELEMENTS else list(ELEMENTS)
    if kind in ("", *ELEMENTS):
        keys = [each for each in kinds if await _exists(session, each, name)]
        if len(keys) == 1:
            return f"{keys[0]}:{name}"
        if keys:
            raise DomainError(f"Several elements are called {name}; say {' or '.join(f'{k}:{name}' for k in keys)}.")
    like = await _alike(session, kinds, name or named)
    meant = f" Did you mean {' or '.join(like)}?" if like else " Keys look like fibre:F-1 or node:z3-agg-1."
    raise DomainError(f"There is no element {named}.{meant}")


async def _exists(session: AsyncSession, kind: str, name: str) -> bool:
    table = ELEMENTS[kind]
    return (await session.scalar(select(table.id).where(table.name == name))) is not None


async def _alike(session: AsyncSession, kinds: Sequence[str], name: str) -> list[str]:
    keys: list[str] = []
    for kind in kinds:
        query = select(ELEMENTS[kind].name)
        if kind == "node":
            query = query.where(Node.kind.not_in(ENDS_OF_LINES))
        keys += [f"{kind}:{each}" for each in await session.scalars(query)]
    bare = [key.partition(":")[2].lower() for key in keys]
    found = process.extract(name.lower(), bare, scorer=fuzz.ratio, limit=MOST_LIKE, score_cutoff=ALIKE)
    return [keys[place] for _, _, place in found]
