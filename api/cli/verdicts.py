"""`bedrock incident …`: a person's word on an incident, in one line each. It is final."""

from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli.connection import AsJson, Token, Url, call, connect, fail, out, print_json
from api.cli.incidents import clock_time

app = typer.Typer(help="Your word on an incident: its cause, what belongs to it, who is told.", no_args_is_help=True)

As = Annotated[str, typer.Option("--as", help="Demo person, role:user.")]
Which = Annotated[str, typer.Argument(help="The incident, such as INC-12.", metavar="INCIDENT")]
Why = Annotated[str, typer.Option("--reason", "-r", help="Why; kept with the verdict.")]
Elements = Annotated[
    list[str], typer.Option("--element", "-e", help="An element with all that hangs on it; may be repeated.")
]
Zone = Annotated[int | None, typer.Option("--zone", help="All of it in this zone.")]
Lines = Annotated[
    list[str], typer.Option("--line", "-l", help="A subscriber number or a line's user name; may be repeated.")
]
ANNA = "noc:anna"


@app.command()
def correct(
    incident: Which,
    element: Annotated[str | None, typer.Argument(help="The cause: fibre:F-1, or a bare name.")] = None,
    outside: Annotated[
        str | None, typer.Option("--outside", help="The cause in words, where it is none of ours.")
    ] = None,
    reason: Why = "",
    who: As = ANNA,
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Name the cause."""
    if (element is None) == (outside is None):
        fail("Name the element that is the cause, or give --outside with a cause that is none of ours.")
    _give("correct", incident, who, json, url, token, element=element, cause=outside, reason=reason)


@app.command("confirm-cause")
def confirm_cause(
    incident: Which, reason: Why = "", who: As = ANNA, json: AsJson = False, url: Url = None, token: Token = None
) -> None:
    """Say that Cortex names the right cause."""
    _give("confirm-cause", incident, who, json, url, token, reason=reason)


@app.command()
def merge(
    incident: Which,
    into: Annotated[str, typer.Argument(help="The incident that lives on.")],
    reason: Why = "",
    who: As = ANNA,
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Say that it is part of another."""
    _give("merge", incident, who, json, url, token, into=into, reason=reason)


@app.command()
def split(
    incident: Which,
    alarms: Annotated[list[int], typer.Option("--alarm", "-a", help="An alarm's number; may be repeated.")] = [],  # noqa: B006
    elements: Elements = [],  # noqa: B006
    zone: Zone = None,
    lines: Lines = [],  # noqa: B006
    reason: Why = "",
    who: As = ANNA,
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Say that a part of it is another incident."""
    part = {"alarms": alarms, "elements": elements, "zone": zone, "lines": lines}
    _give("split", incident, who, json, url, token, **part, reason=reason)


@app.command()
def exclude(
    incident: Which,
    elements: Elements = [],  # noqa: B006
    zone: Zone = None,
    lines: Lines = [],  # noqa: B006
    reason: Why = "",
    who: As = ANNA,
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Say that nodes or lines are no part of it."""
    part = {"elements": elements, "zone": zone, "lines": lines}
    _give("exclude", incident, who, json, url, token, **part, reason=reason)


@app.command()
def hold(
    incident: Which, reason: Why = "", who: As = ANNA, json: AsJson = False, url: Url = None, token: Token = None
) -> None:
    """Let nobody be told until it is released."""
    _give("hold", incident, who, json, url, token, reason=reason)


@app.command()
def release(
    incident: Which, reason: Why = "", who: As = ANNA, json: AsJson = False, url: Url = None, token: Token = None
) -> None:
    """Let people be told again."""
    _give("release", incident, who, json, url, token, reason=reason)


@app.command()
def retract(
    incident: Which,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why it was none; the tickets say so.")],
    who: As = ANNA,
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Say that it was a false alarm."""
    _give("retract", incident, who, json, url, token, reason=reason)


@app.command()
def verdicts(incident: Which, who: As = ANNA, json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """List what people said of it."""
    with connect(who, url, token) as client:
        said = call(client, "GET", f"/incidents/{incident}/verdicts")["verdicts"]
    if json:
        print_json(said)
    elif not said:
        out.print("Nobody has given a verdict.")
    for each in [] if json else said:
        why = f" ({each['reason']})" if each["reason"] else ""
        out.print(f"{clock_time(each['at'])}  {each['by']}: {each['words']}{why}", highlight=False, markup=False)


@app.command()
def alarms(incident: Which, who: As = ANNA, json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """List its alarms, by the numbers that a split takes."""
    with connect(who, url, token) as client:
        page = call(client, "GET", f"/incidents/{incident}/alarms", params={"limit": 10_000})
    if json:
        print_json(page["alarms"])
        return
    table = Table("number", "resource", "alarm", "raised", "", box=None)
    for each in page["alarms"]:
        cleared = "cleared" if each["is_cleared"] else ""
        table.add_row(str(each["id"]), each["resource"], each["alarm_type"], clock_time(each["raised_at"]), cleared)
    out.print(table)


def _give(verb: str, incident: str, who: str, json: bool, url: str | None, token: str | None, **said: Any) -> None:
    with connect(who, url, token) as client:
        given = call(client, "POST", f"/incidents/{incident}/{verb}", json=said)
    if json:
        print_json(given)
        return
    other = f" ({given['other']})" if given["other"] and given["other"] not in given["said"] else ""
    out.print(f"{given['incident']}: {given['said']}{other}.", highlight=False, markup=False)
