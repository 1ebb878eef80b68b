"""A bound on what a request may hold, before any of it is parsed. Batches of alarms and measurements have their own."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import respond

LIMIT = 256 * 1024
OWN_LIMIT = frozenset({"/alarms", "/measurements"})


class TooLarge(Exception):  # noqa: N818 - says what the body is
    """The body went over the limit while it was read."""


class BodyLimit:
    """ASGI middleware: 413 for a body over `LIMIT` bytes, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OWN_LIMIT:
            await self.app(scope, receive, send)
            return
        refusal = respond(413, f"The request is over {LIMIT:,} bytes; send less.")
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > LIMIT:
            await refusal(scope, receive, send)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LIMIT:
                raise TooLarge
            return message

        try:
            await self.app(scope, bounded, send)
        except TooLarge:  # the body is read before anything is answered, so nothing has been sent
            await refusal(scope, receive, send)
