"""How near a grouping is to the truth, how often the cause is right, and how far confidence can be trusted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.storms.play import Outcome
from benchmarks.storms.scenarios import Storm
from benchmarks.storms.truth import Signatures, verdict
from cortex.correlator import Finding
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
        judged = verdict(signatures, fault, received[number])
        alike[number] = judged.alike
        home = Counter(guess[a] for a in alarms).most_common(1)[0][0]
        finding = outcome.live.get(home)
        known = {name for name in judged.alike if topology.index(name) is not None}
        right = finding is not None and bool(known & set(first_named(topology, finding)))
        if fault.mode == "mains":
            right = finding is not None and _is_mains(topology, finding, fault.element)
        named = tuple(first_named(topology, finding)) if finding else ()
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
        inside = {storm_fault for storm_fault, alarms in of_fault.items() if any(guess[a] == group for a in alarms)}
        right_names = set().union(*(alike.get(f, frozenset()) for f in inside))
        mains = [storm.faults[f].element for f in inside if storm.faults[f].mode == "mains"]
        result.stated += list(_stated(topology, outcome.live[group], right_names, mains))
    return result


def first_named(topology: Topology, finding: Finding) -> list[str]:
    """The elements named first, one for each fault that the finding speaks of."""
    return [topology.name(c.element) for c in finding.causes[: finding.together] if c.element >= 0]


def _is_mains(topology: Topology, finding: Finding, element: str) -> bool:
    return any(c.kind == "mains" and topology.name(c.element) == element for c in finding.causes if c.element >= 0)


def _stated(
    topology: Topology, finding: Finding, right: set[str], mains: Sequence[str]
) -> Iterable[tuple[float, bool]]:
    for cause in finding.causes[: finding.together]:
        names = {topology.name(e) for e in (cause.element, *cause.tied_with) if e >= 0}
        if cause.kind == "mains":
            yield cause.confidence, bool(names & set(mains))
        else:
            yield cause.confidence, bool(names & right)


def calibration(stated: Sequence[tuple[float, bool]]) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error, and for each bin of confidence its mean, the share that was right, and how many."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in stated:
        bins[min(BINS - 1, int(confidence * BINS))].append((confidence, right))
    rows = [(sum(c for c, _ in b) / len(b), sum(r for _, r in b) / len(b), len(b)) for b in bins if b]
    return sum(abs(c - r) * n for c, r, n in rows) / max(1, len(stated)), rows
