"""Posting alarms: what is kept, what is refused, and in which words."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import db
from atlas.db import Sessions
from atlas.network.models import AlarmOccurrence, AlarmRecord
from tests.api.conftest import Clients


def alarm(**changes: Any) -> dict[str, Any]:
    """A loss of signal on a port, as a device would report it."""
    return {
        "resource": "z3-agg-1/Te0/0/0/1",
        "alarm_type": "loss-of-signal",
        "event_time": "2026-03-02T09:00:00Z",
        "text": "LOS on Te0/0/0/1",
    } | changes


async def count(sessions: Sessions) -> int:
    async with sessions() as session:
        return (await session.execute(select(func.count()).select_from(AlarmOccurrence))).scalar_one()


async def test_alarms_are_kept_before_the_answer(client: Clients, sessions: Sessions) -> None:
    batch = [alarm(), alarm(resource="z3-agg-1/Te0/0/0/2")]
    answer = await client("noc").post("/alarms", json=batch)
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 2
    assert await count(sessions) == 2


async def test_what_could_not_be_committed_is_never_said_to_be_kept(
    client: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def failing(sessions: Sessions) -> AsyncIterator[AsyncSession]:
        async with db.transaction(sessions) as session:
            yield session
            raise OperationalError("COMMIT", {}, Exception("the connection broke"))

    monkeypatch.setattr("api.deps.transaction", failing)
    answer = await client("noc").post("/alarms", json=[alarm()])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_one_bad_alarm_is_named_and_the_rest_kept(client: Clients, sessions: Sessions) -> None:
    batch = [alarm(), alarm(alarm_type="gremlins"), "not an alarm", alarm(resource="z3-agg-2")]
    answer = (await client("noc").post("/alarms", json=batch)).json()
    assert answer["accepted"] == 2
    first, second = answer["rejected"]
    assert first.startswith("alarm 1: alarm_type: Input should be")
    assert second.startswith("alarm 2: alarm: Input should be")
    assert await count(sessions) == 2


async def test_a_batch_posted_twice_counts_once(client: Clients, sessions: Sessions) -> None:
    noc = client("noc")
    await noc.post("/alarms", json=[alarm()])
    again = (await noc.post("/alarms", json=[alarm()])).json()
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    assert await count(sessions) == 1


async def test_a_hundred_thousand_alarms_in_one_post_are_refused_whole(client: Clients, sessions: Sessions) -> None:
    answer = await client("noc").post("/alarms", json=[alarm()] * 100_000)
    assert answer.status_code == 413
    assert answer.json()["detail"] == "The post holds 100,000 alarms; at most 20,000 are taken: split it."
    assert await count(sessions) == 0


async def test_a_body_over_the_limit_is_refused_before_it_is_read(client: Clients) -> None:
    answer = await client("noc").post("/alarms", content=b" " * 50_000_000)
    assert answer.status_code == 413
    assert "split it" in answer.json()["detail"]


async def test_a_megabyte_of_text_is_cut_with_a_note(client: Clients, sessions: Sessions) -> None:
    answer = await client("noc").post("/alarms", json=[alarm(text="x" * 1_000_000)])
    assert answer.json()["accepted"] == 1
    async with sessions() as session:
        (kept,) = await session.scalars(select(AlarmRecord.text))
    assert kept.startswith("x" * 2_000)
    assert kept.endswith("(998000 characters cut)")


async def test_a_megabyte_in_a_name_is_refused_in_one_sentence(client: Clients) -> None:
    answer = (await client("noc").post("/alarms", json=[alarm(resource="x" * 1_000_000)])).json()
    assert answer["rejected"] == ["alarm 0: resource: String should have at most 300 characters"]


async def test_a_clock_a_day_off_is_kept_with_its_own_time(client: Clients, sessions: Sessions) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    batch = [alarm(event_time=at.isoformat(), resource=name) for at, name in ((yesterday, "a"), (tomorrow, "b"))]
    assert (await client("noc").post("/alarms", json=batch)).json()["accepted"] == 2
    async with sessions() as session:
        kept = list(await session.scalars(select(AlarmOccurrence.event_at).order_by(AlarmOccurrence.id)))
    assert kept == [yesterday, tomorrow]


async def test_a_time_without_a_zone_is_refused(client: Clients) -> None:
    answer = (await client("noc").post("/alarms", json=[alarm(event_time="2026-03-02T09:00:00")])).json()
    assert answer["rejected"] == ["alarm 0: event_time: Input should have timezone info"]


async def test_an_unknown_device_is_kept_and_counted(client: Clients) -> None:
    answer = (await client("noc").post("/alarms", json=[alarm(resource="nobody-knows-me")])).json()
    assert (answer["accepted"], answer["unknown_resources"]) == (1, 1)


async def test_what_is_not_json_is_refused(client: Clients) -> None:
    for body, status in ((b"\xff\x00", 400), (b"[{", 400), (b'{"resource": 1}', 422), (b"", 400)):
        answer = await client("noc").post("/alarms", content=body)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


async def test_the_alarm_list_pages_newest_first(client: Clients) -> None:
    noc = client("noc")
    await noc.post("/alarms", json=[alarm(resource=f"device-{n}") for n in range(5)])
    await noc.post("/alarms", json=[alarm(resource="device-0", is_cleared=True, event_time="2026-03-02T09:05:00Z")])
    first = (await noc.get("/alarms", params={"limit": 3})).json()
    assert [each["device"] for each in first["alarms"]] == ["device-4", "device-3", "device-2"]
    second = (await noc.get("/alarms", params={"limit": 3, "before": first["next"]})).json()
    assert [each["device"] for each in second["alarms"]] == ["device-1"]
    assert second["next"] is None
    everything = (await noc.get("/alarms", params={"active": False})).json()
    assert len(everything["alarms"]) == 5
