"""`bedrock incidents`: what is broken, why, and whom it hurts."""

from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli.connection import AsJson, Token, Url, call, connect, out, print_json

As = Annotated[str, typer.Option("--as", help="Demo person, role:user.")]


def incidents(
    reference: Annotated[str | None, typer.Argument(help="One incident, such as INC-12.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what is over.")] = False,
    zone: Annotated[int | None, typer.Option(help="Only those that touch this zone.")] = None,
    who: As = "noc:anna",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """List incidents, or show one."""
    with connect(who, url, token) as client:
        if reference:
            found = call(client, "GET", f"/incidents/{reference}")
            found["similar"] = call(client, "GET", f"/incidents/{reference}/similar")["similar"]
            print_json(found) if json else _show(found)
            return
        query = {"state": "all" if everything else "open"} | ({"zone": zone} if zone is not None else {})
        page = call(client, "GET", "/incidents", params=query)["incidents"]
        print_json(page) if json else _list(page)


def _list(page: list[dict[str, Any]]) -> None:
    if not page:
        out.print("Nothing is broken.")
        return
    table = Table("incident", "state", "what", "sure", "devices", "subscribers", "since", "in hand", box=None)
    for each in page:
        table.add_row(
            each["reference"],
            each["state"],
            each["title"],
            f"{each['confidence']:.0%}",
            str(each["devices"]),
            str(each["subscribers"]),
            clock_time(each["started_at"]),
            each["acknowledged_by"] or "-",
        )
    out.print(table)


def _show(incident: dict[str, Any]) -> None:
    out.print(f"[bold]{incident['reference']}[/] {incident['title']} ({incident['state']})", highlight=False)
    out.print(f"cause      {_cause(incident)}  {incident['place']}", highlight=False, markup=False)
    if incident["held_by"]:
        out.print(f"notices    held by {incident['held_by']}", highlight=False, markup=False)
    lines = incident["lines"]
    out.print(
        f"hurt       {incident['devices']} devices, {incident['subscribers']} subscribers "
        f"({incident['business']} business, {incident['vulnerable']} vulnerable), "
        f"{incident['open_subscriber_tickets']} open tickets; {lines['restored']} of {lines['cut']} lines restored",
        highlight=False,
    )
    _show_doubts(incident)
    for reason in incident["explanation"]:
        out.print(f"because    {reason}", highlight=False, markup=False)
    for update in incident["updates"]:
        mark = "public" if update["is_public"] else update["by"]
        out.print(f"{clock_time(update['at'])}  {mark}: {update['text']}", highlight=False, markup=False)
    for ticket in incident["tickets"]:
        words = f"{ticket['reference']:<8} {ticket['kind']}, {ticket['state']}: {ticket['subject']}"
        out.print(words, highlight=False, markup=False)
    for past in incident["similar"]:
        took = f", {past['minutes']:.0f} min" if past["minutes"] is not None else ""
        words = (
            f"like       {past['reference']} ({past['likeness']:.0%}{took}): {past['resolution'] or 'not written down'}"
        )
        out.print(words, highlight=False, markup=False)


def _cause(incident: dict[str, Any]) -> str:
    """The cause, and whose word it is."""
    if incident["verdict_by"]:
        return f"{incident['verdict_element'] or incident['verdict_cause']} (says {incident['verdict_by']})"
    return f"{incident['element'] or 'not known yet'} ({incident['confidence']:.0%})"


def _show_doubts(incident: dict[str, Any]) -> None:
    for doubt in incident["doubts"]:
        out.print(f"doubt      {doubt}", highlight=False, markup=False)
    if incident["is_doubtful"]:
        how = f"`bedrock confirm {incident['reference']}`"
        out.print(f"           nobody is told until another source agrees, or you say {how}", highlight=False)
    elif incident["confirmed_by"]:
        out.print(f"           confirmed by {incident['confirmed_by']}", highlight=False)
    for page in incident["pages"]:
        words = f"{clock_time(page['at'])}  paged {page['person']} by {page['channel']} ({page['state']})"
        out.print(words, highlight=False, markup=False)


def clock_time(moment: str) -> str:
    """The day and time of an ISO 8601 moment, in UTC as the server gives it."""
    return moment[5:16].replace("T", " ")
