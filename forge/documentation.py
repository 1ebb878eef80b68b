"""Holds the documented network against what its devices say of their neighbours, and keeps the differences."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.network.gaps import FoundGap, keep
from atlas.network.inventory import Inventory, LinkRow, load_inventory
from cortex.adjacency.gaps import DocumentedLink, Gap, gaps_of
from cortex.adjacency.learner import Heard
from cortex.adjacency.timing import SLOT, hints
from forge.topology import port_key

#: How far back the log is read.
HISTORY = timedelta(days=30)
#: Held while one process reviews; a second one has nothing to add.
LOCK = 0x0BED_0008
#: Devices that no inventory knows and that are compared with each other, at most: the pairs grow with its square.
STRANGERS = 500

HEARD = """
SELECT device, extra ->> 'neighbour', alarm_type, coalesce(substr(resource, length(device) + 2), ''),
       coalesce(extra ->> 'asn', ''), count(*), min(event_at), max(event_at)
FROM alarm_occurrence WHERE received_at >= :since AND extra ? 'neighbour'
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
#: Slots in which devices spoke that are no node of the network.
SPOKE = """
WITH stranger AS (
    SELECT device FROM alarm_occurrence o WHERE received_at >= :since
      AND NOT EXISTS (SELECT 1 FROM node n WHERE n.name = o.device)
    GROUP BY device ORDER BY count(*) DESC, device LIMIT :most
)
SELECT DISTINCT device, floor(extract(epoch FROM event_at) / :slot) * :slot
FROM alarm_occurrence JOIN stranger USING (device) WHERE received_at >= :since
"""


async def review(sessions: Sessions, clock: Clock) -> int:
    """Find the gaps of now, keep them, and return how many are new. One process at a time does it."""
    async with transaction(sessions) as session:
        if not (await session.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK})).scalar():
            return 0
        found = await find(session, clock.now())
        return await keep(session, found, clock.now())


async def find(session: AsyncSession, now: datetime) -> list[FoundGap]:
    """The gaps of now, none of them kept."""
    since = {"since": now - HISTORY}
    inventory = await load_inventory(session)
    heard = [
        Heard(device, peer, first.timestamp(), kind, port_key(part), asn, False, count, last.timestamp())
        for device, peer, kind, part, asn, count, first, last in await session.execute(text(HEARD), since)
        if peer
    ]
    spoke = await session.execute(text(SPOKE), since | {"slot": SLOT, "most": STRANGERS})
    found = gaps_of(
        heard,
        [_link(link) for link in inventory.links],
        _addresses(inventory),
        {node.name for node in inventory.nodes},
        hints((device, float(at)) for device, at in spoke),
    )
    return [_kept(gap, now) for gap in found]


def _link(link: LinkRow) -> DocumentedLink:
    ports = port_key(link.a_interface), port_key(link.z_interface)
    return DocumentedLink(link.name, link.a, link.z, *ports, link.a_address, link.z_address)


def _addresses(inventory: Inventory) -> dict[str, str]:
    """Every documented address, and the device that has it."""
    known = {node.address: node.name for node in inventory.nodes if node.address}
    for link in inventory.links:
        known |= {address: end for end, address in ((link.a, link.a_address), (link.z, link.z_address)) if address}
    return known


def _kept(gap: Gap, now: datetime) -> FoundGap:
    first, last = (datetime.fromtimestamp(at, UTC) if at else now for at in (gap.first, gap.last))
    return FoundGap(gap.subject, gap.kind.value, gap.a, gap.z, gap.sentence, gap.confidence, gap.messages, first, last)
