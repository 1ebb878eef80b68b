"""When to look again at a group of which nothing more is heard: what stays silent is evidence too."""

from collections.abc import Sequence
from heapq import heappop, heappush

from cortex.group import Group


class Looks:
    """The next look at each group, at growing delays (seconds) after its last signal."""

    def __init__(self, delays: Sequence[float]) -> None:
        """No look is planned."""
        self._delays = delays
        self._planned: dict[int, float] = {}
        self._queue: list[tuple[float, int]] = []

    def plan(self, group: Group, now: float, by: float | None = None) -> None:
        """Plan the next look, not after `by`; none after the last delay."""
        due = next((at for delay in self._delays if (at := group.touched + delay) > now), None)
        if by is not None and by > now:
            due = by if due is None else min(due, by)
        if due is None:
            self.drop(group.id)
        elif self._planned.get(group.id) != due:
            self._planned[group.id] = due
            heappush(self._queue, (due, group.id))

    def drop(self, group: int) -> None:
        """Plan no look at this group."""
        self._planned.pop(group, None)

    def due(self, now: float, most: int) -> list[int]:
        """The groups whose look is due, the longest waiting first, at most so many; each once."""
        found: list[int] = []
        while self._queue and self._queue[0][0] <= now and len(found) < most:
            at, group = heappop(self._queue)
            if self._planned.get(group) == at:
                self.drop(group)
                found.append(group)
        return found
