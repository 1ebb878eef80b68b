"""`bedrock demo`: load the demo ISP, see what can be cut, cut it and repair it."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.auth import demo_tokens, signing_key
from api.cli.connection import AsJson, Token, Url, call, connect, err, fail, out, print_json
from atlas.settings import Settings

app = typer.Typer(help="The demo ISP: load it, cut it, repair it.", no_args_is_help=True)

As = Annotated[str, typer.Option("--as", help="Demo person, role:user.")]
Element = Annotated[str, typer.Argument(help="An element's key, such as fibre:F-Z3-BH-1; see `bedrock demo list`.")]


@app.command()
def load(
    subscribers: Annotated[int, typer.Option(min=2_000, help="How many subscribers.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same ISP.")] = 1,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="An ISP that is there already is fine.")] = False,
) -> None:
    """Fill the database with an ISP: network, people, a year of bills, sixty days of history."""
    from api.prepare import prepare_database
    from api.store import clock_for
    from atlas import server
    from atlas.demo.load import AlreadyLoadedError
    from atlas.demo.load import load as load_isp

    settings = Settings()
    url = server.database_url(settings)
    prepare_database(url)
    try:
        with _bar() as bar:
            summary = load_isp(
                url, subscribers=subscribers, seed=seed, now=clock_for(settings).now(), progress=_Rows(bar)
            )
    except AlreadyLoadedError:
        if if_empty:
            return
        fail("This database holds an ISP already; give BEDROCK_HOME another folder for a second one.")
    except ValueError as error:
        fail(str(error))
    out.print(f"{summary.subscribers:,} subscribers, {summary.rows:,} rows.", highlight=False)


def _bar() -> Progress:
    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=err, transient=True)


class _Rows:
    """A line of progress per table."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self.tasks: dict[str, TaskID] = {}

    def __call__(self, table: str, done: int, total: int) -> None:
        if table not in self.tasks:
            self.tasks[table] = self.bar.add_task(table, total=total)
        self.bar.update(self.tasks[table], completed=done, total=max(total, done))


@app.command("list")
def list_elements(
    kind: Annotated[str | None, typer.Option(help="node, link, fibre or duct.")] = None,
    who: As = "noc:anna",
    json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """What can be cut."""
    with connect(who, url, token) as client:
        found = call(client, "GET", "/demo/elements", params={"kind": kind} if kind else {})["elements"]
    if json:
        print_json(found)
        return
    table = Table("element", "what it is", "now", box=None)
    for each in found:
        table.add_row(each["element"], each["what"], "[red]cut[/]" if each["is_cut"] else "works")
    out.print(table)


@app.command()
def people(who: As = "noc:anna", json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """Subscribers to talk as, those that are cut off first."""
    with connect(who, url, token) as client:
        found = call(client, "GET", "/demo/subscribers")["subscribers"]
    if json:
        print_json(found)
        return
    table = Table("talk as", "zone", "cut off by", box=None)
    for each in found:
        table.add_row(f"subscriber:{each['number']}", str(each["zone"]), each["incident"] or "-")
    out.print(table)


@app.command()
def tokens(json: AsJson = False) -> None:
    """Tokens of the demo's staff, for other clients of the API."""
    made = demo_tokens(signing_key(Settings()))
    if json:
        print_json(made)
        return
    for name, each in made.items():
        typer.echo(f"{name:<14} {each}")


@app.command()
def cut(element: Element, who: As = "noc:anna", json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """Break an element of the simulated network."""
    _do("cut", element, who, json, url, token)


@app.command()
def repair(element: Element, who: As = "noc:anna", json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """Mend an element that was cut."""
    _do("repair", element, who, json, url, token)


What = Annotated[
    str, typer.Argument(help="radius, dhcp, dns, transit, cgnat, bng (each with :name or :all), poller, power:<site>.")
]


@app.command("break")
def break_(what: What, who: As = "noc:anna", json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """Break what subscribers need besides their path, while every device stays green."""
    _change("break", what, who, json, url, token)


@app.command()
def mend(what: What, who: As = "noc:anna", json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """Mend what `break` broke."""
    _change("mend", what, who, json, url, token)


def _change(verb: str, what: str, who: str, json: bool, url: str | None, token: str | None) -> None:
    with connect(who, url, token) as client:
        fault = call(client, "POST", f"/demo/{verb}", json={"what": what})
    if json:
        print_json(fault)
    else:
        out.print(f"{fault['element']} is {'mended' if fault['repaired_at'] else 'broken'}.", highlight=False)


def _do(verb: str, element: str, who: str, json: bool, url: str | None, token: str | None) -> None:
    with connect(who, url, token) as client:
        fault = call(client, "POST", f"/demo/{verb}", json={"element": element})
    if json:
        print_json(fault)
    else:
        out.print(f"{fault['element']} is {'repaired' if fault['repaired_at'] else 'cut'}.", highlight=False)
