"""Faults that fell into one group and have nothing to do with one another are told apart: as many groups as causes.

Grouping joins what could be of one fault before anybody knows the cause. Where the search then finds several faults,
each of which explains alarms of its own and cuts off the same alone as beside the others, they are separate stories,
each with its own crew. Two cuts in a ring that only together cut anybody off stay one, and so do two that meet at one
router where it has said something of itself, or several meet there: it may be dying card by card.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cortex.composing import Part
from cortex.config import Config
from cortex.evidence import ADJACENCY, SILENCE
from cortex.group import NONE, Evidence
from cortex.intervals import merged, total
from cortex.likelihood import Case
from cortex.topology import Topology

#: So many faults that meet at one node are that node's.
SEVERAL = 3


@dataclass(frozen=True, slots=True)
class _Story:
    """Dead elements that act together, or what one mode explains. `at`: nodes that it is about."""

    failed: tuple[int, ...]
    at: frozenset[int]
    took: tuple[Evidence, ...] = ()

    def joined(self, other: "_Story") -> "_Story":
        return _Story((*self.failed, *other.failed), self.at | other.at, (*self.took, *other.took))


def told_apart(
    topology: Topology, parts: Sequence[Part], evidence: Sequence[Evidence], now: float, config: Config
) -> list[list[Evidence]]:
    """The group's evidence by separate story, the first found first; one part where there is one story."""
    ill = _ill(topology, parts, evidence)
    stories: list[_Story] = []
    for story in [s for part in parts for s in _of(topology, part)]:
        touching = [s for s in stories if _act_together(topology, s, story, ill)]
        stories = [s for s in stories if s not in touching]
        for each in touching:
            story = each.joined(story)
        stories.append(story)
    if len(stories) < 2:
        return [list(evidence)]
    known = [e for e in evidence if e.element >= 0 or e.about >= 0]
    return _parted(Case(topology, known, now, config), stories, evidence)


def _of(topology: Topology, part: Part) -> list[_Story]:
    """A mode is a story; of a diagnosis every dead element is one to begin with."""
    if part.fit:
        return [_Story((), frozenset(e.element for e in part.took), part.took)]
    return [_Story((fault,), _ends(topology, fault)) for fault in part.failed]


def _ends(topology: Topology, fault: int) -> frozenset[int]:
    """The nodes that are part of a failure, or at the ends of what fails."""
    failing = topology.failing((fault,))
    return frozenset(node for v in failing for node in ((v,) if topology.is_node(v) else topology.ends(v)))


def _ill(topology: Topology, parts: Sequence[Part], evidence: Sequence[Evidence]) -> set[int]:
    """Nodes that may be what is at fault where faults meet: they say so themselves, or several faults meet there."""
    meeting = Counter(node for part in parts for fault in part.failed for node in _ends(topology, fault))
    several = {node for node, faults in meeting.items() if faults >= SEVERAL}
    return several | {e.element for e in evidence if e.about == NONE and e.type not in SILENCE | ADJACENCY}


def _act_together(topology: Topology, one: _Story, other: _Story, ill: set[int]) -> bool:
    """Together they cut off more than each alone; or they meet in the redundant core, or at a node that is ill."""
    meet = one.at & other.at
    core = topology.tour.core.compact
    if meet & ill or (meet and all(core[v] >= 0 for s in (one, other) for v in topology.failing(s.failed))):
        return True
    if not (one.failed and other.failed):
        return False
    cut = topology.cut_intervals
    return cut((*one.failed, *other.failed)) != merged([*cut(one.failed), *cut(other.failed)])


def _parted(case: Case, stories: Sequence[_Story], evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """What each story explains, the one that cuts off least before those around it; what none explains stays with
    the first.
    """
    home: dict[int, int] = {}
    sizes = [total(case.topology.node_sums, case.topology.cut_intervals(story.failed)) for story in stories]
    for number in sorted(range(len(stories)), key=lambda n: sizes[n]):
        for e in _explained(case, stories[number]):
            home.setdefault(id(e), number)
    parts: list[list[Evidence]] = [[] for _ in stories]
    for e in evidence:
        parts[home.get(id(e), 0)].append(e)
    return [part for part in parts if part]


def _explained(case: Case, story: _Story) -> Collection[Evidence]:
    if not story.failed:
        return story.took
    explained = case.explained(story.failed, case.score(story.failed))
    places = [i for lo, hi in explained.runs for i in case.bulk[lo:hi]] + sorted(explained.apart)
    return [*(case.evidence[i] for i in places), *story.took]
