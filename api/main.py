"""The HTTP application: its parts put together, its doors, and what is done around every request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import errors
from api.errors import ProblemDocument
from api.house import open_house
from api.limits import BodyLimit
from api.metrics import Metrics
from api.observe import Observe
from api.routes import ROUTERS
from atlas.settings import Settings

DESCRIPTION = """
Alarms come in, incidents come out, and people talk to the assistant about them.

Every call but `/health`, `/ready`, `/metrics` and `/status` needs a bearer token. A token carries a role: `subscriber`,
`support`, `noc`, `noc_lead` or `admin`; a subscriber sees only what is theirs. Errors are RFC 9457 problem documents.
"""


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings. The database must be migrated."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings, metrics) as house:
            app.state.house = house
            yield

    app = FastAPI(
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
    """Complete the OpenAPI document: the problem schema, which no route returns as its model."""

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
