"""`bedrock maintenance`: planned work, whose expected alarms wake nobody; and `bedrock confirm`."""

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli.connection import AsJson, Token, Url, call, connect, fail, out, print_json
from api.cli.incidents import As, clock_time

app = typer.Typer(name="maintenance", help="Planned work: its expected alarms open no incident.", no_args_is_help=True)

Moment = Annotated[str | None, typer.Option(help="ISO 8601 with its zone, such as 2026-11-24T22:00Z.")]


@app.command("list")
def list_(who: As = "noc:anna", json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """List work that lies ahead, is going on, or was done within a day."""
    with connect(who, url, token) as client:
        work = call(client, "GET", "/maintenance")["work"]
    if json:
        print_json(work)
    elif not work:
        out.print("Nothing is planned.")
    else:
        out.print(_table(work))


@app.command()
def add(
    element: Annotated[str, typer.Argument(help="Element key, such as node:z3-agg-1 or fibre:F-1.")],
    reason: Annotated[str, typer.Option("--reason", "-r", help="What is done.")],
    minutes: Annotated[int | None, typer.Option(help="How long it takes; or give --end.")] = None,
    start: Moment = None,
    end: Moment = None,
    expect: Annotated[
        list[str] | None, typer.Option(help="An alarm type it may raise; may be repeated. Any when left out.")
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="What depends on the element must stay up.")] = False,
    who: As = "noc:anna",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Plan work on an element, from now or from --start."""
    request = {
        "element": element,
        "reason": reason,
        "minutes": minutes,
        "starts_at": _moment(start),
        "ends_at": _moment(end),
        "expects": expect or [],
        "with_dependents": not alone,
    }
    with connect(who, url, token) as client:
        work = call(client, "POST", "/maintenance", json=request)
    print_json(work) if json else out.print(_table([work]))


@app.command()
def cancel(
    reference: Annotated[str, typer.Argument(help="Such as CHG-3.")],
    who: As = "noc:anna",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Call planned work off, or end it early."""
    with connect(who, url, token) as client:
        work = call(client, "POST", f"/maintenance/{reference}/cancel")
    print_json(work) if json else out.print(_table([work]))


def confirm(
    reference: Annotated[str, typer.Argument(help="A doubtful incident, such as INC-12.")],
    who: As = "noc:anna",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Say that a doubtful incident is real: people may be told, and a crew may be sent."""
    with connect(who, url, token) as client:
        incident = call(client, "POST", f"/incidents/{reference}/confirm")
    if json:
        print_json(incident)
    else:
        out.print(f"{incident['reference']} is confirmed by {incident['confirmed_by']}.", highlight=False)


def _moment(words: str | None) -> str | None:
    if words is None:
        return None
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        fail(f"“{words}” is no time; one looks like 2026-11-24T22:00Z.")
    if moment.tzinfo is None:
        fail(f"“{words}” has no zone; write {words}Z for UTC.")
    return moment.isoformat()


def _table(work: list[dict[str, Any]]) -> Table:
    table = Table("work", "element", "from", "until", "state", "expects", "what", "by", "alarms", box=None)
    for each in work:
        expects = ", ".join(each["expects"]) or "any alarm"
        table.add_row(
            each["reference"],
            each["element"],
            clock_time(each["starts_at"]),
            clock_time(each["ends_at"]),
            each["state"],
            expects if each["with_dependents"] else f"{expects}, of itself alone",
            each["reason"],
            each["planned_by"],
            str(each["alarms"]),
        )
    return table
