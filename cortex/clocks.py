"""When an event really happened: what each sender's clock is off by, learned from its messages.

A message can arrive late but never early, so the least lag (received minus event time) of a sender's recent
messages is what its clock is off by. A smaller lag is believed at once. A larger one may as well be a buffer
that was held back, so it must show again and again, at different moments and by the same amount: a clock that
is off, or a time zone that is wrong, is late by a constant; a buffer is late by something else each time.
"""

from collections import deque
from dataclasses import dataclass, field

from cortex.config import Config
from cortex.signals import Signal

#: Feeds that stamp their alarms with our own clock.
OWN_CLOCK = frozenset({"poller", "radius", "internal"})
#: A lag below this (seconds) is delivery, not a clock.
SKEW = 5.0
#: Lags of one wrong clock differ by no more than this (seconds).
ALIKE = 10.0
#: So many alike, the first and the last so far apart (seconds), make a clock that is off.
AGREE, APART = 4, 60.0
#: Time zones are whole quarters of an hour; two messages that far off to the second are enough.
ZONE, ZONE_SKEW, ZONE_AGREE, ZONE_APART = 900.0, 3.0, 2, 5.0
#: How late a sender may be whose clock is known to be right (seconds): a link that was down over night.
BUFFERED = 12 * 3600.0


@dataclass(slots=True)
class Sender:
    """What is known of one clock: `offset` is received minus event time of a message that is not delayed."""

    offset: float = 0.0
    is_known: bool = False
    lags: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=AGREE))

    def hear(self, received: float, lag: float) -> None:
        """Learn from one message."""
        self.lags.append((received, lag))
        if lag < self.offset - SKEW:
            self.offset, self.is_known = lag, True
        elif abs(lag - self.offset) <= SKEW:
            self.is_known = True
        elif self._agree(AGREE, APART) or (self._is_zone(lag) and self._agree(ZONE_AGREE, ZONE_APART)):
            self.offset, self.is_known = min(each for _, each in self.lags), True

    def _is_zone(self, lag: float) -> bool:
        return not self.is_known and abs(lag - ZONE * round(lag / ZONE)) <= ZONE_SKEW

    def _agree(self, count: int, apart: float) -> bool:
        recent = list(self.lags)[-count:]
        lags = [lag for _, lag in recent]
        return len(recent) == count and recent[-1][0] - recent[0][0] >= apart and max(lags) - min(lags) <= ALIKE


class Clocks:
    """The clocks of all senders, one per device and feed."""

    def __init__(self, config: Config) -> None:
        """Nobody heard yet."""
        self.config = config
        self._senders: dict[tuple[str, str], Sender] = {}

    def corrected(self, signal: Signal) -> Signal:
        """The signal with its event time by our clock; the time of arrival where that can't be known."""
        if signal.feed in OWN_CLOCK:
            return signal
        lag = signal.received - signal.at
        sender = self._senders.setdefault((signal.device, signal.feed), Sender())
        sender.hear(signal.received, lag)
        offset = sender.offset if abs(sender.offset) >= SKEW else 0.0
        oldest = max(self.config.late, BUFFERED) if sender.is_known else self.config.late
        if -self.config.ahead <= lag - offset <= oldest:
            return signal._replace(at=signal.at + offset) if offset else signal
        return signal._replace(at=signal.received)

    def offset(self, device: str, feed: str) -> float:
        """Seconds that this sender's clock is behind ours; 0 where it is right or nothing is known."""
        sender = self._senders.get((device, feed))
        return sender.offset if sender and abs(sender.offset) >= SKEW else 0.0
