"""A set of elements over time as arrays: what was measured, what was heard, what failed and what was mended.

One row an element, one column a day. Day 0 is the first of the window; what happens on a day is known only on
the next one, so whatever is worked out for a cut at day `c` reads columns below `c` and no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float32]
Codes = NDArray[np.int64]

#: What a measured quantity says, whatever a technology calls it. A metric that is not named here is left out.
ROLES: dict[str, str] = {
    "rx_power_dbm": "level",
    "snr_db": "level",
    "rssi_dbm": "level",
    "tx_bias_ma": "bias",
    "fec_errors": "errors",
    "crc_errors": "errors",
    "temperature_c": "temperature",
    "battery_v": "battery",
}
#: Roles that have features of their own; a temperature explains the others and is a feature besides.
MEASURED = ("level", "bias", "errors", "temperature", "battery")
HEARD = ("alarm", "flap")


@dataclass(frozen=True, slots=True)
class Traits:
    """What an element is: these do not change from day to day."""

    key: str
    kind: str
    group: str = ""  # who shares its path: a splitter, a node, a sector
    batch: str = ""
    firmware: str = ""
    installed_day: float = np.nan  # relative to day 0, mostly negative


@dataclass(frozen=True, slots=True)
class Fleet:
    """`measured[role]`: daily values, NaN where none. `heard[what]`: counts. `failed`, `mended`: 1 on that day.

    Values of errors are counts of a day. An element that was replaced or repaired is `mended` on that day, and
    what it showed before says nothing of it any more.
    """

    traits: Sequence[Traits]
    days: int
    measured: dict[str, Table]
    heard: dict[str, Table]
    failed: NDArray[np.bool_]
    mended: NDArray[np.bool_]
    replaced: NDArray[np.bool_]
    codes: dict[str, Codes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many elements there are."""
        return len(self.traits)

    def coded(self, trait: str) -> Codes:
        """A trait as small numbers, alike for alike; -1 where it is not known."""
        if trait not in self.codes:
            values = [getattr(each, trait) for each in self.traits]
            places = {value: n for n, value in enumerate(sorted(set(values) - {""}))}
            self.codes[trait] = np.array([places.get(value, -1) for value in values], dtype=np.int64)
        return self.codes[trait]

    def age(self, cut: int) -> NDArray[np.float64]:
        """Days in service at a cut, from the installation or the last replacement before it."""
        installed = np.array([each.installed_day for each in self.traits])
        return cut - np.where(self.last(self.replaced, cut) >= 0, self.last(self.replaced, cut), installed)

    @staticmethod
    def last(happened: NDArray[np.bool_], cut: int) -> NDArray[np.int64]:
        """The last day below `cut` on which it happened to each element; -1 where it never did."""
        if cut <= 0:
            return np.full(len(happened), -1, dtype=np.int64)
        before = happened[:, :cut]
        found = cut - 1 - np.argmax(before[:, ::-1], axis=1)
        return np.where(before.any(axis=1), found, -1)


def empty(traits: Sequence[Traits], days: int) -> Fleet:
    """A fleet of which nothing is known yet, to be filled in place."""
    shape = (len(traits), days)
    return Fleet(
        traits,
        days,
        {role: np.full(shape, np.nan, dtype=np.float32) for role in MEASURED},
        {what: np.zeros(shape, dtype=np.float32) for what in HEARD},
        np.zeros(shape, dtype=np.bool_),
        np.zeros(shape, dtype=np.bool_),
        np.zeros(shape, dtype=np.bool_),
    )
