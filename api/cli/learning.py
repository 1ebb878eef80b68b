"""`bedrock cortex learn|versions|use`: what Cortex has learned from verdicts, and which version of it is in use."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any, TypeVar

import typer
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from api.cli.connection import AsJson, fail, out, print_json

T = TypeVar("T")
By = Annotated[str, typer.Option("--by", help="Who does it; kept with the version.")]
#: Lines of what moved that are shown; --json has all.
SHOWN = 12


def learn(
    days: Annotated[int, typer.Option(min=1, max=3650, help="How far back incidents are learned from.")] = 180,
    use_it: Annotated[bool, typer.Option("--use", help="Put it to use if it is not refused.")] = False,
    by: By = "",
    json: AsJson = False,
) -> None:
    """Learn from people's verdicts; makes a candidate, or says why it is refused."""
    from atlas.itsm import versions
    from atlas.settings import Settings
    from forge.lessons import learn_from_verdicts
    from forge.stream import config_for

    async def make(session: AsyncSession, now: Any) -> dict[str, Any]:
        config, window = config_for(Settings()), timedelta(days=days)
        version = await learn_from_verdicts(session, by=_who(by), now=now, config=config, window=window)
        if use_it and version.state == "candidate":
            await versions.use(session, version.number, _who(by), now)
        return _shown(version)

    made = _in_transaction(make)
    print_json(made) if json else _tell(made)


def versions(json: AsJson = False) -> None:
    """List the versions, the newest first."""
    from atlas.itsm import versions as kept

    async def read(session: AsyncSession, now: Any) -> list[dict[str, Any]]:  # noqa: ARG001
        return [_shown(version) for version in await kept.all_versions(session)]

    found = _in_transaction(read)
    if json:
        print_json(found)
        return
    table = Table("version", "state", "made", "from", "top-1 held out", "nats", "what moved most", box=None)
    for each in found:
        held, moved = each["metrics"]["held_out"], each["changes"]
        made, what = each["made_at"][:16].replace("T", " "), f"{each['verdicts']} verdicts"
        score = f"{held['top_1']:.0%}"
        table.add_row(str(each["number"]), each["state"], made, what, score, f"{held['nats']:.2f}", "".join(moved[:1]))
    is_used = any(each["state"] == "in use" for each in found)
    table.add_row("0", "" if is_used else "in use", "", "the tables as written", "", "", "")
    out.print(table)


def use(
    number: Annotated[int, typer.Argument(help="A version; 0 for the tables as they are written.", min=0)],
    by: By = "",
) -> None:
    """Put a version to use; the stream takes it up within a second. An older one takes a newer back."""
    from atlas.itsm import versions as kept

    async def put(session: AsyncSession, now: Any) -> int:
        return await kept.use(session, number, _who(by), now)

    before = _in_transaction(put)
    out.print(f"Version {number} is in use; `bedrock cortex use {before}` takes it back.", highlight=False)


def _who(by: str) -> str:
    return by or getpass.getuser()


def _in_transaction(work: Callable[[AsyncSession, Any], Awaitable[T]]) -> T:
    """On this server's own database, committed at the end; what can't be done ends the command with its sentence."""
    from api.store import open_store
    from atlas.db import transaction
    from atlas.errors import DomainError
    from atlas.settings import Settings

    async def run() -> T:
        async with open_store(Settings()) as store, transaction(store.sessions) as session:
            return await work(session, store.clock.now())

    try:
        return asyncio.run(run())
    except DomainError as error:
        fail(error.message)


def _shown(version: Any) -> dict[str, Any]:
    """A version as JSON."""
    names = ("number", "state", "made_by", "verdicts", "incidents", "metrics", "changes", "reason")
    times = {name: getattr(version, name).isoformat() for name in ("made_at", "window_from", "window_to")}
    return {name: getattr(version, name) for name in names} | times


def _tell(made: dict[str, Any]) -> None:
    held, before = made["metrics"]["held_out"], made["metrics"]["in_use"]
    out.print(f"Version {made['number']}, {made['state']}, from {made['verdicts']} verdicts", highlight=False)
    out.print(f"held out   top-1 {held['top_1']:.0%}, {held['nats']:.3f} nats", highlight=False)
    out.print(f"version {before['version']}  top-1 {before['top_1']:.0%}, {before['nats']:.3f} nats", highlight=False)
    for each in made["changes"][:SHOWN]:
        out.print(f"moved      {each}", highlight=False, markup=False)
    if len(made["changes"]) > SHOWN:
        out.print(f"           and {len(made['changes']) - SHOWN} more; --json has all", highlight=False)
    if made["reason"]:
        out.print(f"refused    it {made['reason']}", highlight=False, markup=False)
    elif made["state"] == "candidate":
        out.print(f"`bedrock cortex use {made['number']}` puts it to use.", highlight=False)
