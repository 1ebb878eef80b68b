"""The commands, as people type them, against a server on a port; and what they say when something is wrong."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.auth import read_token, signing_key
from atlas.settings import Settings
from tests.api.conftest import served, started


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A demo server, though on an empty network."""
    return settings.model_copy(update={"demo": True})


@pytest.fixture
async def url(settings: Settings) -> AsyncIterator[str]:
    """A server on a port."""
    async with started(settings) as app, served(app) as url:
        yield url


async def bedrock(settings: Settings, *words: str, url: str | None = None, typed: str = "") -> tuple[int, str, str]:
    """Run a command; returns its exit status and what it printed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BEDROCK_")}
    environment |= {"BEDROCK_HOME": str(settings.home), "COLUMNS": "200"} | ({"BEDROCK_URL": url} if url else {})
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli.main", *words, env=environment, stdin=-1, stdout=-1, stderr=-1
    )
    out, err = await process.communicate(typed.encode())
    return process.returncode or 0, out.decode(), err.decode()


async def test_one_sentence_and_its_answer(settings: Settings, url: str) -> None:
    status, out, err = await bedrock(settings, "chat", "--as", "noc:anna", "-m", "what is down?", url=url)
    assert (status, err) == (0, "")
    assert "no open incident" in " ".join(out.split())


async def test_an_answer_for_machines_is_json_and_nothing_else(settings: Settings, url: str) -> None:
    _, out, _ = await bedrock(settings, "chat", "-m", "what is down?", "--json", url=url)
    assert json.loads(out)["answer"]["agent"] == "noc"
    _, out, _ = await bedrock(settings, "incidents", "--json", url=url)
    assert json.loads(out) == []


async def test_a_talk_goes_on_until_the_end_of_input(settings: Settings, url: str) -> None:
    status, out, _ = await bedrock(settings, "chat", url=url, typed="what is down?\n\nthanks\n")
    assert status == 0
    assert out.count("> ") == 4


async def test_empty_lists_say_so(settings: Settings, url: str) -> None:
    assert (await bedrock(settings, "incidents", url=url))[1] == "Nothing is broken.\n"
    assert (await bedrock(settings, "approvals", url=url))[1] == "Nothing waits for a signature.\n"


async def test_what_is_wrong_is_one_sentence_on_standard_error(settings: Settings, url: str) -> None:
    for words, sentence in (
        (["approve", "12"], "There is no approval 12; GET /approvals lists what waits."),
        (["incidents", "INC-7"], "There is no such incident; references look like INC-12."),
        (["chat", "--as", "subscriber:0", "-m", "hi"], "There is no subscriber 0."),
        (["incidents", "--token", "wrong"], "The token was not signed by this server; get one from its operator."),
    ):
        assert await bedrock(settings, *words, url=url) == (1, "", f"{sentence}\n")


async def test_without_a_server_it_says_how_to_start_one(settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    status, out, err = await bedrock(settings, "incidents", url=url)
    assert (status, out) == (1, "")
    assert err == f"No server answers at {url}; start one with `bedrock serve`, or name another with --url.\n"


async def test_outside_the_demo_it_asks_for_a_token(settings: Settings) -> None:
    async with started(settings.model_copy(update={"demo": False})) as app, served(app) as url:
        status, _, err = await bedrock(settings, "incidents", url=url)
        assert (status, err) == (
            1,
            "This server is not a demo, so it needs your token: pass --token or set BEDROCK_TOKEN.\n",
        )
        _, token, _ = await bedrock(settings, "token", "noc", "anna")
        assert (await bedrock(settings, "incidents", "--token", token.strip(), url=url))[0] == 0


async def test_the_operator_makes_tokens(settings: Settings, tmp_path: Path) -> None:
    status, token, _ = await bedrock(settings, "token", "noc_lead", "lena", "--days", "1")
    claims = read_token(signing_key(settings), token.strip(), demo_mode=False)
    assert (status, claims.id, claims.role) == (0, "lena", "noc_lead")
    assert (await bedrock(settings, "token", "feed", "prometheus", "--days", "365"))[0] == 0
    assert (await bedrock(settings, "token", "king", "lena"))[0] == 1


async def test_a_verdict_in_one_line_and_what_is_wrong_with_it(settings: Settings, url: str) -> None:
    wrong = {
        ("correct", "INC-7"): "Name the element that is the cause, or give --outside",
        ("correct", "INC-7", "F-1"): "There is no incident INC-7.",
        ("hold", "seven"): "“seven” is no incident; references look like INC-12.",
        ("merge", "INC-7", "INC-8"): "There is no incident INC-7.",
    }
    for words, sentence in wrong.items():
        status, out, err = await bedrock(settings, "incident", *words, url=url)
        assert (status, out) == (1, "")
        assert sentence in " ".join(err.split())
