"""Past incidents like one, over HTTP and as `bedrock incidents INC-n` shows them."""

from datetime import timedelta

import pytest
from fastapi import FastAPI

from api.cli import incidents as command
from atlas.db import transaction
from atlas.itsm import incidents
from tests.api.conftest import Clients
from tests.factories.incidents import NOON, incident


async def test_what_fixed_the_like_is_remembered(
    app: FastAPI, client: Clients, capsys: pytest.CaptureFixture[str]
) -> None:
    async with transaction(app.state.house.store.sessions) as session:
        past = await incident(session)
        await incidents.note(session, past.id, "Spliced twelve fibres.", NOON, by="anna")
        await incidents.clear(session, past, NOON + timedelta(minutes=90))
        await incidents.resolve(session, past, NOON + timedelta(minutes=100))
        now = await incident(session, group=2)
    noc = client("noc", "anna")
    found = (await noc.get(f"/incidents/{now.reference}/similar")).json()["similar"]
    assert [(each["reference"], each["minutes"]) for each in found] == [(past.reference, 90.0)]
    assert found[0]["resolution"] == "Spliced twelve fibres."
    whole = (await noc.get(f"/incidents/{now.reference}")).json() | {"similar": found}
    command._show(whole)
    assert f"like       {past.reference}" in capsys.readouterr().out
    assert (await noc.get("/incidents/INC-999/similar")).status_code == 404
    assert (await client("subscriber", "4711").get(f"/incidents/{now.reference}/similar")).status_code in (401, 403)
