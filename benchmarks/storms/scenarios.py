"""The named difficulties, each a storm of faults played on a world; they can be combined."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from benchmarks.storms import faults as breaking
from benchmarks.storms.faults import Fault, Table
from benchmarks.storms.voices import RADIUS, Said, State, heard
from benchmarks.storms.world import World

START = 1_800_000_000.0
#: Noise per hour: switched-off ONTs, an idle line, errors on a port.
NOISE = 12
#: Share of the words kept by who was cut off that arrive when it is back.
KEPT = 0.3
EVENTS = frozenset({"ont-dying-gasp", "restarted"})


class Heard(NamedTuple):
    """One notification as it arrives; names only. `fault`: the cause, for the truth alone."""

    alarm: int
    fault: int
    element: str
    type: str
    about: str
    feed: str
    at: float
    received: float
    cleared: bool


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What is hard about a storm."""

    name: str
    overlapping: bool = False
    silent: bool = False
    growing: bool = False
    skewed: bool = False
    stale: bool = False
    lost: float = 0.0
    late: bool = False
    planned: bool = False


DIFFICULTIES = (
    Difficulty("one at a time"),
    Difficulty("silent roots", silent=True),
    Difficulty("overlapping", overlapping=True),
    Difficulty("cascades", growing=True),
    Difficulty("clock skew", skewed=True),
    Difficulty("stale topology", stale=True),
    Difficulty("10% lost", lost=0.1),
    Difficulty("late floods", late=True),
    Difficulty("planned work beside", planned=True),
    Difficulty(
        "everything", overlapping=True, growing=True, skewed=True, stale=True, lost=0.1, late=True, planned=True
    ),
)


@dataclass(slots=True)
class Storm:
    """What arrives, in order of arrival, and the truth. `joined`: faults that act together, by the older one."""

    difficulty: Difficulty
    heard: list[Heard]
    faults: dict[int, Fault]
    joined: dict[int, int] = field(default_factory=dict)

    def incident(self, fault: int) -> int:
        """The incident that a fault is of."""
        while fault in self.joined:
            fault = self.joined[fault]
        return fault


def played(world: World, difficulty: Difficulty, rng: random.Random) -> Storm:
    """One storm of this difficulty."""
    drawn = list(_drawn(world, difficulty, rng))
    until = max(f.end for f in drawn)
    count = int((until - START) / 3600 * NOISE)
    drawn += [breaking.noise(world, len(drawn) + n, rng.uniform(START, until), rng) for n in range(count)]
    storm = Storm(difficulty, [], {f.number: f for f in drawn})
    raised = list(_raised(world, storm, rng))
    _arrive(world, storm, raised, rng)
    return storm


# -- which faults, and when


def _drawn(world: World, difficulty: Difficulty, rng: random.Random) -> Iterator[Fault]:
    table = breaking.PLAIN
    if difficulty.silent:
        table = breaking.ROOTS
    elif difficulty.growing:
        table = (*breaking.GROWING, *breaking.PLAIN) if difficulty.overlapping else breaking.GROWING
    number, used = 0, set[str]()
    for episode in range(4 if difficulty.overlapping or difficulty.planned else 6):
        begin = START + 2700.0 * episode + rng.uniform(0.0, 300.0)
        place = ""
        for each in range(_how_many(difficulty, rng)):
            mode, element = _near(world, rng, table, used, place if rng.random() < 0.5 else "")
            used |= _touches(world, element)
            place = site_of(world, element)
            start = begin if each == 0 else begin + rng.uniform(0.0, 60.0)
            fault = breaking.made(world, number, mode, element, start, rng.uniform(1200.0, 2100.0), rng)
            if difficulty.planned and each == 0:
                planned = breaking.made(world, number, "dead", element, start, rng.uniform(300.0, 900.0), rng)
                fault = replace(planned, planned=True)
            if difficulty.silent:
                fault = breaking.muted(world, fault)
            yield fault
            number += 1


def _how_many(difficulty: Difficulty, rng: random.Random) -> int:
    if difficulty.overlapping:
        return rng.randint(2, 4)
    return 2 if difficulty.planned else 1


def _near(
    world: World,
    rng: random.Random,
    table: Table,
    used: set[str],
    place: str,
) -> tuple[str, str]:
    """A fault of something not yet broken, at this place if one is named and anything fits."""
    for tries in range(400):
        mode, element = breaking.draw(world, rng, table)
        if not _touches(world, element) & used and (not place or tries > 200 or site_of(world, element) == place):
            return mode, element
    raise RuntimeError(f"nothing is left to break in {world.name}")


def _touches(world: World, element: str) -> set[str]:
    """The element, and the links that it is or carries."""
    return {element, *world.dead_links([element])}


def site_of(world: World, element: str) -> str:
    """Where an element is; of a path, where its lower end is."""
    if element in world.nodes:
        return world.nodes[element].site
    return world.nodes[world.links[min(world.dead_links([element]))].z].site


# -- what is said


class Raised(NamedTuple):
    """An alarm at the time it really happened (`true`) or, kept back, may be sent."""

    fault: int
    said: Said
    true: float
    sent: float


def _raised(world: World, storm: Storm, rng: random.Random) -> Iterator[Raised]:
    """Walk through all changes in order of time."""
    changes = [(f.start + s.after, f.number, n) for f in storm.faults.values() for n, s in enumerate(f.steps)]
    changes += [(f.end, f.number, -1) for f in storm.faults.values() if f.steps]
    active: dict[int, tuple[frozenset[str], frozenset[str]]] = {}
    before = State(breaking.NOTHING, breaking.NOTHING, breaking.NOTHING)
    for fault in storm.faults.values():
        yield from (Raised(fault.number, s, fault.start + s.after, fault.start + s.after) for s in fault.noise)
    for at, number, place in sorted(changes):
        fault = storm.faults[number]
        if place < 0:
            active.pop(number)
            before = _state(world, active)
            continue
        step, (dark, hung) = fault.steps[place], active.get(number, (breaking.NOTHING, breaking.NOTHING))
        active[number] = dark | step.dark, hung | step.hung
        after = _state(world, active)
        _join(world, storm, active, number, after.down - before.down)
        words = [s for s in step.words if s.element not in before.down]
        for said in [*words, *heard(world, before, after, rng)]:
            if said.speaker in fault.mute:
                continue
            when = at + said.after
            if said.kept:
                back = storm.faults[storm.incident(number)].end + rng.uniform(5.0, 60.0)
                if rng.random() < (1.0 if storm.difficulty.late else KEPT):
                    yield Raised(number, said, when, back)
            else:
                yield Raised(number, said, when, when)
        before = after


def _state(world: World, active: dict[int, tuple[frozenset[str], frozenset[str]]]) -> State:
    dark = frozenset().union(*(dark for dark, _ in active.values()))
    hung = frozenset().union(*(hung for _, hung in active.values()))
    return State.of(world, dark, hung)


def _join(
    world: World,
    storm: Storm,
    active: dict[int, tuple[frozenset[str], frozenset[str]]],
    number: int,
    newly: frozenset[str],
) -> None:
    """Faults none of which alone cuts off what has just been cut off are one incident."""
    alone = _state(world, {number: active[number]}).down
    together = newly - alone
    for other, failed in active.items():
        if other == number or not together:
            continue
        pair = _state(world, {number: active[number], other: failed}).down
        if together & pair - _state(world, {other: failed}).down:
            one, two = sorted((storm.incident(other), storm.incident(number)))
            if one != two:
                storm.joined[two] = one


# -- what arrives, and when


def _arrive(world: World, storm: Storm, raised: list[Raised], rng: random.Random) -> None:
    difficulty = storm.difficulty
    clocks = _clocks(world, rng) if difficulty.skewed else {}
    stalls = _stalls(world, storm, rng) if difficulty.late else {}
    seen: set[tuple[int, tuple[str, str, str]]] = set()
    for number, (fault, said, true, sent) in enumerate(raised, start=1):
        end = storm.faults[fault].end
        if rng.random() < difficulty.lost or (not said.kept and true >= end) or (fault, said.witness) in seen:
            continue
        seen.add((fault, said.witness))
        off = clocks.get(said.speaker, 0.0)
        about = said.about
        over = max(end, sent) + (0.0 if said.kept else _recovers(said, world, rng))
        for cleared, happened, goes in ((False, true, sent), (True, over, over)):
            if cleared and said.type in EVENTS:
                continue
            arrives = goes + rng.uniform(0.05, 0.5 if said.feed != RADIUS else 2.0)
            begin, stop = stalls.get(said.speaker, (0.0, 0.0))
            if begin <= arrives < stop:
                arrives = stop + rng.uniform(0.0, 5.0)
            row = Heard(number, fault, said.element, said.type, about, said.feed, happened + off, arrives, cleared)
            storm.heard.append(row)
    storm.heard.sort(key=lambda h: (h.received, h.alarm))


def _recovers(said: Said, world: World, rng: random.Random) -> float:
    """Seconds from mended to cleared."""
    if said.type == "unreachable":
        return rng.uniform(0.0, world.habits.poll)
    if said.type == "radius-interim-missing":
        return rng.uniform(30.0, world.habits.interim)
    return rng.uniform(1.0, 60.0)


def _clocks(world: World, rng: random.Random) -> dict[str, float]:
    """Seconds each device's clock is ahead: most are right, some drift, some are in another zone or year."""
    clocks = {}
    for node in sorted(world.nodes):
        pick = rng.random()
        if pick < 0.7:
            clocks[node] = rng.gauss(0.0, 0.5)
        elif pick < 0.9:
            clocks[node] = rng.choice([-1, 1]) * rng.uniform(5.0, 60.0)
        else:
            clocks[node] = rng.choice([-3600.0, 3600.0, -7200.0, -1.5e9])
    return clocks


def _stalls(world: World, storm: Storm, rng: random.Random) -> dict[str, tuple[float, float]]:
    """A collector that half of the devices send to stands still for a while, and then delivers everything."""
    speakers = [n for n in sorted(world.nodes) if rng.random() < 0.5]
    fault = rng.choice([f for f in storm.faults.values() if f.steps])
    begin = fault.start - rng.uniform(60.0, 300.0)
    return dict.fromkeys(speakers, (begin, begin + rng.uniform(600.0, 2400.0)))
