"""`local`: the embedded chat model. No network, no weights to download, the same tools as any other model.

It understands what somebody wants with a classifier, fills the slots with patterns, and runs the flow declared
for that intent next to the agent. Out of its depth it says so, says what it can do, and offers a person.
"""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    BaseMessage,
    HumanMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import ConfigDict

from agents.common import flows as common
from agents.llm.catalogue import FLOWS
from agents.llm.flow import Dialogue, Flow, Found, NotOfferedError, Reply, Use, advance
from agents.llm.nlu import Nlu, Understood
from agents.llm.words import slots_of
from agents.state import is_event, this_turn


@dataclass(frozen=True, slots=True)
class Scene:
    """Who speaks with whom: the agent, the person's role, the time, and the tools on offer."""

    agent: str
    role: str
    now: datetime
    tools: frozenset[str]


class LocalChatModel(BaseChatModel):
    """See the module. Bound with `scene` and the thread's `flow`; what it wants kept of the flow comes back in
    `response_metadata["flow"]`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    nlu: Nlu

    @property
    def _llm_type(self) -> str:
        return "bedrock-local"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Offer tools, given as OpenAI-style schemas; only their names matter here."""
        return self.bind(tools=list(tools), **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - the interface's
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> ChatResult:
        message = self._say(messages, kwargs["scene"], kwargs.get("flow") or {})
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(self._say(messages, kwargs["scene"], kwargs.get("flow") or {})):
            yield ChatGenerationChunk(message=chunk)

    def _say(self, messages: Sequence[BaseMessage], scene: Scene, flow: dict[str, Any]) -> AIMessage:
        turn = this_turn(list(messages))  # type: ignore[arg-type]
        heard = turn[0]
        assert isinstance(heard, HumanMessage)
        if is_event(heard):
            return _spoken(
                common.happened(str(heard.content), heard.additional_kwargs["data"]), flow, misses=flow.get("misses", 0)
            )
        chosen, dialogue = self._choose(str(heard.content), scene, flow)
        if chosen is None:
            misses = int(flow.get("misses", 0)) + 1
            return _spoken(common.not_understood(dialogue, scene.agent, misses), flow, misses=misses)
        try:
            step = advance(chosen, dialogue, _found(turn))
        except NotOfferedError:
            step = common.not_offered(dialogue, scene.agent)
        return _spoken(step, flow, misses=0) if isinstance(step, Reply) else _calls(step)

    def _choose(self, text: str, scene: Scene, flow: dict[str, Any]) -> tuple[Flow | None, Dialogue]:
        """The flow for what was said: the one that asked, if this answers it, else the intent's."""
        slots = slots_of(text, scene.now)
        topic = flow.get("before", {})
        understood = self.nlu.understand(text, scene.role)
        known: dict[str, Any] = {}
        intent = f"{understood.agent}/{understood.intent}" if understood.is_clear else None
        asked = flow.get("asked")
        if asked:
            answer = _answer(asked, text, slots.yes, getattr(slots, asked["expects"], None), understood)
            if answer is not None:
                known = {**asked["known"], asked["expects"]: answer}
                intent = asked["intent"]
        dialogue = Dialogue(text, slots, known, topic, scene.role, scene.now, scene.tools)
        return (FLOWS[intent] if intent else None), dialogue


def _answer(asked: dict[str, Any], text: str, yes: bool | None, slot: Any, understood: Understood) -> Any:
    """What a message answers to the question asked before it, or None when it is about something else."""
    wants_else = understood.is_clear and understood.agent != "common" and understood.probability > 0.6
    if asked["expects"] == "yes_no":
        return None if wants_else and len(text.split()) > 3 else yes
    if slot is not None:
        return slot
    backs_out = understood.is_clear and understood.intent in ("deny", "person", "help", "goodbye")
    if asked["expects"] in ("text", "technician") and not wants_else and not backs_out:
        return text.strip()
    return None


def _found(turn: Sequence[AnyMessage]) -> dict[str, Found]:
    """What this turn's calls came to, by call."""
    calls = {
        str(call["id"]): Use(call["name"], call["args"])
        for message in turn
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    }
    found = {}
    for message in turn:
        if isinstance(message, ToolMessage) and message.tool_call_id in calls:
            data = json.loads(str(message.content))
            found[calls[message.tool_call_id].key] = Found(data["status"], data["text"], data)
    return found


def _calls(wanted: list[Use]) -> AIMessage:
    # Arguments are JSON from here on, as they are when any other model sends them.
    calls: Any = [
        {"name": each.tool, "args": json.loads(json.dumps(each.arguments, default=str)), "id": f"call-{n}"}
        for n, each in enumerate(wanted)
    ]
    return AIMessage("", tool_calls=calls)


def _spoken(reply: Reply, flow: dict[str, Any], *, misses: int) -> AIMessage:
    ask = reply.ask
    asked = ask and {"intent": ask.intent, "expects": ask.expects, "known": ask.known}
    kept = {**{k: v for k, v in flow.items() if k not in ("topic", "before")}, "asked": asked, "misses": misses}
    return AIMessage(reply.text, response_metadata={"flow": kept})


def _chunks(message: AIMessage) -> Iterator[AIMessageChunk]:
    """A message word by word, as other models send theirs."""
    if message.tool_calls:
        calls: Any = [
            {"name": call["name"], "args": json.dumps(call["args"]), "id": call["id"], "index": n}
            for n, call in enumerate(message.tool_calls)
        ]
        yield AIMessageChunk(content="", tool_call_chunks=calls)
        return
    words = str(message.content).split(" ")
    for number, word in enumerate(words):
        yield AIMessageChunk(content=word if number == 0 else f" {word}")
    yield AIMessageChunk(content="", response_metadata=message.response_metadata)
