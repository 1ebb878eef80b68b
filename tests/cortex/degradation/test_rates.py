"""Rates by class: a weak batch is named with an interval, an old one is not blamed for its age, luck is shrunk."""

from collections.abc import Sequence

import numpy as np

from cortex.degradation.fleet import Fleet, Traits, empty
from cortex.degradation.rates import Rate, rates


def fleet_of(batches: Sequence[tuple[str, int, float, float]], days: int = 90, seed: int = 1) -> Fleet:
    """(name, elements, age in days, failures per element and year) of each batch."""
    rng = np.random.default_rng(seed)
    traits = [
        Traits(f"node:{name}-{n}", "ont", "", name, "1.0", -age)
        for name, count, age, _ in batches
        for n in range(count)
    ]
    fleet = empty(traits, days)
    pace = np.array([rate for _, count, _, rate in batches for _ in range(count)])
    fleet.failed[:] = rng.random((len(traits), days)) < pace[:, None] / 365
    return fleet


def of(fleet: Fleet) -> dict[str, Rate]:
    return {rate.name: rate for rate in rates(fleet, [each.batch for each in fleet.traits], fleet.days)}


def test_a_weak_batch_stands_out_with_its_interval() -> None:
    found = of(fleet_of([(f"B{n}", 500, 700, 0.1) for n in range(9)] + [("WEAK", 300, 700, 0.5)]))
    weak = found["WEAK"]
    assert weak.stands_out
    assert weak.low < 5 < weak.high
    assert not any(rate.stands_out for name, rate in found.items() if name != "WEAK")
    assert "Batch WEAK fails" in weak.words("Batch")
    assert "95 %" in weak.words("Batch")


def test_an_old_batch_is_compared_with_the_old() -> None:
    young = [(f"Y{n}", 600, 300, 0.05) for n in range(4)]
    old = [(f"O{n}", 600, 1800, 0.4) for n in range(4)]
    assert not any(rate.stands_out for rate in of(fleet_of(young + old)).values())


def test_two_failures_of_five_are_no_hundredfold() -> None:
    fleet = fleet_of([(f"B{n}", 500, 700, 0.1) for n in range(9)] + [("FEW", 5, 700, 0.0)])
    fleet.failed[-2:, 40] = True
    few = of(fleet)["FEW"]
    assert few.ratio < 15
    assert few.expected < 0.5


def test_without_a_class_there_is_no_rate() -> None:
    fleet = fleet_of([("", 10, 700, 0.5)])
    assert rates(fleet, ["" for _ in fleet.traits], fleet.days) == []
