"""Says things when they are due, on the demo's clock: what gets through at once, what waits for the way to be back.

A device that is cut off keeps its syslog lines (traps it loses) and sends them, old time stamps and all, some
seconds after it is reachable again.
"""

import asyncio
import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from atlas.clock import Clock
from atlas.demo.gear.notify import syslog, trap
from atlas.demo.gear.storm import Said
from atlas.demo.gear.voices import Line
from atlas.demo.gear.world import Reach, World

#: Lines a device's logging buffer keeps while there is no way out.
BUFFER = 200
#: Seconds after its return before a device empties its buffer.
FLUSH_AFTER = 8.0

Send = Callable[[bytes], None]
_Entry = tuple[float, int, Said]


class Mouth:
    """A queue of utterances by due time. `to_syslog` and `to_traps` put a datagram on the wire."""

    def __init__(
        self, world: World, reach: Reach, clock: Clock, community: str, to_syslog: Send, to_traps: Send
    ) -> None:
        self.world, self.reach, self.clock = world, reach, clock
        self._community, self._to_syslog, self._to_traps = community, to_syslog, to_traps
        self._queue: list[_Entry] = []
        self._number = itertools.count(1)
        self._kept: defaultdict[int, list[bytes]] = defaultdict(list)
        self._news = asyncio.Event()
        self.said = 0

    def plan(self, words: Iterable[Said], at: datetime) -> None:
        """Queue what is said because of something that happened at `at`."""
        for said in words:
            heapq.heappush(self._queue, (at.timestamp() + said.words.after, next(self._number), said))
        self._news.set()

    def release(self, nodes: Iterable[int]) -> list[bytes]:
        """Take out what these devices have kept."""
        return [line for node in nodes for line in self._kept.pop(node, ())]

    async def flush(self, lines: list[bytes]) -> None:
        """Send kept lines some seconds from now."""
        await self.clock.sleep(FLUSH_AFTER)
        for line in lines:
            self._to_syslog(line)

    async def run(self) -> None:
        """Speak until cancelled."""
        while True:
            wait = self.speak()
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), None if wait is None else self.clock.real(wait))
            except TimeoutError:
                continue

    def speak(self) -> float | None:
        """Say all that is due; seconds until the next is, or None."""
        now = self.clock.now().timestamp()
        while self._queue and self._queue[0][0] <= now:
            due, _, said = heapq.heappop(self._queue)
            self._say(said, due)
        return self._queue[0][0] - now if self._queue else None

    def _say(self, said: Said, due: float) -> None:
        if said.link is not None and (said.link not in self.reach.dead_links) != said.is_up:
            return  # mended, or broken again, before the timer ran out
        node = self.world.nodes[said.node]
        at, is_heard = datetime.fromtimestamp(due, UTC), bool(self.reach.up[said.node])
        if isinstance(said.words, Line):
            line = syslog(node.name, said.words, at)
            if is_heard:
                self._to_syslog(line)
                self.said += 1
            elif said.node not in self.reach.dead_nodes and len(self._kept[said.node]) < BUFFER:
                self._kept[said.node].append(line)
        elif is_heard:
            index = 1 + self.world.around[said.node].index(said.link) if said.link is not None else 0
            uptime = int(due * 100) % 2**32
            number = next(self._number) % 2**31
            self._to_traps(trap(node.name, said.words, index, uptime, self._community, number))
            self.said += 1
