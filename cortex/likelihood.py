"""How well a set of failed elements explains a group's alarms: noisy-OR of expected against observed, in
nats.

The score of a set is a log likelihood ratio against "nothing failed": what it explains adds log(P(seen |
cause) / leak), what it predicts and nobody saw subtracts, an element that spoke although the set would have
cut it off subtracts. Alarms of what lies behind are laid along the Euler tour, so that a candidate costs a
few binary searches whether it explains five alarms or five thousand.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cortex.config import Config
from cortex.evidence import ADJACENCY, ALARMS, LINE_LOST, SILENCE, Relation, Voice, alarm
from cortex.group import NONE, Evidence
from cortex.intervals import Interval, merged, total
from cortex.topology import Topology

#: Alarm types in which the element itself speaks.
SPEAKING = frozenset(row.type for row in ALARMS.values() if row.voice is Voice.SPEAKS)
#: Nats against a candidate for each element that spoke although it would have been cut off, and how many count.
REFUTED, REFUTALS = 4.0, 3
#: Nats against, for each live neighbour that should have reported a lost link and did not, and how many count. A
#: router that hangs keeps its light on, and its neighbour's port sees nothing amiss; no cut path does.
NOT_HEARD, NOT_HEARD_OF_NODE, UNHEARD = log(1 - 0.95), log(1 - 0.7), 5
#: Of the lines behind a candidate, how many are taken as independent witnesses when they say nothing.
LINES = 20
#: P(an ONT's loss is reported | its branch is cut, its OLT alive); P(an interim is missed in time | line cut).
ONT_SEEN, INTERIM_SEEN = 0.8, 0.5
#: A live neighbour says that the link or what runs over it is down, but never that the light went: nats against a cut
#: fibre.
LIGHT_STAYED = 1.5
#: Who says of a line that it is lost. Whoever is cut off itself can't have said so.
HEADENDS = frozenset({"olt", "cmts", "tower"})
TOLD = frozenset({"ont-loss-of-signal", "modem-offline", "cpe-lost"})
#: Nats for explaining what was seen first.
FIRST = 0.7
#: Links of one node looked at when it names no neighbour.
UNNAMED = 64

NearEnd = tuple[int, int]  # the live speaker, the failed link


@dataclass(frozen=True, slots=True)
class Score:
    """How a set of failed elements fares, in nats, and what it predicts.

    Two sets that predict the same can't be told apart by alarms.
    """

    nats: float
    spans: tuple[Interval, ...]
    devices: int
    lines: int
    silent: int
    heard: tuple[NearEnd, ...]
    unheard: tuple[NearEnd, ...]
    refuted: int


class Explained(NamedTuple):
    """Which alarms follow from a set of failures: runs of `Case.bulk`, and the places of others in
    `Case.evidence`.
    """

    runs: tuple[Interval, ...]
    apart: frozenset[int]

    @property
    def size(self) -> int:
        """How many alarms these are."""
        return sum(hi - lo for lo, hi in self.runs) + len(self.apart)


@dataclass(slots=True)
class Laid:
    """Weights at positions of the tour, sorted, with running sums."""

    at: list[int] = field(default_factory=list)
    sums: list[float] = field(default_factory=lambda: [0.0])

    @classmethod
    def of(cls, pairs: list[tuple[int, float]]) -> "Laid":
        """From (position, weight) in any order."""
        pairs.sort()
        laid = cls([p for p, _ in pairs])
        for _, weight in pairs:
            laid.sums.append(laid.sums[-1] + weight)
        return laid

    def within(self, spans: Sequence[Interval]) -> float:
        """The weight inside these positions."""
        at, sums = self.at, self.sums
        return sum(sums[bisect_left(at, hi)] - sums[bisect_left(at, lo)] for lo, hi in spans)


def inside(position: int, spans: Sequence[Interval]) -> bool:
    """Whether a position of the tour lies in one of these sorted spans."""
    i = bisect_right(spans, (position, 1 << 62)) - 1
    return i >= 0 and spans[i][0] <= position < spans[i][1]


class Case:
    """One group's alarms, laid out for scoring."""

    def __init__(self, topology: Topology, evidence: Sequence[Evidence], now: float, config: Config) -> None:
        """Lay out the alarms; those of unknown elements are left aside."""
        self.topology, self.config = topology, config
        self.weight = config.knowledge.weight
        self.likelier: Mapping[int, float] = {}
        self.tin: npt.NDArray[np.int64] = topology.tour.tin
        self.evidence = [e for e in evidence if e.element >= 0 or e.about >= 0]
        self.first = min((e.at for e in self.evidence), default=now)
        self.elapsed = max(0.0, now - self._onset(now))
        self.itself: dict[int, list[int]] = {}
        self.far: dict[NearEnd, list[int]] = {}
        self.unnamed: dict[int, list[int]] = {}
        self.live: set[int] = set()
        self.apart: list[int] = []
        self._headends: dict[int, int] = {}
        self.where = [self._where(e) for e in self.evidence]
        self._index()
        self._lay()
        self.earliest = {i for i, e in enumerate(self.evidence) if e.at <= self.first + 2.0}

    def _onset(self, now: float) -> float:
        """When it happened, as far as the alarms tell: one that takes long to show is half its delay old."""
        earliest: dict[str, float] = {}
        for e in self.evidence:
            if e.at < earliest.get(e.type, now):
                earliest[e.type] = e.at
        slow = {t: delay for t in earliest if (delay := alarm(t).delay) > self.config.window}
        return min((at - slow.get(t, 0.0) / 2 for t, at in earliest.items()), default=now)

    def _where(self, e: Evidence) -> int:
        """The vertex whose being cut off explains the alarm: the silent one, or the far end of a lost
        session.
        """
        remote = e.type in ADJACENCY and 0 <= e.about < self.topology.nodes
        vertex = e.about if remote or e.element < 0 else e.element
        return vertex if vertex < self.topology.vertices else NONE

    def _index(self) -> None:
        topology = self.topology
        for i, e in enumerate(self.evidence):
            if e.element < 0 or e.element >= topology.nodes:
                self.itself.setdefault(e.element if e.element >= 0 else e.about, []).append(i)
            elif e.type in ADJACENCY and e.about >= 0:
                for link in self._links(e.element, e.about):
                    self.far.setdefault((e.element, link), []).append(i)
            else:
                self.itself.setdefault(e.element, []).append(i)
                if e.type in ADJACENCY or e.type == "pon-loss-of-signal":
                    self.unnamed.setdefault(e.element, []).append(i)

    def _links(self, speaker: int, about: int) -> list[int]:
        topology = self.topology
        if topology.is_node(about):
            return topology.between(speaker, about)
        links = topology.neighbours(about) if topology.is_risk(about) else [about]
        return [link for link in links if speaker in topology.ends(link)]

    def _lay(self) -> None:
        """Along the tour: what lies behind explains, what has fallen silent counts, what spoke refutes.

        `bulk`: alarms that say no more than where they are. The others, `apart`, are looked at one by one.
        """
        topology, silent_at, tin = self.topology, self._silent_at(), self.tin
        positions: list[int] = tin[self.where].tolist()
        behind, spoke, bulk, told, tellers = [], {}, [], [], []
        for i, (e, vertex, position) in enumerate(zip(self.evidence, self.where, positions, strict=True)):
            if e.type in SPEAKING and self._shows_life(e, silent_at):
                spoke[e.element] = (int(tin[e.element]), 1.0)
                self.live.add(i)
            if vertex >= 0 and not (i in self.live and vertex == e.element):
                nats = self.weight(e.type, Relation.BEHIND, False)
                behind.append((position, nats))
                if e.type in TOLD and e.prompt and (teller := self._headend(vertex)) >= 0:
                    told.append((position, nats))
                    tellers.append((int(tin[teller]), -nats))
            if vertex == e.element and i not in self.live and 0 <= position < topology.tour.reachable:
                bulk.append((position, i))
            else:
                self.apart.append(i)
        bulk.sort()
        self.bulk_at, self.bulk = [position for position, _ in bulk], [i for _, i in bulk]
        self.told, self.tellers = Laid.of(told), Laid.of(tellers)
        self.behind = Laid.of(behind + tellers)
        self.spoke = Laid.of(list(spoke.values()))
        devices = [v for v in silent_at if topology.is_device(v)]
        lines = list(silent_at.keys() - set(devices))
        self.silent = Laid.of([(position, 1.0) for position in tin[devices].tolist()] if devices else [])
        self.silent_lines = Laid.of([(position, 1.0) for position in tin[lines].tolist()] if lines else [])
        types = {e.type for e in self.evidence}
        self.onts_speak = bool(types & LINE_LOST)
        self.interims_speak = "radius-interim-missing" in types

    def _headend(self, vertex: int) -> int:
        """The OLT, CMTS or tower that a line hangs on; NONE where there is none."""
        topology = self.topology
        above = topology.above[vertex]
        known = self._headends.get(above)
        if known is None:
            known = next((v for v in topology.ancestors(vertex) if topology.kind(v) in HEADENDS), NONE)
            self._headends[above] = known
        return known

    def _silent_at(self) -> dict[int, float]:
        """When each silent node was found so, the last time."""
        silent: dict[int, float] = {}
        for e in self.evidence:
            if e.type in SILENCE and 0 <= e.element < self.topology.nodes:
                silent[e.element] = max(silent.get(e.element, e.at), e.at)
        return silent

    def _shows_life(self, e: Evidence, silent_at: dict[int, float]) -> bool:
        """A live, prompt word, and no silence after it."""
        if not e.prompt or not 0 <= e.element < self.topology.nodes:
            return False
        return silent_at.get(e.element, -1.0) <= e.at

    # -- scoring

    def score(self, failed: Sequence[int]) -> Score:
        """The case for these elements having failed together."""
        topology = self.topology
        spans = topology.cut_intervals(failed)
        devices = total(topology.device_sums, spans)
        silent = int(self.silent.within(spans))
        refuted = int(self.spoke.within(spans))
        ends = self.near_ends(failed, spans)
        heard = tuple(end for end in ends if self._reports(end, spans))
        unheard = tuple(end for end in ends if end not in heard and self.reports_links(end))
        nats = self.behind.within(spans) + self._itself(failed, spans)
        nats += self._near_end(heard, ends, spans) + self._told_inside(failed, spans)
        nats += self._missing(spans, devices, silent) - REFUTED * min(refuted, REFUTALS)
        nats += self.ramp(5.0) * sum(NOT_HEARD_OF_NODE if ends[end] else NOT_HEARD for end in unheard[:UNHEARD])
        if self._explains_first(failed, spans, heard):
            nats += FIRST
        return Score(nats, spans, devices, total(topology.line_sums, spans), silent, heard, unheard, refuted)

    def _told_inside(self, failed: Sequence[int], spans: Sequence[Interval]) -> float:
        """What whoever is cut off told before of lines that another of the failures takes from it alone."""
        if len(failed) < 2 or not self.tellers.within(spans):
            return 0.0
        inner: list[Interval] = []
        for element in failed:
            own = self.topology.cut_intervals((element,))
            teller = self._headend(int(self.topology.tour.order[own[0][0]])) if own else NONE
            if teller >= 0 and inside(int(self.tin[teller]), spans) and not inside(int(self.tin[teller]), own):
                inner += own
        return self.told.within(merged(inner)) + self.tellers.within(merged(inner))

    def near_ends(self, failed: Sequence[int], spans: Sequence[Interval]) -> dict[NearEnd, bool]:
        """Live speakers next to the failure with the link they lost; True where it was the node beyond that
        failed.
        """
        topology, tin = self.topology, self.tin
        found: dict[NearEnd, bool] = {}
        for vertex in topology.failing(failed):
            links = topology.outward(vertex) if vertex < topology.nodes else [vertex]
            for link in links:
                for node in topology.ends(link):
                    speaker = self._speaker(node, link)
                    if node != vertex and speaker >= 0 and not inside(int(tin[speaker]), spans):
                        found.setdefault((speaker, link), vertex < topology.nodes)
        return found

    def _speaker(self, node: int, link: int) -> int:
        """The node itself, or the first above it that can speak, where it is passive; NONE below the link."""
        topology = self.topology
        if not topology.is_silent(node):
            return node
        if topology.parent(node) == link:
            return NONE
        return next((v for v in topology.ancestors(node) if not topology.is_silent(v)), NONE)

    def _reports(self, end: NearEnd, spans: Sequence[Interval]) -> bool:
        speaker = end[0]
        return end in self.far or (speaker in self.unnamed and self._fits(speaker, spans))

    def _fits(self, speaker: int, spans: Sequence[Interval]) -> bool:
        """A port that sees nobody fits only a failure that takes nearly all behind it."""
        if not any(self.evidence[i].type == "pon-loss-of-signal" for i in self.unnamed[speaker]):
            return True
        tour, lines = self.topology.tour, self.topology.line_sums
        behind = float(lines[tour.tout[speaker]] - lines[tour.tin[speaker]])
        return total(lines, spans) >= 0.9 * behind

    def reports_links(self, end: NearEnd) -> bool:
        """Devices report their own links; what hangs inside a chassis, or on coax, is not theirs to see."""
        speaker, link = end
        topology = self.topology
        return (
            topology.is_device(speaker)
            and speaker in topology.ends(link)
            and topology.kind(link) not in {"internal", "coax"}
        )

    def _near_end(self, heard: Sequence[NearEnd], is_node: dict[NearEnd, bool], spans: Sequence[Interval]) -> float:
        """What live neighbours say of the links they lost; every alarm counts once, every protocol once a link."""
        nats, counted = 0.0, set[int]()
        for end in heard:
            speaker, link = end
            named = [i for i in self.far.get(end, ()) if i not in counted]
            unnamed = [i for i in self.unnamed.get(speaker, ()) if i not in counted]
            if unnamed and not self._fits(speaker, spans):
                unnamed = []
            counted.update(named, unnamed)
            direct = speaker in self.topology.ends(link)
            nats += self._one_end({self.evidence[i].type for i in named}, Relation.FAR_END, is_node[end])
            if named and not is_node[end] and direct and self._light_stayed(link, named):
                nats -= LIGHT_STAYED
            is_port = {self.evidence[i].type for i in unnamed} == {"pon-loss-of-signal"}
            relation = Relation.FAR_END if direct and is_port else Relation.PASSIVE
            nats += self._one_end({self.evidence[i].type for i in unnamed}, relation, is_node[end])
        return nats

    def _one_end(self, types: set[str], relation: Relation, is_node: bool) -> float:
        return sum(self.weight(t, relation, is_node) for t in types)

    def _light_stayed(self, link: int, alarms: Sequence[int]) -> bool:
        return self.topology.kind(link) == "fibre" and all(self.evidence[i].type != "loss-of-signal" for i in alarms)

    def _itself(self, failed: Sequence[int], spans: Sequence[Interval]) -> float:
        """What the failed elements say of themselves, in place of what lying behind would have added."""
        nats = 0.0
        for element in failed:
            is_node = element < self.topology.nodes
            for i in self.itself.get(element, ()):
                e, vertex = self.evidence[i], self.where[i]
                nats += self.weight(e.type, Relation.ITSELF, is_node)
                if vertex >= 0 and i not in self.live and inside(int(self.tin[vertex]), spans):
                    nats -= self.weight(e.type, Relation.BEHIND, False)
        return nats

    def _missing(self, spans: Sequence[Interval], devices: int, silent: int) -> float:
        """Against: devices that should be silent by now and are not; the same of lines, where somebody
        listens.
        """
        topology = self.topology
        nats = max(0, devices - silent) * log(1 - 0.9 * self.ramp(self.config.silence))
        seen = 0.0
        if not devices and self.onts_speak:
            seen = ONT_SEEN * self.ramp(10.0)
        elif self.interims_speak:
            seen = INTERIM_SEEN * self.ramp(self.config.interim)
        if seen and (lines := total(topology.line_sums, spans)):
            quiet = max(0.0, lines - self.silent_lines.within(spans))
            nats += quiet * min(1.0, LINES / lines) * log(1 - seen)
        return nats

    def ramp(self, delay: float) -> float:
        """How much of what takes `delay` seconds to show should have shown by now."""
        return min(1.0, max(0.05, self.elapsed / delay))

    def _explains_first(self, failed: Sequence[int], spans: Sequence[Interval], heard: Sequence[NearEnd]) -> bool:
        return any(self.explains(i, failed, spans, heard) for i in list(self.earliest)[:8])

    def explains(self, i: int, failed: Sequence[int], spans: Sequence[Interval], heard: Sequence[NearEnd]) -> bool:
        """Whether alarm `i` follows from these failures."""
        e, vertex = self.evidence[i], self.where[i]
        if vertex >= 0 and vertex != e.element and inside(int(self.tin[vertex]), spans):
            return True
        is_node = 0 <= e.element < self.topology.nodes
        dead = is_node and i not in self.live and inside(int(self.tin[e.element]), spans)
        if e.element in failed or dead:
            return True
        for speaker, link in heard:
            if speaker != e.element:
                continue
            if i in self.far.get((speaker, link), ()) or i in self.unnamed.get(speaker, ()):
                return True
        return False

    def explained(self, failed: Sequence[int], score: Score) -> Explained:
        """The alarms that follow from these failures."""
        at = self.bulk_at
        runs = [(bisect_left(at, lo), bisect_left(at, hi)) for lo, hi in score.spans]
        apart = (i for i in self.apart if self.explains(i, failed, score.spans, score.heard))
        return Explained(merged([run for run in runs if run[0] < run[1]]), frozenset(apart))

    def explains_all(self, failed: Sequence[int], score: Score) -> bool:
        """Whether these failures leave no alarm over, those aside that whoever told them could not have told."""
        return self.explained(failed, score).size == len(self.evidence) and not self.tellers.within(score.spans)

    def first_after(self, at: float, explained: Explained) -> float | None:
        """When the first of these alarms, those apart aside, was raised after a moment."""
        later = (self.evidence[i].at for lo, hi in explained.runs for i in self.bulk[lo:hi])
        return min((when for when in later if when > at), default=None)


def united(parts: Iterable[Explained]) -> Explained:
    """The alarms that follow from any of these."""
    runs, apart = list[Interval](), frozenset[int]()
    for part in parts:
        runs += part.runs
        apart |= part.apart
    return Explained(merged(runs), apart)
