"""Which type of alarm sets off which, on two real sets of alarms whose truth is known: precision, recall, F1, beside
the answer that every type sets off every other, and published figures. Truth is read only to score the answer.

Self-loops don't count: the truth has none. A set with links is also learned as if it had none; which of the two is
the answer is for the criterion to say, and it says so. Published F1 (Cai et al., "THPs: Topological Hawkes Processes
for Learning Causal Structure on Event Sequences", IEEE TNNLS 2022, as quoted with the data): THP 0.577 and 0.372,
PCMCI 0.423 and 0.327. Needs `alarms/huawei-18v` and `alarms/huawei-24v` of the shared data.
"""

import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.figures import Figure, show
from benchmarks.shared import shared
from cortex.causality import Learned, Log, learn

PUBLISHED = {"huawei-18v": {"THP": 0.577, "PCMCI": 0.423}, "huawei-24v": {"THP": 0.372, "PCMCI": 0.327}}

Truth = npt.NDArray[np.bool_]


def read(folder: Path) -> tuple[Log, list[tuple[int, int]], Truth]:
    """A set's alarms, links and truth."""
    rows = np.loadtxt(folder / "Alarm.csv", delimiter=",", skiprows=1, dtype=np.int64)
    topology = folder / "Topology.npy"
    links = np.argwhere(np.triu(np.load(topology))).tolist() if topology.exists() else []
    log = Log(rows[:, 0], rows[:, 1], rows[:, 2].astype(np.float64))
    return log, [(int(a), int(z)) for a, z in links], np.load(folder / "DAG.npy") > 0


def scores(answer: npt.NDArray[np.bool_], truth: Truth) -> tuple[float, float, float]:
    """Precision, recall and F1 of the edges between different types."""
    answer = answer & ~np.eye(len(truth), dtype=np.bool_)
    right = int((answer & truth).sum())
    precision, recall = right / max(1, int(answer.sum())), right / int(truth.sum())
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _figures(name: str, learned: Learned, truth: Truth, goal: float | None) -> list[Figure]:
    precision, recall, f1 = scores(learned.matrix(len(truth)), truth)
    return [
        Figure(f"{name}: precision", precision, f"of {len(learned.triggers)}"),
        Figure(f"{name}: recall", recall, f"of {int(truth.sum())}"),
        Figure(f"{name}: F1", f1, "", goal, least=True),
    ]


def main() -> None:
    """Learn each set, with and without its links, and score it."""
    figures: list[Figure] = []
    for name, published in PUBLISHED.items():
        folder = shared(f"alarms/{name}")
        if not folder.is_dir():
            sys.exit(f"no alarms in {folder}; set BEDROCK_SHARED")
        log, links, truth = read(folder)
        started = time.perf_counter()
        learned = learn(log, len(truth), links)
        took = time.perf_counter() - started
        figures += _figures(name, learned, truth, published["THP"])
        if links:
            alone = learn(log, len(truth))
            better = "the links" if learned.criterion > alone.criterion else "no links"
            print(f"{name}: the criterion is for {better} ({learned.criterion:,.0f} against {alone.criterion:,.0f})")
            figures += _figures(f"{name}, links not used", alone, truth, None)
        everything = np.ones_like(truth)
        figures.append(Figure(f"{name}: F1 of answering every pair", scores(everything, truth)[2], ""))
        figures += [Figure(f"{name}: F1 published, {method}", f1, "") for method, f1 in published.items()]
        figures.append(Figure(f"{name}: learned in", took, "s"))
    show(figures)


if __name__ == "__main__":
    main()
