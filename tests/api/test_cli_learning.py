"""`bedrock cortex learn|versions|use`: on the server's own database, as its operator types it."""

import json

import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from api.cli.cortex import app

VERSION = """
INSERT INTO cortex_version (state, made_at, made_by, window_from, window_to, verdicts, incidents, numbers, metrics,
                            changes, reason)
VALUES (:state, now(), 'lena', now() - interval '180 days', now(), 31, 40,
        '{"given": [], "leaks": {}, "priors": [["node", "ont", 2.4]], "elements": {}}',
        '{"held_out": {"top_1": 0.9, "nats": -0.3, "verdicts": 31}}', '["ont priors 2.0 → 2.4"]', :reason)
"""


@pytest.fixture
def run(database: str, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Three versions: two good ones, and one that was refused."""
    monkeypatch.setenv("BEDROCK_DATABASE_URL", database)
    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        for state, reason in (("candidate", ""), ("candidate", ""), ("refused", "names the cause first in 3%.")):
            connection.execute(text(VERSION), {"state": state, "reason": reason})
    engine.dispose()
    return CliRunner(env={"COLUMNS": "200"})


def states(run: CliRunner) -> dict[int, str]:
    return {each["number"]: each["state"] for each in json.loads(run.invoke(app, ["versions", "--json"]).stdout)}


def test_versions_are_listed_used_and_taken_back(run: CliRunner) -> None:
    listed = json.loads(run.invoke(app, ["versions", "--json"]).stdout)
    assert [each["changes"] for each in listed] == [["ont priors 2.0 → 2.4"]] * 3
    assert "refused" in run.invoke(app, ["versions"]).stdout
    assert "use 0` takes it back" in run.invoke(app, ["use", "1"]).stdout
    assert "use 1` takes it back" in run.invoke(app, ["use", "2"]).stdout
    assert states(run) == {1: "retired", 2: "in use", 3: "refused"}
    assert run.invoke(app, ["use", "1"]).exit_code == 0
    assert states(run) == {1: "in use", 2: "retired", 3: "refused"}
    assert run.invoke(app, ["use", "0"]).exit_code == 0
    assert states(run) == {1: "retired", 2: "retired", 3: "refused"}


@pytest.mark.parametrize(("number", "words"), [("3", "was refused"), ("9", "no version 9"), ("0", "in use already")])
def test_what_cannot_be_used_is_said(run: CliRunner, number: str, words: str) -> None:
    answer = run.invoke(app, ["use", number])
    assert answer.exit_code == 1
    assert words in answer.stderr


def test_without_verdicts_nothing_is_learned(run: CliRunner) -> None:
    answer = run.invoke(app, ["learn"])
    assert (answer.exit_code, "There are 0 verdicts" in answer.stderr) == (1, True)
    assert states(run) == {1: "candidate", 2: "candidate", 3: "refused"}
