"""`bedrock chat`: talk to the assistant, in turns or with one sentence."""

import threading
import uuid
from typing import Annotated, Any

import httpx
import typer
from httpx_sse import EventSource, ServerSentEvent
from rich.live import Live
from rich.padding import Padding
from rich.text import Text

from api.cli.connection import AsJson, Token, Url, answer_of, call, connect, fail, out, print_json

As = Annotated[str, typer.Option("--as", help="subscriber:<number> or noc:<user>, in the demo.")]
#: Seconds between two looks for what the assistant says unasked, such as that a sign-off was given.
LOOK_EVERY = 1.0


def chat(
    who: As = "noc:anna",
    message: Annotated[str | None, typer.Option("-m", "--message", help="Say this, print the answer, end.")] = None,
    conversation: Annotated[uuid.UUID | None, typer.Option(help="Go on with this conversation.")] = None,
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Talk to the assistant."""
    with connect(who, url, token) as client:
        thread = Thread(client, str(conversation) if conversation else _open(client))
        if message is not None:
            answer = thread.say(message, show=not json)
            if json:
                print_json({"conversation": thread.id, "answer": answer})
        elif json:
            fail("--json goes with one message: add -m and what to say.")
        else:
            _talk(thread, who)


def _open(client: httpx.Client) -> str:
    return str(call(client, "POST", "/conversations", json={"channel": "console"})["id"])


class Thread:
    """One conversation on the terminal. `heard` is the last position that was shown."""

    def __init__(self, client: httpx.Client, id: str) -> None:
        self.client, self.id = client, id
        self.path = f"/conversations/{id}/messages"
        self.heard = 0
        self.busy = threading.Lock()

    def catch_up(self, *, show: bool = True) -> None:
        """Show what was said by the assistant since."""
        for each in call(self.client, "GET", self.path, params={"after": self.heard})["messages"]:
            self.heard = each["position"]
            if show and each["role"] == "assistant":
                out.print(_spoken(each["text"]))

    def say(self, text: str, *, show: bool = True) -> dict[str, Any] | None:
        """Say something and show the answer as it comes; returns it."""
        answer: dict[str, Any] | None = None
        with self.busy:
            request = {"json": {"text": text}, "headers": {"Accept": "text/event-stream"}}
            with self.client.stream("POST", self.path, **request) as response:  # type: ignore[arg-type]
                if not response.is_success:
                    response.read()
                    answer_of(response)
                answer = _show(EventSource(response), show=show)
            if answer:
                self.heard = answer["position"]
            elif show:
                out.print("[dim]A person has this conversation now, and will answer.[/]")
        return answer


def _show(events: EventSource, *, show: bool) -> dict[str, Any] | None:
    """Draw the answer while it is made: tokens as they come, and what is looked up meanwhile."""
    said = ""
    with Live(console=out, transient=True, auto_refresh=False) as live:
        for event in events.iter_sse():
            if event.event == "answer":
                live.update(Text(""), refresh=True)
                answer: dict[str, Any] | None = event.json()
                break
            said = _said(event, said)
            if show and out.is_terminal:
                if event.event == "tool":
                    live.console.print(Text(f"  · {event.json()['tool'].replace('_', ' ')}", style="dim"))
                live.update(_spoken(said), refresh=True)
        else:
            fail("The server closed the stream before the answer; ask again, it is stored.")
    if show and answer:
        out.print(_spoken(answer["text"]))
    return answer


def _said(event: ServerSentEvent, so_far: str) -> str:
    if event.event == "token":
        return so_far + str(event.json()["text"])
    return "" if event.event == "discard" else so_far


def _spoken(text: str) -> Padding:
    return Padding(Text(text, style="green" if out.is_terminal else ""), (0, 0, 0, 2 if out.is_terminal else 0))


def _talk(thread: Thread, who: str) -> None:
    """Read lines until the end of input; what the assistant says unasked is shown in between."""
    thread.catch_up(show=False)
    out.print(f"[dim]You are {who}. Ctrl-D ends.[/]")
    ended = threading.Event()
    threading.Thread(target=_overhear, args=(thread, ended), daemon=True).start()
    try:
        while True:
            if (line := input("> ").strip()) and line not in ("exit", "quit"):
                thread.say(line)
            elif line:
                break
    except (EOFError, KeyboardInterrupt):
        out.print()
    finally:
        ended.set()


def _overhear(thread: Thread, ended: threading.Event) -> None:
    while not ended.wait(LOOK_EVERY):
        try:
            with thread.busy:
                thread.catch_up()
        except (httpx.HTTPError, typer.Exit):  # the server may be starting again; the next sentence will tell
            continue
