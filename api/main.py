"""The HTTP application: its parts put together, its doors, and what is done around every request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline

from api import errors
from api.errors import ProblemDocument, problems
from api.house import open_house
from api.limits import BodyLimit
from api.metrics import Metrics
from api.observe import Observe
from api.routes import ROUTERS
from atlas.clock import Clock
from atlas.network.schemas import Alarm
from atlas.network.vitals import Measurement
from atlas.settings import Settings

DESCRIPTION = """
Alarms come in, incidents come out, and people talk to the assistant about them.

Every call but `/health`, `/ready`, `/metrics` and `/status` needs a bearer token. A token carries a role: `subscriber`,
`support`, `noc`, `noc_lead` or `admin`; a subscriber sees only what is theirs. Errors are RFC 9457 problem documents.
"""


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The application for these settings. The database must be migrated. `clock`: another time than theirs."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings, metrics, clock) as house:
            app.state.house = house
            yield

    app = FastAPIOffline(  # its documentation needs nothing from outside
        title="Bedrock",
        version=version("bedrock-isp"),
        description=DESCRIPTION,
        lifespan=lifespan,
    )
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(BodyLimit)
    app.add_middleware(Observe, metrics=metrics)
    _document(app)
    return app


def _document(app: FastAPI) -> None:
    """Complete the OpenAPI document with what the framework can't know of."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            # No route returns a problem as its model, nor takes alarms as one: a batch is read item by item.
            schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
            alarm = Alarm.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= alarm.pop("$defs") | {"Alarm": alarm}
            measurement = Measurement.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= measurement.pop("$defs") | {"Measurement": measurement}
            _own_refusals(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _own_refusals(document: dict[str, Any]) -> None:
    """A request that doesn't fit is answered with a problem, not with the framework's own document."""
    for methods in document["paths"].values():
        for operation in methods.values():
            if "422" in operation["responses"]:
                operation["responses"]["422"] = problems(422)[422]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
