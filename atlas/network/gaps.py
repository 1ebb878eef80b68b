"""Gaps in the documentation of the network: what was found is kept, and a person's word on it is final."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.network.models import AdjacencyGap

Word = Literal["accepted", "dismissed"]


class FoundGap(NamedTuple):
    """A gap as it is found, before it has a row."""

    subject: str
    kind: str
    a: str
    z: str
    sentence: str
    confidence: float
    messages: int
    first_at: datetime
    last_at: datetime


async def keep(session: AsyncSession, found: Sequence[FoundGap], now: datetime) -> int:
    """Write down what a review found; returns how many are new or open again.

    What it no longer finds is gone. A dismissed gap comes back only once as many messages again say so as had
    when it was dismissed; an accepted one stays accepted until the documentation says the same.
    """
    known = {gap.subject: gap for gap in await session.scalars(select(AdjacencyGap).with_for_update())}
    news = 0
    for each in found:
        gap = known.pop(each.subject, None)
        if gap is None:
            session.add(AdjacencyGap(**each._asdict(), state="open", found_at=now))
            news += 1
        elif gap.state == "gone" or (gap.state == "dismissed" and each.messages >= 2 * gap.decided_messages):
            _refresh(gap, each)
            gap.state, gap.found_at, news = "open", now, news + 1
        else:
            _refresh(gap, each)
    for gap in known.values():
        if gap.state in ("open", "accepted"):
            gap.state = "gone"
    await session.flush()
    return news


def _refresh(gap: AdjacencyGap, found: FoundGap) -> None:
    gap.sentence, gap.confidence, gap.messages = found.sentence, found.confidence, max(gap.messages, found.messages)
    gap.first_at, gap.last_at = min(gap.first_at, found.first_at), max(gap.last_at, found.last_at)


async def gaps(session: AsyncSession, *, everything: bool = False, device: str | None = None) -> list[AdjacencyGap]:
    """Open gaps, the surest first; with `everything` also what was settled. `device`: only those about it."""
    query = select(AdjacencyGap).order_by(AdjacencyGap.confidence.desc(), AdjacencyGap.messages.desc(), AdjacencyGap.id)
    if not everything:
        query = query.where(AdjacencyGap.state == "open")
    if device is not None:
        query = query.where((AdjacencyGap.a == device) | (AdjacencyGap.z == device))
    return list(await session.scalars(query))


async def decide(session: AsyncSession, gap_id: int, word: Word, by: str, now: datetime, reason: str) -> AdjacencyGap:
    """A person says that the documentation is to be mended (accepted), or that there is nothing to it.

    DomainError when there is no such gap, when it is gone by itself, or a dismissal gives no reason.
    """
    gap = await session.get(AdjacencyGap, gap_id, with_for_update=True)
    if gap is None:
        raise DomainError(f"There is no gap {gap_id}.")
    if gap.state == "gone":
        raise DomainError(f"Gap {gap_id} is gone: messages and documentation agree by now.")
    if word == "dismissed" and not reason.strip():
        raise DomainError("Say why it is dismissed; the next person will want to know.")
    gap.state, gap.decided_by, gap.decided_at = word, by, now
    gap.decided_messages, gap.reason = gap.messages, reason.strip()
    await session.flush()
    return gap
