"""Turns: in order, one at a time a thread, taken over when their process dies, each answered exactly once."""

import asyncio
import sys
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.checkpoints import open_checkpointer
from agents.turns import SORRY, Answered
from atlas.clock import FrozenClock
from atlas.db import Sessions, transaction
from atlas.helpdesk import service as helpdesk
from atlas.helpdesk.models import Message, Turn
from atlas.itsm.models import Ticket
from atlas.ledger.models import Action
from atlas.settings import Settings
from tests.agents import world
from tests.agents.house import House

ROOT = Path(__file__).parents[2]


async def messages(house: House) -> list[Message]:
    async with house.sessions() as session:
        return list(await session.scalars(select(Message).order_by(Message.position)))


async def test_messages_that_come_while_a_turn_runs_are_answered_in_order(house: House) -> None:
    me = await house.meet("subscriber", 1)
    sent = [await house.send(me, words) for words in ("hello", "how much is my bill", "thanks")]
    heard = await asyncio.gather(*(house.hear(message) for message in reversed(sent)))
    replies = [each.data["answers"] for each in await messages(house) if each.role == "assistant"]
    assert replies == [str(message.id) for message in sent]
    assert heard[0].text == "You're welcome."


async def test_the_same_delivery_twice_is_one_message_and_one_answer(house: House) -> None:
    me = await house.meet("subscriber", 1)
    first, again = await house.send(me, "hello", "wa-1"), await house.send(me, "hello", "wa-1")
    assert first.id == again.id
    await asyncio.gather(house.hear(first), house.hear(again))
    assert Counter(message.role for message in await messages(house)) == {"person": 1, "assistant": 1}


async def test_a_turn_goes_on_when_its_listener_goes_away(house: House) -> None:
    message = await house.send(await house.meet("subscriber", 1), "hi my internet is not working")
    async for _ in house.turns.answer(message):
        break
    await house.turns.drain()
    assert [each.role for each in await messages(house)] == ["person", "assistant"]


async def test_a_worker_runs_what_nobody_runs(house: House) -> None:
    me = await house.meet("subscriber", 1)
    async with transaction(house.sessions) as session:
        await helpdesk.receive_event(session, me.id, "#3 expired unsigned", {}, house.clock.now(), uuid.uuid4)
    stop = asyncio.Event()
    worker = asyncio.create_task(house.turns.run_waiting(stop))
    while len(await messages(house)) < 2:
        await asyncio.sleep(0.05)
    stop.set()
    await worker
    assert (await messages(house))[-1].text == "#3 expired unsigned."


async def test_a_turn_taken_over_elsewhere_is_not_answered_here(house: House) -> None:
    me = await house.meet("subscriber", 1)
    message = await house.send(me, "hi my internet is not working")
    async with transaction(house.sessions) as session:
        mine = await helpdesk.lease_turn_of(session, me.id, worker="slow", lease_seconds=0)
    assert mine is not None
    theirs = await house.hear(message)
    parts = [part async for part in house.turns.run(mine)]
    assert theirs.message is not None and not [part for part in parts if isinstance(part, Answered)]
    assert len(await messages(house)) == 2


async def test_an_accident_is_tried_again_and_in_the_end_owned_up_to(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise OSError("the disk is on fire")

    monkeypatch.setattr(house.executor, "propose", broken)
    heard = await house.say(await house.meet("subscriber", 1), "hi my internet is not working")
    assert heard.text == SORRY
    async with house.sessions() as session:
        turn = (await session.scalars(select(Turn))).one()
    assert (turn.state, turn.attempts) == ("failed", 3) and turn.error == "OSError: the disk is on fire"


async def test_after_a_turn_was_given_up_the_thread_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    me = await house.meet("subscriber", world.WORKING)
    with monkeypatch.context() as patch:
        patch.setattr(house.executor, "propose", None)
        assert (await house.say(me, "show my tickets")).text == SORRY
    assert (await house.say(me, "show my tickets")).text == "You have no open tickets."


async def test_two_processes_may_set_up_the_checkpoints_at_once(engine: AsyncEngine) -> None:
    async def opened() -> BaseCheckpointSaver[Any]:
        async with open_checkpointer(engine) as saver:
            return saver

    assert len(await asyncio.wait_for(asyncio.gather(*(opened() for _ in range(4))), 30)) == 4


async def test_a_finished_turn_leaves_one_checkpoint(house: House) -> None:
    me = await house.meet("subscriber", 1)
    for words in ("hello", "show my tickets", "thanks"):
        await house.say(me, words)
    async with house.sessions() as session:
        count = await session.scalar(text("SELECT count(*) FROM checkpoints"))
    assert count == 1


@pytest.mark.slow
async def test_kill_9_at_every_step_of_a_turn(
    sessions: Sessions, clock: FrozenClock, settings: Settings, database: str
) -> None:
    """A turn that opens a ticket dies, each time a few steps later, and is taken over: one ticket, one answer."""
    await world.build(sessions, clock)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.agents.turn_child", database, str(settings.home)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    assert child.returncode == 0, err.decode()
    killed = int(out)
    assert killed >= 10
    async with sessions() as session:
        tickets = Counter(await session.scalars(select(Ticket.subscriber_id)))
        actions = Counter(await session.scalars(select(Action.state)))
        said = [each.text for each in await session.scalars(select(Message).where(Message.role == "assistant"))]
    assert tickets == dict.fromkeys(range(1, killed + 2), 1)
    assert actions == {"done": killed + 1}
    assert len([words for words in said if words.startswith("Your ticket is TT-")]) == killed + 1
    assert len(said) == 2 * (killed + 1)
