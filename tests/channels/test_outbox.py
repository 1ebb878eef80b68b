"""The outbox keeps its word as a carrier should: taken means committed, and one key is one message."""

import asyncio

import pytest
from sqlalchemy import func, select

from atlas.clock import FrozenClock
from atlas.db import Sessions
from atlas.helpdesk.models import OutboxMessage
from atlas.settings import Settings
from channels.base import ChannelAdapter, OutboundMessage, Undeliverable
from channels.registry import adapters

HELLO = OutboundMessage("notice-1", "+447700900123", "Your line works again.")


@pytest.fixture
def sms(settings: Settings, sessions: Sessions, clock: FrozenClock) -> ChannelAdapter:
    return adapters(settings, sessions, clock)["sms"]


async def count(sessions: Sessions) -> int:
    async with sessions() as session:
        return (await session.execute(select(func.count()).select_from(OutboxMessage))).scalar_one()


async def test_what_was_handed_over_can_be_found_by_its_key(
    sms: ChannelAdapter, sessions: Sessions, clock: FrozenClock
) -> None:
    receipt = await sms.hand_over(HELLO)
    clock.advance(60)
    assert await sms.find("notice-1") == receipt
    assert receipt.at == clock.now().replace(minute=0)
    assert await sms.find("notice-2") is None
    assert await count(sessions) == 1


async def test_the_same_key_at_once_from_many_sides_is_one_message(sms: ChannelAdapter, sessions: Sessions) -> None:
    receipts = await asyncio.gather(*(sms.hand_over(HELLO) for _ in range(10)))
    assert len({each.reference for each in receipts}) == 1
    assert await count(sessions) == 1


async def test_an_undeliverable_message_leaves_nothing_behind(sms: ChannelAdapter, sessions: Sessions) -> None:
    with pytest.raises(Undeliverable):
        await sms.hand_over(OutboundMessage("notice-1", "not a phone", "hello"))
    assert await sms.find("notice-1") is None
    assert await count(sessions) == 0


def test_there_is_an_adapter_for_every_channel(settings: Settings, sessions: Sessions, clock: FrozenClock) -> None:
    assert set(adapters(settings, sessions, clock)) == {"sms", "whatsapp", "email", "voice", "webchat"}
