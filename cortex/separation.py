"""Faults that fell into one group and have nothing to do with one another are told apart: as many groups as causes.

Grouping joins what could be of one fault before anybody knows the cause. Where the search then finds several faults,
each of which explains alarms of its own and cuts off the same alone as beside the others, they are separate stories,
each with its own crew. Two cuts in a ring that only together cut anybody off stay one, and so do two that meet at one
router: it may be dying card by card.
"""

from collections.abc import Sequence

from cortex.group import Evidence
from cortex.intervals import merged
from cortex.likelihood import Case
from cortex.root_cause import Diagnosis


def told_apart(diagnosis: Diagnosis, evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """The group's evidence by separate story, the likeliest first; one part where there is one story."""
    failed = diagnosis.failed
    if len(failed) < 2:
        return [list(evidence)]
    stories = _stories(diagnosis.case, failed)
    if len(stories) < 2:
        return [list(evidence)]
    return _parted(diagnosis.case, stories, evidence)


def _stories(case: Case, failed: Sequence[int]) -> list[tuple[int, ...]]:
    """Faults that act together in one tuple."""
    stories: list[tuple[int, ...]] = []
    for fault in failed:
        touching = [s for s in stories if any(_act_together(case, fault, other) for other in s)]
        stories = [s for s in stories if s not in touching]
        stories.append(tuple(f for s in touching for f in s) + (fault,))
    return stories


def _act_together(case: Case, one: int, other: int) -> bool:
    """Together they cut off more than each alone; or they meet at one node, which may be what is at fault."""
    if _ends(case, one) & _ends(case, other):
        return True
    cut = case.topology.cut_intervals
    return cut((one, other)) != merged([*cut((one,)), *cut((other,))])


def _ends(case: Case, fault: int) -> set[int]:
    """The nodes that are part of a failure, or at the ends of what fails."""
    topology = case.topology
    failing = topology.failing((fault,))
    return {node for v in failing for node in ((v,) if topology.is_node(v) else topology.ends(v))}


def _parted(case: Case, stories: Sequence[tuple[int, ...]], evidence: Sequence[Evidence]) -> list[list[Evidence]]:
    """What each story explains, the one that cuts off least before those around it; what none explains stays with
    the first.
    """
    home: dict[int, int] = {}
    sizes = [sum(hi - lo for lo, hi in case.topology.cut_intervals(story)) for story in stories]
    for number in sorted(range(len(stories)), key=lambda n: sizes[n]):
        story = stories[number]
        explained = case.explained(story, case.score(story))
        places = [i for lo, hi in explained.runs for i in case.bulk[lo:hi]] + sorted(explained.apart)
        for i in places:
            home.setdefault(id(case.evidence[i]), number)
    parts: list[list[Evidence]] = [[] for _ in stories]
    for e in evidence:
        parts[home.get(id(e), 0)].append(e)
    return [part for part in parts if part]
