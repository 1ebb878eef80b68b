"""One message from a chat model, piece by piece as it comes, and never waited for without end."""

import asyncio
import json
from typing import Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, InvalidToolCall, ToolCall
from langchain_core.messages.tool import invalid_tool_call, tool_call
from langchain_core.runnables import Runnable

from agents.state import Discard, Listener, Token


async def stream(
    model: Runnable[LanguageModelInput, AIMessage],
    messages: list[AnyMessage],
    hear: Listener,
    *,
    idle: float | None,
    limit: float | None,
) -> AIMessage:
    """The model's message; its text is heard as it comes.

    TimeoutError when nothing comes for `idle` seconds or it has not ended after `limit` (None: never).
    """
    whole: AIMessageChunk | None = None
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(limit), asyncio.timeout(idle) as patience:
        async for chunk in model.astream(messages):
            if idle is not None:
                patience.reschedule(loop.time() + idle)
            assert isinstance(chunk, AIMessageChunk)
            whole = chunk if whole is None else whole + chunk
            if text := text_of(chunk.content):
                hear(Token(text))
    if whole is None:
        raise ValueError("the model said nothing at all")
    calls, unreadable = calls_of(whole)
    text = text_of(whole.content)
    if not (calls or unreadable or text.strip()):
        raise ValueError("the model's message is empty")
    if text and (calls or unreadable):
        hear(Discard())  # what is said before a call is no answer
    return AIMessage(
        text,
        tool_calls=calls,
        invalid_tool_calls=unreadable,
        response_metadata=whole.response_metadata,
        usage_metadata=whole.usage_metadata,
    )


def calls_of(message: AIMessageChunk) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """A whole message's calls, and those whose arguments are no JSON object.

    Read strictly: LangChain completes cut-off JSON, and half of a call's arguments are not the call.
    """
    calls: list[ToolCall] = []
    unreadable: list[InvalidToolCall] = []
    for chunk in message.tool_call_chunks:
        name, raw = chunk["name"] or "", chunk["args"] or "{}"
        try:
            arguments = json.loads(raw)
        except ValueError:
            arguments = None
        if isinstance(arguments, dict):
            calls.append(tool_call(name=name, args=arguments, id=chunk["id"]))
        else:
            unreadable.append(invalid_tool_call(name=name, args=raw, id=chunk["id"], error="not a JSON object"))
    return calls, unreadable


def text_of(content: Any) -> str:
    """The text of a message's content, which some servers send in blocks."""
    if isinstance(content, str):
        return content
    return "".join(
        block if isinstance(block, str) else str(block.get("text", ""))
        for block in content
        if isinstance(block, str) or block.get("type") == "text"
    )
