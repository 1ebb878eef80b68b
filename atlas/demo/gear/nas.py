"""The BNGs' accounting: an interim for every online line once per interval, resent until it is answered.

A line keeps its phase within the interval, so the load stays even. While a line is cut off nothing is sent for
it. Back within the session timeout, its session goes on; after it, the old session is stopped (lost carrier) and
a new one starts.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.demo.gear import accounting
from atlas.demo.gear.world import Reach, World
from atlas.demo.services import session_id

#: Seconds a BNG keeps a silent line's session.
SESSION_TIMEOUT = 3_600.0
#: Seconds over which returning lines report again.
RETURN_OVER = 60.0
#: Bytes a second a busy line draws, at most.
BUSY = 400_000
#: Wall seconds between two sendings of an unanswered packet, and how often it is sent.
RESEND_AFTER, SENDINGS = 3.0, 5
IDENTIFIERS = 256

Send = Callable[[int, bytes], None]

LINES = """
SELECT s.username, a.service_id, n.name, a.nas, a.session_id, a.framed_address, a.interim_seconds,
       a.started_at, a.last_interim_at, a.octets_in, a.octets_out
FROM access_session a JOIN service s ON s.id = a.service_id JOIN node n ON n.id = s.access_node_id
WHERE a.stopped_at IS NULL ORDER BY a.id
"""


@dataclass(slots=True)
class Line:
    """A line's open session. Times are seconds since 1970."""

    service: int
    node: int
    nas: int
    fixed: bytes
    session: bytes
    interval: int
    started: float
    last: float
    octets_in: int
    octets_out: int
    is_queued: bool = True
    lost_at: float | None = None


async def load_lines(session: AsyncSession, world: World) -> list[Line]:
    """Every open session whose line and BNG are in the network."""
    lines = []
    for row in await session.execute(text(LINES)):
        username, service, node, nas, sid, address, interval, started, last, octets_in, octets_out = row
        if node in world.by_name and nas in world.by_name:
            fixed = accounting.fixed(username, nas, address, interval)
            times = (started.timestamp(), last.timestamp())
            ends = (world.by_name[node], world.by_name[nas])
            lines.append(Line(service, *ends, fixed, accounting.session(sid), interval, *times, octets_in, octets_out))
    return lines


class Accounting:
    """The due queue of all lines, and the packets that wait for an answer on each of several sockets."""

    def __init__(self, lines: list[Line], reach: Reach, secret: bytes, send: Send, sockets: int) -> None:
        self.lines, self.reach = lines, reach
        self._secret, self._send = secret, send
        self._rng = random.Random(1)
        self._due = [(line.last + line.interval, index) for index, line in enumerate(lines)]
        heapq.heapify(self._due)
        self._slots: list[list[bytes | None]] = [[None] * IDENTIFIERS for _ in range(sockets)]
        self._next_slot = 0
        #: BNGs whose accounting nobody takes just now: their servers are out, or they themselves.
        self.unheard: frozenset[int] = frozenset()
        self._unanswered: deque[tuple[float, int, int, bytes, int]] = deque()
        self.sent = 0

    def tick(self, now: float, wall: float, limit: int) -> None:
        """Send what is due by `now` (the clock's), `limit` packets at most; resend by the wall's time."""
        while self._due and self._due[0][0] <= now and limit > 0:
            due, index = heapq.heappop(self._due)
            line = self.lines[index]
            skipped = max(0, int((now - due) // line.interval))
            if line.nas in self.unheard:  # sent in vain, and dropped: the line keeps its turn
                heapq.heappush(self._due, (due + line.interval * (skipped + 1), index))
                continue
            if not self._is_online(line):
                line.is_queued = False
                line.lost_at = line.lost_at or now
                continue
            limit -= self._report(line, now, wall)
            heapq.heappush(self._due, (due + line.interval * (skipped + 1), index))
        self._resend(wall)

    def steady(self) -> float:
        """Packets per second of the clock when every line is online."""
        return sum(1 / line.interval for line in self.lines)

    def _is_online(self, line: Line) -> bool:
        return bool(self.reach.up[line.node] and self.reach.up[line.nas])

    def change(self, reach: Reach, now: float) -> None:
        """The network is another: note who is lost, let those who are back report soon."""
        was, self.reach = self.reach, reach
        for index, line in enumerate(self.lines):
            is_up = self._is_online(line)
            if not is_up and was.up[line.node] and was.up[line.nas]:
                line.lost_at = now
            elif is_up and line.is_queued:
                line.lost_at = None  # back before its next interim was due
            elif is_up:
                line.is_queued = True
                heapq.heappush(self._due, (now + 5 + self._rng.random() * RETURN_OVER, index))

    def _report(self, line: Line, now: float, wall: float) -> int:
        """An interim; or a stop and a start, where the session was lost too long. Returns packets sent."""
        lost, line.lost_at = line.lost_at, None
        if lost is None or now - lost < SESSION_TIMEOUT:
            self._use(line, now)
            self._packet(line, accounting.INTERIM, now, wall)
            return 1
        self._packet(line, accounting.STOP, lost, wall)
        line.session = accounting.session(session_id(line.service, datetime.fromtimestamp(now, UTC)))
        line.started = line.last = now
        line.octets_in = line.octets_out = 0
        self._packet(line, accounting.START, now, wall)
        return 2

    def _use(self, line: Line, now: float) -> None:
        drawn = int(max(0.0, now - line.last) * BUSY * self._rng.random() ** 4)
        line.octets_out += drawn
        line.octets_in += drawn // 12
        line.last = now

    def _packet(self, line: Line, status: int, at: float, wall: float) -> None:
        used = accounting.usage(line.octets_in, line.octets_out, max(0, int(at - line.started)), int(at))
        socket, identifier = divmod(self._next_slot, IDENTIFIERS)
        self._next_slot = (self._next_slot + 1) % (IDENTIFIERS * len(self._slots))
        data = accounting.request(identifier, status, line.fixed + line.session + used, self._secret)
        self._slots[socket][identifier] = data
        self._unanswered.append((wall + RESEND_AFTER, socket, identifier, data, 1))
        self._send(socket, data)
        self.sent += 1

    def answered(self, socket: int, data: bytes) -> None:
        """An Accounting-Response: its second byte says which request it is for."""
        if len(data) >= 20:
            self._slots[socket][data[1]] = None

    def _resend(self, wall: float) -> None:
        while self._unanswered and self._unanswered[0][0] <= wall:
            _, socket, identifier, data, times = self._unanswered.popleft()
            if self._slots[socket][identifier] is data and times < SENDINGS:
                self._send(socket, data)
                self._unanswered.append((wall + RESEND_AFTER, socket, identifier, data, times + 1))


def online(lines: Iterable[Line], reach: Reach) -> int:
    """How many lines have a way from their end and from their BNG to a gateway."""
    return sum(1 for line in lines if reach.up[line.node] and reach.up[line.nas])
