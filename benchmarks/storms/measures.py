"""How near a grouping is to the truth, how often the cause is right, and how far confidence can be trusted."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.storms.documented import stands_at
from benchmarks.storms.play import Outcome
from benchmarks.storms.scenarios import Storm
from benchmarks.storms.truth import Signatures, verdict
from cortex.finding import Cause, Finding
from cortex.topology import Topology

#: Of the bins of a reliability plot.
BINS = 10


def rand(pairs: Iterable[tuple[object, object]], *, level: bool = False) -> float:
    """Adjusted Rand index of (truth, guess) labels (Hubert and Arabie 1985); 1.0 where both are one and the same.

    `level`: every true cluster counts alike, whatever its size.
    """
    cells = Counter(pairs)
    rows: Counter[object] = Counter()
    for (row, _), n in cells.items():
        rows[row] += n
    mean = sum(rows.values()) / max(1, len(rows))
    scale = {row: mean / n if level else 1.0 for row, n in rows.items()}
    columns: Counter[object] = Counter()
    weighed: Counter[object] = Counter()
    inside = 0.0
    for (row, column), n in cells.items():
        size = n * scale[row]
        inside += _twos(size)
        weighed[row] += size  # type: ignore[assignment]
        columns[column] += size  # type: ignore[assignment]
    whole = _twos(sum(weighed.values()))
    by_row, by_column = sum(map(_twos, weighed.values())), sum(map(_twos, columns.values()))
    expected = by_row * by_column / whole if whole else 0.0
    most = (by_row + by_column) / 2
    return 1.0 if most == expected else (inside - expected) / (most - expected)


def _twos(n: float) -> float:
    return n * (n - 1) / 2


@dataclass(slots=True)
class Asked:
    """One fault: was it distinguishable, and was the first cause right?"""

    fault: int
    mode: str
    distinguishable: bool
    documented: bool
    right: bool
    alike: frozenset[str] = frozenset()
    named: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether a right answer can be asked for at all."""
        return self.distinguishable and self.documented


@dataclass(slots=True)
class Result:
    """One storm. `stated`: (confidence, whether right) of every cause of every incident."""

    ari: float
    ari_level: float
    alarms: int
    incidents: int
    faults: int
    missed: int
    surplus: int
    asked: list[Asked] = field(default_factory=list)
    stated: list[tuple[float, bool]] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)


def measured(topology: Topology, signatures: Signatures, storm: Storm, outcome: Outcome) -> Result:
    """All figures of one storm as Cortex took it."""
    raised = [h for h in storm.heard if not h.cleared]
    truth = {h.alarm: storm.incident(h.fault) for h in raised}
    guess = {h.alarm: outcome.group(h.alarm) for h in raised}
    of_fault: dict[int, list[int]] = {}
    received: dict[int, set[tuple[str, str, str]]] = {}
    arrived: dict[int, float] = {}
    for h in raised:
        of_fault.setdefault(h.fault, []).append(h.alarm)
        received.setdefault(h.fault, set()).add((h.element, h.type, h.about))
        arrived.setdefault(h.fault, h.received)
    incidents = {g for g, finding in outcome.live.items() if finding.notable}
    result = Result(
        ari=rand((truth[a], guess[a]) for a in truth),
        ari_level=rand(((truth[a], guess[a]) for a in truth), level=True),
        alarms=len(raised),
        incidents=len(incidents),
        faults=0,
        missed=0,
        surplus=0,
    )
    alike: dict[int, frozenset[str]] = {}
    matched: set[int] = set()
    for number, alarms in sorted(of_fault.items()):
        fault = storm.faults[number]
        if not fault.steps:
            continue
        beside = [f for f in storm.faults.values() if f.steps and f is not fault and f.overlaps(fault)]
        judged = verdict(signatures, fault, received[number], beside)
        alike[number] = judged.alike
        home = Counter(guess[a] for a in alarms).most_common(1)[0][0]
        finding = outcome.live.get(home)
        known = {name for name in judged.alike if topology.index(name) is not None}
        right = finding is not None and is_right(topology, finding, fault.mode, known)
        named = tuple(first_named(finding)) if finding else ()
        result.asked.append(Asked(number, fault.mode, judged.distinguishable, bool(known), right, judged.alike, named))
        if fault.small:
            continue
        result.faults += 1
        if home in incidents:
            matched.add(home)
            noted = [outcome.noted[a] for a in alarms if a in outcome.noted]
            result.latency.append(min(noted) - arrived[number])
        else:
            result.missed += 1
    result.surplus = len(incidents - matched)
    for group in incidents:
        inside = [f for f, alarms in of_fault.items() if f in alike and any(guess[a] == group for a in alarms)]
        causes = [(storm.faults[f].mode, alike[f]) for f in inside]
        result.stated += list(_stated(topology, outcome.live[group], causes))
    return result


def first_named(finding: Finding) -> list[str]:
    """The causes named first, one for each fault that the finding speaks of."""
    return [f"{c.name} {c.mode}".strip() for c in finding.causes[: finding.together]]


def is_right(topology: Topology, finding: Finding, mode: str, alike: Collection[str]) -> bool:
    """Whether one of the causes named first is the fault. A mains fault is told from a dead element by its kind."""
    return any(_names(topology, c, c.element, mode, alike) for c in finding.causes[: finding.together])


def _names(topology: Topology, cause: Cause, element: int, mode: str, alike: Collection[str]) -> bool:
    if mode in ("gasp", "battery") and cause.kind == "mains" and element < 0:
        return any(cause.name.endswith(stands_at(name)) for name in alike)
    return element >= 0 and topology.name(element) in alike and (mode == "mains") == (cause.kind == "mains")


def _stated(
    topology: Topology, finding: Finding, inside: Sequence[tuple[str, Collection[str]]]
) -> Iterable[tuple[float, bool]]:
    for cause in finding.causes[: finding.together]:
        named = (cause.element, *cause.tied_with)
        yield cause.confidence, any(_names(topology, cause, e, mode, alike) for e in named for mode, alike in inside)


def calibration(stated: Sequence[tuple[float, bool]]) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error, and for each bin of confidence its mean, the share that was right, and how many."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in stated:
        bins[min(BINS - 1, int(confidence * BINS))].append((confidence, right))
    rows = [(sum(c for c, _ in b) / len(b), sum(r for _, r in b) / len(b), len(b)) for b in bins if b]
    return sum(abs(c - r) * n for c, r, n in rows) / max(1, len(stated)), rows
