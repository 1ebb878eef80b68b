"""Alarms that came long after the event and belong to nothing that is open: history, until proven otherwise.

A sender empties its buffer in order. Once it speaks of the present, whatever it raised late and has not
cleared since still stands, and only then is it news. An event is over by its nature and never becomes one.
"""

from cortex.evidence import EVENTS
from cortex.group import Key
from cortex.signals import Signal

#: A message that is no older than this (seconds) speaks of the present.
PRESENT = 60.0


class Shelf:
    """Late alarms by sender."""

    def __init__(self) -> None:
        """Nothing came late."""
        self._late: dict[tuple[str, str], dict[Key, Signal]] = {}

    def put(self, key: Key, signal: Signal) -> None:
        """Keep a late alarm until its sender has caught up."""
        if signal.type not in EVENTS:
            self._late.setdefault((signal.device, signal.feed), {})[key] = signal

    def drop(self, key: Key, signal: Signal) -> bool:
        """It was over long ago; whether it was here."""
        return self._late.get((signal.device, signal.feed), {}).pop(key, None) is not None

    def caught_up(self, signal: Signal) -> list[tuple[Key, Signal]]:
        """What of this signal's sender turns out to stand still, now that it speaks of the present."""
        sender = (signal.device, signal.feed)
        if sender not in self._late or signal.received - signal.at > PRESENT:
            return []
        return list(self._late.pop(sender).items())
