"""One storm through Cortex and through every baseline, and many of them side by side."""

import random
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import product

from benchmarks.storms import access, backbones
from benchmarks.storms.baselines import BASELINES, Given, Labels, first_element
from benchmarks.storms.documented import documented
from benchmarks.storms.measures import Result, measured, rand
from benchmarks.storms.play import play
from benchmarks.storms.scenarios import DIFFICULTIES, Difficulty, Storm, played
from benchmarks.storms.truth import Signatures

#: Settings and evidence are chosen on the first; what is reported comes from the second. Other worlds, other storms.
TUNING, HELD_OUT = "tuning", "held out"
#: Where only the baselines are asked, to choose their settings.
NOT_PLAYED = Result(ari=0.0, ari_level=0.0, alarms=0, incidents=0, faults=0, missed=0, surplus=0)


@dataclass(frozen=True, slots=True)
class Rival:
    """What one baseline made of one storm. `right`: of the distinguishable faults, those whose group begins with it."""

    ari: float
    ari_level: float
    groups: int
    right: int


@dataclass(slots=True)
class Row:
    """One storm: ours, and each baseline's with each of the settings that were asked for."""

    backbone: str
    difficulty: str
    seed: int
    ours: Result
    rivals: dict[tuple[str, int], Rival] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """The storms of one backbone. `chosen`: for each baseline the places in its grid to try."""

    backbone: str
    part: str
    seeds: tuple[int, ...]
    difficulties: tuple[Difficulty, ...]
    with_ours: bool
    chosen: tuple[tuple[str, tuple[int, ...]], ...]


def rows_of(job: Job) -> list[Row]:
    """All storms of one backbone."""
    world = access.built(backbones.read(job.backbone), random.Random(f"{job.backbone} {job.part}"))
    signatures, rows = Signatures(world), []
    for difficulty, seed in product(job.difficulties, job.seeds):
        rng = random.Random(f"{job.backbone} {job.part} {difficulty.name} {seed}")
        storm = played(world, difficulty, rng)
        topology = documented(world, difficulty.stale, rng)
        ours = measured(topology, signatures, storm, play(topology, storm)) if job.with_ours else NOT_PLAYED
        row = Row(world.name, difficulty.name, seed, ours)
        given = Given([h for h in storm.heard if not h.cleared], topology, world)
        for baseline in BASELINES:
            for place in dict(job.chosen).get(baseline.name, ()):
                found = baseline.labels(given, *baseline.grid[place])
                row.rivals[baseline.name, place] = _rival(given, storm, ours, found)
        rows.append(row)
    return rows


def _rival(given: Given, storm: Storm, ours: Result, found: Labels) -> Rival:
    pairs = [(storm.incident(h.fault), label) for h, label in zip(given.raised, found, strict=True)]
    home: dict[int, dict[object, int]] = {}
    for h, label in zip(given.raised, found, strict=True):
        row = home.setdefault(h.fault, {})
        row[label] = row.get(label, 0) + 1
    first, right = first_element(given, found), 0
    for asked in ours.asked:
        if asked.counts:
            labels = home[asked.fault]
            right += first[max(labels, key=labels.__getitem__)] in asked.alike
    return Rival(rand(pairs), rand(pairs, level=True), len(set(found)), right)


def all_rows(
    part: str,
    seeds: Sequence[int],
    chosen: Mapping[str, tuple[int, ...]],
    jobs: int,
    names: Iterable[str] = backbones.NAMES,
    difficulties: tuple[Difficulty, ...] = DIFFICULTIES,
    *,
    with_ours: bool = True,
) -> list[Row]:
    """All storms of all backbones, `jobs` backbones at a time."""
    work = [Job(name, part, tuple(seeds), difficulties, with_ours, tuple(chosen.items())) for name in names]
    if jobs == 1:
        return [row for job in work for row in rows_of(job)]
    with ProcessPoolExecutor(jobs) as pool:
        return [row for rows in pool.map(rows_of, work) for row in rows]


def best_settings(rows: Sequence[Row]) -> dict[str, int]:
    """For each baseline the place in its grid with the highest mean ARI."""
    best = {}
    for baseline in BASELINES:
        means = [sum(r.rivals[baseline.name, place].ari for r in rows) for place in range(len(baseline.grid))]
        best[baseline.name] = max(range(len(means)), key=means.__getitem__)
    return best
