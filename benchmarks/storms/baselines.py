"""What people group alarms by today: a fixed window, a pause, labels, and density over time and hops.

All are given the same alarms with the same documentation. They see the whole storm at once, which a live system does
not, and their parameter is the best of a stated grid on other seeds. `density` is DBSCAN over a distance of time and
hops, as in the correlation engine of OpenNMS ALEC. None names a cause: the element of the group's first alarm stands
in for it.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from sklearn.cluster import DBSCAN

from benchmarks.storms.scenarios import Heard
from benchmarks.storms.world import World
from cortex.topology import Topology

Labels = list[object]
#: Where two alarms have no path between them.
FAR = 99.0


class Given(NamedTuple):
    """What a baseline may look at: the raised alarms by time of arrival, the documentation, the inventory."""

    raised: Sequence[Heard]
    topology: Topology
    world: World


class Baseline(NamedTuple):
    """A way of grouping and the settings it may choose from."""

    name: str
    labels: Callable[..., Labels]
    grid: tuple[tuple[object, ...], ...]


def fixed_window(given: Given, seconds: float) -> Labels:
    """All that arrives in one slice of time."""
    return [int(h.received // seconds) for h in given.raised]


def time_gap(given: Given, seconds: float) -> Labels:
    """All that arrives without a pause."""
    return list(_paused([(h.received, "") for h in given.raised], seconds))


def labels(given: Given, by: str, seconds: float) -> Labels:
    """All of one site, device or role without a pause, as Alertmanager's `group_by` does."""
    return list(_paused([(h.received, _label(given.world, h, by)) for h in given.raised], seconds))


def _label(world: World, heard: Heard, by: str) -> str:
    node = world.nodes[heard.element]
    return {"site": node.site, "device": node.name, "role": node.kind, "site and role": f"{node.site} {node.kind}"}[by]


def _paused(rows: Sequence[tuple[float, str]], seconds: float) -> Iterator[object]:
    last: dict[str, tuple[float, int]] = {}
    for at, label in rows:
        when, number = last.get(label, (float("-inf"), -1))
        number += at - when > seconds
        last[label] = at, number
        yield (label, number)


def density(given: Given, seconds: float, hops: float) -> Labels:
    """DBSCAN where √((Δt / seconds)² + (Δhops / hops)²) ≤ 1; every alarm is of some group."""
    where, between = _distances(given)
    at = np.asarray([h.received for h in given.raised])
    apart = np.abs(at[:, None] - at[None, :]) / seconds
    distance = np.sqrt(apart**2 + (between[np.ix_(where, where)] / hops) ** 2)
    found: Labels = DBSCAN(eps=1.0, min_samples=1, metric="precomputed").fit_predict(distance).tolist()
    return found


@cache
def _graph(topology: Topology) -> csr_array:
    """Nodes by documented links."""
    one = np.ones(topology.links)
    return coo_array((one, (topology.ends_a, topology.ends_z)), shape=(topology.nodes, topology.nodes)).tocsr()


def _distances(given: Given) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """For each alarm the row of its element, and the hops between these; an undocumented one is far from all."""
    names = sorted({h.element for h in given.raised})
    row = {name: i for i, name in enumerate(names)}
    known = [(i, at) for i, name in enumerate(names) if (at := given.topology.index(name)) is not None]
    ids = [at for _, at in known]
    between = np.full((len(names), len(names)), FAR)
    np.fill_diagonal(between, 0.0)
    hops = dijkstra(_graph(given.topology), directed=False, indices=ids, unweighted=True, limit=8)[:, ids]
    rows = np.asarray([i for i, _ in known])
    between[np.ix_(rows, rows)] = np.minimum(hops, FAR)
    return np.asarray([row[h.element] for h in given.raised]), between


BASELINES = (
    Baseline("fixed window", fixed_window, tuple((s,) for s in (30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0))),
    Baseline("time gap", time_gap, tuple((s,) for s in (10.0, 30.0, 60.0, 120.0, 300.0, 600.0))),
    Baseline(
        "labels",
        labels,
        tuple((by, s) for by in ("site", "device", "role", "site and role") for s in (60.0, 300.0, 600.0, 1200.0)),
    ),
    Baseline(
        "DBSCAN, time and hops",
        density,
        tuple((s, h) for s in (60.0, 120.0, 300.0, 600.0) for h in (1.0, 2.0, 3.0, 5.0)),
    ),
)


def first_element(given: Given, found: Labels) -> dict[object, str]:
    """For each group the element, or the link, of its first alarm."""
    first: dict[object, str] = {}
    for heard, label in zip(given.raised, found, strict=True):
        first.setdefault(label, heard.about if heard.about.startswith("link:") else heard.element)
    return first
