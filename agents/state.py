"""What one thread of the graph remembers, what one run is told, and what a listener hears while it runs.

Who is speaking is never state: it comes from the channel with every run, so nothing a model writes or an old
checkpoint holds can change it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AnyMessage, BaseMessage, HumanMessage
from langgraph.graph.message import add_messages

from policies.spec import Principal

#: Marks a human message that a person did not write: its role is `event`.
EVENT = "event"


class State(TypedDict, total=False):
    """A thread. `flow` is what `local`'s dialogues and every agent's references need, outside of what may be
    summarised: `topic` (see agents.topic), `before` (the topic when the turn began), `asked`, `misses`.
    """

    messages: Annotated[list[AnyMessage], add_messages]
    agent: str
    flow: dict[str, Any]
    rounds: int


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text. The tokens since the last Discard are the answer so far."""

    text: str


@dataclass(frozen=True, slots=True)
class Discard:
    """Forget the tokens so far: they were said before a tool call, or by a model that then failed."""


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool is called."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """What came of it, in one plain sentence; `outcome` is done, started, awaiting_sign_off, denied, failed."""

    tool: str
    outcome: str
    text: str


Part = Token | Discard | ToolStarted | ToolFinished


@dataclass(slots=True)
class Context:
    """What one run of the graph is told. `models` collects who spoke, for the answer's record."""

    principal: Principal
    conversation_id: uuid.UUID
    now: datetime
    models: list[str] = field(default_factory=list)


Listener = Callable[[Part], None]


def this_turn(messages: list[AnyMessage]) -> list[AnyMessage]:
    """The messages since, and with, the last one that came in."""
    for at in range(len(messages) - 1, -1, -1):
        if isinstance(messages[at], HumanMessage):
            return messages[at:]
    return []


def is_event(message: BaseMessage) -> bool:
    """Whether this came in from the house itself, not from a person."""
    return message.additional_kwargs.get("role") == EVENT


def incoming(message_id: str, role: str, text: str, data: dict[str, Any]) -> HumanMessage:
    """A stored message as the graph's input; its id makes a second delivery recognisable."""
    extra = {"role": EVENT, "data": data} if role == EVENT else {"role": role}
    return HumanMessage(text, id=message_id, additional_kwargs=extra)
