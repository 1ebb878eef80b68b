"""Planned work: it explains its own element's expected alarms while it lasts, and nothing else.

What it explains is held back and noted. What still stands when the time is up is let through: work that
overruns is an incident. Work that has begun lately also makes its element a likelier cause of whatever else
is heard.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log
from typing import NamedTuple

from cortex.likelihood import inside
from cortex.signals import Signal
from cortex.topology import Topology

#: An element that is being changed is so many times likelier at fault; the advantage halves every so many seconds.
LIKELIER, HALF_LIFE = 10.0, 2 * 3600.0
#: A change is no news after this many seconds.
RECENT = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Work:
    """Planned work on one element, epoch seconds. `expects`: alarm types; none named means any.
    `with_dependents`: what depends on the element may go down with it.
    """

    id: int
    reference: str
    element: int
    starts: float
    ends: float
    expects: frozenset[str] = frozenset()
    with_dependents: bool = True


class Noted(NamedTuple):
    """An alarm that planned work explains."""

    work: int
    alarm: int
    at: float


class Planned:
    """The planned work that is known, and the alarms it holds back."""

    def __init__(self, topology: Topology) -> None:
        """Nothing is planned."""
        self.topology = topology
        self.works: dict[int, Work] = {}
        self.noted: list[Noted] = []
        self._held: dict[int, tuple[int, Signal]] = {}
        self._overrun: set[int] = set()

    def plan(self, works: Iterable[Work]) -> None:
        """All work that is planned, or was done lately; replaces what was known before."""
        self.works = {work.id: work for work in works}

    def take(self, signal: Signal) -> Iterator[Signal]:
        """The signal, unless planned work explains it."""
        if not self.works and not self._held:
            yield signal
        elif signal.cleared:
            if self._held.pop(signal.alarm, None) is None:
                yield signal
        elif (work := self._explaining(signal)) is None:
            yield signal
        elif signal.alarm not in self._held:
            self._held[signal.alarm] = (work.id, signal)
            self.noted.append(Noted(work.id, signal.alarm, signal.at))

    def due(self, now: float) -> Iterator[Signal]:
        """What was held back by work that is over by now, or was called off."""
        for alarm, (number, signal) in list(self._held.items()):
            work = self.works.get(number)
            if work is None or work.ends <= now:
                del self._held[alarm]
                self._overrun.add(number)
                yield signal._replace(at=max(signal.at, work.ends if work else now), received=now)

    def _explaining(self, signal: Signal) -> Work | None:
        for work in self.works.values():
            fits = not work.expects or signal.type in work.expects
            if fits and work.starts <= signal.at < work.ends and self._is_of(signal, work):
                return work
        return None

    def _is_of(self, signal: Signal, work: Work) -> bool:
        """Whether a signal speaks of the element of this work, or of what may go down with it."""
        element, about = signal.element, signal.about
        if work.element in (element, about):
            return True
        own = set(self.topology.failing((work.element,)))
        is_link = about is not None and self.topology.is_link(about)
        if about is not None and is_link and (about in own or own & set(self.topology.ends(about))):
            return True
        if not work.with_dependents:
            return False
        spans = self.topology.cut_intervals((work.element,))
        places = (i for i in (element, about) if i is not None and 0 <= i < self.topology.vertices)
        return any(inside(int(self.topology.tour.tin[i]), spans) for i in places)

    # -- what was changed lately

    def likelier(self, now: float) -> dict[int, float]:
        """Nats by which changed elements are likelier causes now."""
        found: dict[int, float] = {}
        for work in self.works.values():
            age = now - work.ends
            if work.starts <= now and age < RECENT:
                nats = log(LIKELIER) * 0.5 ** (max(0.0, age) / HALF_LIFE)
                found[work.element] = max(found.get(work.element, 0.0), nats)
        return found

    def words(self, element: int, now: float) -> tuple[str, ...]:
        """What to say of an element's recent changes."""
        return tuple(
            said
            for work in sorted(self.works.values(), key=lambda w: -w.starts)
            if work.element == element and (said := self._said(work, now))
        )

    def _said(self, work: Work, now: float) -> str:
        if work.starts > now or now - work.ends > RECENT:
            return ""
        if now < work.ends:
            return f"being worked on for {_span(now - work.starts)}: {work.reference}"
        if work.id in self._overrun:
            return f"work on it should have ended {_span(now - work.ends)} ago: {work.reference}"
        return f"changed {_span(now - work.ends)} ago: {work.reference}"


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
