"""The form of a fault mode: a way in which an element is at fault without being simply dead.

A mode competes in the same nats as "element dead" and "nothing": a sign that is there adds log(P(seen | mode) /
leak), one that is expected and absent adds log(1 - P(seen | mode)), what speaks against it subtracts. The figures
are judgements of the field, as those of the evidence tables are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cortex.finding import Effect, Remedy


class Where(StrEnum):
    """How the element that an alarm speaks of lies to the place of the fault."""

    ITSELF = "itself"  # it is the place
    END = "end"  # it is at one end of a link that is the place, and names it
    BELOW = "below"  # it depends on the place
    SITE = "site"  # it stands at the site; a device without a known site is one of its own
    AREA = "area"  # it stands in the zone


class Hits(StrEnum):
    """Which lines or nodes feel it."""

    NOBODY = "nobody"
    NAMED = "named"  # those that the alarms name
    BELOW = "below"  # all that depends on the place
    DEAD = "dead"  # all that depends on the devices there that have died of it


@dataclass(frozen=True, slots=True)
class Sign:
    """An alarm type the mode makes likely. `given`: P(seen | mode) for each element in that relation.

    `is_expected`: whether its absence speaks against the mode. `spread`: on how many branches of the place it must
    be, at least. `unit`: kinds of node that count as one, with all below them. `is_felt`: whether who shows it has
    poor service; rain is not.
    """

    type: str
    where: Where
    given: float
    is_expected: bool = False
    spread: int = 1
    unit: frozenset[str] = frozenset()
    is_felt: bool = True


@dataclass(frozen=True, slots=True)
class Against:
    """Alarm types that speak against the mode, in nats each, `most` of them counted."""

    types: frozenset[str]
    where: Where
    nats: float
    most: int = 3


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What a dead element there would have made its live ends say. Where none of it is heard, each such end speaks for
    the mode with so many nats.
    """

    types: frozenset[str]
    nats: float


@dataclass(frozen=True, slots=True)
class Mode:
    """One fault mode. `needs`: any one of these sets of signs makes it worth a thought, by least numbers.

    `kinds`: the places it is a fault of: kinds of elements, "site" or "zone". `prior`: how often it happens, on the
    scale of the evidence tables (a fibre's cut is 1). `share`: least part of the lines below the place that must show
    one of the needed signs. `within`: seconds in which the needed signs come. `title` names it, with {what} for the
    place and {count} for the elements that show it; `because` is the rule of the field behind it. `skill`: which
    crew, or which desk, mends it.
    """

    name: str
    technology: str
    kinds: frozenset[str]
    signs: tuple[Sign, ...]
    needs: tuple[Mapping[str, int], ...]
    effect: Effect
    remedy: Remedy
    prior: float
    title: str
    because: str
    skill: str
    within: float
    hits: Hits = Hits.BELOW
    against: tuple[Against, ...] = ()
    unsaid: Unsaid | None = None
    share: float = 0.0
    kind: str = ""

    @property
    def first(self) -> frozenset[str]:
        """The types that make it worth a thought."""
        return frozenset(kind for need in self.needs for kind in need)


def kinds(*names: str) -> frozenset[str]:
    """A set of kinds or types."""
    return frozenset(names)
