"""A day of ordinary noise at 60,000 lines: how many incidents it opens that nobody should have been woken for,
how many notices it would have proposed, and whether true faults in it are found as soon as without it.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmarks.figures import Figure, show
from benchmarks.quiet_network import network
from benchmarks.quiet_noise import DAY, MIDNIGHT, NOISE, POLL, STANDS, Day, Fault, faults
from cortex.config import Config
from cortex.correlator import Correlator, Finding
from cortex.impact import Weights
from cortex.sightings import EVERY
from cortex.signals import Signal
from cortex.topology import Topology

#: Seconds between two looks of the stream, here.
STEP = 5.0
#: Seconds looked on after the last day.
AFTER = 2_400.0
#: An incident whose cause is not certain waits this long before people are told (forge/sagas/fault_response).
SETTLE = 60.0
#: As `forge.stream.config_for` has it with the default settings.
CONFIG = Config(window=362.4, silence=302.0, interim=2_040.0)


@dataclass
class Opened:
    """One incident as the stream would have opened it."""

    at: float
    first: Finding
    last: Finding
    told: bool = False
    history: list[tuple[float, Finding]] = field(default_factory=list)
    alarms: set[int] = field(default_factory=set)


def run(
    topology: Topology,
    weights: Weights,
    signals: list[Signal],
    days: int,
    look: Callable[[Correlator, float], None] | None = None,
) -> list[Opened]:
    """All incidents of these days. `look`: what else the correlator is shown before each step."""
    correlator = Correlator(topology, weights, CONFIG)
    incidents: dict[int, Opened] = {}
    at = 0
    for now in np.arange(MIDNIGHT, MIDNIGHT + DAY * days + AFTER, STEP):
        until = at
        while until < len(signals) and signals[until].received <= now:
            until += 1
        correlator.add(signals[at:until])
        at = until
        if look is not None:
            look(correlator, float(now))
        for finding in correlator.findings(float(now)):
            _apply(incidents, finding, float(now))
        for incident in incidents.values():
            _tell(incident, float(now))
    return list(incidents.values())


def _apply(incidents: dict[int, Opened], finding: Finding, now: float) -> None:
    """As the stream does it: the first notable finding opens, a merged group's incident ends in the other's."""
    for group in finding.merged:
        if (younger := incidents.pop(group, None)) is not None and finding.group not in incidents:
            incidents[finding.group] = younger
    incident = incidents.get(finding.group)
    if incident is None and finding.notable and not finding.is_cleared:
        incident = incidents[finding.group] = Opened(now, finding, finding)
    if incident is not None:
        incident.last = finding
        incident.history.append((now, finding))
        incident.alarms.update(finding.alarms)


def _tell(incident: Opened, now: float) -> None:
    """Whether people would have been told by now."""
    last = incident.last
    ready = last.certain or now - incident.at >= SETTLE
    if ready and not last.is_cleared and not last.doubts and last.impact.totals.get("subscribers", 0) > 0:
        incident.told = True


def true_of(incident: Opened, whys: dict[int, str], found: Iterable[Fault]) -> Fault | None:
    """The fault an incident is about, by most of its alarms."""
    votes = Counter(whys[a] for a in incident.alarms)
    return next((f for f in found if votes and votes.most_common(1)[0][0] == f.name), None)


def days_of(topology: Topology, seed: int, days: int, *, noisy: bool, faulty: bool) -> tuple[Day, list[Fault]]:
    """A day with or without noise and faults."""
    day = Day(topology, np.random.default_rng(seed), days)
    found = faults(day) if faulty else []
    if noisy:
        with_faults, day.signals = day.signals, []
        for make in NOISE.values():
            make(day)
        day.signals = with_faults + [s for s in day.signals if not any(f.silences(topology, s[1]) for f in found)]
    return day, found


def names(topology: Topology, finding: Finding) -> Iterator[str]:
    """Everything its first causes may be."""
    for cause in finding.causes[: finding.together]:
        yield cause.name
        yield from (topology.name(i) for i in cause.tied_with)


def main() -> None:
    """Quiet days by seed, then the same with faults in them, with and without the noise."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--days", type=int, default=1)
    options.add_argument("--verbose", action="store_true")
    asked = options.parse_args()
    topology, weights = network()
    false, told, alarms, worst = 0, 0, 0, 0
    for seed in range(asked.seeds):
        day, _ = days_of(topology, seed, asked.days, noisy=True, faulty=False)
        whys = {s.alarm: why for why, s in day.signals}
        opened = run(topology, weights, [s for _, s in day.in_order()], asked.days)
        kinds = Counter(Counter(whys[a] for a in i.alarms).most_common(1)[0][0] for i in opened)
        hours = Counter(int((i.at - MIDNIGHT) // (8 * 3600)) for i in opened)
        false, told, alarms = false + len(opened), told + sum(i.told for i in opened), alarms + len(day.signals)
        worst = max(worst, max(hours.values(), default=0))
        print(f"seed {seed}: {len(day.signals):,} alarms, {len(opened)} false incidents {dict(kinds)}, "
              f"{sum(i.told for i in opened)} notices", flush=True)  # fmt: skip
        for i in opened if asked.verbose else ():
            cause = i.first.causes[0]
            made_of = dict(Counter(whys[a] for a in i.alarms))
            print(f"   {(i.at - MIDNIGHT) / 3600:5.2f} h {made_of} {cause.name} {cause.confidence}")
            print(f"      {i.last.impact.totals} {'TOLD' if i.told else ''} {i.last.explanation[:2]}")
    per_8h = false / (asked.seeds * asked.days * 3)
    figures = [
        Figure("alarms of a quiet day", alarms / (asked.seeds * asked.days), "alarms"),
        Figure("false incidents in 8 hours, mean", per_8h, "incidents", 2),
        Figure("false incidents in 8 hours, worst", worst, "incidents", 2),
        Figure("false notices", told, "notices", 0),
    ]
    figures += _blind_poller(topology, weights)
    figures += _with_faults(topology, weights, asked.seeds, verbose=asked.verbose)
    show(figures)


def _blind_poller(topology: Topology, weights: Weights) -> list[Figure]:
    """The poller loses its way out: within one round no device answers, while every line accounts as ever."""
    rng = np.random.default_rng(1)
    devices = [i for i in range(topology.nodes) if topology.is_device(i)]
    lines = np.flatnonzero(weights.table[:, 0])
    phase = rng.uniform(0, EVERY, len(lines))
    missed = sorted(
        Signal(n, d, "unreachable", False, MIDNIGHT + t, MIDNIGHT + t + 0.1, "poller", key=topology.name(d)[5:])
        for n, (d, t) in enumerate(zip(devices, np.sort(rng.uniform(0, POLL, len(devices))).tolist(), strict=True), 1)
    )

    def look(correlator: Correlator, now: float) -> None:
        last = now - (now - MIDNIGHT - phase) % EVERY
        for line, at in zip(lines.tolist(), last.tolist(), strict=True):
            correlator.sightings.accounted(line, at)

    opened = run(topology, weights, missed, 0, look)
    (named,) = [i for i in opened if i.last.causes[0].name == "monitoring:poller"]
    known = next(at for at, f in named.history if f.causes[0].name == "monitoring:poller")
    return [
        Figure("blind poller: incidents open in the end", len(opened), "incidents", 1),
        Figure("blind poller: notices", sum(i.told for i in opened), "notices", 0),
        Figure("blind poller: doubted after", named.history[0][0] - MIDNIGHT, "s"),
        Figure("blind poller: named after", known - MIDNIGHT, "s"),
    ]


def _with_faults(topology: Topology, weights: Weights, seeds: int, *, verbose: bool) -> list[Figure]:
    """True faults: found, rightly named, and how long it took; in silence and in noise."""
    figures = []
    for noisy in (False, True):
        right, seen, all_, more, false, took = 0, 0, 0, 0, 0, list[float]()
        for seed in range(seeds):
            day, made = days_of(topology, seed, 1, noisy=noisy, faulty=True)
            whys = {s.alarm: why for why, s in day.signals}
            opened = run(topology, weights, [s for _, s in day.in_order()], 1)
            all_ += len(made)
            false += sum(true_of(i, whys, made) is None for i in opened)
            for fault in made:
                about = [i for i in opened if (of := true_of(i, whys, [fault])) is not None and of is fault]
                if not about:
                    print(f"   seed {seed}: {fault.name} not found")
                    continue
                first = min(about, key=lambda i: i.at)
                seen, more = seen + 1, more + len(about) - 1
                named = [f for at, f in first.history if at < MIDNIGHT + fault.at + STANDS][-1]
                is_right = bool(fault.elements & set(names(topology, named)))
                right += is_right
                took.append(first.at - MIDNIGHT - fault.at)
                if verbose:
                    print(f"   {fault.name}: {named.causes[0].name} after {took[-1]:.0f} s, {len(about)} incidents")
                if not is_right:
                    print(f"   WRONG {fault.name}: {named.explanation}")
        words = "in noise" if noisy else "in silence"
        figures += [
            Figure(f"true faults found, {words}", 100 * seen / all_, "%", 100, least=True),
            Figure(f"rightly named, {words}", 100 * right / all_, "%", 100, least=True),
            Figure(f"further incidents of the same fault, {words}", more, "incidents", 0),
            Figure(f"false incidents beside them, {words}, a day", false / seeds, "incidents", 6),
            Figure(f"time to detect, {words}, median", float(np.median(took)), "s"),
            Figure(f"time to detect, {words}, worst", max(took), "s"),
        ]
    return figures


if __name__ == "__main__":
    main()
