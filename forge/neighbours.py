"""What devices outside the inventory said of their neighbours, for a correlator that begins anew."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cortex.adjacency.learner import Heard

#: Sessions that are remembered, the latest: enough for a thousand routers.
MOST = 50_000

WORDS = """
SELECT a.device, o.extra ->> 'neighbour', a.last_event_at, a.alarm_type, coalesce(o.extra ->> 'asn', '')
FROM alarm a CROSS JOIN LATERAL (
    SELECT extra FROM alarm_occurrence WHERE alarm_id = a.id ORDER BY event_at DESC LIMIT 1
) o
WHERE a.qualifier <> '' AND o.extra ? 'neighbour' AND NOT EXISTS (SELECT 1 FROM node n WHERE n.name = a.device)
ORDER BY a.last_event_at DESC LIMIT :most
"""


async def strangers_words(session: AsyncSession) -> list[Heard]:
    """One word per session of the alarm list, whoever's device the inventory does not know."""
    rows = await session.execute(text(WORDS), {"most": MOST})
    return [Heard(device, peer, at.timestamp(), kind, "", asn) for device, peer, at, kind, asn in rows if peer]
