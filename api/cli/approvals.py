"""`bedrock approvals`, `approve` and `reject`: what waits for a signature, and giving or refusing it."""

from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli.connection import AsJson, Token, Url, call, connect, out, print_json
from api.cli.incidents import clock_time

As = Annotated[str, typer.Option("--as", help="Demo person, role:user.")]
Which = Annotated[str, typer.Argument(help="The approval's number or id.", metavar="ID")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the signature.")]


def approvals(
    everything: Annotated[bool, typer.Option("--all", help="Also what was decided.")] = False,
    who: As = "noc_lead:lena",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """List what waits for a signature."""
    with connect(who, url, token) as client:
        state = "all" if everything else "awaiting"
        page = call(client, "GET", "/approvals", params={"state": state})["approvals"]
    if json:
        print_json(page)
    elif not page:
        out.print("Nothing waits for a signature.")
    else:
        out.print(_table(page))


def _table(page: list[dict[str, Any]]) -> Table:
    table = Table("id", "what", "asked by", "signed", "who may sign", "until", "state", box=None)
    for each in page:
        given = sum(signature["approved"] for signature in each["signatures"])
        table.add_row(
            f"{each['reference']}",
            each["summary"],
            each["requested_by"],
            f"{given}/{each['quorum']}",
            ", ".join(each["approvers"]),
            clock_time(each["expires_at"]) if each["expires_at"] else "-",
            each["state"],
        )
    return table


def approve(
    which: Which,
    reason: Reason = "",
    who: As = "noc_lead:lena",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Sign; the last signature needed carries the action out."""
    _sign("approve", which, reason, who, json, url, token)


def reject(
    which: Which,
    reason: Reason = "",
    who: As = "noc_lead:lena",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Refuse to sign; the action ends."""
    _sign("reject", which, reason, who, json, url, token)


def _sign(verb: str, which: str, reason: str, who: str, json: bool, url: str | None, token: str | None) -> None:
    with connect(who, url, token) as client:
        signed = call(client, "POST", f"/approvals/{which.removeprefix('#')}/{verb}", json={"reason": reason})
    if json:
        print_json(signed)
        return
    approval = signed["approval"]
    out.print(f"#{approval['reference']} {approval['summary']}", highlight=False, markup=False)
    out.print(signed["text"], highlight=False, markup=False)
