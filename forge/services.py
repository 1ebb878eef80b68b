"""From Atlas' rows to what Cortex knows of the services that lines depend on."""

from collections import defaultdict

import numpy as np

from atlas.network.enums import Metric
from atlas.network.inventory import Inventory
from cortex.dependencies import ANYONE, Dependencies, Watched
from cortex.topology import Topology
from forge.feeds.vitals import ALARM_OF


def build_dependencies(inventory: Inventory, topology: Topology) -> Dependencies:
    """Who needs which provider, who holds whose session, and what is measured of it."""
    pools: defaultdict[str, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for role, provider, consumer in inventory.dependencies:
        index = topology.index(f"node:{provider}")
        needs = ANYONE if consumer is None else topology.index(f"node:{consumer}")
        if index is not None and needs is not None:
            pools[role][needs].append(index)
    nas_of = np.full(topology.nodes, -1, dtype=np.int64)
    for node, nas in inventory.nas_of.items():
        line, holder = topology.index(f"node:{node}"), topology.index(f"node:{nas}")
        if line is not None and holder is not None:
            nas_of[line] = holder
    fixed = {role: {c: tuple(providers) for c, providers in pool.items()} for role, pool in pools.items()}
    return Dependencies(fixed, nas_of, frozenset(_watched(inventory, topology)))


def _watched(inventory: Inventory, topology: Topology) -> list[Watched]:
    def place(name: str) -> int:
        index = topology.index(f"node:{name}")
        return -1 if index is None else index

    return [
        (ALARM_OF[Metric(metric)].value, place(element), place(about))
        for metric, element, about in inventory.watched
        if metric in set(Metric)
    ]


def share_in(said: str | None) -> float | None:
    """How much fails or is gone, 0 to 1, as an alarm says it; None where it says nothing that can be read."""
    try:
        share = float(said) if said else None
    except ValueError:
        return None
    return share if share is not None and 0.0 <= share <= 1.0 else None
