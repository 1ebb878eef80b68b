"""Turns: a leased duty to answer, run on the graph, ended together with its answer.

The process that took a message runs its turn and hears its tokens; a turn whose process died is taken over when
its lease ends. The take-over goes on in the same checkpointed run, so that no message is heard twice, no effect
comes twice, and no answer is given twice.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.graph import Graph, answer_of
from agents.state import Context, Discard, Part, incoming, this_turn
from agents.toolbox import outcome_of
from agents.topic import references
from atlas.clock import Clock, Ids
from atlas.db import Sessions, make_sessions, transaction
from atlas.events import wakes
from atlas.helpdesk import service as helpdesk
from atlas.helpdesk.models import Conversation, Message, Turn
from atlas.helpdesk.service import Answer, LeaseLostError
from policies.spec import Principal

MAX_ATTEMPTS = 3
SORRY = (
    "Something went wrong on our side and I could not finish this. Please try again, or say “person” and a "
    "colleague will help you."
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answered:
    """The turn has ended; `message` is the stored answer, None where there is none to give."""

    message: Message | None


class Turns:
    """Runs turns in one process. `worker` names the process in its leases."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        graph: Graph,
        clock: Clock,
        ids: Ids,
        worker: str,
        lease_seconds: float = 30.0,
        at_once: int = 4,
    ) -> None:
        self._engine = engine
        self._sessions: Sessions = make_sessions(engine)
        self._graph = graph
        self._clock = clock
        self._ids = ids
        self._worker = worker
        self._lease_seconds = lease_seconds
        self._at_once = at_once
        self._running: set[asyncio.Task[None]] = set()

    async def run_waiting(self, stop: asyncio.Event) -> None:
        """Run the turns nobody runs, several at once, until `stop`."""
        async with asyncio.TaskGroup() as group:
            runners = [group.create_task(self._run_waiting()) for _ in range(self._at_once)]
            await stop.wait()
            for runner in runners:
                runner.cancel()

    async def answer(self, message: Message) -> AsyncIterator[Part | Answered]:
        """Run, or wait for, the turn of a message just received: what is heard, then what was answered.

        Messages before it in the thread are answered first. A turn that another process runs is not heard, only
        its end is. Whoever listens may go away; the turn goes on.
        """
        async for _ in wakes(self._engine, every=0.5):
            if (ended := await self._ended(message)) is not None:
                yield ended
                return
            turn = await self._lease(message.conversation_id)
            if turn is None:
                continue
            async for part in self._in_background(turn):
                if turn.message_id == message.id:
                    yield part
                    if isinstance(part, Answered):
                        return

    async def drain(self) -> None:
        """Wait for the turns that run in the background."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def run(self, turn: Turn) -> AsyncIterator[Part | Answered]:
        """Run a leased turn to its end. An accident gives it back, to be tried again; the last try ends it."""
        renewing = asyncio.create_task(self._renew(turn))
        try:
            async for part in self._run(turn, renewing):
                yield part
        except LeaseLostError:
            log.warning("turn.lease_lost", turn=str(turn.id))
        except asyncio.CancelledError:
            await asyncio.shield(self._release(turn, "the process was stopped", 0.0))
            raise
        except Exception as error:
            log.exception("turn.failed", turn=str(turn.id), attempt=turn.attempts)
            yield await self._give_up(turn, error)
        finally:
            renewing.cancel()

    async def _in_background(self, turn: Turn) -> AsyncIterator[Part | Answered]:
        """The parts of a turn that does not depend on being listened to."""
        parts: asyncio.Queue[Part | Answered | None] = asyncio.Queue()

        async def run() -> None:
            try:
                async for part in self.run(turn):
                    parts.put_nowait(part)
            finally:
                parts.put_nowait(None)

        task = asyncio.create_task(run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        while (part := await parts.get()) is not None:
            yield part

    async def _run(self, turn: Turn, renewing: asyncio.Task[None]) -> AsyncIterator[Part | Answered]:
        async with self._sessions() as session:
            conversation = await session.get_one(Conversation, turn.conversation_id)
            message = await session.get_one(Message, turn.message_id)
        # A turn that handed over itself and then crashed has still to say so.
        if conversation.state != helpdesk.OPEN and turn.attempts == 1:
            yield await self._finish(turn, None)
            return
        context = Context(_principal(conversation), conversation.id, self._clock.now())
        config: RunnableConfig = {"configurable": {"thread_id": str(conversation.id)}}
        given = await self._input(config, message)
        if given is not DONE:
            parts = self._graph.astream(given, config, context=context, stream_mode="custom", durability="sync")
            async for part in parts:
                if renewing.done():  # it only ends by losing the lease
                    renewing.result()
                assert isinstance(part, Part)
                yield part
        state = await self._graph.aget_state(config)
        await self._prune(conversation.id)
        yield await self._finish(turn, _answer(state.values, context, message))

    async def _input(self, config: RunnableConfig, message: Message) -> Any:
        """The new message; None to go on where a dead process stopped; DONE if only the answer is missing."""
        state = await self._graph.aget_state(config)
        known = any(each.id == str(message.id) for each in state.values.get("messages", []))
        if not known:
            return {"messages": [incoming(str(message.id), message.role, message.text, message.data)]}
        # `next` is no guide: it is empty, too, for a message that was written down and not yet taken up.
        return None if answer_of(state.values["messages"]) is None else DONE

    async def _prune(self, conversation_id: uuid.UUID) -> None:
        """Keep a thread's last checkpoint only: each holds all messages. While leased, nobody else writes."""
        checkpointer = self._graph.checkpointer
        if isinstance(checkpointer, BaseCheckpointSaver):
            await checkpointer.aprune([str(conversation_id)], strategy="keep_latest")

    async def _finish(self, turn: Turn, reply: Answer | None) -> Answered:
        async with transaction(self._sessions) as session:
            return Answered(await helpdesk.finish_turn(session, turn, reply, now=self._clock.now(), ids=self._ids))

    async def _give_up(self, turn: Turn, error: Exception) -> Part | Answered:
        words = f"{type(error).__name__}: {error}"[:500]
        if turn.attempts < MAX_ATTEMPTS:
            await self._release(turn, words, 0.5 * turn.attempts)
            return Discard()
        reply = Answer("assistant", SORRY, {"error": True})
        now = self._clock.now()
        with suppress(LeaseLostError):
            async with transaction(self._sessions) as session:
                failed = helpdesk.fail_turn(session, turn, error=words, reply=reply, now=now, ids=self._ids)
                return Answered(await failed)
        return Discard()

    async def _release(self, turn: Turn, error: str, retry_seconds: float) -> None:
        with suppress(LeaseLostError):
            async with transaction(self._sessions) as session:
                await helpdesk.release_turn(session, turn, error=error, retry_seconds=retry_seconds)

    async def _renew(self, turn: Turn) -> None:
        """Hold the lease while the turn runs; LeaseLostError when it could not be held."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            async with transaction(self._sessions) as session:
                await helpdesk.renew_lease(session, turn, lease_seconds=self._lease_seconds)

    async def _lease(self, conversation_id: uuid.UUID) -> Turn | None:
        async with transaction(self._sessions) as session:
            return await helpdesk.lease_turn_of(
                session, conversation_id, worker=self._worker, lease_seconds=self._lease_seconds
            )

    async def _run_waiting(self) -> None:
        async for _ in wakes(self._engine, every=1.0):
            while await self._run_next():
                pass

    async def _run_next(self) -> bool:
        async with transaction(self._sessions) as session:
            turn = await helpdesk.lease_turn(session, worker=self._worker, lease_seconds=self._lease_seconds)
        if turn is None:
            return False
        async for _ in self.run(turn):
            pass
        return True

    async def _ended(self, message: Message) -> Answered | None:
        """How the turn of a message ended; None while it has not. Without a turn there is nothing to wait for."""
        async with self._sessions() as session:
            turn = await session.scalar(select(Turn).where(Turn.message_id == message.id))
            if turn is None:
                return Answered(None)
            if turn.state not in ("done", "failed"):
                return None
            return Answered(await helpdesk.answer_to(session, message))


#: The graph has ended before its process could store the answer.
DONE = object()


def _principal(conversation: Conversation) -> Principal:
    """Who speaks, as the channel verified them when the conversation began."""
    return Principal(
        "subscriber" if conversation.principal_kind == "subscriber" else "staff",
        conversation.principal_id,
        conversation.role,
        conversation.subscriber_id,
        conversation.verified,
    )


def _answer(values: dict[str, Any], context: Context, message: Message) -> Answer:
    """The answer the graph came to, with the tools and references it rests on."""
    messages: list[AnyMessage] = values["messages"]
    said = answer_of(messages)
    turn = this_turn(messages)
    assert said is not None and isinstance(turn[0], HumanMessage) and turn[0].id == str(message.id)
    calls = [call["name"] for each in turn if isinstance(each, AIMessage) for call in each.tool_calls]
    results = [outcome_of(each) for each in turn if isinstance(each, ToolMessage)]
    data = {
        "tools": calls,
        "actions": [each["action"] for each in results if each.get("action")],
        "references": sorted({ref for refs in references(results).values() for ref in refs}),
        "models": sorted(set(context.models)),
    }
    return Answer(values["agent"], str(said.content), data)
