"""`bedrock cortex`, as people type it on the server, before and after something was learnt."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.cortex import app
from atlas.db import make_engine, make_sessions, transaction
from atlas.learning import versions
from atlas.learning.versions import Learnt

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _here(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands find this test's database."""
    monkeypatch.setenv("BEDROCK_DATABASE_URL", database)
    monkeypatch.setenv("BEDROCK_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")


def cortex(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def _two_versions(database: str) -> None:
    """Two models of failures, the second in use."""

    async def keep() -> None:
        engine = make_engine(database)
        for _ in range(2):
            async with transaction(make_sessions(engine)) as session:
                what = Learnt("failure", b"numbers", NOW, NOW, 10, 2, {"recall": 0.5}, "scikit-learn")
                await versions.keep(session, what, refused="", now=NOW)
        await engine.dispose()

    asyncio.run(keep())


def test_before_anything_was_learnt_each_command_says_what_to_do() -> None:
    assert "bedrock cortex train" in cortex("models").output
    assert "Nothing is predicted" in cortex("predictions").output
    for command in ("train", "drift", "look", "rollback"):
        ended = cortex(command)
        assert ended.exit_code == 1, ended.output
        assert "Traceback" not in ended.output
    assert "There is no history yet" in cortex("train").output


@pytest.mark.usefixtures("_two_versions")
def test_versions_are_listed_and_switched() -> None:
    listed = json.loads(cortex("models", "--json").output)
    assert [(each["version"], each["state"]) for each in listed] == [(2, "in_use"), (1, "retired")]
    assert "failure v1 is in use" in cortex("rollback").output
    assert "failure v2 is in use" in cortex("use-model", "failure", "2").output
    assert "no version 9" in cortex("use-model", "failure", "9").output


@pytest.mark.usefixtures("_two_versions")
def test_a_model_that_cannot_be_read_is_said_in_a_sentence() -> None:
    ended = cortex("look")
    assert ended.exit_code == 1
    assert "failure v2" in ended.output or "no history" in ended.output
