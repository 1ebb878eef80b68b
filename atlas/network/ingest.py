"""How alarms enter Atlas: a batch is one COPY, one log and one update of the alarm list, in one transaction.

The alarm list pairs raises with clears and counts repeats (RFC 8632); the occurrence log keeps every
notification in the order it was taken, for the correlator to read by cursor.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.copy import copy_rows
from atlas.network.enums import Feed
from atlas.network.models import DeadLetterRecord, FeedHeartbeat
from atlas.network.schemas import Alarm, DeadLetter, Receipt

STAGE = """
CREATE TEMP TABLE IF NOT EXISTS alarm_stage (
    n int, resource text, alarm_type text, qualifier text, device text, severity text, is_cleared bool,
    event_type text, probable_cause text, event_at timestamptz, feed text, text text, extra jsonb
) ON COMMIT DELETE ROWS
"""
COLUMNS = (
    "n", "resource", "alarm_type", "qualifier", "device", "severity", "is_cleared",
    "event_type", "probable_cause", "event_at", "feed", "text", "extra",
)  # fmt: skip

# A first sighting becomes a row older than any event, so that the statement after it treats all alike.
# Both statements take rows in one order: two batches about the same alarms wait for each other, never for ever.
FIRST_SIGHTINGS = """
INSERT INTO alarm (resource, alarm_type, qualifier, device, severity, is_cleared, event_type,
                   probable_cause, text, raised_at, last_event_at, repeats)
SELECT DISTINCT ON (resource, alarm_type, qualifier)
       resource, alarm_type, qualifier, device, severity, true, event_type, probable_cause, text,
       event_at, '-infinity', 0
FROM alarm_stage ORDER BY resource, alarm_type, qualifier, n
ON CONFLICT DO NOTHING
"""

# A notification is a duplicate when it repeats the one just before it, or when the log holds it already and
# nothing new of the same alarm came before it in the batch: a posted batch may come twice, while a port
# that flaps within one tick of its clock says the same thing twice and means it.
RECORD = """
WITH known AS MATERIALIZED (
    SELECT a.id, a.resource, a.alarm_type, a.qualifier, a.last_event_at, a.is_cleared
    FROM alarm a JOIN (SELECT DISTINCT resource, alarm_type, qualifier FROM alarm_stage) s
      USING (resource, alarm_type, qualifier)
    ORDER BY a.id FOR NO KEY UPDATE OF a
), staged AS (
    SELECT s.*, k.id AS alarm_id, k.last_event_at,
           lag(s.event_at) OVER w IS NOT DISTINCT FROM s.event_at
               AND lag(s.is_cleared) OVER w IS NOT DISTINCT FROM s.is_cleared AS is_repeated,
           s.event_at <= k.last_event_at AND EXISTS (
               SELECT 1 FROM alarm_occurrence o
               WHERE o.alarm_id = k.id AND o.event_at = s.event_at AND o.is_cleared = s.is_cleared) AS is_logged
    FROM alarm_stage s JOIN known k USING (resource, alarm_type, qualifier)
    WINDOW w AS (PARTITION BY k.id ORDER BY s.n)
), judged AS (
    SELECT *, is_repeated OR bool_and(is_logged) OVER (PARTITION BY alarm_id ORDER BY n) AS is_duplicate FROM staged
), fresh AS MATERIALIZED (
    SELECT * FROM judged WHERE NOT is_duplicate
), logged AS (
    INSERT INTO alarm_occurrence (xid, alarm_id, device, resource, alarm_type, qualifier, severity, is_cleared,
                                  event_at, received_at, feed, text, extra)
    SELECT pg_current_xact_id()::text::bigint, alarm_id, device, resource, alarm_type, qualifier, severity,
           is_cleared, event_at, :received, feed, text, extra
    FROM fresh ORDER BY n
), last_said AS (
    SELECT DISTINCT ON (alarm_id) *, event_at >= last_event_at AS newer,
           count(*) FILTER (WHERE NOT is_cleared) OVER (PARTITION BY alarm_id) AS times
    FROM fresh ORDER BY alarm_id, event_at DESC, n DESC
), listed AS (
    UPDATE alarm a SET
        repeats = a.repeats + s.times,
        severity = CASE WHEN newer THEN s.severity ELSE a.severity END,
        text = CASE WHEN newer THEN s.text ELSE a.text END,
        raised_at = CASE WHEN newer AND a.is_cleared AND NOT s.is_cleared THEN s.event_at ELSE a.raised_at END,
        cleared_at = CASE WHEN NOT newer THEN a.cleared_at WHEN s.is_cleared THEN s.event_at END,
        is_cleared = CASE WHEN newer THEN s.is_cleared ELSE a.is_cleared END,
        last_event_at = greatest(a.last_event_at, s.event_at)
    FROM last_said s
    WHERE a.id = s.alarm_id
)
SELECT (SELECT count(*) FROM fresh),
       -- A lookup per alarm: a join would read every node of the network for each batch.
       (SELECT count(*) FROM alarm_stage s WHERE (SELECT n.id FROM node n WHERE n.name = s.device) IS NULL)
"""


async def record_alarms(
    session: AsyncSession, alarms: Sequence[Alarm], now: datetime, max_text: int = 2_000
) -> Receipt:
    """Store a batch of alarms; nothing is refused here, and what was seen before is counted, not kept twice.

    `now` is when they were received. Text past `max_text` characters is cut, and says so.
    """
    if not alarms:
        return Receipt(accepted=0)
    await session.execute(text(STAGE))
    rows = [_row(n, alarm, max_text) for n, alarm in enumerate(alarms)]
    await copy_rows(session, "alarm_stage", COLUMNS, rows)
    await session.execute(text(FIRST_SIGHTINGS))
    fresh, unknown = (await session.execute(text(RECORD), {"received": now})).one()
    await session.execute(text("TRUNCATE alarm_stage"))
    if fresh:
        await events.wake(session)
    return Receipt(accepted=fresh, duplicates=len(alarms) - fresh, unknown_resources=unknown)


def _row(n: int, alarm: Alarm, max_text: int) -> tuple[object, ...]:
    return (
        n, alarm.resource, alarm.alarm_type.value, alarm.qualifier, alarm.device, alarm.severity.value,
        alarm.is_cleared, alarm.event_type.value, alarm.probable_cause, alarm.event_time, alarm.feed.value,
        bounded(alarm.text, max_text), _json(alarm.extra),
    )  # fmt: skip


def bounded(words: str, limit: int) -> str:
    """Text that PostgreSQL takes and a screen can show: no NUL, cut at `limit` with a word about it."""
    words = words.replace("\x00", "\ufffd")
    return words if len(words) <= limit else f"{words[:limit]} … ({len(words) - limit} characters cut)"


def _json(extra: dict[str, object]) -> str:
    return json.dumps(extra).replace("\\u0000", "\\ufffd") if extra else "{}"


async def record_dead_letters(session: AsyncSession, letters: Sequence[DeadLetter], max_text: int = 2_000) -> None:
    """Keep what could not be read, each with its reason."""
    if letters:
        await session.execute(
            insert(DeadLetterRecord),
            [
                {
                    "feed": letter.feed.value,
                    "sender": bounded(letter.sender, 300),
                    "reason": bounded(letter.reason, max_text),
                    "payload": bounded(letter.payload, max_text),
                    "received_at": letter.received_at,
                }
                for letter in letters
            ],
        )


async def beat(session: AsyncSession, feed: Feed, source: str, now: datetime, every: float) -> None:
    """A feed says that it works, and that it will say so again within `every` seconds."""
    row = {"feed": feed.value, "source": source, "last_at": now, "every_seconds": every}
    statement = upsert(FeedHeartbeat).values(row)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["feed", "source"],
            set_={"last_at": statement.excluded.last_at, "every_seconds": statement.excluded.every_seconds},
        )
    )
