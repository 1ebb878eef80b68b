"""Breaking a service of the demo, one of its servers, a BNG, a site's power or our own poller; and mending it.

What is broken stands in `demo_fault` as "service:radius" (all of them), "service:radius-1" or "service:poller".
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.demo import service
from atlas.demo.models import DemoFault
from atlas.demo.service import DemoError, UnknownElementError
from atlas.events import emit
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
    if await _standing(session, key):
        raise DemoError(f"{key} is broken already; mend it first.")
    fault = DemoFault(element=key, cut_at=now)
    session.add(fault)
    await session.flush()
    await emit(session, "demo.cut", key, {"fault": fault.id}, at=now)
    return fault


async def mend(session: AsyncSession, what: str, now: datetime) -> DemoFault:
    """Mend it. UnknownElementError; DemoError when it is not broken."""
    key = await find(session, what)
    if key.startswith("power:"):
        return await service.repair(session, key, now)
    fault = await _standing(session, key)
    if fault is None:
        standing = await session.scalars(select(DemoFault.element).where(DemoFault.repaired_at.is_(None)))
        raise DemoError(f"{key} is not broken; broken now: {', '.join(standing) or 'nothing'}.")
    fault.repaired_at = now
    await session.flush()
    await emit(session, "demo.repair", key, {"fault": fault.id}, at=now)
    return fault


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


async def _standing(session: AsyncSession, key: str) -> DemoFault | None:
    query = select(DemoFault).where(DemoFault.element == key, DemoFault.repaired_at.is_(None))
    return (await session.scalars(query.with_for_update())).first()
