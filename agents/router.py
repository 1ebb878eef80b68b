"""Who answers: by the person's role first, then by what they want.

The embedded understanding decides for every model: it is instant and needs no network. A configured model that
finds itself the wrong one hands over with the `transfer` tool.
"""

import json
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from agents.llm.nlu import Nlu
from agents.profile import Agent
from agents.roster import serving
from agents.state import is_event

TRANSFER = "transfer"


def choose_agent(nlu: Nlu, message: AnyMessage, role: str, present: str | None, flow: dict[str, Any]) -> str:
    """The agent for this message: the one whose business it is, else the one already talking, else the
    role's own. ValueError when no agent serves the role."""
    names = [agent.name for agent in serving(role)]
    if not names:
        raise ValueError(f"no agent serves the role {role!r}")
    own = present if present in names else names[0]
    if is_event(message) or flow.get("asked"):
        return own
    understood = nlu.understand(str(message.content), role)
    return understood.agent if understood.is_clear and understood.agent in names else own


def transfer_schema(others: list[Agent]) -> dict[str, Any]:
    """The hand-over between agents, as a tool that a model is offered."""
    purposes = "; ".join(f"{agent.name}: {agent.purpose}" for agent in others)
    agent = {"type": "string", "enum": [agent.name for agent in others], "description": purposes}
    parameters = {"type": "object", "properties": {"agent": agent}, "required": ["agent"]}
    description = "Hand this conversation to the colleague whose business it is. Call nothing else with it."
    return {
        "type": "function",
        "function": {"name": TRANSFER, "description": description, "parameters": parameters},
    }


def transfer_target(message: AIMessage, role: str) -> tuple[str | None, list[ToolMessage]]:
    """The agent that a message hands over to, and the answers its calls get; (None, []) without one."""
    names = [agent.name for agent in serving(role)]
    targets = [str(call["args"].get("agent")) for call in message.tool_calls if call["name"] == TRANSFER]
    if not targets or targets[0] not in names:
        return None, []
    calls = [*message.tool_calls, *message.invalid_tool_calls]
    return targets[0], [_transfer_reply(call, targets[0]) for call in calls]


def _transfer_reply(call: Mapping[str, Any], target: str) -> ToolMessage:
    name = call["name"] or "unknown"
    is_transfer = name == TRANSFER
    text = f"{target} has taken over." if is_transfer else f"Not called: {target} has taken over."
    content = json.dumps({"text": text, "status": "done" if is_transfer else "failed", "reason": text})
    return ToolMessage(content, name=name, tool_call_id=str(call["id"]))
