"""Recorded alarms of a real network, without its topology: how many fault events become an incident at their time
that names the right routers, and how many incidents are besides.

As `bedrock replay` does it, through the HTTP door, PostgreSQL and the stream; then the same messages told
differently (other names, addresses, times, clocks; lines lost; routers not heard), played to Cortex alone, each
`SEEDS` times, with the reasons that messages give and without. The second recording has no table of events; its
truth is what routers say of themselves ("User clear requested"), so it is fair only to the run without reasons.
Needs `alarms/ios-xr-bgpclear` of the shared data.
"""

import asyncio
import random
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from api import logging
from api.replay import replay_files
from atlas import server
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from benchmarks.figures import Figure, show
from benchmarks.recorded import (
    EARLY,
    PERTURBATIONS,
    Event,
    Incident,
    Perturbation,
    Score,
    aliases,
    by_alias,
    events_of,
    incidents_of,
    named_in,
    recorded,
    score,
    without_words,
)
from benchmarks.shared import shared

FOLDER = shared("alarms/ios-xr-bgpclear")
WHEN, WHEN_UNTOLD = datetime(2017, 8, 4, 18, tzinfo=UTC), datetime(2017, 9, 19, 18, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")
SEEDS = 5
#: Routers that clear their sessions within so much of each other did so in one event.
ONE_EVENT = timedelta(seconds=120)


def as_replayed(files: Sequence[Path]) -> list[Incident]:
    """What `bedrock replay` makes of the files."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = Settings().model_copy(update={"home": Path(folder), "log_level": "ERROR", "database_url": None})
        try:
            done = asyncio.run(replay_files(settings, files, recorded=WHEN, zone=UTC))
        finally:
            server.stop_embedded(Path(folder) / "pg")
    return [
        Incident(
            datetime.fromisoformat(each["started_at"]),
            frozenset(named_in(cause["words"]) for cause in each["causes"]),
            each["confidence"],
        )
        for each in done.incidents
    ]


def own_words(alarms: Sequence[Alarm]) -> list[Event]:
    """Events of a recording without a table: routers that say themselves that a person cleared their sessions."""
    said = [alarm for alarm in alarms if str(alarm.extra.get("reason", "")).startswith("User clear")]
    cleared = sorted((alarm.event_time, alarm.device) for alarm in said)
    events: list[Event] = []
    for at, device in cleared:
        if events and at - events[-1].end <= ONE_EVENT:
            events[-1] = events[-1]._replace(end=at, routers=events[-1].routers | {device})
        else:
            events.append(Event(at, at, frozenset({device})))
    return events


class Played(NamedTuple):
    """One telling of the recording: its true events, and the incidents that were made of it."""

    events: list[Event]
    incidents: list[Incident]


def told(alarms: list[Alarm], events: list[Event], by: Perturbation, *, words: bool) -> list[Played]:
    """The recording told differently by every seed, and played."""
    known, played = aliases(alarms), []
    for seed in range(SEEDS):
        again, true = by(alarms, events, random.Random(seed))
        if not words:
            again, _ = without_words(again, true, random.Random())
        played.append(Played(true, by_alias(incidents_of(again), known)))
    return played


def reliability(played: Sequence[Played]) -> list[tuple[float, float, int]]:
    """By tenths of confidence: the share of incidents that name none but routers at fault then, and how many."""
    seen: defaultdict[float, list[bool]] = defaultdict(list)
    for true, incidents in played:
        for each in incidents:
            then = [event for event in true if event.start - EARLY <= each.began <= event.end]
            seen[round(each.confidence, 1)].append(any(each.routers <= event.routers for event in then))
    return [(level, sum(right) / len(right), len(right)) for level, right in sorted(seen.items())]


def main() -> None:
    """Measure, and print every event with what was made of it."""
    files = sorted(FOLDER.glob("*.bgpclear.log"))
    logging.configure(Settings().model_copy(update={"log_level": "ERROR"}), "benchmark")
    if not files:
        sys.exit(f"no recorded alarms in {FOLDER}; set BEDROCK_SHARED")
    events, alarms = events_of(FOLDER / "bgpclear_casedata.txt", ZONE), recorded(files, WHEN)
    incidents = as_replayed(files)
    for event in events:
        its = [i for i in incidents if event.start - EARLY <= i.began <= event.end]
        made = "; ".join(f"{i.began:%H:%M:%S} {', '.join(sorted(i.routers))} ({i.confidence:.2f})" for i in its)
        print(f"{event.start:%H:%M} {', '.join(sorted(event.routers)):24} {made or 'no incident'}")
    whole = score(events, incidents)
    figures = [
        Figure("replay: fault events found", whole.found, f"of {whole.events}", whole.events, least=True),
        Figure("replay: named right, and nobody else", whole.named, f"of {whole.events}", whole.events, least=True),
        Figure("replay: false incidents besides", whole.false, "", 0),
    ]
    every: list[Played] = []
    for name, by in PERTURBATIONS.items():
        for words in (True, False) if by is not without_words else (False,):
            played = told(alarms, events, by, words=words)
            every += played
            sums = Score(*map(sum, zip(*(score(*each) for each in played), strict=True)))
            said = name if words or by is without_words else f"{name}; no reasons, no AS"
            figures += [
                Figure(f"{said}: named right", sums.named, f"of {sums.events}"),
                Figure(f"{said}: false", sums.false, ""),
            ]
    untold = recorded(sorted(FOLDER.glob("*_no_traffic.log")), WHEN_UNTOLD)
    cleared = own_words(untold)
    for words in (True, False):
        again = untold if words else without_words(untold, cleared, random.Random())[0]
        sums = score(cleared, incidents_of(again))
        said = "second recording" if words else "second recording, no reasons, no AS"
        figures += [
            Figure(f"{said}: named right", sums.named, f"of {sums.events}"),
            Figure(f"{said}: of no such event", sums.false, ""),
        ]
    figures += [Figure(f"confidence {level:.1f}: right, of {n}", right, "") for level, right, n in reliability(every)]
    show(figures)


if __name__ == "__main__":
    main()
