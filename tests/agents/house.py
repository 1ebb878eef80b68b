"""The assistant over the real executor, rules, tools and database, and a way to talk to it."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from agents.assistant import open_assistant
from agents.llm import Models
from agents.state import Discard, Part, Token
from agents.turns import Answered, Turns
from atlas.clock import Clock
from atlas.db import Sessions, make_sessions, transaction
from atlas.helpdesk import service as helpdesk
from atlas.helpdesk.models import Conversation, Message
from atlas.settings import Settings
from forge.executor import Executor
from policies.gate import Gate
from tools.registry import all_tools


@dataclass
class Exchange:
    """What was heard during one turn, and the stored answer."""

    parts: list[Part] = field(default_factory=list)
    message: Message | None = None

    @property
    def text(self) -> str:
        assert self.message is not None
        return self.message.text

    @property
    def heard(self) -> str:
        """The tokens since the last Discard."""
        text = ""
        for part in self.parts:
            text = "" if isinstance(part, Discard) else text + (part.text if isinstance(part, Token) else "")
        return text

    def of(self, kind: type[Part]) -> list[Any]:
        return [part for part in self.parts if isinstance(part, kind)]


@dataclass
class House:
    """An assistant and the parts around it."""

    engine: AsyncEngine
    sessions: Sessions
    clock: Clock
    executor: Executor
    turns: Turns

    async def meet(self, role: str, who: str | int) -> Conversation:
        """A new conversation with a staff member, or with the subscriber of that id."""
        is_subscriber = role == "subscriber"
        async with transaction(self.sessions) as session:
            return await helpdesk.open_conversation(
                session,
                principal_kind="subscriber" if is_subscriber else "staff",
                principal_id=str(4700 + int(who)) if is_subscriber else str(who),
                role=role,
                subscriber_id=int(who) if is_subscriber else None,
                verified="otp" if is_subscriber else "token",
                channel="webchat",
                now=self.clock.now(),
                ids=uuid.uuid4,
            )

    async def send(self, conversation: Conversation, text: str, channel_id: str | None = None) -> Message:
        """Store what a person says, and nothing more."""
        async with transaction(self.sessions) as session:
            return await helpdesk.receive(
                session,
                conversation,
                text=text,
                channel="webchat",
                channel_message_id=channel_id,
                now=self.clock.now(),
                ids=uuid.uuid4,
                hold_seconds=5,
            )

    async def say(self, conversation: Conversation, text: str) -> Exchange:
        """Say something, and hear the answer."""
        return await self.hear(await self.send(conversation, text))

    async def hear(self, message: Message) -> Exchange:
        """Run the turn of a stored message."""
        exchange = Exchange()
        async for part in self.turns.answer(message):
            if isinstance(part, Answered):
                exchange.message = part.message
            else:
                exchange.parts.append(part)
        return exchange


@asynccontextmanager
async def open_house(
    engine: AsyncEngine, settings: Settings, clock: Clock, *, models: Models | None = None, **more: Any
) -> AsyncIterator[House]:
    """A house with the settings' models, or given ones."""
    tools = all_tools()
    executor = Executor(
        settings=settings,
        engine=engine,
        gate=Gate.load(tools.values()),
        tools=tools,
        clock=clock,
        ids=uuid.uuid4,
        patience=0,
    )
    async with open_assistant(
        settings=settings,
        engine=engine,
        executor=executor,
        tools=tools,
        clock=clock,
        ids=uuid.uuid4,
        models=models,
        **more,
    ) as turns:
        yield House(engine, make_sessions(engine), clock, executor, turns)
