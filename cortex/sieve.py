"""What noise is taken out before signals are grouped: clocks put right, planned work held back, flaps held down."""

from collections.abc import Iterator

from cortex.clocks import Clocks
from cortex.config import Config
from cortex.flapping import Flapping
from cortex.planned import Planned
from cortex.signals import Signal
from cortex.topology import Topology


class Sieve:
    """Takes every signal as it comes; what comes out is to be grouped."""

    def __init__(self, topology: Topology, config: Config) -> None:
        """Nothing heard yet."""
        self.clocks = Clocks(config)
        self.planned = Planned(topology)
        self.flapping = Flapping()

    def take(self, signal: Signal) -> Iterator[Signal]:
        """What is to be grouped of this signal: itself at its true time, nothing, or that it flaps."""
        for unplanned in self.planned.take(self.clocks.corrected(signal)):
            yield from self.flapping.take(unplanned)

    def again(self, signal: Signal) -> Iterator[Signal]:
        """The same of a signal that an incident holds already, read back after a restart."""
        yield from self.flapping.take(self.clocks.corrected(signal))

    def due(self, now: float) -> Iterator[Signal]:
        """What was held back and is to be heard by now."""
        for overrun in self.planned.due(now):
            yield from self.flapping.take(overrun)
        yield from self.flapping.due(now)
