"""Handing notices over, in batches that survive a crash.

A batch is claimed in one transaction (`sending`) before any vendor is called. A claimed notice without an
outcome after a crash is looked up at the vendor by its id: found, it was handed over; not found where the
vendor can tell, it is sent; where the vendor can't tell, it is `unknown`, for a person to see.
"""

import asyncio
from dataclasses import asdict
from typing import Any
from uuid import UUID

import structlog
from dbos import DBOS
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.helpdesk import notices
from atlas.helpdesk.notices import Claimed, Outcome
from atlas.ledger import service as ledger
from atlas.ledger import stops
from channels.base import ChannelAdapter, OutboundMessage, Undeliverable
from forge.runtime import at_least_once, current, in_transaction
from policies.spec import Risk

log = structlog.get_logger()

BATCH = 500
#: Messages under way at once, in all: what one carrier's connection takes without queueing.
AT_ONCE = 16
#: How many may still go out once the NOC has stopped effects.
ROUND = 4 * AT_ONCE
OVERTAKEN = "a person's verdict on the incident came first"
#: Claimed by this very process: what is claimed but not in here was claimed by one that died.
_claimed_here: set[str] = set()


@DBOS.workflow(name="send_notices")
async def send_notices(action: str) -> dict[str, int]:
    """Hand over every notice of an action, then close the action with the counts."""
    while True:
        claimed = await in_transaction(claim, action)
        if not claimed:
            return await in_transaction(finish, action)
        outcomes = await at_least_once(hand_over, claimed)
        await in_transaction(record, outcomes)


async def claim(session: AsyncSession, action: str) -> list[dict[str, str]]:
    """The next batch, marked as being sent; none once effects are stopped. Dictionaries: DBOS keeps them as JSON."""
    if await stops.is_stopped(session, Risk.NOTIFY):
        return []
    batch = await notices.claim(session, UUID(action), BATCH, current().clock.now())
    _claimed_here.update(notice.id for notice in batch)
    return [asdict(notice) for notice in batch]


async def hand_over(claimed: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Give each notice to its channel; a failure is that notice's outcome and stops no other."""
    outcomes: list[dict[str, Any]] = []
    for start in range(0, len(claimed), ROUND):
        batch = [Claimed(**row) for row in claimed[start : start + ROUND]]
        may_send, unwanted = await _may_send(batch)
        overtaken = unwanted & _claimed_here
        outcomes += [asdict(Outcome(n.id, "skipped", reason=OVERTAKEN)) for n in batch if n.id in overtaken]
        _claimed_here.difference_update(overtaken)
        wanted = [n for n in batch if n.id not in unwanted]
        # One that a dead process claimed may be with its vendor already: it is looked up there, and not sent.
        outcomes += await _hand_over_some([n for n in batch if n.id in unwanted - overtaken], may_send=False)
        outcomes += await _hand_over_some(wanted, may_send=may_send)
    return outcomes


async def _may_send(batch: list[Claimed]) -> tuple[bool, set[str]]:
    """Whether effects may go on, and which of these a person's verdict has overtaken since they were claimed."""
    async with current().sessions() as session:
        may_send = not await stops.is_stopped(session, Risk.NOTIFY)
        return may_send, await notices.unwanted(session, [notice.id for notice in batch])


async def _hand_over_some(batch: list[Claimed], *, may_send: bool) -> list[dict[str, Any]]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(notice: Claimed) -> dict[str, Any]:
        async with room:
            adapter = current().channels.get(notice.channel)
            return asdict(await _hand_over_one(notice, adapter, may_send=may_send))

    return await asyncio.gather(*map(one, batch))


async def _hand_over_one(notice: Claimed, adapter: ChannelAdapter | None, *, may_send: bool) -> Outcome:
    if adapter is None:
        return Outcome(notice.id, "failed", reason=f"no way to send by {notice.channel} is configured")
    try:
        receipt = None if notice.id in _claimed_here else await adapter.find(notice.id)
        if receipt is None and not may_send:
            return Outcome(notice.id, "drafted")
        if receipt is None:
            receipt = await adapter.hand_over(OutboundMessage(notice.id, notice.address, notice.text))
        return Outcome(notice.id, "handed_over", reference=receipt.reference)
    except Undeliverable as refused:
        return Outcome(notice.id, "failed", reason=refused.message)
    except Exception as error:
        log.warning("hand-over failed", notice=notice.id, channel=notice.channel, error=repr(error))
        return Outcome(notice.id, "unknown", reason=f"the outcome is not known: {type(error).__name__}")
    finally:
        _claimed_here.discard(notice.id)


async def record(session: AsyncSession, outcomes: list[dict[str, Any]]) -> None:
    """Write down what became of a batch."""
    await notices.record(session, [Outcome(**outcome) for outcome in outcomes], current().clock.now())


async def finish(session: AsyncSession, action: str) -> dict[str, int]:
    """Close the action with how many notices ended in which state; what a stop left over is never sent."""
    now = current().clock.now()
    left = await notices.skip_drafted(session, UUID(action), "effects were stopped by the NOC", now)
    counts = await notices.count(session, UUID(action))
    error = f"Stopped by the NOC; {left} notices were not sent." if left else None
    state = "failed" if left else "done"
    await ledger.finish_action(session, UUID(action), state=state, result={"notices": counts}, now=now, error=error)
    row = await ledger.lock_action(session, UUID(action))
    subject = f"INC-{row.incident_id}" if row.incident_id else action
    payload = {"action": action, "tool": row.tool, **counts}
    await events.emit(session, "notices.handed_over", subject, payload, at=now)
    return counts
