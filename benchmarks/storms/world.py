"""The physical network and who is cut off when parts of it fail, by plain search.

The redundant part (gateways, core, aggregation) is searched; what hangs below an access device is a tree, and falls
with whatever it hangs on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """Something with a place. `up`: its only link towards the gateways, where it is part of an access tree."""

    name: str
    kind: str
    site: str
    up: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """What joins a to z, z being the lower where it is part of a tree. `risks`: fibres and ducts it rides."""

    name: str
    a: str
    z: str
    kind: str
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Habits:
    """How this operator has built and set up things. Seconds where not said."""

    igp: str = "ospf-adjacency-down"
    igp_to_access: bool = False
    bfd: float = 0.9
    hold: float = 40.0
    bgp_hold: float = 90.0
    poll: float = 60.0
    interim: float = 300.0
    names_onts: bool = False  # a port in the dark also names each of its ONTs
    reflectors: tuple[str, ...] = ()


ROUTED = frozenset({"core_router", "aggregation"})
ACCESS = frozenset({"olt", "cmts", "tower"})
POLLED = ROUTED | ACCESS | {"fibre_node", "sector"}
LINES = frozenset({"ont", "modem", "cpe"})


@dataclass(slots=True)
class World:
    """All parts by name."""

    name: str
    nodes: dict[str, Node]
    links: dict[str, Link]
    riders: dict[str, tuple[str, ...]]  # fibre or duct -> links
    habits: Habits
    links_of: dict[str, list[str]] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)  # node -> nodes of trees that hang on it
    core: list[str] = field(default_factory=list)  # what is part of no tree
    routed: list[str] = field(default_factory=list)
    _whole: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Index what is next to what."""
        for link in self.links.values():
            for end in (link.a, link.z):
                self.links_of.setdefault(end, []).append(link.name)
        for node in self.nodes.values():
            if node.up:
                self.below.setdefault(self.across(node.up, node.name), []).append(node.name)
        self.core = [n.name for n in self.nodes.values() if not n.up]
        self.routed = sorted(n.name for n in self.nodes.values() if n.kind in ROUTED)
        self._whole = self._searched(set(), set())

    def across(self, link: str, node: str) -> str:
        """The other end of a link."""
        ends = self.links[link]
        return ends.z if ends.a == node else ends.a

    def dead_links(self, failed: Iterable[str]) -> set[str]:
        """Links that fail themselves, or ride on what fails."""
        return {link for f in failed for link in ([f] if f in self.links else self.riders.get(f, ()))}

    def cut_off(self, failed: Iterable[str]) -> set[str]:
        """Nodes that have lost every gateway, the failed ones among them."""
        failed = set(failed)
        links = self.dead_links(failed)
        is_core = any(not self.nodes[f].up for f in failed & self.nodes.keys())
        is_core |= any(not self.nodes[self.links[link].z].up for link in links)
        reached = self._searched(failed, links) if is_core else self._whole
        down = [n for n in self.core if n not in reached]
        down += [f for f in failed if f in self.nodes and self.nodes[f].up]
        down += [self.links[link].z for link in links if self.nodes[self.links[link].z].up == link]
        return self.under(down)

    def _searched(self, failed: set[str], links: set[str]) -> set[str]:
        queue = [n for n in self.core if self.nodes[n].kind == "transit" and n not in failed]
        seen = set(queue)
        for node in queue:  # grows while it is walked
            for link in self.links_of[node]:
                other = self.across(link, node)
                if link not in links and other not in seen and other not in failed and not self.nodes[other].up:
                    seen.add(other)
                    queue.append(other)
        return seen

    def under(self, tops: Iterable[str]) -> set[str]:
        """These nodes and all that hangs on them."""
        queue = list(dict.fromkeys(tops))
        seen = set(queue)
        for node in queue:  # grows while it is walked
            for child in self.below.get(node, ()):
                if child not in seen:
                    seen.add(child)
                    queue.append(child)
        return seen

    def lines_under(self, node: str) -> list[str]:
        """The ends of lines that hang on a node, itself included."""
        return sorted(n for n in self.under([node]) if self.nodes[n].kind in LINES)
