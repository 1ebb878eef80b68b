"""What is done around every request: it is timed, counted, and logged by its route.

By the route and not the path, because a path may name a person. Plain ASGI, so that streams stay streams.
"""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics

log = structlog.get_logger()
#: Asked every few seconds by machines; counted, but not worth a line each.
QUIET = frozenset({"/health", "/ready", "/metrics"})


class Observe:
    """ASGI middleware. A stream is counted when it ends."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500  # what the server answers when nothing below did

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            await self.app(scope, receive, note_status)
        finally:
            self._record(scope, status, time.perf_counter() - began)

    def _record(self, scope: Scope, status: int, took: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self.metrics.requests.labels(scope["method"], route, status).observe(took)
        if route not in QUIET:
            log.info("request", method=scope["method"], route=route, status=status, ms=round(took * 1e3, 1))
