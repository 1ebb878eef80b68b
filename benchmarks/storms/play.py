"""Plays a storm to Cortex as the stream does, in small batches by time of arrival, and keeps what it finds."""

from dataclasses import dataclass, field

from benchmarks.storms.scenarios import Heard, Storm
from cortex.correlator import Correlator, Finding
from cortex.signals import Signal
from cortex.topology import Topology

#: Seconds between two looks at what has arrived, and how long after the last arrival it goes on.
STEP, AFTER = 5.0, 900.0


@dataclass(slots=True)
class Outcome:
    """What became of each alarm and group. `live`: the last finding of a group while it was not cleared."""

    group_of: dict[int, int] = field(default_factory=dict)
    live: dict[int, Finding] = field(default_factory=dict)
    noted: dict[int, float] = field(default_factory=dict)  # alarm -> when it was first in a notable finding
    into: dict[int, int] = field(default_factory=dict)
    apart: dict[int, int] = field(default_factory=dict)

    def group(self, alarm: int) -> int:
        """The group that an alarm is of in the end; alarms of none stand alone."""
        group = self.group_of.get(alarm, -alarm)
        while group in self.into:
            group = self.into[group]
        return group


def play(topology: Topology, storm: Storm) -> Outcome:
    """Cortex's findings over a whole storm."""
    correlator, outcome = Correlator(topology), Outcome()
    signals = [signal(topology, heard) for heard in storm.heard]
    at, now = 0, signals[0].received
    last = signals[-1].received + AFTER
    while now < last:
        begin = at
        while at < len(signals) and signals[at].received <= now:
            at += 1
        correlator.add(signals[begin:at])
        for finding in correlator.findings(now):
            _take(outcome, finding, now)
        idle = begin == at and at < len(signals) and not correlator.pending
        now = max(now + STEP, min(signals[at].received, now + 60.0)) if idle else now + STEP
    return outcome


def _take(outcome: Outcome, finding: Finding, now: float) -> None:
    for gone in finding.merged:
        outcome.into[gone] = finding.group
        outcome.live.pop(gone, None)
    for alarm in finding.alarms:
        outcome.group_of[alarm] = finding.group
        if finding.notable:
            outcome.noted.setdefault(alarm, now)
    if not finding.is_cleared or finding.group not in outcome.live:
        outcome.live[finding.group] = finding


def signal(topology: Topology, heard: Heard) -> Signal:
    """As the stream would hand it over: names looked up; a neighbour no topology knows stays a name."""
    element, about = topology.index(heard.element), topology.index(heard.about) if heard.about else None
    is_port = heard.about.startswith("link:")
    return Signal(
        alarm=heard.alarm,
        element=element,
        type=heard.type,
        cleared=heard.cleared,
        at=heard.at,
        received=heard.received,
        feed=heard.feed,
        about=about,
        key=f"{heard.element}/{heard.about}" if is_port else heard.element,
        peer="" if is_port or about is not None else heard.about,
    )
