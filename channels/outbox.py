"""The outbox: it takes messages where no carrier is configured, and people can look at them.

It behaves as a carrier should: what it has taken is committed before it answers, and one key is one message,
however often it is handed over.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.helpdesk.models import OutboxMessage
from channels.base import Format, OutboundMessage, Receipt


@dataclass(frozen=True, slots=True)
class OutboxAdapter:
    """One channel whose carrier is the table `outbox_message`."""

    format: Format
    sessions: Sessions
    clock: Clock

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.format.name

    @property
    def max_length(self) -> int:
        """Characters that one message may have."""
        return self.format.max_length

    async def hand_over(self, message: OutboundMessage) -> Receipt:
        """Keep the message, in a transaction of its own. Undeliverable for an address out of reach."""
        row = {
            "key": message.key,
            "channel": self.name,
            "address": message.address,
            "text": self.format.apply(message),
            "at": self.clock.now(),
        }
        statement = insert(OutboxMessage).values(row).on_conflict_do_nothing(index_elements=["key"])
        async with transaction(self.sessions) as session:
            kept = (await session.execute(statement.returning(OutboxMessage.id, OutboxMessage.at))).one_or_none()
        if kept:
            return _receipt(message.key, kept.id, kept.at)
        receipt = await self.find(message.key)
        assert receipt is not None  # it was committed earlier
        return receipt

    async def find(self, key: str) -> Receipt | None:
        """What was kept under a key."""
        async with self.sessions() as session:
            row = await session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
        return _receipt(row.key, row.id, row.at) if row else None


def _receipt(key: str, id: int, at: datetime) -> Receipt:
    return Receipt(key, f"outbox-{id}", at)
