"""One message from a chat model, piece by piece as it comes, and never waited for without end."""

import asyncio
from typing import Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
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
    calls_tools = bool(whole.tool_calls or whole.invalid_tool_calls)
    text = text_of(whole.content)
    if not calls_tools and not text.strip():
        raise ValueError("the model's message is empty")
    if calls_tools and text:
        hear(Discard())  # what is said before a call is no answer
    return AIMessage(
        text,
        tool_calls=whole.tool_calls,
        invalid_tool_calls=whole.invalid_tool_calls,
        response_metadata=whole.response_metadata,
        usage_metadata=whole.usage_metadata,
    )


def text_of(content: Any) -> str:
    """The text of a message's content, which some servers send in blocks."""
    if isinstance(content, str):
        return content
    return "".join(
        block if isinstance(block, str) else str(block.get("text", ""))
        for block in content
        if isinstance(block, str) or block.get("type") == "text"
    )
