"""Recorded alarms, played to Cortex alone; their fault events; and the same alarms told differently.

Whoever is right on the recording only because of its names, times or numbering is wrong on what `perturbations`
makes of it: every one of them keeps the events and changes what must not matter.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from atlas.network.schemas import Alarm
from cortex.adjacency.learner import Learner
from cortex.correlator import Correlator, Finding
from cortex.signals import Signal
from cortex.topology import Topology
from cortex.unknown import heard
from forge.feeds.replay import Tally, replay

#: Truth is given to the minute: an incident may begin so much before the event's start, and until its end.
EARLY = timedelta(minutes=1)
_CLOCK = re.compile(r"(\d+)/(\d+)/(\d+) (\d+):(\d+)")
_ROUTERS = re.compile(r"([a-z]+)\s*(\d+)(?:\s*-\s*(\d+))?")


class Event(NamedTuple):
    """A fault that somebody caused: from when to when, and on which routers."""

    start: datetime
    end: datetime
    routers: frozenset[str]


class Incident(NamedTuple):
    """What was made of it: when it began, and whom it names, with the confidence in the first."""

    began: datetime
    routers: frozenset[str]
    confidence: float


class Score(NamedTuple):
    """Events that became one incident at their time, those whose routers alone it names, and incidents besides."""

    events: int
    found: int
    named: int
    false: int


def events_of(casedata: Path, zone: ZoneInfo) -> list[Event]:
    """The events of a recording's own table: rows with a start, an end and a device ("leaf 2 & leaf 8")."""
    found = []
    for line in casedata.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        times = [_CLOCK.fullmatch(cell) for cell in cells[4:6]]
        if len(cells) > 7 and all(times) and cells[7]:
            start, end = (_moment(match, zone) for match in times if match)
            found.append(Event(start, end, frozenset(_routers(cells[7]))))
    return found


def _moment(match: re.Match[str], zone: ZoneInfo) -> datetime:
    month, day, year, hour, minute = map(int, match.groups())
    return datetime(2000 + year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def _routers(words: str) -> Iterator[str]:
    for name, first, last in _ROUTERS.findall(words.lower()):
        for number in range(int(first), int(last or first) + 1):
            yield f"{name}{number}"


def score(events: Sequence[Event], incidents: Sequence[Incident]) -> Score:
    """How many events became exactly one incident of theirs, and how many incidents are of none."""
    of = [[i for i in incidents if event.start - EARLY <= i.began <= event.end] for event in events]
    named = sum(1 for event, its in zip(events, of, strict=True) if [i.routers for i in its] == [event.routers])
    return Score(len(events), sum(1 for its in of if its), named, len(incidents) - sum(1 for its in of if its))


# -- playing


def recorded(files: Sequence[Path], when: datetime, tally: Tally | None = None) -> list[Alarm]:
    """All alarms of a recording, in order."""
    return [item for _, item in replay(files, when, tally=tally) if isinstance(item, Alarm)]


def signals_of(alarms: Iterable[Alarm]) -> Iterator[Signal]:
    """As the stream would hand them to Cortex where no topology is known."""
    numbers: dict[tuple[str, str, str], int] = {}
    for alarm in alarms:
        at, said = alarm.event_time.timestamp(), alarm.extra
        number = numbers.setdefault((alarm.resource, alarm.alarm_type, alarm.qualifier), len(numbers) + 1)
        yield Signal(
            number,
            None,
            alarm.alarm_type,
            alarm.is_cleared,
            at,
            at,
            alarm.feed,
            key=alarm.resource,
            peer=str(said.get("neighbour", "")),
            peer_as=str(said.get("asn", "")),
            reason=str(said.get("reason", "")),
        )


def incidents_of(alarms: Iterable[Alarm]) -> list[Incident]:
    """What Cortex makes of alarms that come a second's worth at a time, without a topology."""
    correlator, last = Correlator(Topology.build([], [])), dict[int, Finding]()
    for _, batch in groupby(signals_of(sorted(alarms, key=lambda a: a.event_time)), lambda s: int(s.received)):
        signals = list(batch)
        correlator.add(signals)
        for finding in correlator.findings(signals[-1].received):
            last[finding.group] = finding
            for gone in finding.merged:
                last.pop(gone, None)
    notable = [finding for finding in last.values() if finding.notable]
    return sorted(map(_incident, notable), key=lambda incident: incident.began)


def _incident(finding: Finding) -> Incident:
    names = frozenset(named_in(cause.name) for cause in finding.causes[: finding.together])
    return Incident(datetime.fromtimestamp(finding.opened_at, UTC), names, finding.causes[0].confidence)


def named_in(words: str) -> str:
    """The router of a cause's words: "device leaf1" is leaf1."""
    return words.removeprefix("device ")


def aliases(alarms: Iterable[Alarm]) -> dict[str, str]:
    """What a router is called by its neighbours alone, "the router of AS 65021", and which one it is."""
    learner = Learner()
    learner.learn(map(heard, signals_of(alarms)))
    return {f"the router of AS {number}": learner.router_in(number) for number in set(learner.as_of.values())}


def by_alias(incidents: Iterable[Incident], known: Mapping[str, str]) -> list[Incident]:
    """Incidents with the routers that are named by their AS under their own names."""
    return [i._replace(routers=frozenset(known.get(name, name) for name in i.routers)) for i in incidents]


# -- the same, told differently

Told = tuple[list[Alarm], list[Event]]
Perturbation = Callable[[list[Alarm], list[Event], random.Random], Told]


def renamed(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:
    """Other names for all routers."""
    names = sorted({alarm.device for alarm in alarms} | set().union(*(event.routers for event in events)))
    numbers = rng.sample(range(1000), len(names))
    other = {name: f"r{number:03d}.pop{number % 7}" for name, number in zip(names, numbers, strict=True)}

    def of(alarm: Alarm) -> Alarm:
        device, slash, part = alarm.resource.partition("/")
        return alarm.model_copy(update={"resource": f"{other[device]}{slash}{part}"})

    return list(map(of, alarms)), [e._replace(routers=frozenset(other[r] for r in e.routers)) for e in events]


def renumbered(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:
    """Other addresses: links in another order, in other prefixes, their ends swapped or not."""
    return _with_peers(alarms, _numbering(alarms, rng, step=2, hosts=(0, 1))), events


def in_thirties(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:
    """Links numbered from /30 and /126 instead."""
    return _with_peers(alarms, _numbering(alarms, rng, step=4, hosts=(1, 2))), events


def _numbering(alarms: list[Alarm], rng: random.Random, step: int, hosts: tuple[int, int]) -> dict[str, str]:
    peers = sorted({str(alarm.extra["neighbour"]) for alarm in alarms if alarm.extra.get("neighbour")})
    links = sorted({(ip_address(peer).version, int(ip_address(peer)) // 2) for peer in peers})
    rng.shuffle(links)
    bases = {4: int(ip_address("10.96.0.0")), 6: int(ip_address("2001:db8:7::"))}
    kinds = {4: type(ip_address("10.0.0.0")), 6: type(ip_address("::"))}
    places = {link: (n * step, rng.choice((hosts, hosts[::-1]))) for n, link in enumerate(links)}

    def of(peer: str) -> str:
        known = ip_address(peer)
        base, ends = places[known.version, int(known) // 2]
        return str(kinds[known.version](bases[known.version] + base + ends[int(known) % 2]))

    return {peer: of(peer) for peer in peers}


def _with_peers(alarms: list[Alarm], other: Mapping[str, str]) -> list[Alarm]:
    def of(alarm: Alarm) -> Alarm:
        peer = str(alarm.extra.get("neighbour", ""))
        if not peer:
            return alarm
        qualifier = alarm.qualifier.replace(peer, other[peer])
        return alarm.model_copy(update={"qualifier": qualifier, "extra": alarm.extra | {"neighbour": other[peer]}})

    return list(map(of, alarms))


def shifted(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:
    """Another day and time."""
    by = timedelta(seconds=rng.uniform(-3e7, 3e7))
    moved = [alarm.model_copy(update={"event_time": alarm.event_time + by}) for alarm in alarms]
    return moved, [event._replace(start=event.start + by, end=event.end + by) for event in events]


def skewed(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:
    """Each router's clock off by up to five seconds."""
    by = {name: timedelta(seconds=rng.uniform(-5, 5)) for name in sorted({alarm.device for alarm in alarms})}
    return [a.model_copy(update={"event_time": a.event_time + by[a.device]}) for a in alarms], events


def with_losses(share: float) -> Perturbation:
    """A share of the messages lost, each on its own."""

    def of(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:
        return [alarm for alarm in alarms if rng.random() >= share], events

    return of


def without_some(share: float) -> Perturbation:
    """The messages of some routers missing, of those at fault too."""

    def of(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:
        names = sorted({alarm.device for alarm in alarms})
        gone = set(rng.sample(names, round(share * len(names))))
        return [alarm for alarm in alarms if alarm.device not in gone], events

    return of


def without_the_culprits(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:  # noqa: ARG001
    """No message from any router at fault: it is silent, or nobody collects its log."""
    gone = set().union(*(event.routers for event in events))
    return [alarm for alarm in alarms if alarm.device not in gone], events


def without_words(alarms: list[Alarm], events: list[Event], rng: random.Random) -> Told:  # noqa: ARG001
    """No reason and no AS in any message."""
    bare = [a.model_copy(update={"extra": {"neighbour": a.extra.get("neighbour", "")}}) for a in alarms]
    return bare, events


PERTURBATIONS: dict[str, Perturbation] = {
    "renamed routers": renamed,
    "other addresses": renumbered,
    "/30 and /126 links": in_thirties,
    "another day": shifted,
    "clocks off by up to 5 s": skewed,
    "10% of lines lost": with_losses(0.1),
    "30% of lines lost": with_losses(0.3),
    "a third of the routers not heard": without_some(1 / 3),
    "two thirds of the routers not heard": without_some(2 / 3),
    "the routers at fault not heard": without_the_culprits,
    "no reasons, no AS": without_words,
}
