"""`bedrock serve`: run the installation in this terminal."""

import os
from typing import Annotated

import typer
from pydantic import ValidationError

from api.auth import demo_tokens, signing_key
from api.cli.connection import fail
from atlas.settings import Settings


def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Demo mode: simulated network, demo tokens.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to serve on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on.", show_default=False)] = None,
    clock_speed: Annotated[
        float | None, typer.Option(help="Demo: simulated seconds per second.", show_default=False)
    ] = None,
) -> None:
    """Start the API, the worker and the stream, and keep them running until Ctrl-C."""
    chosen = {"DEMO": "1" if demo else None, "HOST": host, "PORT": port, "CLOCK_SPEED": clock_speed}
    # The children read the same environment, so what is chosen here holds for all of them.
    os.environ |= {f"BEDROCK_{name}": str(value) for name, value in chosen.items() if value is not None}
    try:
        settings = Settings()
    except ValidationError as error:
        fault = error.errors()[0]
        fail(f"BEDROCK_{str(fault['loc'][0]).upper()} is set wrong: {fault['msg']}.")
    if settings.demo:
        for name, token in demo_tokens(signing_key(settings)).items():
            typer.echo(f"{name:<14} {token}")
    from api.serve import serve as run  # all of the house: too long a wait for the other commands

    raise typer.Exit(run(settings))
