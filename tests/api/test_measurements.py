"""Posting measurements: what is kept, what is refused, and in which words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from atlas.db import Sessions
from atlas.network.models import Vital
from tests.api.conftest import Clients


def measurement(**changes: Any) -> dict[str, Any]:
    """A minute of a BNG's requests to a RADIUS server."""
    return {
        "element": "z3-bng-1",
        "metric": "auth_timeouts",
        "about": "radius-1",
        "value": 2,
        "total": 60,
        "at": datetime.now(UTC).isoformat(),
    } | changes


async def count(sessions: Sessions) -> int:
    async with sessions() as session:
        return (await session.execute(select(func.count()).select_from(Vital))).scalar_one()


async def test_measurements_are_kept_before_the_answer_and_a_repeated_post_counts_once(
    client: Clients, sessions: Sessions
) -> None:
    noc, batch = client("noc"), [measurement(), measurement(metric="sessions", about="", value=800, total=None)]
    answer = await noc.post("/measurements", json=batch)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "duplicates": 0, "rejected": []})
    again = (await noc.post("/measurements", json=batch)).json()
    assert (again["accepted"], again["duplicates"]) == (0, 2)
    assert await count(sessions) == 2


async def test_each_refused_one_is_named_by_its_place_and_the_rest_kept(client: Clients, sessions: Sessions) -> None:
    old = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    batch = [
        measurement(value=61),
        measurement(metric="sessions"),
        measurement(total=None),
        measurement(metric="gremlins"),
        measurement(),
        measurement(at=old, about="radius-2"),
        "not a measurement",
        measurement(value="many"),
    ]
    answer = (await client("noc").post("/measurements", json=batch)).json()
    assert answer["accepted"] == 1
    places = {words.partition(":")[0]: words for words in answer["rejected"]}
    assert set(places) == {f"measurement {n}" for n in (0, 1, 2, 3, 5, 6, 7)}
    assert "more failures than tries" in places["measurement 0"]
    assert "leave `total` out" in places["measurement 1"]
    assert "give `total`" in places["measurement 2"]
    assert "not of the last hour" in places["measurement 5"]
    assert await count(sessions) == 1


async def test_what_is_too_much_or_no_array_is_refused_whole(client: Clients, sessions: Sessions) -> None:
    noc = client("noc")
    assert (await noc.post("/measurements", json=[measurement()] * 20_001)).status_code == 413
    assert (await noc.post("/measurements", content=b" " * 12_000_000)).status_code == 413
    assert (await noc.post("/measurements", json={"element": "z3-bng-1"})).status_code == 422
    assert (await noc.post("/measurements", content=b"[{")).status_code == 400
    assert await count(sessions) == 0


async def test_only_those_who_run_the_network_may_post(client: Clients) -> None:
    assert (await client("support").post("/measurements", json=[measurement()])).status_code == 403
    assert (await client().post("/measurements", json=[measurement()])).status_code == 401
