"""Informs that came before: a sender whose acknowledgement was lost sends its inform again, and means the same.

The same request from the same sender with the same content is acknowledged again and not counted twice. What was
seen is remembered for five minutes, longer than any sender goes on trying.
"""

from collections import OrderedDict
from collections.abc import Hashable

#: Seconds for which an inform is remembered, and how many of them at most.
REMEMBERED = 300.0
MOST = 20_000


class Seen:
    """What was taken lately. Times are seconds of a clock that only goes on."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Hashable, float] = OrderedDict()

    def has(self, key: Hashable, now: float) -> bool:
        """Whether this was taken within the last five minutes."""
        at = self._seen.get(key)
        return at is not None and now - at < REMEMBERED

    def add(self, key: Hashable, now: float) -> None:
        """Remember that this was taken."""
        self._seen[key] = now
        self._seen.move_to_end(key)
        while len(self._seen) > MOST or now - next(iter(self._seen.values())) >= REMEMBERED:
            self._seen.popitem(last=False)
