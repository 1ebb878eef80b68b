"""Flap hold-down: a condition that comes and goes is one condition that flaps.

Every raise adds to a penalty that halves with time, as RFC 2439 damps routes (with the values routers are
shipped with). Past a threshold the condition is held: it counts as raised, once, whatever it does. It is let
go when the penalty has decayed, or when it has stayed down long enough to be dead rather than flapping.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from cortex.evidence import alarm
from cortex.signals import Signal

#: RFC 2439, with the defaults of Junos: added per raise; held from; let go below; halved every (s).
PENALTY, SUPPRESS, REUSE, HALF_LIFE = 1000.0, 3000.0, 750.0, 900.0
#: No penalty outlasts this many seconds of silence.
MOST_HELD = 3600.0
CEILING = REUSE * 2 ** (MOST_HELD / HALF_LIFE)
#: A condition that has been there for so long (seconds) does not flap any more: it is dead.
STEADY = 120.0

Condition = tuple[int | None, str, int | None, str]


@dataclass(slots=True)
class Track:
    """How one condition has come and gone. `is_held`: it flaps, and counts as raised."""

    last: Signal
    penalty: float
    penalty_at: float
    times: int = 1
    is_held: bool = False

    def penalty_now(self, now: float) -> float:
        """What is left of the penalty."""
        halved: float = 0.5 ** (max(0.0, now - self.penalty_at) / HALF_LIFE)
        return self.penalty * halved

    def flapped(self, at: float) -> None:
        """It came once more."""
        self.penalty = min(CEILING, self.penalty_now(at) + PENALTY)
        self.penalty_at = max(self.penalty_at, at)
        self.times += 1


class Flapping:
    """The conditions that came lately, and those of them that are held."""

    def __init__(self) -> None:
        """Nothing has flapped."""
        self._tracks: dict[Condition, Track] = {}
        self._held: set[Condition] = set()
        self._next_sweep = float("-inf")

    def take(self, signal: Signal) -> Iterator[Signal]:
        """What is to be heard of this signal: itself, or nothing, because it is known to flap."""
        condition = _condition(signal)
        track = self._tracks.get(condition)
        if track is None:
            if not signal.cleared:
                self._tracks[condition] = Track(signal, PENALTY, signal.at)
            yield signal
            return
        was_held = track.is_held
        if signal.cleared != track.last.cleared and signal.at >= track.last.at:
            track.last = signal
            if not signal.cleared:
                track.flapped(signal.at)
                if track.penalty >= SUPPRESS:
                    track.is_held = True
                    self._held.add(condition)
        if not was_held:
            yield signal

    def due(self, now: float) -> Iterator[Signal]:
        """The clears of what is let go by now: it has been up for long enough. What is dead is raised already."""
        for condition in sorted(self._held, key=repr):
            track = self._tracks[condition]
            is_dead = not track.last.cleared and now - track.last.at >= STEADY
            if is_dead or track.penalty_now(now) < REUSE:
                self._held.discard(condition)
                track.is_held = False
                if track.last.cleared:
                    yield track.last
        if now >= self._next_sweep:
            self._next_sweep = now + HALF_LIFE
            old = [c for c, t in self._tracks.items() if not t.is_held and t.penalty_now(now) < REUSE / 2]
            for condition in old:
                del self._tracks[condition]

    def words(self, elements: Collection[int]) -> tuple[str, ...]:
        """What to say of conditions at these elements that flap now."""
        tracks = (self._tracks[condition] for condition in sorted(self._held, key=repr))
        return tuple(
            f"{t.last.key or 'it'} flaps: {alarm(t.last.type).words}, {t.times} times; it counts as raised until steady"
            for t in tracks
            if t.last.element in elements
        )


def _condition(signal: Signal) -> Condition:
    return (signal.element, signal.type, signal.about, f"{signal.key}/{signal.peer}")
