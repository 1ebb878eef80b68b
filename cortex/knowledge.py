"""The numbers that evidence is weighed with, as one value: how often things fail, what each failure makes us hear,
and what is heard without cause.

`HAND_WRITTEN` are the evidence tables as they stand in the files. A learned version is the same value with some
numbers moved; whoever diagnoses is handed one with its `Config`, and nothing of it is global.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import log

from cortex.evidence import Relation, alarm, base, given

#: (alarm type, relation, whether the cause is a node).
Given = tuple[str, Relation, bool]
#: Priors by family: an element is a node, a link or a shared risk, and a kind may occur in several.
FAMILIES: dict[str, dict[str, float]] = {"node": base.PRIOR_NODE, "link": base.PRIOR_LINK, "risk": base.PRIOR_RISK}


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Where a number is not given here, the tables' holds.

    `given`: P(seen | cause). `leaks`: P(seen | no cause near) by alarm type. `priors`: by (family, kind), on the
    tables' scale. `elements`: by element name, how many times as often as its kind it fails. `version`: 0 is the
    tables themselves.
    """

    version: int = 0
    given: Mapping[Given, float] = field(default_factory=dict)
    leaks: Mapping[str, float] = field(default_factory=dict)
    priors: Mapping[tuple[str, str], float] = field(default_factory=dict)
    elements: Mapping[str, float] = field(default_factory=dict)
    weight: Callable[[str, Relation, bool], float] = field(init=False, repr=False)
    """`_weight`, kept per version: it is asked for thousands of times and has a few hundred values."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", cache(self._weight))

    def _weight(self, type_: str, relation: Relation, is_node: bool) -> float:
        """Nats that an alarm in this relation adds for its cause: noisy-OR of cause and leak, against the leak
        alone.
        """
        p, leak = self.seen(type_, relation, is_node), self.leak(type_)
        return log((p + (1 - p) * leak) / leak) if p else 0.0

    def seen(self, type_: str, relation: Relation, is_node: bool) -> float:
        """P(seen | cause) of an alarm in that relation to it; 0 where the cause does not explain it."""
        learned = self.given.get((alarm(type_).type, relation, is_node))
        return learned if learned is not None else given(type_, relation, is_node)

    def leak(self, type_: str) -> float:
        """P(seen | no cause at all near) within one window."""
        row = alarm(type_)
        return self.leaks.get(row.type, row.leak)

    def prior(self, family: str, kind: str) -> float:
        """How often an element of a kind fails against a fibre's once in the tables."""
        learned = self.priors.get((family, kind))
        return learned if learned is not None else FAMILIES[family].get(kind, base.PRIOR_OTHER)

    def log_prior(self, family: str, kind: str, name: str) -> float:
        """Log of how often this very element fails."""
        return log(self.prior(family, kind) * self.elements.get(name, 1.0))


HAND_WRITTEN = Knowledge()
