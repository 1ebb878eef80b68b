"""Errors as people and programs get them: RFC 9457 problem documents with one clear sentence in `detail`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from atlas.errors import DomainError

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="One sentence: what is wrong, and what to do about it.")
    errors: list[str] = Field(default_factory=list, description="One sentence per field at fault.")


class Problem(Exception):  # noqa: N818 - RFC 9457 calls it so
    """An answer other than success, raised anywhere below a route."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers

    @classmethod
    def unauthenticated(cls, detail: str) -> "Problem":
        """401, with the challenge RFC 9110 asks for."""
        return cls(401, detail, {"WWW-Authenticate": 'Bearer realm="bedrock"'})

    @classmethod
    def not_found(cls, what: str) -> "Problem":
        """404. Also the answer about things of others: whether they exist is not the caller's business."""
        return cls(404, f"There is no {what}.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: which problems it may answer with."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status in sorted(statuses)
    }


def respond(
    status: int, detail: str, *, errors: list[str] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """A problem document as a response."""
    document = ProblemDocument(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors or [])
    return JSONResponse(document.model_dump(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


async def on_problem(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """Our own problems."""
    assert isinstance(error, Problem)
    return respond(error.status, error.detail, headers=error.headers)


async def on_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown paths and methods."""
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404:
        detail = f"There is nothing at {request.url.path}; /docs lists what there is."
    return respond(error.status_code, detail, headers=error.headers)


async def on_validation(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """A request that does not fit its schema. The input is not echoed: it may be long, or personal."""
    assert isinstance(error, RequestValidationError)
    faults = [f"{_place(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return respond(
        422, f"The request does not fit: {faults[0]}{more}." if faults else "It does not fit.", errors=faults
    )


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location if part != "body") or "body"


async def on_domain(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """A rule of the domain said no, in words meant for people."""
    return respond(409, str(error))


async def on_database(request: Request, error: Exception) -> Response:
    """The database is away or full: nothing was kept, and the caller may come again."""
    log.error("database unavailable", path=request.url.path, error=type(error).__name__)
    return respond(503, "The database cannot be reached; nothing was changed, try again.", headers={"Retry-After": "2"})


async def on_bad_value(request: Request, error: Exception) -> Response:
    """A value PostgreSQL refuses (a NUL in text, a number too large) is the caller's to mend."""
    assert isinstance(error, DBAPIError)
    state = getattr(error.orig, "sqlstate", None) or ""
    if state.startswith("22"):  # SQLSTATE class 22, data exception
        return respond(422, "A value in the request cannot be stored; check its characters and size.")
    if state.startswith(("08", "53", "57")):  # connection, resources, operator intervention
        return await on_database(request, error)
    return await on_unexpected(request, error)


async def on_unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours. Its words stay in the log: they may hold personal data."""
    log.error("request failed", path=request.url.path, exc_info=error)
    return respond(500, "Something went wrong here; it has been logged, and nothing was half done.")


def install(app: FastAPI) -> None:
    """Teach an application to answer with problem documents."""
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(DomainError, on_domain)
    app.add_exception_handler(OperationalError, on_database)
    app.add_exception_handler(PoolTimeout, on_database)
    app.add_exception_handler(DBAPIError, on_bad_value)
    app.add_exception_handler(Exception, on_unexpected)
