"""What a benchmark hands over: figures, said to a person line by line and to a machine as one last line of JSON."""

import json
import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """A measured value. `goal` is the least or the most it should be, as `least` says."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.least else self.value <= self.goal


def show(figures: Sequence[Figure]) -> None:
    """Print the figures; the last line is all of them as JSON, for `python -m benchmarks` to read."""
    for figure in figures:
        print(f"{figure.what:56} {spoken(figure.value):>10} {figure.unit}", flush=True)
    print(json.dumps([figure._asdict() for figure in figures]), flush=True)


def spoken(value: float) -> str:
    """A value with as many digits as mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The `percent`-th percentile of two values or more."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
