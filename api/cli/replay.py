"""`bedrock replay`: recorded syslog or alarms in, the incidents they would have been out."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api import logging
from api.cli.connection import AsJson, err, fail, out, print_json
from api.cli.incidents import clock_time
from api.replay import Replayed, replay_files
from atlas.settings import Settings

Files = Annotated[
    list[Path],
    typer.Argument(help="Syslog files named for their device, or .jsonl files of alarms.", exists=True, dir_okay=False),
]
Recorded = Annotated[
    datetime | None,
    typer.Option(help="A day within half a year of the recording, for stamps without a year.", formats=["%Y-%m-%d"]),
]


def replay(
    files: Files,
    recorded: Recorded = None,
    zone: Annotated[str, typer.Option(help="Time zone of stamps that name none.")] = "UTC",
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="Recorded seconds per second; as fast as it goes if not given.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Play recorded alarms through the doors of a server of their own, and print the incidents."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        fail(f"“{zone}” is no time zone; one looks like Europe/Berlin.")
    settings = Settings().model_copy(update={"log_level": "WARNING"})  # a line per request is no news here
    logging.configure(settings, "replay")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} alarms"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("replaying", total=None)
        when = (recorded or datetime.now()).replace(tzinfo=UTC)  # noqa: DTZ005 - a day is enough
        done = asyncio.run(
            replay_files(
                settings, files, recorded=when, zone=where, speed=speed, progress=lambda n: bar.advance(task, n)
            )
        )
    if json:
        print_json(_as_json(done))
    else:
        _show(done)


def _as_json(done: Replayed) -> dict[str, object]:
    lines = asdict(done.tally)
    return {"lines": lines, "accepted": done.accepted, "duplicates": done.duplicates, "incidents": done.incidents}


def _show(done: Replayed) -> None:
    tally = done.tally
    out.print(
        f"{done.accepted} alarms taken, {done.duplicates} duplicates; {tally.ignored} lines understood that are no "
        f"alarm, {tally.headers} headers, {tally.dead_letters} lines that could not be read",
        highlight=False,
    )
    for device, ahead in tally.ahead.items():
        hours = f"{abs(ahead) / 3600:g} h {'ahead' if ahead > 0 else 'behind'}"
        out.print(f"{device}'s clock was {hours} by its neighbours' words, and was set right", highlight=False)
    table = Table("incident", "began", "state", "alarms", "cause", "sure", "why", box=None)
    for each in done.incidents:
        causes = each["causes"][:3]
        table.add_row(
            each["reference"],
            clock_time(each["started_at"]),
            each["state"],
            str(each["alarms"]),
            "\n".join(cause["words"] for cause in causes) or "not known",
            "\n".join(f"{cause['confidence']:.0%}" for cause in causes),
            "\n".join(each["explanation"][:2]),
        )
    out.print(table if done.incidents else "No incidents.")
