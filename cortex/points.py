"""Where a signal points: what it says is down, the strongest first."""

from cortex.evidence import ADJACENCY, SILENCE
from cortex.group import NONE, Evidence
from cortex.topology import Topology

#: What is said of a port. Where its link is known the two are the same thing.
PORT = frozenset({"link-down", "loss-of-signal", "optical-power-low", "interface-errors", "interface-flapping"})
#: What takes nothing to be down: a warning, or something of no known kind.
MINOR = frozenset(
    {
        "other", "temperature-high", "optical-power-low", "interface-errors", "interface-flapping", "heavy-rain",
        "feed-silent", "ont-signal-degraded", "docsis-t3-timeouts", "docsis-partial-service", "modem-registered",
        "radio-modulation-low",
    }
)  # fmt: skip
#: Of an element's links or risks, how many are points of one signal.
POINTS = 16
#: What depends on the first point of such a signal must be down too: a lost link, silence, a port in the dark.
STRONG = ADJACENCY | SILENCE | {"pon-loss-of-signal"}


def points_of(topology: Topology, evidence: Evidence) -> list[int]:
    """What the signal says is down, the strongest first; nothing where no topology knows it."""
    element, about = evidence.element, evidence.about
    if element < 0 and about < 0:
        return []
    if element < 0 or (evidence.type in ADJACENCY and about >= 0 and element < topology.nodes):
        return _lost(topology, element, about)
    return _lost(topology, NONE, element) if element >= topology.nodes else [element]


def _lost(topology: Topology, speaker: int, about: int) -> list[int]:
    """The links, their risks and the neighbour that a speaker has lost."""
    if topology.is_risk(about):
        return [*topology.neighbours(about)[:POINTS], about]
    if topology.is_node(about):
        links = topology.between(speaker, about)[:POINTS] if speaker >= 0 else []
        return [*links, about, *(r for link in links for r in topology.risks_of(link))]
    far = [topology.across(about, speaker)] if speaker in topology.ends(about) else []
    return [about, *far, *topology.risks_of(about)]


def is_hint(topology: Topology, evidence: Evidence) -> bool:
    """Whether a signal says of its element only that something is odd there: a warning, or a port that no
    topology knows, which is most often a customer's. It takes nothing to be down that depends on the element.
    """
    is_unnamed = evidence.type in ADJACENCY and evidence.about == NONE and 0 <= evidence.element < topology.nodes
    return is_unnamed or evidence.type in MINOR
