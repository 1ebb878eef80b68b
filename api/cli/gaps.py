"""`bedrock cortex gaps`: where the network's documentation differs from what its devices say of their neighbours."""

from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli.connection import AsJson, Token, Url, call, connect, out, print_json
from api.cli.incidents import As, clock_time

Number = Annotated[int, typer.Argument(min=1, help="The gap's number.")]


def gaps(
    everything: Annotated[bool, typer.Option("--all", help="Also what was settled.")] = False,
    device: Annotated[str | None, typer.Option(help="Only those about this device.")] = None,
    now: Annotated[bool, typer.Option("--now", help="Look for them now, in the log of the last 30 days.")] = False,
    who: As = "noc:anna",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """List gaps in the documentation: undocumented links, wrong ends, links nobody ever heard of."""
    with connect(who, url, token) as client:
        if now:
            call(client, "POST", "/gaps/review")
        query = {"state": "all" if everything else "open"} | ({"device": device} if device else {})
        found = call(client, "GET", "/gaps", params=query)["gaps"]
    print_json(found) if json else _list(found)


def accept_gap(number: Number, who: As = "noc:anna", url: Url = None, token: Token = None) -> None:
    """Say that the documentation is to be mended; the gap goes once it is."""
    _settle(number, {"word": "accepted"}, who, url, token)


def dismiss_gap(
    number: Number,
    because: Annotated[str, typer.Option(help="Why there is nothing to it.")],
    who: As = "noc:anna",
    url: Url = None,
    token: Token = None,
) -> None:
    """Say that there is nothing to it; it comes back only with as much new evidence again."""
    _settle(number, {"word": "dismissed", "reason": because}, who, url, token)


def _settle(number: int, word: dict[str, str], who: str, url: str | None, token: str | None) -> None:
    with connect(who, url, token) as client:
        gap = call(client, "POST", f"/gaps/{number}", json=word)
    out.print(f"Gap {gap['id']} is {gap['state']}: {gap['sentence']}", highlight=False, markup=False)


def _list(found: list[dict[str, Any]]) -> None:
    if not found:
        out.print("What devices say and what is documented agree, as far as they speak.")
        return
    table = Table("gap", "state", "sure", "messages", "last heard", "what differs", box=None)
    for gap in found:
        sure, heard = f"{gap['confidence']:.0%}", clock_time(gap["last_at"])
        table.add_row(str(gap["id"]), gap["state"], sure, str(gap["messages"]), heard, gap["sentence"])
    out.print(table)
