"""Flap hold-down: a condition that comes and goes is one condition that flaps.

Every raise adds to a penalty that halves with time, as RFC 2439 damps routes (with the values routers are
shipped with). Past a threshold the condition is held: a port is reported as flapping, once; anything else
stays raised. It is let go when the penalty has decayed, or when it has stayed down long enough to be dead
rather than flapping.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cortex.signals import Signal

#: RFC 2439, with the defaults common among routers: added per raise; held from; let go below; halved every (s).
PENALTY, SUPPRESS, REUSE, HALF_LIFE = 1000.0, 2000.0, 750.0, 900.0
#: No penalty outlasts this many seconds of silence.
MOST_HELD = 3600.0
CEILING = REUSE * 2 ** (MOST_HELD / HALF_LIFE)
#: A condition that has been there for so long (seconds) does not flap any more: it is dead.
STEADY = 120.0
#: What a port that is held is reported as.
FLAPPING, PORT = "interface-flapping", frozenset({"link-down", "loss-of-signal"})

Condition = tuple[int | None, str, int | None, str]


@dataclass(slots=True)
class Track:
    """How one condition has come and gone. `held`: the signal that stands for it while it flaps."""

    last: Signal
    penalty: float
    penalty_at: float
    held: Signal | None = None

    def penalty_now(self, now: float) -> float:
        """What is left of the penalty."""
        halved: float = 0.5 ** (max(0.0, now - self.penalty_at) / HALF_LIFE)
        return self.penalty * halved

    def flapped(self, at: float) -> None:
        """It came once more."""
        self.penalty = min(CEILING, self.penalty_now(at) + PENALTY)
        self.penalty_at = max(self.penalty_at, at)


class Flapping:
    """The conditions that came lately, and those of them that are held."""

    def __init__(self) -> None:
        """Nothing has flapped."""
        self._tracks: dict[Condition, Track] = {}
        self._held: set[Condition] = set()
        self._next_sweep = float("-inf")

    def take(self, signal: Signal) -> Iterator[Signal]:
        """What is to be heard of this signal: itself, nothing, or that it flaps."""
        condition = (signal.element, signal.type, signal.about, f"{signal.key}/{signal.peer}")
        track = self._tracks.get(condition)
        if track is None:
            if not signal.cleared:
                self._tracks[condition] = Track(signal, PENALTY, signal.at)
            yield signal
        elif signal.cleared == track.last.cleared or signal.at < track.last.at:
            if track.held is None:
                yield signal  # another feed says the same, or it is old news
        else:
            track.last = signal
            if not signal.cleared:
                track.flapped(signal.at)
            if track.held is None:
                yield from self._judged(condition, track)

    def _judged(self, condition: Condition, track: Track) -> Iterator[Signal]:
        signal = track.last
        if signal.cleared or track.penalty < SUPPRESS:
            yield signal
            return
        track.held = signal._replace(type=FLAPPING) if signal.type in PORT else signal
        self._held.add(condition)
        yield track.held

    def due(self, now: float) -> Iterator[Signal]:
        """What is let go by now: a condition that is over, or that is dead."""
        for condition in sorted(self._held, key=repr):
            track = self._tracks[condition]
            is_dead = not track.last.cleared and now - track.last.at >= STEADY
            if is_dead or track.penalty_now(now) < REUSE:
                self._held.discard(condition)
                yield from self._let_go(track)
        if now >= self._next_sweep:
            self._next_sweep = now + HALF_LIFE
            old = [c for c, t in self._tracks.items() if t.held is None and t.penalty_now(now) < REUSE / 2]
            for condition in old:
                del self._tracks[condition]

    def _let_go(self, track: Track) -> Iterator[Signal]:
        held, last = track.held, track.last
        assert held is not None
        track.held = None
        if held.type != last.type:
            yield held._replace(cleared=True, at=last.at, received=last.received)
            if not last.cleared:
                yield last
        elif last.cleared:
            yield last
