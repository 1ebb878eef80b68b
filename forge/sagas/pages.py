"""Handing pages to whoever is on call, over the same channels as notices."""

from typing import Any
from uuid import UUID

from dbos import DBOS
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm.models import Page
from atlas.ledger import service as ledger
from channels.base import OutboundMessage, Undeliverable
from forge.runtime import at_least_once, current, in_transaction


@DBOS.workflow(name="send_pages")
async def send_pages(action: str) -> dict[str, Any]:
    """Hand over the pages of an action, then close it. A carrier takes each key once, so a re-run is harmless."""
    waiting = await in_transaction(drafted, action)
    outcomes = await at_least_once(hand_over, waiting)
    return await in_transaction(finish, action, outcomes)


async def drafted(session: AsyncSession, action: str) -> list[dict[str, Any]]:
    """The pages that wait. Dictionaries: DBOS keeps them as JSON."""
    query = select(Page).where(Page.action_id == UUID(action), Page.state == "drafted").order_by(Page.id)
    return [
        {"id": page.id, "channel": page.channel, "address": page.address, "text": page.text}
        for page in await session.scalars(query)
    ]


async def hand_over(waiting: list[dict[str, Any]]) -> dict[str, str]:
    """Give each page to its channel; by page id, "" for handed over, else why not."""
    outcomes = {}
    for page in waiting:
        adapter = current().channels.get(page["channel"])
        if adapter is None:
            outcomes[str(page["id"])] = f"no way to send by {page['channel']} is configured"
            continue
        message = OutboundMessage(f"page-{page['id']}", page["address"], page["text"])
        try:
            await adapter.hand_over(message)
            outcomes[str(page["id"])] = ""
        except Undeliverable as refused:
            outcomes[str(page["id"])] = refused.message
    return outcomes


async def finish(session: AsyncSession, action: str, outcomes: dict[str, str]) -> dict[str, Any]:
    """Write down what became of them, and close the action."""
    for page in await session.scalars(select(Page).where(Page.id.in_([int(each) for each in outcomes]))):
        page.state = "failed" if outcomes[str(page.id)] else "handed_over"
    wrong = "; ".join(filter(None, outcomes.values()))
    result = {"pages": len(outcomes), "failed": sum(map(bool, outcomes.values()))}
    await ledger.finish_action(
        session,
        UUID(action),
        state="failed" if wrong else "done",
        result=result,
        now=current().clock.now(),
        error=wrong or None,
    )
    return result
