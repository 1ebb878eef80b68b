"""Which signals belong together because they are signs of one fault mode: noise on a fibre node, rain over a zone.

What is down joins its group by what depends on it (`cortex.places`); modes cut nothing off, so their signs find each
other here, by the places they have in common. Each signal touches its own places only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cortex.group import Evidence
from cortex.groups import Groups
from cortex.modes import MODES
from cortex.modes.power import POWER
from cortex.modes.row import Mode, Sign
from cortex.modes.search import least_share, unit_of
from cortex.modes.spots import Spot, Spots, starters
from cortex.topology import Topology

_STARTERS = starters([mode for mode in MODES if not mode.first & POWER])


@dataclass(slots=True)
class _Heard:
    """Signs of one mode at one place: by type the units that showed it, when, and in which group."""

    units: dict[str, dict[int, tuple[float, int]]] = field(default_factory=dict)
    joined: int | None = None
    last: float = float("-inf")

    def forget(self, before: float) -> None:
        """Let go of what is too old to be of the same fault."""
        if self.last < before:
            self.units.clear()
        for kind, units in self.units.items():
            self.units[kind] = {unit: seen for unit, seen in units.items() if seen[0] >= before}


class Signs:
    """What was heard of each mode at each place, lately."""

    def __init__(self, topology: Topology, groups: Groups) -> None:
        """Nothing was heard."""
        self.topology, self.groups = topology, groups
        self._spots = Spots(topology)
        self._heard: dict[tuple[str, Spot], _Heard] = {}
        self._power: dict[int, int] = {}  # site -> the group in which it lost its mains

    def gather(self, evidence: Evidence, group: int) -> None:
        """Join the groups of signs that are enough for a mode together."""
        if evidence.element < 0 and evidence.about < 0:
            return
        for mode, place in _STARTERS.get(evidence.type, ()):
            for spot in self._spots.of(evidence, mode.signs[place].where, mode.kinds):
                group = self._gather(mode, spot, mode.signs[place], evidence, group)
        if evidence.element >= 0 and (evidence.type in POWER or evidence.type == "unreachable"):
            self._gather_power(evidence, group)

    def _gather(self, mode: Mode, spot: Spot, sign: Sign, evidence: Evidence, group: int) -> int:
        heard = self._heard.get((mode.name, spot))
        if heard is None:
            heard = self._heard[mode.name, spot] = _Heard()
        element = evidence.element if evidence.element >= 0 else evidence.about
        if heard.joined is not None and abs(evidence.at - heard.last) > mode.within:
            heard.joined = None
            heard.units.clear()
        if heard.joined is None:
            unit = unit_of(self._spots, sign, element)
            heard.forget(evidence.at - mode.within)
            heard.last = max(heard.last, evidence.at)
            heard.units.setdefault(evidence.type, {})[unit] = (evidence.at, group)
            if not self._is_enough(mode, sign, spot, heard):
                return group
            together = [seen[1] for units in heard.units.values() for seen in units.values()]
            heard.units.clear()
        else:
            together = [heard.joined]
            heard.last = max(heard.last, evidence.at)
        heard.joined = self._united([group, *together])
        return heard.joined

    def _is_enough(self, mode: Mode, sign: Sign, spot: Spot, heard: _Heard) -> bool:
        if sign.spread > 1 and spot.kind == "element":
            units = {unit for units in heard.units.values() for unit in units}
            if len(units) < sign.spread or len({self._spots.branch(u, spot.id) for u in units}) < sign.spread:
                return False
        for need in mode.needs:
            if all(len(heard.units.get(kind, ())) >= least for kind, least in need.items()):
                units = {unit for kind in need for unit in heard.units[kind]}
                if len(units) >= least_share(mode, need, self._spots.below(spot)):
                    return True
        return False

    def _united(self, together: Sequence[int]) -> int:
        found: set[int] = set()
        for group in together:
            self.groups.take(found, group)
        return self.groups.united(found)

    def _gather_power(self, evidence: Evidence, group: int) -> None:
        """All of a site is of one group from the loss of its mains until that group closes: its battery may last
        for hours, and then its devices die of it.
        """
        site = self.topology.site(evidence.element)
        if site is None:
            return
        before = self._power.get(site)
        is_open = before is not None and self.groups.get(before) is not None
        if evidence.type in POWER or is_open:
            self._power[site] = self._united([group, *([before] if before is not None else [])])
