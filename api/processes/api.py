"""The process that serves HTTP."""

import asyncio
import errno
import socket

import uvicorn

from api.main import create_app
from api.processes import CannotStart
from atlas.settings import Settings


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve HTTP until told to stop; streams that are open then are closed after a moment."""
    listener = _listen(settings)
    config = uvicorn.Config(
        create_app(settings), log_config=None, timeout_graceful_shutdown=5, timeout_keep_alive=65, server_header=False
    )
    server = uvicorn.Server(config)

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ending = asyncio.create_task(end())
    try:
        await server.serve(sockets=[listener])
    finally:
        ending.cancel()
        listener.close()


def _listen(settings: Settings) -> socket.socket:
    """The socket, bound here so that a taken port is one clear sentence."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error})"
        where = f"{settings.host}:{settings.port}"
        raise CannotStart(f"Address {where} {why}; set BEDROCK_PORT or BEDROCK_HOST.") from error
    return listener
