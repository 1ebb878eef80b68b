"""`bedrock demo up`: everything from nothing. Load the demo ISP, serve it, play the story, keep serving."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from typing import Annotated

import httpx
import typer

from api.auth import demo_token, signing_key
from api.cli.connection import fail, out
from api.cli.demo import load
from api.cli.story import StoryError, play
from atlas.settings import Settings

#: The demo's settings where the environment names none: an hour a minute, and ports no one needs root for.
DEMO = {
    "BEDROCK_DEMO": "true",
    "BEDROCK_CLOCK_SPEED": "60",
    "BEDROCK_SNMP_PORT": "1161",
    "BEDROCK_POLL_INTERVAL": "120",
    "BEDROCK_LOG_LEVEL": "WARNING",
}
READY_SECONDS = 180.0
PEOPLE = ("noc:anna", "noc:ben", "noc_lead:lena", "support:sam", "admin:ada")

Element = Annotated[str | None, typer.Option(help="What to cut; the backhaul of zone 3 when not given.")]


def up(
    subscribers: Annotated[
        int, typer.Option(min=2_000, help="Size of the demo ISP, if it is not loaded yet.")
    ] = 10_000,
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    element: Element = None,
) -> None:
    """Load the demo ISP if need be, serve it, play the fault story, and keep serving."""
    for name, value in DEMO.items():
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # either way of ending it takes the server along
    settings = Settings()
    out.rule("Bedrock: the demo ISP")
    load(subscribers=subscribers, if_empty=True)
    server = subprocess.Popen([sys.executable, "-m", "api.cli.main", "serve"], start_new_session=True)
    try:
        _wait_until_ready(server, settings)
        story(element)
        if not once:
            _stay(server, settings)
    except KeyboardInterrupt:
        out.print("Stopping.")
    finally:
        _stop(server)


def story(element: Element = None) -> None:
    """Play the fault story against a demo server that runs."""
    settings = Settings()
    url = f"http://{settings.host}:{settings.port}"
    out.rule("A fibre is cut")
    try:
        asyncio.run(play(url, signing_key(settings), element, out))
    except StoryError as error:
        fail(str(error))


def _wait_until_ready(server: subprocess.Popen[bytes], settings: Settings) -> None:
    url = f"http://{settings.host}:{settings.port}/ready"
    began = time.monotonic()
    with out.status("starting: PostgreSQL, API, worker, stream and the simulated network"):
        while time.monotonic() - began < READY_SECONDS:
            if server.poll() is not None:
                fail("The server did not start; what it said is above.")
            if _is_ready(url):
                out.print(f"serving at http://{settings.host}:{settings.port} after {time.monotonic() - began:.1f} s")
                return
            time.sleep(0.25)
    fail(f"The server was not ready within {READY_SECONDS:.0f} s; `curl {url}` says what is missing.")


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _stay(server: subprocess.Popen[bytes], settings: Settings) -> None:
    """Say how to go on by hand, and serve until Ctrl-C."""
    out.rule("Serving; Ctrl-C stops it")
    out.print(f"API and its documentation: http://{settings.host}:{settings.port}/docs")
    for who in PEOPLE:
        out.print(f"  {who:<15} {demo_token(signing_key(settings), who)}", soft_wrap=True, highlight=False)
    out.print(f"In another terminal (with BEDROCK_HOME={settings.home}):", highlight=False, soft_wrap=True)
    for line in ("bedrock demo list", "bedrock demo cut fibre:F-Z6-BH-1", "bedrock incidents", "bedrock chat"):
        out.print(f"  .venv/bin/{line}", highlight=False)
    server.wait()


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
