"""When each element was last known to be alive, by what it did and not by what the poller says."""

import numpy as np
import numpy.typing as npt

from cortex.evidence import ALARMS, Voice
from cortex.signals import Signal
from cortex.topology import Topology

#: Seconds between a line's accounting updates where nobody said.
EVERY = 1_800.0
#: Alarm types in which the speaker shows that it is alive.
SPOKEN = frozenset(row.type for row in ALARMS.values() if row.voice in (Voice.SPEAKS, Voice.LAST_WORDS))


class Sightings:
    """Epoch seconds of the last sign of life, by topology id. `line`: a line's accounting; `spoke`: a device's
    own words, delivered promptly. `every`: seconds between a line's updates.
    """

    def __init__(self, topology: Topology) -> None:
        """Nobody seen yet."""
        self.line: npt.NDArray[np.float64] = np.full(topology.size, -np.inf)
        self.spoke: npt.NDArray[np.float64] = np.full(topology.size, -np.inf)
        self.every: npt.NDArray[np.float64] = np.full(topology.size, EVERY)

    def accounted(self, element: int, at: float, every: float = EVERY) -> None:
        """A line that ends at this node sent an accounting update."""
        self.line[element] = max(self.line[element], at)
        self.every[element] = every

    def heard(self, signal: Signal, prompt: float) -> None:
        """What an alarm shows of its speaker: a message that came promptly had a way out then."""
        if signal.element is None or signal.type not in SPOKEN or signal.received - signal.at > prompt:
            return
        self.spoke[signal.element] = max(self.spoke[signal.element], signal.at)
