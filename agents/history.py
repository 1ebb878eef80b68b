"""What a model is shown of a thread: the recent part, whole exchanges only, and every call with an answer."""

import json

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from agents.state import is_event

MAX_MESSAGES = 40
UNFINISHED = "This call was cut short; its outcome is not known here."


def view(messages: list[AnyMessage]) -> list[AnyMessage]:
    """The last exchanges, from a human message on, fit for any model.

    An event is marked as the house's own word, and the mark is taken out of what people write.
    """
    recent = messages[-MAX_MESSAGES:]
    while recent and not isinstance(recent[0], HumanMessage):
        recent = recent[1:]
    shown: list[AnyMessage] = []
    for at, message in enumerate(recent):
        shown.append(_marked(message) if isinstance(message, HumanMessage) else message)
        if isinstance(message, AIMessage):
            shown.extend(_missing(message, recent[at + 1 :]))
    return shown


def _marked(message: HumanMessage) -> HumanMessage:
    text = str(message.content).replace("<event>", "").replace("</event>", "")
    content = f"<event>{text}</event>" if is_event(message) else text
    return HumanMessage(content, id=message.id, additional_kwargs=message.additional_kwargs)


def _missing(message: AIMessage, later: list[AnyMessage]) -> list[ToolMessage]:
    """Stand-ins for the answers a turn that was given up never got; servers refuse a call without one."""
    answered = {each.tool_call_id for each in later if isinstance(each, ToolMessage)}
    content = json.dumps({"text": UNFINISHED, "status": "failed", "reason": UNFINISHED})
    return [
        ToolMessage(content, tool_call_id=str(call["id"]), name=call["name"] or "unknown", status="error")
        for call in [*message.tool_calls, *message.invalid_tool_calls]
        if call["id"] not in answered
    ]
