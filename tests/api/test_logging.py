"""Logs hold nothing personal and nothing secret, wherever in a line it stands."""

import io
import json
import logging

import pytest
import structlog

from api.auth import issue
from api.logging import configure, mask_event, masked
from atlas.settings import Settings

TOKEN = issue(b"key", "anna", "noc")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("call +44 20 7946 0958 now", "call <phone …58> now"),
        ("+447700900123", "<phone …23>"),
        ("write to mary.o-neil+isp@example.co.uk!", "write to <e-mail>!"),
        (f"token {TOKEN} refused", "token <token> refused"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer <token>"),
        ("postgresql://bedrock:hunter2@db/isp", "postgresql://bedrock:<password>@db/isp"),
        ("z3-agg-1/Te0/0/0/1 lost light at 10.3.0.1", "z3-agg-1/Te0/0/0/1 lost light at 10.3.0.1"),
        ("postgresql://postgres:@/bedrock", "postgresql://postgres:@/bedrock"),
    ],
)
def test_what_is_personal_or_secret_is_masked(said: str, kept: str) -> None:
    assert masked(said) == kept


def test_fields_that_name_a_person_are_masked_by_their_name() -> None:
    event = {"event": "sent", "name": "Mary O'Neil", "token": "abc", "device": "z3-agg-1", "to": None}
    assert mask_event(None, "info", event) == {
        "event": "sent",
        "name": "<personal>",
        "token": "<secret>",
        "device": "z3-agg-1",
        "to": None,
    }


def test_masking_reaches_into_structures() -> None:
    assert masked({"lines": [{"email": "a@b.cd", "note": "ask a@b.cd"}]}) == {
        "lines": [{"email": "<personal>", "note": "ask <e-mail>"}]
    }


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the logs write to."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure(Settings(log_json=True), "test")
    return stream


def test_tracebacks_and_other_libraries_are_masked_too(written: io.StringIO) -> None:
    try:
        raise ValueError("no account for mary@example.com")
    except ValueError:
        structlog.get_logger("api.test").exception("failed")
    logging.getLogger("some.library").warning("sent to %s", "+447700900123")
    ours, theirs = (json.loads(line) for line in written.getvalue().splitlines())
    assert ours["process"] == "test"
    assert "no account for <e-mail>" in ours["exception"]
    assert "mary" not in written.getvalue()
    assert theirs["event"] == "sent to <phone …23>"
