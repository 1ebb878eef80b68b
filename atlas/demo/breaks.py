"""Breaking a service of the demo, one of its servers, a BNG, a site's power or our own poller; and mending it.

What is broken stands in `demo_fault` as "service:radius" (all of them), "service:radius-1" or "service:poller".
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.demo import service
from atlas.demo.models import DemoFault
from atlas.demo.service import UnknownElementError
from atlas.network.enums import NodeKind
from atlas.network.models import Node

#: What can be broken, and what of it where nobody says: "" is all of them.
KINDS = {
    "radius": "",
    "dhcp": "",
    "dns": "",
    "transit": "transit-frankfurt-1",
    "cgnat": "cgnat-1",
    "bng": "z3-bng-1",
}
POLLER = "service:poller"
WAYS = f"{'|'.join(KINDS)}[:name or all], poller, or power:<site>"


async def break_(session: AsyncSession, what: str, now: datetime) -> DemoFault:
    """Break it. UnknownElementError; DemoError when it is broken already."""
    key = await find(session, what)
    if key.startswith("power:"):
        return await service.cut(session, key, now)
    return await service.begin_fault(session, key, now, "broken", "mend")


async def mend(session: AsyncSession, what: str, now: datetime) -> DemoFault:
    """Mend it. UnknownElementError; DemoError when it is not broken."""
    key = await find(session, what)
    if key.startswith("power:"):
        return await service.repair(session, key, now)
    return await service.end_fault(session, key, now, "broken")


async def find(session: AsyncSession, what: str) -> str:
    """The key of what is to be broken: "radius", "radius:radius-1", "bng:z3-bng-2", "poller", "power:<site>"."""
    kind, colon, name = what.partition(":")
    if kind == "service" and colon:
        kind, colon, name = name, "", ""
    if kind == "poller":
        return POLLER
    if kind == "power":
        return what
    if kind not in KINDS:
        found = (await session.scalars(select(Node).where(Node.name == kind, Node.kind.in_(list(KINDS))))).first()
        if found is None:
            raise UnknownElementError(f"Nothing called {what[:100]!r} can be broken; give {WAYS}.")
        return f"service:{found.name}"
    name = name or KINDS[kind]
    if name in {"", "all"}:
        if kind == "bng":
            raise UnknownElementError("Not all BNGs at once; name one, such as bng:z3-bng-1.")
        return f"service:{kind}"
    known = list(await session.scalars(select(Node.name).where(Node.kind == NodeKind(kind)).order_by(Node.name)))
    if name not in known:
        raise UnknownElementError(f"There is no {kind} {name[:100]!r}; there are {', '.join(known)}.")
    return f"service:{name}"
