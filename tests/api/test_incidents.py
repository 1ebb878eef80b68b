"""Incidents, approvals and the public status, over HTTP, on the demo ISP with fifty lines cut off by hand."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.house import House
from atlas.db import transaction
from atlas.itsm.models import Incident
from atlas.settings import Settings
from forge import runtime
from forge.executor import Call
from forge.outcome import AwaitingSignOff
from policies.spec import Principal
from tests.api.conftest import Clients, served, started
from tests.api.test_cli import bedrock
from tests.conftest import HOME

ANNA = Principal("staff", "anna", "noc", verified="token")
LINES = """
INSERT INTO incident_line (incident_id, service_id, subscriber_id, zone_id)
SELECT :incident, s.id, s.subscriber_id, a.zone_id FROM service s JOIN address a ON a.id = s.address_id
JOIN zone z ON z.id = a.zone_id WHERE z.number = 3 AND s.state = 'active' ORDER BY s.id LIMIT 50
"""


@pytest.fixture
def settings(tmp_path: Path, demo_database: str) -> Settings:
    """A demo server on a copy of the demo ISP."""
    (HOME / "models").mkdir(parents=True, exist_ok=True)
    (tmp_path / "models").symlink_to(HOME / "models")
    runtime.prepare(demo_database)
    return Settings(home=tmp_path, database_url=demo_database, pool_size=5, demo=True)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application, started."""
    async with started(settings) as app:
        yield app


@pytest.fixture
async def house(app: FastAPI) -> House:
    """The application's parts."""
    house = app.state.house
    assert isinstance(house, House)
    return house


@pytest.fixture
async def reference(house: House) -> str:
    """An open incident that cuts off fifty lines of zone 3."""
    now = house.store.clock.now()
    async with transaction(house.store.sessions) as session:
        incident = Incident(
            state="open",
            title="Fibre F-Z3-BH-1, zone 3 backhaul",
            element="fibre:F-Z3-BH-1",
            confidence=0.97,
            is_certain=True,
            causes=[],
            explanation=["47 devices fell silent at once."],
            started_at=now,
            detected_at=now,
            subscribers=50,
        )
        session.add(incident)
        await session.flush()
        await session.execute(text(LINES), {"incident": incident.id})
        return incident.reference


@pytest.fixture
async def approval(house: House, reference: str) -> AwaitingSignOff:
    """Anna's proposal to tell the fifty, which needs a second person."""
    call = Call("notify_affected", {"incident": reference, "message": None}, key="test")
    outcome = await house.executor.propose(call, ANNA)
    assert isinstance(outcome, AwaitingSignOff)
    return outcome


async def test_an_incident_is_listed_and_shown_whole(client: Clients, reference: str) -> None:
    support = client("support", "sam")
    listed = (await support.get("/incidents", params={"zone": 3, "state": "all"})).json()["incidents"]
    assert reference in [each["reference"] for each in listed]
    shown = (await support.get(f"/incidents/{reference}")).json()
    assert shown["lines"] == {"cut": 50, "restored": 0}
    assert shown["explanation"] == ["47 devices fell silent at once."]


@pytest.mark.parametrize("unknown", ["INC-0", "INC-99999999999999999999", "TT-1", "x"])
async def test_an_incident_nobody_knows_is_404(client: Clients, unknown: str) -> None:
    answer = await client("noc").get(f"/incidents/{unknown}")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


async def test_one_person_has_an_incident_in_hand(client: Clients, reference: str) -> None:
    assert (await client("noc", "anna").post(f"/incidents/{reference}/acknowledge")).status_code == 200
    answer = await client("noc", "ben").post(f"/incidents/{reference}/acknowledge")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"{reference} is already acknowledged by anna.",
    )


async def test_what_is_doubtful_is_public_once_somebody_confirms_it(
    client: Clients, reference: str, house: House
) -> None:
    async with transaction(house.store.sessions) as session:
        doubt = "UPDATE incident SET doubts = '[\"only the poller says so\"]' WHERE id = :id"
        await session.execute(text(doubt), {"id": int(reference.removeprefix("INC-"))})
    noc = client("noc", "anna")
    shown = (await noc.get(f"/incidents/{reference}")).json()
    assert (shown["is_doubtful"], shown["doubts"], shown["pages"]) == (True, ["only the poller says so"], [])
    assert reference not in (await client().get("/status")).text
    assert (await client("support", "sam").post(f"/incidents/{reference}/confirm")).status_code == 403

    confirmed = (await noc.post(f"/incidents/{reference}/confirm")).json()
    assert (confirmed["is_doubtful"], confirmed["confirmed_by"]) == (False, "anna")
    assert reference in (await client().get("/status")).text
    again = await noc.post(f"/incidents/{reference}/confirm")
    assert (again.status_code, again.json()["detail"]) == (409, f"Nothing about {reference} is in doubt.")


async def test_work_is_planned_and_called_off_over_http(client: Clients, house: House) -> None:
    noc = client("noc", "anna")
    request = {"element": "node:z3-agg-1", "reason": "New line card", "minutes": 60, "expects": ["unreachable"]}
    work = (await noc.post("/maintenance", json=request)).json()
    assert (work["state"], work["planned_by"], work["expects"]) == ("going on", "anna", ["unreachable"])
    assert (await noc.post("/maintenance", json=request | {"minutes": None})).status_code == 422
    wrong = await noc.post("/maintenance", json=request | {"element": "node:nowhere"})
    assert (wrong.status_code, "no element node:nowhere" in wrong.json()["detail"]) == (409, True)
    listed = (await client("support", "sam").get("/maintenance")).json()["work"]
    assert [each["reference"] for each in listed] == [work["reference"]]
    assert (await client("support", "sam").post("/maintenance", json=request)).status_code == 403
    assert (await noc.post(f"/maintenance/{work['reference']}/cancel")).json()["state"] == "cancelled"
    assert (await noc.get("/maintenance")).json()["work"] == []


async def test_a_verdict_names_an_element_there_is(client: Clients, reference: str) -> None:
    noc = client("noc", "anna")
    answer = await noc.post(f"/incidents/{reference}/correct", json={"element": "F-Z6-BH-1"})
    assert answer.json()["said"] == "the cause is fibre:F-Z6-BH-1"
    wrong = await noc.post(f"/incidents/{reference}/correct", json={"element": "fibre:F-Z6-BH-11"})
    assert (wrong.status_code, "Did you mean fibre:F-Z6-BH-1" in wrong.json()["detail"]) == (409, True)
    assert (await noc.get(f"/incidents/{reference}")).json()["verdict_element"] == "fibre:F-Z6-BH-1"


async def test_a_persons_word_is_kept_with_who_and_why(client: Clients, reference: str) -> None:
    noc = client("noc", "anna")
    assert (await noc.get(f"/incidents/{reference}/verdicts")).json() == {"verdicts": []}
    assert (await noc.post(f"/incidents/{reference}/confirm-cause", json={})).json()["verdict"] == "confirm"
    await noc.post(f"/incidents/{reference}/hold", json={"reason": "The press first."})
    held = (await client("noc", "ben").get(f"/incidents/{reference}")).json()
    assert (held["held_by"], held["verdict_by"], held["title"]) == ("anna", "anna", "Fibre F-Z3-BH-1, zone 3 backhaul")
    await noc.post(f"/incidents/{reference}/release", json={})
    said = (await noc.get(f"/incidents/{reference}/verdicts")).json()["verdicts"]
    assert [(each["kind"], each["by"], each["reason"]) for each in said] == [
        ("confirm", "anna", ""), ("hold", "anna", "The press first."), ("release", "anna", ""),
    ]  # fmt: skip
    assert said[0]["before"]["element"] == "fibre:F-Z3-BH-1"


async def test_a_false_alarm_is_over_and_only_for_the_noc_to_call(client: Clients, reference: str) -> None:
    path = f"/incidents/{reference}/retract"
    assert (await client("support", "sam").post(path, json={"reason": "Because."})).status_code == 403
    assert (await client("noc", "anna").post(path, json={"reason": ""})).status_code == 422
    assert (await client("noc", "anna").post(path, json={"reason": "A wrong map."})).status_code == 200
    again = await client("noc", "ben").post(path, json={"reason": "Too."})
    assert again.status_code == 409
    assert again.json()["detail"] == f"{reference} is retracted; only its cause can still be corrected."
    areas = (await client().get("/status", params={"zone": 3})).json()["areas"]
    assert reference not in [each["reference"] for each in areas[0]["disturbances"]]


@pytest.mark.parametrize("verb", ["merge", "split", "exclude", "hold"])
async def test_what_is_wrong_with_a_verdict_is_said_in_a_sentence(client: Clients, reference: str, verb: str) -> None:
    noc, said = client("noc", "anna"), {"into": "INC-99999999"}
    assert (await noc.post(f"/incidents/INC-77777777/{verb}", json=said)).status_code == 404
    answer = await noc.post(f"/incidents/{reference}/{verb}", json=said)
    words = {
        "merge": "There is no incident INC-99999999.",
        "split": "Say which part: alarms, elements, a zone, or lines.",
    }
    if verb != "hold":
        assert (answer.status_code, answer.json()["detail"]) == (409, words.get(verb, words["split"]))
    assert (await noc.get(f"/incidents/{reference}/alarms")).json() == {"total": 0, "alarms": []}


async def test_an_engineer_says_it_in_one_line(app: FastAPI, settings: Settings, reference: str) -> None:
    said = {
        ("correct", reference, "F-Z6-BH-1", "-r", "Seen on the OTDR"): f"{reference}: the cause is fibre:F-Z6-BH-1.",
        ("correct", reference, "--outside", "The power supplier"): f"{reference}: the cause is The power supplier.",
        ("hold", reference): f"{reference}: nobody is told.",
        ("release", reference): f"{reference}: people may be told.",
        ("retract", reference, "-r", "A wrong map"): f"{reference}: a false alarm; 0 subscribers were told of it.",
    }
    async with served(app) as url:
        for words, answer in said.items():
            assert await bedrock(settings, "incident", *words, url=url) == (0, f"{answer}\n", "")
        _, out, _ = await bedrock(settings, "incident", "verdicts", reference, url=url)
        assert "anna: the cause is fibre:F-Z6-BH-1 (Seen on the OTDR)" in out
        _, out, _ = await bedrock(settings, "incidents", reference, url=url)
        assert "The power supplier (says anna)" in out


async def test_a_repair_is_expected_in_the_future(client: Clients, reference: str, house: House) -> None:
    noc, now = client("noc", "anna"), house.store.clock.now()
    path = f"/incidents/{reference}/expected-repair"
    late = await noc.post(path, json={"at": (now - timedelta(hours=1)).isoformat()})
    assert (late.status_code, late.json()["detail"]) == (409, "The expected repair must lie in the future.")
    soon = (await noc.post(path, json={"at": (now + timedelta(hours=1)).isoformat()})).json()
    assert soon["expected_repair_source"] == "anna"


async def test_anyone_may_ask_how_an_area_is_and_learns_nothing_of_people(
    client: Clients, reference: str, house: House
) -> None:
    async with house.store.sessions() as session:
        postcode = await session.scalar(
            text("SELECT a.postcode FROM address a JOIN zone z ON z.id = a.zone_id WHERE z.number = 3 LIMIT 1")
        )
    for query in ({"zone": 3}, {"postcode": postcode}):
        (area,) = (await client().get("/status", params=query)).json()["areas"]
        (disturbance,) = [each for each in area["disturbances"] if each["reference"] == reference]
        assert (area["zone"], area["ok"], disturbance["cause"]) == (3, False, "a damaged fibre cable")
        assert set(disturbance) == {
            "reference", "since", "cause", "words", "is_being_watched", "expected_repair_at", "next_update_at",
        }  # fmt: skip
    assert (await client().get("/status", params={"postcode": "nowhere"})).status_code == 404


async def test_a_second_person_signs_and_only_then_it_is_carried_out(
    client: Clients, approval: AwaitingSignOff
) -> None:
    anna, ben = client("noc", "anna"), client("noc", "ben")
    (waiting,) = (await ben.get("/approvals")).json()["approvals"]
    assert (waiting["reference"], waiting["targets"], waiting["quorum"]) == (approval.reference, 50, 1)

    own = await anna.post(f"/approvals/{approval.reference}/approve")
    assert (own.status_code, own.json()["detail"]) == (
        403,
        "Who asks for something can't sign it; another person must.",
    )
    signed = (await ben.post(f"/approvals/{approval.action}/approve", json={"reason": "checked"})).json()
    assert signed["outcome"] == "started"
    assert signed["approval"]["signatures"][0]["signer"] == "ben"
    assert (await ben.get("/approvals")).json()["approvals"] == []
    assert (await ben.post(f"/approvals/{approval.reference}/approve")).json()["outcome"] == "started"


async def test_what_was_decided_cannot_be_decided_again(client: Clients, approval: AwaitingSignOff) -> None:
    path = f"/approvals/{approval.reference}"
    rejected = (await client("noc", "ben").post(f"{path}/reject", json={"reason": "not yet"})).json()
    assert rejected["approval"]["state"] == "rejected"
    answer = await client("noc_lead", "lena").post(f"{path}/approve")
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"#{approval.reference} is rejected already; there is nothing left to sign.",
    )


async def test_who_may_not_sign_is_403(client: Clients, approval: AwaitingSignOff) -> None:
    answer = await client("support", "sam").post(f"/approvals/{approval.reference}/approve")
    assert answer.status_code == 403
    assert "you are support" in answer.json()["detail"]


@pytest.mark.parametrize("unknown", ["0", "x", "00000000-0000-4000-8000-000000000000", "9" * 30])
async def test_an_approval_nobody_knows_is_404(client: Clients, unknown: str) -> None:
    assert (await client("noc").post(f"/approvals/{unknown}/approve")).status_code == 404


async def test_effects_stop_at_once_and_a_lead_lets_them_go_on(client: Clients, approval: AwaitingSignOff) -> None:
    noc, lead = client("noc", "ben"), client("noc_lead", "lena")
    stopped = (await noc.post("/freeze", json={"risk": "notify", "reason": "wrong text"})).json()["stopped"]
    assert stopped == [{"risk": "notify", "by": "ben", "reason": "wrong text"}]
    answer = await noc.post(f"/approvals/{approval.reference}/approve")
    assert answer.json().get("outcome") != "started"
    assert (await noc.post("/thaw", json={"risk": "notify"})).status_code == 403
    assert (await lead.post("/thaw", json={"risk": "notify"})).json()["stopped"] == []


async def test_cutting_and_mending_an_element(client: Clients) -> None:
    noc = client("noc", "anna")
    elements = (await noc.get("/demo/elements", params={"kind": "fibre"})).json()["elements"]
    assert "fibre:F-Z3-BH-1" in [each["element"] for each in elements]
    assert (await noc.post("/demo/cut", json={"element": "F-Z3-BH-1"})).json()["repaired_at"] is None
    again = await noc.post("/demo/cut", json={"element": "F-Z3-BH-1"})
    assert (again.status_code, again.json()["detail"]) == (
        409,
        "fibre:F-Z3-BH-1 is cut already; repair it first.",
    )
    assert (await noc.post("/demo/repair", json={"element": "F-Z3-BH-1"})).json()["repaired_at"]
    unknown = await noc.post("/demo/cut", json={"element": "F-Z3-BH-X"})
    assert unknown.status_code == 404
    assert "Did you mean" in unknown.json()["detail"]


async def test_people_to_talk_as_are_those_cut_off_first(client: Clients, reference: str) -> None:
    people = (await client("noc", "anna").get("/demo/subscribers", params={"limit": 5})).json()["subscribers"]
    assert (people[0]["zone"], people[0]["incident"]) == (3, reference)
    assert len({each["number"] for each in people}) == 5
