"""Tokens: what they carry, and which the server refuses."""

import base64
import json
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.auth import TokenError, demo_token, issue, read_token, signing_key
from atlas.settings import Settings
from tests.api.conftest import Clients, started

KEY = b"a key for this test"


def test_a_token_says_who_and_in_which_role() -> None:
    claims = read_token(KEY, issue(KEY, "anna", "noc"), demo_mode=False)
    assert (claims.id, claims.role, claims.demo) == ("anna", "noc", False)


@pytest.mark.parametrize(
    "token",
    ["", "bedrock", "bedrock.e30", "bedrock..", "bedrock.e30.e30", "other.e30.e30", "bedrock.é.ü", "a.b.c.d"],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(TokenError):
        read_token(KEY, token, demo_mode=True)


def test_a_token_of_another_server_is_refused() -> None:
    with pytest.raises(TokenError, match="not signed by this server"):
        read_token(KEY, issue(b"another key", "anna", "noc"), demo_mode=False)


def test_a_role_cannot_be_written_in_afterwards() -> None:
    prefix, body, signature = issue(KEY, "anna", "noc").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"role": "admin"}).encode()).rstrip(b"=").decode()
    with pytest.raises(TokenError, match="not signed"):
        read_token(KEY, f"{prefix}.{forged}.{signature}", demo_mode=False)


def test_an_expired_token_is_refused() -> None:
    with pytest.raises(TokenError, match="expired"):
        read_token(KEY, issue(KEY, "anna", "noc", lifetime=-1), demo_mode=False)


def test_demo_tokens_stand_for_fixed_people_and_any_subscriber() -> None:
    claims = read_token(KEY, demo_token(KEY, "noc_lead:lena"), demo_mode=True)
    assert (claims.id, claims.role, claims.demo) == ("lena", "noc_lead", True)
    assert read_token(KEY, demo_token(KEY, "subscriber:100001"), demo_mode=True).id == "100001"


@pytest.mark.parametrize("who", ["noc:mallory", "admin:anna", "subscriber:", "anna", ""])
def test_nobody_else_gets_a_demo_token(who: str) -> None:
    with pytest.raises(ValueError, match="no demo user"):
        demo_token(KEY, who)


def test_a_demo_token_is_refused_outside_the_demo() -> None:
    with pytest.raises(TokenError, match="only on a server in demo mode"):
        read_token(KEY, demo_token(KEY, "admin:ada"), demo_mode=False)


def test_the_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    assert signing_key(settings) == signing_key(settings)
    assert stat.S_IMODE((tmp_path / "home" / "secret").stat().st_mode) == 0o600
    assert signing_key(Settings(home=tmp_path, token_secret=SecretStr("chosen"))) == b"chosen"


async def test_wrong_and_missing_tokens_are_401(client: Clients) -> None:
    for each in (client(), client(token="wrong"), client(token=issue(KEY, "anna", "noc"))):
        answer = await each.get("/incidents")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["title"] == "Unauthorized"


async def test_a_wrong_role_is_403_and_told_which_it_takes(client: Clients) -> None:
    answer = await client("support", "sam").post("/alarms", json=[])
    assert answer.status_code == 403
    assert answer.json()["detail"] == (
        "This is for the role noc or noc_lead or admin; your token has the role support."
    )
    assert (await client("noc", "anna").post("/thaw", json={})).status_code == 403


async def test_a_subscriber_nobody_knows_is_401(client: Clients) -> None:
    assert (await client("subscriber", "0").get("/conversations")).status_code == 401


async def test_a_server_outside_the_demo_refuses_demo_tokens(client: Clients, settings: Settings) -> None:
    token = demo_token(signing_key(settings), "noc:anna")
    answer = await client(token=token).get("/incidents")
    assert (answer.status_code, answer.json()["detail"]) == (
        401,
        "Demo tokens work only on a server in demo mode.",
    )
    async with started(settings.model_copy(update={"demo": True})) as demo:
        assert (await client(token=token, app=demo).get("/incidents")).status_code == 200


async def test_demo_doors_are_closed_outside_the_demo(client: Clients) -> None:
    noc = client("noc")
    assert (await noc.get("/outbox")).status_code == 404
    assert (await noc.post("/demo/cut", json={"element": "fibre:F-1"})).status_code == 404
