"""A model's tool calls, carried to the executor and back.

Each call of a message is checked and decided alone; what can't be a call at all is answered with what is wrong,
so that the model can do better. What is decided, and by whom, is the executor's business: nothing here is.
"""

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol

from langchain_core.messages import AIMessage, InvalidToolCall, ToolCall, ToolMessage
from pydantic import ValidationError

from agents.profile import Agent
from agents.state import Context, Listener, ToolFinished, ToolStarted
from forge.executor import Call
from forge.outcome import Outcome
from policies.spec import Principal, ToolSpec

MAX_CALLS = 8
Tools = Mapping[str, ToolSpec]


class Proposes(Protocol):
    """The executor, as an agent sees it."""

    async def propose(self, call: Call, principal: Principal) -> Outcome:
        """Decide one call, and carry it out if it is allowed."""
        ...


def offered(tools: Tools, agent: Agent, principal: Principal) -> dict[str, ToolSpec]:
    """The tools this agent may use for this person."""
    return {name: tools[name] for name in agent.tools if name in tools and principal.role in tools[name].audience}


@lru_cache(maxsize=256)
def schema(spec: ToolSpec) -> dict[str, Any]:
    """A tool as OpenAI-compatible models are told of it."""
    parameters = spec.arguments.model_json_schema()
    return {
        "type": "function",
        "function": {"name": spec.name, "description": spec.description, "parameters": parameters},
    }


async def carry_out(
    message: AIMessage, tools: Tools, executor: Proposes, context: Context, hear: Listener
) -> list[ToolMessage]:
    """One ToolMessage per call of a checkpointed message, in order, its content the typed outcome as JSON.

    An accident of the machinery passes through: the turn is run again, and the keys make that harmless.
    """
    calls = [
        _one(call, f"{context.conversation_id}:{message.id}:{index}", tools, executor, context, hear)
        for index, call in enumerate(message.tool_calls[:MAX_CALLS])
    ]
    done = await asyncio.gather(*calls)
    too_many = [
        _refused(call, f"Too many calls at once: at most {MAX_CALLS}. Call it again if it is still needed.")
        for call in message.tool_calls[MAX_CALLS:]
    ]
    unreadable = [
        _refused(call, "The arguments are not valid JSON. Send the call again.") for call in message.invalid_tool_calls
    ]
    return [*done, *too_many, *unreadable]


async def _one(
    call: ToolCall, key: str, tools: Tools, executor: Proposes, context: Context, hear: Listener
) -> ToolMessage:
    wrong = _what_is_wrong(call, tools)
    if wrong:
        return _refused(call, wrong)
    hear(ToolStarted(call["name"], call["args"]))
    proposal = Call(tool=call["name"], arguments=call["args"], key=key, conversation_id=context.conversation_id)
    outcome = await executor.propose(proposal, context.principal)
    reply = outcome.as_dict()
    hear(ToolFinished(call["name"], reply["status"], reply["text"]))
    return ToolMessage(
        json.dumps(reply, default=str, ensure_ascii=False),
        name=call["name"],
        tool_call_id=str(call["id"]),
        status="error" if reply["status"] == "failed" else "success",
    )


def _what_is_wrong(call: ToolCall, tools: Tools) -> str | None:
    spec = tools.get(call["name"])
    if spec is None:
        return f"There is no tool {call['name']!r} here. There are: {', '.join(sorted(tools)) or 'none'}."
    try:
        spec.parse(call["args"])
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}" for each in error.errors()]
        return f"{spec.name} was not called. Wrong arguments: {'; '.join(faults)}."
    return None


def _refused(call: ToolCall | InvalidToolCall, reason: str) -> ToolMessage:
    content = json.dumps({"text": reason, "status": "failed", "reason": reason})
    return ToolMessage(content, name=call["name"] or "unknown", tool_call_id=str(call["id"]), status="error")


def outcome_of(message: ToolMessage) -> dict[str, Any]:
    """A ToolMessage's typed outcome."""
    value = json.loads(str(message.content))
    assert isinstance(value, dict)
    return value


def effective(message: AIMessage, results: list[ToolMessage]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Arguments and result of each call that came to something, or waits to."""
    arguments = {str(call["id"]): call["args"] for call in message.tool_calls}
    pairs = [(arguments.get(reply.tool_call_id, {}), outcome_of(reply)) for reply in results]
    return [
        (given, outcome.get("result") or {})
        for given, outcome in pairs
        if outcome["status"] not in ("failed", "denied")
    ]
