"""What a network is made of, as callers name it, and the same as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from cortex.tour import Bools, Ints


@dataclass(frozen=True, slots=True)
class Site:
    """A building, cabinet or mast with one mains supply. `battery_hours`: what its battery was built for, 0 for none,
    None where nobody knows; `installed_at`: since when it is there, epoch seconds.
    """

    name: str
    battery_hours: float | None = None
    installed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A node. `silent`: passive, it can't speak (splitter, fibre joint). `site`: the name of where it stands."""

    name: str
    kind: str
    is_gateway: bool = False
    is_device: bool = False
    zone: int | None = None
    technology: str = ""
    silent: bool = False
    site: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A link between nodes a and z. `risks`: the shared risks it rides, in order from a to z."""

    name: str
    a: str
    z: str
    kind: str
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedRisk:
    """What several links can lose at once: a "fibre" or a "duct"."""

    name: str
    kind: str


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Arrays:
    """A network of any size, up to millions of nodes, as arrays.

    `kind_codes` indexes `kinds` for nodes, then links, then risks; `gateways`, `devices`, `silent` and
    `zones` (-1: none) are per node; `ends_a`, `ends_z` per link, as node ids. The i-th rider is link
    `rider_links[i]` (0 is the first link) in shared risk `rider_risks[i]` (0 is the first risk), in
    order from a to z. `site_of` indexes `sites` per node (-1: none; empty: no site is known).
    """

    kinds: Sequence[str]
    kind_codes: Ints
    gateways: Bools
    devices: Bools
    silent: Bools
    zones: Ints
    ends_a: Ints
    ends_z: Ints
    rider_links: Ints = field(default_factory=_none)
    rider_risks: Ints = field(default_factory=_none)
    names: Sequence[str] | None = None
    site_of: Ints = field(default_factory=_none)
    sites: Sequence[Site] = ()


def laid_out(
    elements: Sequence[Element], edges: Sequence[Edge], risks: Sequence[SharedRisk] = (), sites: Sequence[Site] = ()
) -> Arrays:
    """Named things as arrays. ValueError when a name is unknown or twice there, or a link joins a node to
    itself. A site that only an element names has a battery nobody knows of.
    """
    names = [*(e.name for e in elements), *(e.name for e in edges), *(r.name for r in risks)]
    index = {name: i for i, name in enumerate(names)}
    if len(index) != len(names):
        raise ValueError(f"two elements are named {_first_repeated(names)}")
    kinds: dict[str, int] = {}
    things: list[Element | Edge | SharedRisk] = [*elements, *edges, *risks]
    codes = [kinds.setdefault(thing.kind, len(kinds)) for thing in things]
    riders = [(i, _known(index, r, e)) for i, e in enumerate(edges) for r in e.risks]
    first_risk = len(elements) + len(edges)
    known = {site.name: site for site in sites}
    known |= {e.site: Site(e.site) for e in elements if e.site and e.site not in known}
    place = {name: i for i, name in enumerate(known)}
    return Arrays(
        kinds=list(kinds),
        kind_codes=np.asarray(codes, dtype=np.int64),
        gateways=np.asarray([e.is_gateway for e in elements], dtype=np.bool_),
        devices=np.asarray([e.is_device for e in elements], dtype=np.bool_),
        silent=np.asarray([e.silent for e in elements], dtype=np.bool_),
        zones=np.asarray([-1 if e.zone is None else e.zone for e in elements], dtype=np.int64),
        ends_a=np.asarray([_known(index, e.a, e) for e in edges], dtype=np.int64),
        ends_z=np.asarray([_known(index, e.z, e) for e in edges], dtype=np.int64),
        rider_links=np.asarray([link for link, _ in riders], dtype=np.int64),
        rider_risks=np.asarray([risk for _, risk in riders], dtype=np.int64) - first_risk,
        names=names,
        site_of=np.asarray([place.get(e.site, -1) for e in elements], dtype=np.int64),
        sites=tuple(known.values()),
    )


def _known(index: dict[str, int], name: str, edge: Edge) -> int:
    if name not in index:
        raise ValueError(f"link {edge.name} names {name}, which is not an element")
    if edge.a == edge.z:
        raise ValueError(f"link {edge.name} joins {edge.a} to itself")
    return index[name]


def _first_repeated(names: Sequence[str]) -> str:
    seen: set[str] = set()
    return next(n for n in names if n in seen or seen.add(n))  # type: ignore[func-returns-value]
