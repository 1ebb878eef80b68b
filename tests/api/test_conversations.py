"""Conversations over HTTP: one's own only, a message stored once, an answer whole or as it is made."""

from datetime import UTC, datetime

import httpx
import pytest
from httpx_sse import EventSource
from sqlalchemy import func, select

from atlas.crm.models import Subscriber
from atlas.db import Sessions, transaction
from atlas.helpdesk.models import Message
from tests.api.conftest import Clients


@pytest.fixture
async def subscribers(sessions: Sessions) -> list[str]:
    """The numbers of two subscribers without a line."""
    numbers = ["100001", "100002"]
    async with transaction(sessions) as session:
        for number in numbers:
            session.add(
                Subscriber(
                    number=number,
                    name=f"Person {number}",
                    segment="residential",
                    preferred_channel="sms",
                    since=datetime(2025, 1, 1, tzinfo=UTC),
                )
            )
    return numbers


async def opened(client: httpx.AsyncClient) -> str:
    answer = await client.post("/conversations")
    assert answer.status_code == 201
    return f"/conversations/{answer.json()['id']}/messages"


async def test_a_message_is_answered(client: Clients) -> None:
    noc = client("noc", "anna")
    path = await opened(noc)
    said = (await noc.post(path, json={"text": "what is down?"})).json()
    assert said["message"]["role"] == "person"
    assert said["answer"]["agent"] == "noc"
    assert "no open incident" in said["answer"]["text"]
    kept = (await noc.get(path)).json()["messages"]
    assert [each["role"] for each in kept] == ["person", "assistant"]
    assert (await noc.get(path, params={"after": kept[0]["position"]})).json()["messages"] == kept[1:]


async def test_an_answer_can_be_heard_while_it_is_made(client: Clients) -> None:
    noc = client("noc", "anna")
    path = await opened(noc)
    answer = await noc.post(path, json={"text": "what is down?"}, headers={"Accept": "text/event-stream"})
    events = list(EventSource(answer).iter_sse())
    kinds = [each.event for each in events]
    assert (kinds[0], kinds[-1]) == ("message", "answer")
    assert kinds.index("tool") < kinds.index("tool_result") < kinds.index("token")
    after_discard = events[max((n for n, kind in enumerate(kinds) if kind == "discard"), default=0) :]
    heard = "".join(each.json()["text"] for each in after_discard if each.event == "token")
    assert heard == events[-1].json()["text"]


async def test_anothers_conversation_is_like_one_that_does_not_exist(client: Clients, subscribers: list[str]) -> None:
    mine, other = (client("subscriber", number) for number in subscribers)
    path = await opened(mine)
    await mine.post(path, json={"text": "hello"})
    nowhere = "/conversations/00000000-0000-4000-8000-000000000000/messages"
    for each in (other, client("noc", "anna"), client("noc", subscribers[0])):
        seen, missing = await each.get(path), await each.get(nowhere)
        assert (seen.status_code, seen.json()) == (404, missing.json())
        assert (await each.post(path, json={"text": "let me in"})).status_code == 404
    assert (await other.get("/conversations")).json()["conversations"] == []


async def test_support_read_along_but_do_not_speak_for_a_subscriber(client: Clients, subscribers: list[str]) -> None:
    mine, support = client("subscriber", subscribers[0]), client("support", "sam")
    path = await opened(mine)
    noc_path = await opened(client("noc", "anna"))
    assert (await support.get(path)).status_code == 200
    assert (await support.post(path, json={"text": "hello"})).status_code == 404
    assert (await support.get(noc_path)).status_code == 404


async def test_a_message_sent_twice_is_one_message_with_one_answer(client: Clients, sessions: Sessions) -> None:
    noc = client("noc", "anna")
    path = await opened(noc)
    first = (await noc.post(path, json={"text": "hello", "key": "1"})).json()
    again = (await noc.post(path, json={"text": "hello", "key": "1"})).json()
    assert again == first
    async with sessions() as session:
        assert (await session.execute(select(func.count()).select_from(Message))).scalar_one() == 2


async def test_a_key_is_only_its_conversations_own(client: Clients) -> None:
    anna, ben = client("noc", "anna"), client("noc", "ben")
    one = (await anna.post(await opened(anna), json={"text": "hello", "key": "1"})).json()
    two = (await ben.post(await opened(ben), json={"text": "thanks", "key": "1"})).json()
    assert one["message"]["id"] != two["message"]["id"]
    assert two["message"]["text"] == "thanks"


@pytest.mark.parametrize(("size", "status"), [(4_001, 422), (1_000_000, 413), (0, 422)])
async def test_too_much_text_is_refused_and_nothing_kept(client: Clients, size: int, status: int) -> None:
    noc = client("noc", "anna")
    path = await opened(noc)
    answer = await noc.post(path, json={"text": "x" * size})
    assert answer.status_code == status
    assert len(answer.content) < 500
    assert (await noc.get(path)).json()["messages"] == []


async def test_a_nul_in_the_text_does_no_harm(client: Clients) -> None:
    noc = client("noc", "anna")
    said = await noc.post(await opened(noc), json={"text": "what\u0000is down?"})
    assert said.json()["message"]["text"] == "what\ufffdis down?"


async def test_a_new_role_takes_a_new_conversation(client: Clients) -> None:
    path = await opened(client("noc_lead", "lena"))
    answer = await client("noc", "lena").post(path, json={"text": "hello"})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "Your role has changed since this conversation began; open a new one.",
    )
