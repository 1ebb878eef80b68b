"""A server that speaks the OpenAI chat-completions protocol with streaming, and says what a test wrote for it.

Like some real servers it reuses ids: every message is `chatcmpl-1`, every call `call_0`, `call_1`, ...
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass(frozen=True)
class Say:
    """Answer with a text; `break_off` drops the connection half-way."""

    text: str
    break_off: bool = False


@dataclass(frozen=True)
class Use:
    """Call tools, each (name, arguments), arguments as a dict or as raw text; `text` is said before."""

    calls: list[tuple[str, dict[str, Any] | str]]
    text: str = ""


@dataclass(frozen=True)
class Fail:
    """Answer 500."""


@dataclass(frozen=True)
class Hang:
    """Take the request and never answer it."""


Step = Say | Use | Fail | Hang


@dataclass
class Script:
    """What is to be said, request by request, and the requests that came. The last step repeats."""

    steps: list[Step]
    requests: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: Request) -> Response:
        body = await request.json()
        step = self.steps[min(len(self.requests), len(self.steps) - 1)]
        self.requests.append(body)
        if isinstance(step, Fail):
            return JSONResponse({"error": {"message": "out of memory"}}, 500)
        if isinstance(step, Hang):
            await asyncio.sleep(3600)
        return StreamingResponse(_events(step), media_type="text/event-stream")


async def _events(step: Step) -> AsyncIterator[str]:
    for number, delta in enumerate(_deltas(step)):
        if isinstance(step, Say) and step.break_off and number == 2:
            raise ConnectionResetError
        yield _event(delta, None)
        await asyncio.sleep(0)
    yield _event({}, "tool_calls" if isinstance(step, Use) else "stop")
    yield "data: [DONE]\n\n"


def _deltas(step: Step) -> list[dict[str, Any]]:
    assert isinstance(step, Say | Use)
    words = [{"content": word} for word in step.text.split(" ")] if step.text else []
    for at, word in enumerate(words[1:], 1):
        words[at] = {"content": " " + word["content"]}
    if isinstance(step, Say):
        return [{"role": "assistant", "content": ""}, *words]
    calls = []
    for index, (name, arguments) in enumerate(step.calls):
        raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
        head = {"index": index, "id": f"call_{index}", "type": "function"}
        calls.append({"tool_calls": [{**head, "function": {"name": name, "arguments": ""}}]})
        calls += [{"tool_calls": [{"index": index, "function": {"arguments": part}}]} for part in _halves(raw)]
    return [{"role": "assistant", "content": ""}, *words, *calls]


def _halves(text: str) -> list[str]:
    return [text[: len(text) // 2], text[len(text) // 2 :]]


def _event(delta: dict[str, Any], finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(chunk)}\n\n"


@asynccontextmanager
async def serving(*steps: Step) -> AsyncIterator[Script]:
    """A running server with a script."""
    script = Script(list(steps))
    app = Starlette(routes=[Route("/v1/chat/completions", script.answer, methods=["POST"])])
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    script.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
    try:
        yield script
    finally:
        server.should_exit = server.force_exit = True
        await task
