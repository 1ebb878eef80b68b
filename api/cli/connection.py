"""How the commands reach the server: its address, a token, and one clear sentence when something is wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import httpx
import typer
from rich.console import Console

from api.auth import demo_token, signing_key
from atlas.settings import Settings

out = Console()
err = Console(stderr=True)

Url = Annotated[
    str | None, typer.Option("--url", envvar="BEDROCK_URL", help="The server's address.", show_default=False)
]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="BEDROCK_TOKEN", help="Your token; in the demo one is made.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
ANSWER_SECONDS = 180.0


def fail(sentence: str) -> NoReturn:
    """Say what is wrong, and end with status 1."""
    err.print(sentence, style="red", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


@contextmanager
def connect(who: str, url: str | None, token: str | None) -> Iterator[httpx.Client]:
    """A client that speaks for `token`, or on a demo server for the demo person `who`."""
    settings = Settings()
    url = (url or f"http://{settings.host}:{settings.port}").rstrip("/")
    with httpx.Client(base_url=url, timeout=ANSWER_SECONDS) as client, explained(url):
        token = token or _demo_token(client, settings, who)
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn what can go wrong on the way to a server into one sentence."""
    try:
        yield
    except httpx.ConnectError:
        fail(f"No server answers at {url}; start one with `bedrock serve`, or name another with --url.")
    except httpx.TimeoutException:
        fail(f"The server at {url} did not answer in time; `curl {url}/ready` says how it is.")
    except httpx.UnsupportedProtocol:
        fail(f"“{url}” is no address of a server; one looks like http://127.0.0.1:8420.")
    except httpx.TransportError as error:
        fail(f"The connection to {url} broke ({type(error).__name__}); try again.")


def _demo_token(client: httpx.Client, settings: Settings, who: str) -> str:
    if not call(client, "GET", "/health").get("demo"):
        fail("This server is not a demo, so it needs your token: pass --token or set BEDROCK_TOKEN.")
    if settings.token_secret is None and not (settings.home / "secret").exists():
        fail(f"The demo's secret is not in {settings.home}; set BEDROCK_HOME to the server's, or pass --token.")
    try:
        return demo_token(signing_key(settings), who)
    except ValueError as error:
        fail(str(error))


def call(client: httpx.Client, method: str, path: str, **options: Any) -> Any:
    """The JSON that a request is answered with; a problem ends the command with its sentence."""
    return answer_of(client.request(method, path, **options))


def answer_of(response: httpx.Response) -> Any:
    """The JSON of a read response; a problem ends the command with its sentence."""
    try:
        body = response.json()
    except json.JSONDecodeError:
        fail(f"The server answered {response.status_code} with something that is not JSON.")
    if response.is_success:
        return body
    fail(body.get("detail") or f"The server answered {response.status_code}.")


def print_json(value: Any) -> None:
    """JSON on standard output and nothing else, whatever the terminal."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
