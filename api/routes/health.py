"""Is it alive, is it ready, how busy is it: for whoever runs the house. No token needed."""

from importlib.metadata import version

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from api.deps import InHouse
from api.errors import problems
from api.readiness import Check, check_ready

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"
    version: str
    demo: bool


class Readiness(BaseModel):
    """Whether requests should be sent here, and what was found."""

    ready: bool
    checks: list[Check]


@router.get("/health", summary="Whether this process is alive")
async def health(house: InHouse) -> Health:
    """Answers while the process runs, whatever the state of the database."""
    return Health(version=version("bedrock-isp"), demo=house.settings.demo)


@router.get(
    "/ready",
    summary="Whether the house works",
    responses={503: {"model": Readiness, "description": "Some check failed."}},
)
async def ready(house: InHouse, response: Response) -> Readiness:
    """The schema is this version's, and worker and stream have lately been seen."""
    async with house.store.sessions() as session:
        checks = await check_ready(session, house.store.clock)
    result = Readiness(ready=all(check.ok for check in checks), checks=checks)
    response.status_code = 200 if result.ready else 503
    return result


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE_LATEST: {}}, "description": "Exposition text."}, **problems(503)},
)
async def metrics(house: InHouse) -> Response:
    """Counts of this process, and the sizes of what waits in Atlas."""
    async with house.store.sessions() as session:
        return Response(await house.metrics.page(session), media_type=CONTENT_TYPE_LATEST)
