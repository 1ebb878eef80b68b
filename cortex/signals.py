"""What comes into Cortex: one signal per alarm notification, with names already turned into topology ids."""

from typing import NamedTuple


class Signal(NamedTuple):
    """One alarm, raised or cleared.

    `alarm`: the alarm's id; a clear with the id of a raise clears that raise alone, a clear with an id not
    seen before clears every raise of the same element, type, `about` and `key`. `element`: who speaks, or
    whom it is about (a poll that timed out: the silent device); None where the topology does not know it.
    `about`: the neighbour or link the speaker named, if known. `at`, `received`: epoch seconds by the
    sender's clock and by ours. `key`: the resource as the sender names it, "device/part". `share`: how much
    fails or is gone (0 to 1), where the alarm says so. `peer`, `peer_as`, `reason`: the neighbour as the sender
    names it, its AS, and why it was lost in the sender's words; they count where the topology knows neither of
    the two.
    """

    alarm: int
    element: int | None
    type: str
    cleared: bool
    at: float
    received: float
    feed: str
    about: int | None = None
    key: str = ""
    peer: str = ""
    share: float | None = None
    peer_as: str = ""
    reason: str = ""

    @property
    def device(self) -> str:
        """The device part of the resource."""
        return self.key.partition("/")[0]
