"""What the elements of a network are, and which is next to which: nodes, links and shared risks as arrays.

Nodes, links and shared risks (fibres, ducts) share one space of ids, in that order. A link is a vertex of
its own; a shared risk fails all links that ride it together. Names need not be unique between kinds of
thing unless looked up: callers prefix them ("node:x", "link:y", "fibre:f", "duct:d").
"""

from functools import cached_property

import numpy as np

from cortex.parts import Arrays, Site
from cortex.tour import Bools, Ints


class Graph:
    """The network as it is built, whatever may fail in it. Never changed once made."""

    def __init__(self, arrays: Arrays) -> None:
        """The network of these arrays."""
        self.nodes = len(arrays.gateways)
        self.links = len(arrays.ends_a)
        self.vertices = self.nodes + self.links
        self.size = len(arrays.kind_codes)
        self.ends_a, self.ends_z = arrays.ends_a, arrays.ends_z
        self._kinds: tuple[str, ...] = tuple(arrays.kinds)
        self._codes = arrays.kind_codes
        self._devices, self._silent, self._zones = arrays.devices, arrays.silent, arrays.zones
        self._riders = (arrays.rider_links + self.nodes, arrays.rider_risks)
        self._names = arrays.names
        self._site_of = arrays.site_of
        self.sites: tuple[Site, ...] = tuple(arrays.sites)
        self._index = {name: i for i, name in enumerate(self._names or ())}

    # -- what an element is

    def index(self, name: str) -> int | None:
        """The id of a name, or None."""
        return self._index.get(name)

    def name(self, i: int) -> str:
        """The name of an element; its kind and number where names were not given."""
        return self._names[i] if self._names is not None else f"{self.kind(i)}:{i}"

    def kind(self, i: int) -> str:
        """The kind of an element, as given."""
        return self._kinds[int(self._codes[i])]

    def zone(self, i: int) -> int | None:
        """The zone of a node, or None."""
        zone = int(self._zones[i]) if i < self.nodes else -1
        return zone if zone >= 0 else None

    def is_node(self, i: int) -> bool:
        """Whether this is a node."""
        return i < self.nodes

    def is_link(self, i: int) -> bool:
        """Whether this is a link."""
        return self.nodes <= i < self.vertices

    def is_risk(self, i: int) -> bool:
        """Whether this is a shared risk: a fibre or a duct."""
        return i >= self.vertices

    def is_device(self, i: int) -> bool:
        """Whether this is equipment the operator runs and polls."""
        return i < self.nodes and bool(self._devices[i])

    def is_silent(self, i: int) -> bool:
        """Whether this can't speak: a passive node, a link, a risk."""
        return i >= self.nodes or bool(self._silent[i])

    @property
    def zones(self) -> Ints:
        """Zone by node id, -1 for none."""
        return self._zones

    @property
    def device_mask(self) -> Bools:
        """By node id, whether it is a device."""
        return self._devices

    # -- where a node stands

    def site(self, i: int) -> int | None:
        """The site of a node, as a number into `sites`, or None."""
        site = int(self._site_of[i]) if i < len(self._site_of) else -1
        return site if site >= 0 else None

    def at_site(self, site: int) -> list[int]:
        """The nodes that stand at a site."""
        return _row(self._by_site, site)

    @cached_property
    def _by_site(self) -> tuple[Ints, Ints]:
        nodes = np.flatnonzero(self._site_of >= 0)
        return _rows(self._site_of[nodes], nodes, len(self.sites))

    # -- who is next to whom

    def ends(self, link: int) -> tuple[int, int]:
        """The two nodes of a link."""
        return int(self.ends_a[link - self.nodes]), int(self.ends_z[link - self.nodes])

    def across(self, link: int, node: int) -> int:
        """The node at the other end of a link."""
        a, z = self.ends(link)
        return z if node == a else a

    @cached_property
    def _incident(self) -> tuple[Ints, Ints]:
        ends = np.concatenate([self.ends_a, self.ends_z])
        return _rows(ends, np.tile(np.arange(self.nodes, self.vertices), 2), self.nodes)

    @cached_property
    def _by_risk(self) -> tuple[Ints, Ints]:
        return _rows(self._riders[1], self._riders[0], self.size - self.vertices)

    @cached_property
    def _by_link(self) -> tuple[Ints, Ints]:
        return _rows(self._riders[0] - self.nodes, self._riders[1] + self.vertices, self.links)

    def neighbours(self, i: int) -> list[int]:
        """Next to a node: its links. To a link: its two nodes. To a risk: the links that ride it."""
        if i < self.nodes:
            return _row(self._incident, i)
        return list(self.ends(i)) if i < self.vertices else _row(self._by_risk, i - self.vertices)

    def degree(self, node: int) -> int:
        """How many links a node has."""
        starts = self._incident[0]
        return int(starts[node + 1] - starts[node])

    def risks_of(self, link: int) -> list[int]:
        """The shared risks a link rides, in order from a to z."""
        return _row(self._by_link, link - self.nodes)

    def between(self, a: int, z: int) -> list[int]:
        """The links that join two nodes directly."""
        few, other = (a, z) if self.degree(a) <= self.degree(z) else (z, a)
        return [link for link in self.neighbours(few) if self.across(link, few) == other]


def _rows(owner: Ints, member: Ints, owners: int) -> tuple[Ints, Ints]:
    """Members by owner as compressed rows: starts and members; the order of members is kept."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))])
    return starts, member[np.argsort(owner, kind="stable")]


def _row(rows: tuple[Ints, Ints], i: int) -> list[int]:
    found: list[int] = rows[1][rows[0][i] : rows[0][i + 1]].tolist()
    return found
