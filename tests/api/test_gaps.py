"""Gaps in the documentation over HTTP: looked for, shown, settled by a person of the NOC."""

from datetime import timedelta

from fastapi import FastAPI

from atlas.network.enums import AlarmType
from atlas.network.ingest import record_alarms
from atlas.network.schemas import Alarm
from tests.api.conftest import Clients
from tests.factories.subscribers import node


async def undocumented(app: FastAPI) -> None:
    """Two devices of which no link is documented speak as neighbours."""
    store = app.state.house.store
    now = store.clock.now()
    async with store.sessions() as session, session.begin():
        for name in ("z3-agg-1", "z3-olt-7"):
            await node(session, name, "aggregation", address=f"10.0.0.{len(name)}")
        ends = (("z3-agg-1", "10.1.2.1"), ("z3-olt-7", "10.1.2.0"))
        await record_alarms(
            session,
            [
                Alarm(
                    resource=device,
                    alarm_type=AlarmType.BGP_PEER_DOWN,
                    qualifier=peer,
                    is_cleared=n % 2 == 1,
                    event_time=now - timedelta(minutes=9 - n),
                    extra={"neighbour": peer},
                )
                for device, peer in ends
                for n in range(7)
            ],
            now,
        )


async def test_a_gap_is_found_shown_and_settled(app: FastAPI, client: Clients) -> None:
    await undocumented(app)
    anna = client("noc", "anna")
    (gap,) = (await anna.post("/gaps/review")).raise_for_status().json()["gaps"]
    assert gap["sentence"] == (
        "z3-agg-1 and z3-olt-7 speak as neighbours over 10.1.2.0/31; no link between them is documented"
    )
    assert gap["messages"] == 14
    assert (await anna.get("/gaps", params={"device": "z3-olt-7"})).json()["gaps"] == [gap]
    no_reason = await anna.post(f"/gaps/{gap['id']}", json={"word": "dismissed"})
    assert no_reason.status_code == 409
    settled = await anna.post(f"/gaps/{gap['id']}", json={"word": "dismissed", "reason": "a lab link"})
    assert (settled.json()["state"], settled.json()["decided_by"]) == ("dismissed", "anna")
    assert (await anna.post("/gaps/review")).json()["gaps"] == []
    assert len((await anna.get("/gaps", params={"state": "all"})).json()["gaps"]) == 1


async def test_settling_is_for_the_noc(app: FastAPI, client: Clients) -> None:
    await undocumented(app)
    assert (await client("support", "sam").post("/gaps/1", json={"word": "accepted"})).status_code == 403
    assert (await client().get("/gaps")).status_code == 401
    assert (await client("noc", "anna").post("/gaps/9", json={"word": "accepted"})).status_code in (404, 409)
