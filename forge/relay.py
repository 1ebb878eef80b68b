"""What became of a call goes back to the thread it came from, as a message that starts a new turn.

The reader's place moves in the transaction that writes the messages, so each outcome is told once.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.clock import Clock, Ids
from atlas.db import Sessions, transaction
from atlas.events import Cursor, Happened
from atlas.helpdesk import service as helpdesk
from atlas.ledger.models import Action
from atlas.network.models import StreamCursor

NAME = "outcomes"
#: Wall-clock seconds a proposal waits for an effect outside; what ends sooner was told in its own turn.
PATIENCE = 3.0
#: What the thread is told; how it is said is the agent's affair.
WORDS = {
    "action.rejected": "was rejected by {by}",
    "action.denied": "is not allowed any more",
    "action.expired": "expired unsigned",
    "action.done": "is done",
    "action.failed": "failed",
    "action.unknown": "has an outcome that is not known",
}


async def relay_outcomes(sessions: Sessions, clock: Clock, ids: Ids) -> int:
    """Tell threads of the outcomes since the last call; one process at a time does it. Returns how many."""
    async with transaction(sessions) as session:
        place = await _place(session)
        if place is None:
            return 0
        happened = await events.read(session, Cursor(place.xid, place.occurrence_id), kinds=list(WORDS))
        told = [await _tell(session, event, clock, ids) for event in happened]
        if happened:
            place.xid, place.occurrence_id = happened[-1].cursor
        return sum(told)


async def _place(session: AsyncSession) -> StreamCursor | None:
    """The reader's place, locked; None while another process reads. A new reader starts at the present."""
    now = await events.latest(session)
    row = {"stream": NAME, "xid": now.xid, "occurrence_id": now.id}
    await session.execute(insert(StreamCursor).values(row).on_conflict_do_nothing())
    query = select(StreamCursor).where(StreamCursor.stream == NAME).with_for_update(skip_locked=True)
    return (await session.scalars(query)).one_or_none()


async def _tell(session: AsyncSession, event: Happened, clock: Clock, ids: Ids) -> bool:
    action = await session.get(Action, UUID(event.subject))
    if action is None or action.conversation_id is None or not _is_news(action, clock):
        return False
    text = f"#{action.reference} {WORDS[event.kind].format(by=event.payload['by'])}: {action.summary}"
    if reason := event.payload.get("reason"):
        text += f" ({reason})"
    data = {"kind": event.kind, "action": event.subject, "result": action.result, **event.payload}
    key = f"{event.cursor.xid}-{event.cursor.id}"
    await helpdesk.receive_event(session, action.conversation_id, text, data, clock.now(), ids, key=key)
    return True


def _is_news(action: Action, clock: Clock) -> bool:
    """Whether the thread has not heard the end of it yet: it waited for a signature, or took its time outside."""
    if action.decided_at or action.decision.get("effect") == "sign_off":  # decided anew, it may need none by now
        return True
    ended = action.finished_at or action.proposed_at
    return clock.real((ended - action.proposed_at).total_seconds()) > PATIENCE
