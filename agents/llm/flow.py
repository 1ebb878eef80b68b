"""Dialogues for `local`, written so that they read from top to bottom.

A flow is a generator: it yields the tools it needs, is sent their results, and returns the reply. Between two
model rounds nothing of it is kept: it is run again from the start and fed what this turn has already found out,
so a turn that another process takes over goes on in the same place.
"""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agents.llm.words import Slots


@dataclass(frozen=True, slots=True)
class Use:
    """A tool call that a flow asks for."""

    tool: str
    arguments: dict[str, Any]

    @property
    def key(self) -> str:
        """The same for the same call."""
        return json.dumps([self.tool, self.arguments], sort_keys=True, default=str)


@dataclass(frozen=True, slots=True)
class Found:
    """What a call came to. `outcome` is done, started, awaiting_sign_off, denied or failed; `text` says it in
    one sentence; `data` is the whole typed outcome."""

    outcome: str
    text: str
    data: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether there is a result."""
        return self.outcome == "done"

    def __getitem__(self, name: str) -> Any:
        return (self.data.get("result") or {}).get(name)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the person: the next message fills `slot` and the flow `intent` goes on with `known`.

    `expects` is yes_no, text, or the name of a slot (incident, work_order, technician, ...).
    """

    intent: str
    expects: str
    known: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the agent says, and what it wants to know, if anything."""

    text: str
    ask: Ask | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What a flow goes by: the words, the slots they name, what was asked before and what the thread is about."""

    text: str
    slots: Slots
    known: dict[str, Any]
    topic: dict[str, Any]
    role: str
    now: datetime
    tools: frozenset[str]

    def about(self, name: str) -> Any:
        """A slot from the message, else from what was asked before, else from the thread's topic."""
        said = getattr(self.slots, name, None)
        return said if said is not None else self.known.get(name, self.topic.get(name))

    def said(self, name: str) -> Any:
        """A slot from the message or from what was asked before; never from the topic."""
        value = getattr(self.slots, name, None)
        return value if value is not None else self.known.get(name)


Steps = Generator[list[Use], list[Found], Reply]
Flow = Callable[[Dialogue], Reply | Steps]


class NotOfferedError(Exception):
    """A flow wants a tool that this person is not offered."""


def use(tool: str, **arguments: Any) -> Generator[list[Use], list[Found], Found]:
    """One call: `found = yield from use("find_incidents", zone=3)`. Arguments that are None are left out."""
    given = {name: value for name, value in arguments.items() if value is not None}
    (found,) = yield [Use(tool, given)]
    return found


def advance(flow: Flow, dialogue: Dialogue, known: dict[str, Found]) -> list[Use] | Reply:
    """The calls a flow needs next, given what this turn has found (by `Use.key`), or its reply."""
    steps = flow(dialogue)
    if isinstance(steps, Reply):
        return steps
    try:
        wanted = next(steps)
        while True:
            if any(each.tool not in dialogue.tools for each in wanted):
                raise NotOfferedError
            missing = [each for each in wanted if each.key not in known]
            if missing:
                return missing
            wanted = steps.send([known[each.key] for each in wanted])
    except StopIteration as end:
        reply: Reply = end.value
        return reply
    finally:
        steps.close()
