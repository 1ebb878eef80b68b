"""Recorded alarms, read again: syslog files and JSON-lines files, merged in time order.

Pure: files in, an iterator of (received_at, Alarm | DeadLetter) out. A syslog file is named for its device,
"spine1.bgpclear.log" is spine1's. Its stamps may carry no year and no zone: the year nearest to `recorded` is
assumed, and the zone that the head of a `show logging` names, else `zone`; the caller states both. What else
that head says is no message and is passed over. Where no head names a zone and the neighbours' words show that a
file's clock is off by one, the file is set right. A JSON-lines file (.jsonl, .ndjson, .json) holds one alarm
a line.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from pydantic import ValidationError

from atlas.network.enums import Feed
from atlas.network.schemas import Alarm, DeadLetter
from cortex.adjacency.clocks import Change, zone_errors
from forge.feeds.messages import dead_letter, read_line
from forge.feeds.syslog import ZONES

Item = tuple[datetime, Alarm | DeadLetter]

_SHOW_LOGGING = re.compile(
    r"Syslog logging: |\s+(?:Console|Monitor|Trap|Buffer|Persistent|Exception) logging: |Log Buffer \(|"
    r"Last switch-over |(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} +\d{1,2} [\d:.]+ \w{2,5}\s*$|\S*#\s*show log"
)
# Gear prints its clock above a log: "Fri Aug  4 10:53:23.245 PDT".
_CLOCK = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} +\d{1,2} \d\d:[\d:.]+ (?P<zone>[A-Z]{2,5})\s*$")
_JSON_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})


@dataclass
class Tally:
    """What became of the lines of a replay."""

    alarms: int = 0
    dead_letters: int = 0
    ignored: int = 0  # understood, and no alarm
    headers: int = 0
    zones: dict[str, str] = field(default_factory=dict)  # file name: the zone its own head named
    ahead: dict[str, float] = field(default_factory=dict)  # device: seconds its stamps were set back by


def replay(files: Sequence[Path], recorded: datetime, zone: tzinfo = UTC, tally: Tally | None = None) -> Iterator[Item]:
    """All items of all files in time order; of one time, in the order of files and lines.

    `recorded` is any moment within half a year of the recording. What has no time of its own (a dead letter)
    comes right after the line before it in its file. Everything is read before the first item comes.
    """
    tally = tally if tally is not None else Tally()
    items = [item for file in files for item in _read_file(file, recorded, zone, tally)]
    items = _set_right(items, tally)
    items.sort(key=lambda item: item[0])
    yield from items


def _set_right(items: list[Item], tally: Tally) -> list[Item]:
    """Items of devices whose clock is off by a zone, by what their neighbours say, moved to the right time."""
    alarms = [item for _, item in items if isinstance(item, Alarm) and item.feed == Feed.SYSLOG]
    tally.ahead = zone_errors(
        Change(a.device, str(a.extra["neighbour"]), a.is_cleared, a.event_time.timestamp(), str(a.extra.get("asn", "")))
        for a in alarms
        if a.extra.get("neighbour")
    )
    return [_moved(at, item, tally.ahead) for at, item in items] if tally.ahead else items


def _moved(at: datetime, item: Alarm | DeadLetter, ahead: Mapping[str, float]) -> Item:
    if not isinstance(item, Alarm) or item.feed != Feed.SYSLOG or item.device not in ahead:
        return at, item
    moved = item.event_time - timedelta(seconds=ahead[item.device])
    return moved, item.model_copy(update={"event_time": moved})


def device_of(file: Path) -> str:
    """The device a syslog file is of: its name up to the first dot."""
    return file.name.partition(".")[0]


def _read_file(file: Path, recorded: datetime, zone: tzinfo, tally: Tally) -> Iterator[Item]:
    is_json = file.suffix in _JSON_SUFFIXES
    last = recorded
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if not is_json and (head := _SHOW_LOGGING.match(line[:200].decode("utf-8", "replace"))):
                tally.headers += 1
                zone = _head_zone(head.string, file, zone, tally)
                continue
            sender = f"{file.name}:{number}"
            item = _read_json(line, sender, last) if is_json else _read_syslog(line, file, sender, last, zone)
            if item is None:
                tally.ignored += 1
                continue
            if isinstance(item, Alarm):
                tally.alarms += 1
                last = item.event_time
            else:
                tally.dead_letters += 1
            yield last, item


def _head_zone(line: str, file: Path, zone: tzinfo, tally: Tally) -> tzinfo:
    clock = _CLOCK.match(line)
    if clock is None or clock["zone"] not in ZONES:
        return zone
    tally.zones[file.name] = clock["zone"]
    return ZONES[clock["zone"]]


def _read_syslog(line: bytes, file: Path, sender: str, near: datetime, zone: tzinfo) -> Alarm | DeadLetter | None:
    item = read_line(line, device_of(file), near, zone)
    return item.model_copy(update={"sender": sender}) if isinstance(item, DeadLetter) else item


def _read_json(line: bytes, sender: str, near: datetime) -> Alarm | DeadLetter:
    try:
        return Alarm.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        return dead_letter(Feed.HTTP, sender, f"Not an alarm: {where or 'line'}: {first['msg']}.", line, near)
