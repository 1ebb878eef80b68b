"""Which events a listener may see. Subscribers hear only of their own conversations."""

import uuid
from collections import OrderedDict

from atlas.db import Sessions
from atlas.events import Happened
from atlas.helpdesk.models import Conversation
from policies.spec import Principal

#: Event kinds about what one person said or was told.
PRIVATE = ("message.", "turn.")
#: Who helps people in their conversations, and so reads along.
HELPERS = frozenset({"support", "admin"})
REMEMBERED = 10_000


class Owners:
    """Whose a conversation is; remembered, as it never changes."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.known: OrderedDict[str, tuple[str, str]] = OrderedDict()

    async def of(self, conversation_id: str) -> tuple[str, str] | None:
        """(principal kind, principal id), or None when there is no such conversation."""
        if conversation_id not in self.known:
            async with self.sessions() as session:
                row = await session.get(Conversation, uuid.UUID(conversation_id))
            if row is None:
                return None
            self.known[conversation_id] = (row.principal_kind, row.principal_id)
            if len(self.known) > REMEMBERED:
                self.known.popitem(last=False)
        return self.known[conversation_id]


async def may_see(listener: Principal, event: Happened, owners: Owners) -> bool:
    """Whether an event is this listener's business."""
    if not event.kind.startswith(PRIVATE):
        return listener.kind == "staff"
    owner = await owners.of(event.subject)
    if owner is None:
        return False
    return owner == (listener.kind, listener.id) or (listener.role in HELPERS and owner[0] == "subscriber")
