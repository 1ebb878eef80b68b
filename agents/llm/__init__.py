"""The models behind the agents: the configured one, and the embedded one that always works.

`BEDROCK_MODEL` names any OpenAI-compatible endpoint's model, or `local`. A configured model that fails or hangs is
left for the embedded one within the same turn, and left alone for a while: when the operator's own transit is
cut, the assistant must not wait out a time-out for each thing it says.
"""

import time
from dataclasses import dataclass
from typing import Any

import structlog
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage
from langchain_core.tools import BaseTool
from langchain_openai import ChatOpenAI

from agents.llm.local import LocalChatModel, Scene
from agents.llm.nlu import Nlu, load_nlu
from agents.llm.stream import stream
from agents.state import Discard, Listener
from atlas.settings import Settings

LOCAL = "local"
#: Seconds a model that failed is left alone.
REST_SECONDS = 30.0
#: A whole answer may take this many times the time-out, as long as it keeps coming.
PATIENCE = 6

log = structlog.get_logger()
Schema = dict[str, Any] | BaseTool


@dataclass(frozen=True, slots=True)
class Said:
    """A model's message, which model it was, and what it wants kept in the thread's flow."""

    message: AIMessage
    model: str
    flow: dict[str, Any]


class Models:
    """The models of one process."""

    def __init__(self, local: LocalChatModel, vendor: BaseChatModel | None, settings: Settings) -> None:
        self._local = local
        self._vendor = vendor
        self._vendor_name = settings.model
        self._timeout = settings.model_timeout
        self._rests_until = 0.0

    @property
    def local(self) -> LocalChatModel:
        """The embedded model."""
        return self._local

    @property
    def nlu(self) -> Nlu:
        """The embedded understanding, which the router uses whatever model speaks."""
        return self._local.nlu

    async def respond(
        self,
        *,
        local_messages: list[AnyMessage],
        vendor_messages: list[AnyMessage],
        schemas: list[dict[str, Any]],
        vendor_schemas: list[dict[str, Any]],
        scene: Scene,
        flow: dict[str, Any],
        hear: Listener,
    ) -> Said:
        """The next message of the agent: the configured model's, or the embedded one's where that fails."""
        if self._vendor is not None and time.monotonic() >= self._rests_until:
            try:
                bound = self._vendor.bind_tools([*schemas, *vendor_schemas])
                limit = self._timeout * PATIENCE
                message = await stream(bound, vendor_messages, hear, idle=self._timeout, limit=limit)
                return Said(message, self._vendor_name, {"asked": None})
            except Exception as error:  # whatever a vendor's model does, the turn goes on
                self._rests_until = time.monotonic() + REST_SECONDS
                log.warning("model.failed", model=self._vendor_name, error=f"{type(error).__name__}: {error}")
                hear(Discard())
        local = self._local.bind_tools(schemas).bind(scene=scene, flow=flow)
        message = await stream(local, local_messages, hear, idle=None, limit=None)
        kept = message.response_metadata.get("flow") or {}
        return Said(message, LOCAL, kept)


def make_models(settings: Settings) -> Models:
    """The embedded model, and the configured one when there is one."""
    local = LocalChatModel(nlu=load_nlu(settings.home / "models"))
    vendor = make_model(settings) if settings.model != LOCAL else None
    return Models(local, vendor, settings)


def make_model(settings: Settings) -> BaseChatModel:
    """The chat model that the settings name."""
    if settings.model == LOCAL:
        return LocalChatModel(nlu=load_nlu(settings.home / "models"))
    key = settings.model_key.get_secret_value() if settings.model_key else "none"
    return ChatOpenAI(
        model=settings.model,
        base_url=settings.model_url,
        api_key=lambda: key,
        timeout=settings.model_timeout,
        max_retries=0,  # the fall-back is better than another time-out
        temperature=0,
        streaming=True,
    )
