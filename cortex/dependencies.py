"""What lines depend on beside their path: for each role any one of a pool of providers, by who holds their session."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from cortex.topology import Topology
from cortex.tour import Ints

#: The consumer that stands for all that are not named.
ANYONE = -1

#: A sign that somebody measures: alarm type, who measures it, and the provider asked, -1 for none.
Watched = tuple[str, int, int]


@dataclass(frozen=True)
class Dependencies:
    """`pools[role][consumer]` are the providers of which one must work. `nas_of`: per node the consumer that holds
    the session of the line that ends there, -1 where none does. `watched`: what would be noticed.
    """

    pools: Mapping[str, Mapping[int, tuple[int, ...]]] = field(default_factory=dict)
    nas_of: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    watched: frozenset[Watched] = frozenset()

    @property
    def providers(self) -> dict[int, str]:
        """Every provider and its role."""
        return {p: role for role, pool in self.pools.items() for providers in pool.values() for p in providers}

    def whole_pools(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Every role with all its providers, where there are several."""
        for role, pool in self.pools.items():
            providers = tuple(sorted({p for some in pool.values() for p in some}))
            if len(providers) > 1:
                yield role, providers

    def pool_of(self, role: str, consumer: int) -> tuple[int, ...]:
        """The providers of a role that a consumer may use; empty where it needs none."""
        pool = self.pools.get(role, {})
        return pool.get(consumer, pool.get(ANYONE, ()))

    def depends(self, role: str, consumer: int, failed: Collection[int]) -> bool:
        """Whether any of these is a provider of the consumer's."""
        return any(p in failed for p in self.pool_of(role, consumer))

    def bereft(self, role: str, consumer: int, failed: Collection[int]) -> bool:
        """Whether the consumer has providers of a role, and none but these."""
        pool = self.pool_of(role, consumer)
        return bool(pool) and all(p in failed for p in pool)

    def serves(self, provider: int, consumer: int) -> bool:
        """Whether a provider serves this consumer by name, not as it serves anyone."""
        return any(provider in pool.get(consumer, ()) for pool in self.pools.values())

    def consumers(self) -> list[int]:
        """Whoever holds a line's session."""
        return sorted(set(np.unique(self.nas_of[self.nas_of >= 0]).tolist()))

    def lines_of(self, consumers: Collection[int]) -> Ints:
        """The nodes where the lines of these consumers end; ascending."""
        return np.flatnonzero(np.isin(self.nas_of, list(consumers)) & (self.nas_of >= 0))

    def lines_cut(self, cut_off: Ints) -> dict[int, float]:
        """The share of each consumer's lines that is among these nodes, and of those that a provider serves by name;
        under ANYONE of all lines.
        """
        known = self.nas_of[self.nas_of >= 0]
        if not len(known):
            return {}
        inside = self.nas_of[cut_off[cut_off < len(self.nas_of)]]
        inside = inside[inside >= 0]
        size = int(known.max()) + 1
        whole, cut = np.bincount(known, minlength=size), np.bincount(inside, minlength=size)
        shares = {int(c): float(cut[c] / whole[c]) for c in np.flatnonzero(cut)}
        for pool in self.pools.values():
            for provider in {p for c, providers in pool.items() if c != ANYONE for p in providers}:
                served = [c for c, providers in pool.items() if provider in providers and 0 <= c < size]
                if cut[served].sum():
                    shares[provider] = float(cut[served].sum() / whole[served].sum())
        return shares | {ANYONE: len(inside) / len(known)}


def none_of(topology: Topology) -> Dependencies:
    """A network of which no dependency is known."""
    return Dependencies(nas_of=np.full(topology.nodes, -1, dtype=np.int64))
