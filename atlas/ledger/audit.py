"""The audit trail: who did what, under pseudonyms, chained so that a change to the past shows.

Rows are written unsealed in the transaction of what they tell of; a sealer chains committed ones in batches, since
locking the head of the chain in every effect costs most of the throughput. It goes by (transaction, id)
below the settled horizon, under which nothing can still appear. Erasing a person destroys the key behind
their pseudonym: the rows stay, the chain verifies, and nobody can tell any more who it was.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.events import CURRENT_XID, SETTLED
from atlas.ledger.models import AuditEntry, Pseudonym

SEALER_LOCK = 0x0BED_0010
GENESIS = hashlib.sha256(b"bedrock audit chain").digest()


@dataclass(frozen=True, slots=True)
class Verification:
    """`broken_at`: the first place in the chain that does not hold, None when all do. `head` vouches for
    the `length` sealed entries; kept elsewhere, it shows a chain cut short. `unsealed` entries wait."""

    length: int
    head: str
    broken_at: int | None
    unsealed: int


async def record_entry(
    session: AsyncSession, *, at: datetime, actor: str, verb: str, subject: str, detail: dict[str, Any]
) -> None:
    """Write one unsealed line. `actor` and `subject` are pseudonyms where they are subscribers."""
    await session.execute(
        insert(AuditEntry).values(xid=CURRENT_XID, at=at, actor=actor, verb=verb, subject=subject, detail=detail)
    )


async def pseudonym_of(session: AsyncSession, subscriber_id: int) -> str:
    """The name a subscriber goes by in the trail."""
    return "subscriber:" + await bind(session, subscriber_id, "name")


async def bind(session: AsyncSession, subscriber_id: int, text: str) -> str:
    """A fingerprint of `text` that only the subscriber's key can confirm; it dies with the key."""
    secret = await _secret(session, subscriber_id)
    return hmac.new(secret, f"{subscriber_id}:{text}".encode(), hashlib.sha256).hexdigest()[:32]


async def _secret(session: AsyncSession, subscriber_id: int) -> bytes:
    query = select(Pseudonym.secret).where(Pseudonym.subscriber_id == subscriber_id)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        new = {"subscriber_id": subscriber_id, "secret": secrets.token_bytes(32)}
        await session.execute(upsert(Pseudonym).values(new).on_conflict_do_nothing())
        found = (await session.execute(query)).scalar_one()
    return found


async def forget(session: AsyncSession, subscriber_id: int) -> None:
    """Destroy a subscriber's key: what the trail says of them can no longer be told to be about them."""
    await session.execute(delete(Pseudonym).where(Pseudonym.subscriber_id == subscriber_id))


async def seal_batch(session: AsyncSession, limit: int = 1000) -> int:
    """Chain up to `limit` committed entries; returns how many. One sealer at a time; the caller commits."""
    await session.execute(select(func.pg_advisory_xact_lock(SEALER_LOCK)))
    sequence, head = await _head(session)
    query = (
        select(AuditEntry)
        .where(AuditEntry.seal.is_(None), AuditEntry.xid < SETTLED)
        .order_by(AuditEntry.xid, AuditEntry.id)
        .limit(limit)
    )
    seals = []
    for entry in (await session.scalars(query)).all():
        sequence += 1
        head = _seal(head, sequence, entry)
        seals.append({"id": entry.id, "sequence": sequence, "seal": head})
    if seals:
        await session.execute(update(AuditEntry), seals)
    return len(seals)


async def verify_chain(session: AsyncSession) -> Verification:
    """Walk the chain from its beginning and recompute every seal."""
    query = select(AuditEntry).where(AuditEntry.seal.is_not(None)).order_by(AuditEntry.sequence)
    head, length, broken = GENESIS, 0, None
    async for entry in await session.stream_scalars(query.execution_options(yield_per=1000)):
        length += 1
        head = _seal(head, length, entry)
        if entry.sequence != length or entry.seal != head:
            broken = length
            break
    unsealed = select(func.count()).select_from(AuditEntry).where(AuditEntry.seal.is_(None))
    return Verification(length, head.hex(), broken, (await session.execute(unsealed)).scalar_one())


async def _head(session: AsyncSession) -> tuple[int, bytes]:
    query = (
        select(AuditEntry.sequence, AuditEntry.seal)
        .where(AuditEntry.sequence.is_not(None))
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return (row.sequence, row.seal) if row else (0, GENESIS)


def _seal(before: bytes, sequence: int, entry: AuditEntry) -> bytes:
    """The seal of an entry: over the seal before it, its place and every word of it."""
    at = entry.at.astimezone(UTC).isoformat()
    words = [sequence, entry.id, at, entry.actor, entry.verb, entry.subject, entry.detail]
    return hashlib.sha256(before + json.dumps(words, sort_keys=True).encode()).digest()
