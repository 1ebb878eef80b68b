"""When enough of what hangs on an element has fallen silent, the element itself is suspected."""

import numpy as np
import numpy.typing as npt

from cortex.config import Config
from cortex.group import Evidence
from cortex.groups import Groups, Span
from cortex.places import Places
from cortex.topology import Topology


class Branches:
    """How many of the branches that hang on each element have fallen silent lately, and how many there are."""

    def __init__(self, topology: Topology, sums: npt.NDArray[np.float64]) -> None:
        """Branches are children in the dependency tree with anything of what `sums` counts in them."""
        tour = topology.tour
        has = (sums[tour.tout] > sums[tour.tin]) & (tour.parent >= 0)
        self._whole: list[int] = np.bincount(tour.parent[has], minlength=len(has)).tolist()
        self._silent: dict[int, list[float]] = {}
        self._marked: dict[int, float] = {}

    def is_news(self, element: int, at: float, span: float) -> bool:
        """Whether this branch was not silent already; it is from now on."""
        seen = self._marked.get(element)
        if seen is not None and abs(at - seen) < span:
            return False
        self._marked[element] = at
        return True

    def count(self, element: int, bucket: float) -> tuple[float, int]:
        """Count one more silent branch of an element in this bucket of time: now how many, of how many."""
        row = self._silent.get(element)
        if row is None:
            row = self._silent[element] = [bucket, 0, 0]
        elif bucket > row[0]:
            row[:] = bucket, 0, row[1] if bucket == row[0] + 1 else 0
        row[1] += 1
        return row[1] + row[2], self._whole[element]


class Silence:
    """The silent, counted up the dependency tree."""

    def __init__(self, topology: Topology, config: Config, groups: Groups, places: Places) -> None:
        """Nobody is silent yet."""
        self.topology, self.config, self.groups, self.places = topology, config, groups, places
        self._since: dict[int, float] = {}
        self._devices = Branches(topology, topology.device_sums)
        self._lines = Branches(topology, topology.line_sums)

    def forget(self, element: int) -> None:
        """The alarms of this element are over."""
        self._since.pop(element, None)

    def count(self, evidence: Evidence, group: int) -> None:
        """Count the newly silent up the tree; where a quorum is reached, suspect that element and join it."""
        element, at = evidence.element, evidence.at
        seen = self._since.get(element)
        if seen is not None and at - seen < self.config.window:
            return
        self._since[element] = at
        is_device = self.topology.is_device(element)
        rows = self._devices if is_device else self._lines
        when = (evidence.since(self.config.window), at)
        self._mark(element, when, group, rows, self.config.window if is_device else self.config.interim)

    def _mark(self, element: int, when: Span, group: int, branches: Branches, span: float) -> None:
        """Take one branch as silent; where that makes a quorum, suspect what it hangs on and go on from there."""
        above, at = self.topology.above, when[1]
        bucket = at // span
        while branches.is_news(element, at, span) and (element := above[element]) >= 0:
            silent, whole = branches.count(element, bucket)
            if whole == 1:
                if self.topology.is_device(element):
                    return  # alive as far as is known, though all behind it is silent
            elif silent < 2 or silent < self.config.quorum * whole:
                return
            elif not self.places.is_down(element, group):
                group = self.places.suspect(element, when, group)
