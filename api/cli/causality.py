"""`bedrock cortex causality`: which type of alarm sets off which, as this network's log has it. Run on the server."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from api.cli.connection import AsJson, err, fail, out, print_json
from atlas.network.models import AlarmTypeCause


def causality(
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back the log is read.")] = 30,
    shown: Annotated[bool, typer.Option("--show", help="Only show what was learned last.")] = False,
    json: AsJson = False,
) -> None:
    """Learn from the log which type of alarm sets off which, keep the table and show it."""
    with err.status("reading the log"):
        found = asyncio.run(_learned(days, only_show=shown))
    if json:
        print_json([_as_json(each) for each in found])
    elif found:
        _show(found)
    else:
        out.print("Nothing was learned: no type follows another more often than chance.")


async def _learned(days: int, *, only_show: bool) -> list[AlarmTypeCause]:
    from api.store import open_store
    from atlas.db import transaction
    from atlas.errors import DomainError
    from atlas.settings import Settings
    from forge.causality import causes, learn_causes

    async with open_store(Settings()) as store, transaction(store.sessions) as session:
        try:
            return await (causes(session) if only_show else learn_causes(session, days, store.clock.now()))
        except DomainError as error:
            fail(error.message)


def _as_json(row: AlarmTypeCause) -> dict[str, object]:
    return {
        "cause": row.cause,
        "effect": row.effect,
        "gain": row.gain,
        "share": row.share,
        "lag_seconds": row.lag_seconds,
        "alarms": row.alarms,
        "learned_at": row.learned_at.isoformat(),
    }


def _show(found: list[AlarmTypeCause]) -> None:
    table = Table("cause", "effect", "share of it", "after", "alarms", "gain", box=None)
    for row in found:
        lag = f"{row.lag_seconds:.0f} s" if row.lag_seconds < 600 else f"{row.lag_seconds / 60:.0f} min"
        table.add_row(row.cause, row.effect, f"{row.share:.0%}", lag, str(row.alarms), f"{row.gain:.0f}")
    out.print(table)
