"""The OpenAPI document is whole: what a route takes, answers and refuses can be read from it."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from api.main import create_app
from atlas.settings import Settings
from tests.api.conftest import Clients

OPEN = {"/health", "/ready", "/metrics", "/status"}
STREAMS = {"/events", "/metrics"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document of an application that was never started."""
    return dict(create_app(Settings()).openapi())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_says_what_it_does_and_what_it_answers(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        name = f"{method} {path}"
        assert operation["summary"] and operation["description"] and operation["tags"], name
        (success,) = [code for code in operation["responses"] if code.startswith("2")]
        content = operation["responses"][success]["content"]
        schema = next(iter(content.values())).get("schema")
        assert schema or path in STREAMS, name


def test_every_route_names_its_refusals_as_problems(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        refusals = {code: each for code, each in operation["responses"].items() if code[0] in "45"}
        assert path in OPEN or "401" in refusals, f"{method} {path}"
        for code, refusal in refusals.items():
            if (path, code) == ("/ready", "503"):  # its checks say more than a problem would
                continue
            assert set(refusal["content"]) == {"application/problem+json"}, f"{method} {path} {code}"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for each in value.values():
                yield from references(each)
        elif isinstance(value, list):
            for each in value:
                yield from references(each)

    known = document["components"]["schemas"]
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in known


async def test_health_ready_and_metrics_need_no_token(client: Clients, app: FastAPI) -> None:
    anyone = client()
    assert (await anyone.get("/health")).json()["status"] == "ok"
    ready = await anyone.get("/ready")
    assert ready.status_code == 503
    checks = {each["name"]: each["ok"] for each in ready.json()["checks"]}
    assert checks == {"database": True, "worker": False, "stream": False}
    page = (await anyone.get("/metrics")).text
    assert 'bedrock_request_seconds_count{method="GET",route="/health",status="200"} 1.0' in page
    assert "bedrock_alarms_active 0.0" in page


async def test_an_unknown_path_is_a_problem_too(client: Clients) -> None:
    answer = await client().get("/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "There is nothing at /nowhere; /docs lists what there is."
