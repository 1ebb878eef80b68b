"""At which places an alarm can be a sign of a fault mode: an element, a site, a zone."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from cortex.evidence import ADJACENCY
from cortex.group import NONE, Evidence
from cortex.modes.row import Mode, Where
from cortex.topology import Topology

#: Links of one alarm or device that are looked at.
LINKS = 16


class Spot(NamedTuple):
    """A place of a fault: "element" with a topology id, "site" with its number, "zone" with the operator's number."""

    kind: str
    id: int


class Spots:
    """Finds the places of signs in one topology; the few answers that many alarms share are kept."""

    def __init__(self, topology: Topology) -> None:
        """Nothing looked up yet."""
        self.topology = topology
        self._above = cache(self._ancestors)

    def of(self, e: Evidence, where: Where, kinds: frozenset[str]) -> Sequence[Spot]:
        """The places of these kinds to which the alarm stands in that relation."""
        element = e.element if e.element >= 0 else e.about
        match where:
            case Where.BELOW:
                return self._above(self._node_above(element), kinds)
            case Where.SITE:
                return self._site(element, kinds)
            case Where.AREA:
                zone = self.zone(element)
                return (Spot("zone", zone),) if zone >= 0 and "zone" in kinds else ()
            case Where.END:
                return [Spot("element", i) for i in self._links(e) if self.topology.kind(i) in kinds]
        return [Spot("element", i) for i in self._itself(e, kinds) if self.topology.kind(i) in kinds]

    def _node_above(self, element: int) -> int:
        """The nearest node that an element depends on, or NONE; no mode has a link for its place and signs below it."""
        above, nodes = self.topology.above, self.topology.nodes
        if element >= self.topology.vertices:
            return NONE
        element = above[element]
        while element >= nodes:
            element = above[element]
        return element

    def _ancestors(self, above: int, kinds: frozenset[str]) -> tuple[Spot, ...]:
        topology = self.topology
        chain = [above, *topology.ancestors(above)] if above >= 0 else []
        return tuple(Spot("element", i) for i in chain if topology.kind(i) in kinds)

    def _site(self, element: int, kinds: frozenset[str]) -> Sequence[Spot]:
        """Where a device stands; it stands for its own site where none is known."""
        topology = self.topology
        if element >= topology.nodes:
            return ()
        site = topology.site(element)
        if site is not None:
            return (Spot("site", site),) if "site" in kinds else ()
        return (Spot("element", element),) if topology.kind(element) in kinds else ()

    def zone(self, element: int) -> int:
        """The zone of a node, or of the nearer end of a link; NONE where there is none."""
        node = self.topology.ends(element)[0] if self.topology.is_link(element) else element
        zone = self.topology.zone(node)
        return NONE if zone is None else zone

    def _links(self, e: Evidence) -> Sequence[int]:
        """The links an alarm names; all of a device that is silent; the speaker where it names none."""
        topology, about = self.topology, e.about
        if about == NONE:
            return topology.neighbours(e.element)[:LINKS] if e.type == "unreachable" else (e.element,)
        if topology.is_link(about):
            return (about,)
        if topology.is_node(about):
            return topology.between(e.element, about)[:LINKS] if 0 <= e.element < topology.nodes else ()
        return topology.neighbours(about)[:LINKS]

    def _itself(self, e: Evidence, kinds: frozenset[str]) -> Sequence[int]:
        """Whom the alarm speaks of: the speaker, and what hangs on the port it names; neither where the link between
        them may be the place.
        """
        topology, about = self.topology, e.about
        if e.element < 0:
            return (about,)
        if e.type in ADJACENCY or about < 0 or not topology.is_link(about) or e.element not in topology.ends(about):
            return (e.element,)
        return () if topology.kind(about) in kinds else (e.element, topology.across(about, e.element))

    def name(self, spot: Spot) -> str:
        """The element key: "node:z3-agg-1", "site:z3-pop", "zone:4"."""
        if spot.kind == "element":
            return self.topology.name(spot.id)
        return f"site:{self.topology.sites[spot.id].name}" if spot.kind == "site" else f"zone:{spot.id}"

    def nodes(self, spot: Spot) -> list[int]:
        """The nodes of a place that can fail with it: those of a site, the element itself, none of a zone."""
        if spot.kind == "site":
            return self.topology.at_site(spot.id)
        return [spot.id] if spot.kind == "element" else []

    def branch(self, element: int, place: int) -> int:
        """What hangs right below a place, on the way to an element that depends on it."""
        above = self.topology.above
        while above[element] not in (place, NONE):
            element = above[element]
        return element

    def depth(self, spot: Spot) -> int:
        """Of two places on one branch the nearer to the lines has the greater."""
        is_vertex = spot.kind == "element" and spot.id < self.topology.vertices
        return int(self.topology.tour.tin[spot.id]) if is_vertex else 0

    def below(self, spot: Spot) -> int:
        """Lines that depend on a place; 0 where that is not known."""
        is_vertex = spot.kind == "element" and spot.id < self.topology.vertices
        return self.topology.lines_below(spot.id) if is_vertex else 0


def starters(modes: Sequence[Mode]) -> dict[str, list[tuple[Mode, int]]]:
    """For every alarm type the modes, and their signs by place, for which such an alarm is worth a thought."""
    found: dict[str, list[tuple[Mode, int]]] = {}
    for mode in modes:
        for place, sign in enumerate(mode.signs):
            if sign.type in mode.first:
                found.setdefault(sign.type, []).append((mode, place))
    return found
