"""Who is online: RADIUS accounting (RFC 2866) becomes access sessions, and silence becomes evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.copy import copy_rows


@dataclass(frozen=True, slots=True)
class Interim:
    """One accounting request, as the NAS sent it. Octets are totals of the session, gigawords included."""

    kind: Literal["start", "interim", "stop"]
    username: str
    nas: str
    session_id: str
    at: datetime
    octets_in: int = 0
    octets_out: int = 0
    framed_address: str | None = None
    interim_seconds: int = 1800
    stop_cause: str | None = None


@dataclass(frozen=True, slots=True)
class LineSession:
    """A session and the node its line ends at."""

    session_id: str
    nas: str
    username: str
    node: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a batch of accounting requests."""

    recorded: int
    unknown: int
    returned: tuple[LineSession, ...]


STAGE = """
CREATE TEMP TABLE IF NOT EXISTS interim_stage (
    n int, kind text, username text, nas text, session_id text, at timestamptz, octets_in bigint,
    octets_out bigint, framed_address text, interim_seconds int, stop_cause text
) ON COMMIT DELETE ROWS
"""
COLUMNS = (
    "n", "kind", "username", "nas", "session_id", "at", "octets_in", "octets_out",
    "framed_address", "interim_seconds", "stop_cause",
)  # fmt: skip

# Locked before the statement that reads them, so that it sees what a look for silence has just written.
LOCK = """
SELECT 1 FROM access_session a JOIN (SELECT DISTINCT nas, session_id FROM interim_stage) s USING (nas, session_id)
ORDER BY a.id FOR NO KEY UPDATE OF a
"""

# The newest packet of a session wins; an older one that comes late changes nothing. A line that dials in again
# has lost its older session, whether or not a stop was heard of it.
RECORD = """
WITH newest AS (
    SELECT DISTINCT ON (nas, session_id) * FROM interim_stage ORDER BY nas, session_id, at DESC, n DESC
), known AS (
    SELECT s.id AS service_id, n.* FROM newest n JOIN service s USING (username)
), before AS (
    SELECT a.id, a.nas, a.session_id, a.service_id FROM access_session a JOIN known k USING (nas, session_id)
    WHERE a.silent_since IS NOT NULL
), replaced AS (
    UPDATE access_session a SET stopped_at = k.at, stop_cause = 'Lost-Carrier'
    FROM known k
    WHERE k.kind = 'start' AND a.service_id = k.service_id AND a.stopped_at IS NULL AND a.started_at < k.at
      AND (a.nas, a.session_id) <> (k.nas, k.session_id)
    RETURNING a.session_id, a.nas, a.service_id, a.silent_since
), written AS (
    INSERT INTO access_session AS a (service_id, nas, session_id, framed_address, started_at, last_interim_at,
                                     interim_seconds, octets_in, octets_out, stopped_at, stop_cause)
    SELECT service_id, nas, session_id, framed_address, at, at, interim_seconds, octets_in, octets_out,
           CASE WHEN kind = 'stop' THEN at END, stop_cause
    FROM known ORDER BY nas, session_id
    ON CONFLICT (nas, session_id) DO UPDATE SET
        last_interim_at = excluded.last_interim_at, interim_seconds = excluded.interim_seconds,
        octets_in = excluded.octets_in, octets_out = excluded.octets_out,
        framed_address = coalesce(excluded.framed_address, a.framed_address),
        stopped_at = excluded.stopped_at, stop_cause = excluded.stop_cause, silent_since = NULL
    WHERE excluded.last_interim_at >= a.last_interim_at
    RETURNING a.id
)
SELECT (SELECT count(*) FROM interim_stage st WHERE EXISTS (SELECT 1 FROM service s WHERE s.username = st.username)),
       (SELECT coalesce(jsonb_agg(jsonb_build_array(r.session_id, r.nas, s.username, n.name)), '[]')
        FROM (SELECT b.session_id, b.nas, b.service_id FROM before b JOIN written w ON w.id = b.id
              UNION SELECT session_id, nas, service_id FROM replaced WHERE silent_since IS NOT NULL) r
        JOIN service s ON s.id = r.service_id JOIN node n ON n.id = s.access_node_id)
"""


async def record_interims(session: AsyncSession, updates: Sequence[Interim], now: datetime) -> Heard:  # noqa: ARG001
    """Store a batch of accounting requests; says which sessions came back from silence."""
    if not updates:
        return Heard(0, 0, ())
    await session.execute(text(STAGE))
    await copy_rows(session, "interim_stage", COLUMNS, [_row(n, update) for n, update in enumerate(updates)])
    await session.execute(text(LOCK))
    recorded, returned = (await session.execute(text(RECORD))).one()
    await session.execute(text("TRUNCATE interim_stage"))
    return Heard(recorded, len(updates) - recorded, tuple(LineSession(*row) for row in returned))


def _row(n: int, update: Interim) -> tuple[object, ...]:
    return (
        n, update.kind, update.username, update.nas, update.session_id, update.at, update.octets_in,
        update.octets_out, update.framed_address, update.interim_seconds, update.stop_cause,
    )  # fmt: skip


#: A NAS of more sessions than this that says nothing at all is itself silent, or unheard; of fewer nothing can be said.
FEW = 20

# Due is when the next word was to come, or, where nobody listened at that moment, one interval after we began to.
# As long as a NAS, or the whole feed, has said nothing since then, it is the NAS or we that are cut off, not each of
# its lines: somebody must have been heard after a word was due for it to be missed.
# A row that is locked is being written by the very packet that was missed.
OVERDUE = """
WITH speaking AS (
    SELECT nas, count(*) AS held, max(last_interim_at) AS heard_at FROM access_session
    WHERE stopped_at IS NULL GROUP BY nas HAVING max(last_interim_at) >= :listening_since
), feed AS (
    SELECT sum(held) AS held, max(heard_at) AS heard_at FROM speaking
), resumed AS (
    SELECT * FROM unnest(CAST(:nases AS text[]), CAST(:since AS timestamptz[])) AS t (nas, at)
), expected AS (
    SELECT a.id, a.nas, a.interim_seconds,
           CASE WHEN a.last_interim_at + make_interval(secs => a.interim_seconds)
                     >= coalesce(r.at, CAST(:listening_since AS timestamptz))
                THEN a.last_interim_at ELSE coalesce(r.at, CAST(:listening_since AS timestamptz)) END AS counted_from
    FROM access_session a LEFT JOIN resumed r USING (nas)
    WHERE a.stopped_at IS NULL AND a.silent_since IS NULL
), due AS (
    SELECT a.id FROM access_session a JOIN expected e USING (id) JOIN speaking n ON n.nas = e.nas CROSS JOIN feed f
    WHERE a.stopped_at IS NULL AND a.silent_since IS NULL
      AND CAST(:now AS timestamptz) - make_interval(secs => :grace)
          > make_interval(secs => e.interim_seconds * (1 + :share)) + e.counted_from
      AND (n.held <= :few OR n.heard_at >= e.counted_from + make_interval(secs => e.interim_seconds))
      AND (f.held <= :few OR f.heard_at >= e.counted_from + make_interval(secs => e.interim_seconds))
    ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED
)
UPDATE access_session a SET silent_since = :now
FROM due, service s JOIN node n ON n.id = s.access_node_id
WHERE a.id = due.id AND s.id = a.service_id
RETURNING a.session_id, a.nas, s.username, n.name
"""

SILENT = """
SELECT nas FROM access_session WHERE stopped_at IS NULL GROUP BY nas
HAVING count(*) > :few AND max(last_interim_at) < CAST(:now AS timestamptz) - make_interval(
    secs => greatest(:grace, :spacings * max(interim_seconds) / count(*)))
"""
#: Silence of so many times the usual distance between two words of a NAS is no chance (e to the minus 20).
SPACINGS = 20.0


async def silent_nases(session: AsyncSession, now: datetime, grace: float) -> set[str]:
    """NASes of which nothing at all is heard any more, though they hold many sessions."""
    values = {"now": now, "grace": grace, "few": FEW, "spacings": SPACINGS}
    return set((await session.execute(text(SILENT), values)).scalars())


async def overdue_sessions(
    session: AsyncSession,
    now: datetime,
    grace: float,
    share: float,
    listening_since: datetime,
    resumed: Mapping[str, datetime] | None = None,
) -> list[LineSession]:
    """Sessions whose interim is late by `grace` seconds and a `share` of its interval; each is told once.

    `listening_since`: when we began to hear; what was due before is not missed, for nobody listened. `resumed`: the
    same for NASes that were silent altogether for a while.
    """
    resumed = resumed or {}
    values = {"now": now, "grace": grace, "share": share, "listening_since": listening_since, "few": FEW}
    values |= {"nases": list(resumed), "since": list(resumed.values())}
    return [LineSession(*row) for row in await session.execute(text(OVERDUE), values)]
