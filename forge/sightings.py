"""Signs of life for Cortex: which lines have accounted, read only while a monitor calls something dead."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from cortex.sightings import Sightings

#: Read again this far back: packets are stored a little after they are stamped.
OVERLAP = timedelta(seconds=30)
SEEN = text("""
SELECT s.access_node_id, max(a.last_interim_at), max(a.interim_seconds)
FROM access_session a JOIN service s ON s.id = a.service_id
WHERE a.stopped_at IS NULL AND a.last_interim_at >= :since
GROUP BY s.access_node_id
""")


class Accounting:
    """The lines' last updates, from where they were read up to the last time."""

    def __init__(self, node_ids: Sequence[int]) -> None:
        """`node_ids[i]` is the row of topology node i."""
        self._index = {row: i for i, row in enumerate(node_ids)}
        self._since = datetime(1970, 1, 1, tzinfo=UTC)

    async def read(self, session: AsyncSession, sightings: Sightings) -> None:
        """Bring the sightings up to date."""
        newest = self._since
        for node, at, every in await session.execute(SEEN, {"since": self._since}):
            newest = max(newest, at)
            if (element := self._index.get(node)) is not None:
                sightings.accounted(element, at.timestamp(), float(every))
        self._since = max(self._since, newest - OVERLAP)
