"""Small fleets for tests: steady elements, to which each test does what it is about."""

import numpy as np

from cortex.degradation.fleet import Fleet, Traits, empty


def steady(size: int = 40, days: int = 70, *, siblings: int = 8, seed: int = 1, age: float = 500.0) -> Fleet:
    """Elements at -19 dBm with a little noise, a reading a day, all alike."""
    rng = np.random.default_rng(seed)
    traits = [Traits(f"node:e{i}", "ont", f"s{i // siblings}", "B1", "1.0", -age) for i in range(size)]
    fleet = empty(traits, days)
    fleet.measured["level"][:] = -19 + rng.normal(0, 0.2, (size, days))
    return fleet
