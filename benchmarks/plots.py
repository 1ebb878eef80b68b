"""The plots in docs/figures: small SVGs that say the same however often they are drawn."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bedrock", "font.size": 9, "axes.spines.top": False})
mpl.rcParams.update({"axes.spines.right": False})

Line = tuple[Sequence[float], Sequence[float]]  # x, y


def _save(figure: Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def reliability(path: Path, bins: Sequence[tuple[float, float, int]], error: float) -> None:
    """Confidence stated against how often it was right; the area of a dot is how often it was stated."""
    figure, axes = plt.subplots(figsize=(4.2, 4.0))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    most = max(n for _, _, n in bins)
    axes.scatter([c for c, _, _ in bins], [r for _, r, _ in bins], s=[20 + 300 * n / most for _, _, n in bins])
    for c, r, n in bins:
        axes.annotate(f"{n:,}", (c, r), xytext=(6, -10), textcoords="offset points", fontsize=7, color="0.4")
    axes.set(xlabel="confidence stated", ylabel="share right", xlim=(0, 1.02), ylim=(0, 1.04))
    axes.set_title(f"Causes of incidents, expected calibration error {error:.3f}", fontsize=9)
    _save(figure, path)


def bars(path: Path, groups: Sequence[str], series: dict[str, Sequence[float]], label: str, goal: float) -> None:
    """Bars side by side for each group; a line at the goal."""
    figure, axes = plt.subplots(figsize=(9.0, 3.4))
    width = 0.8 / len(series)
    for number, (name, values) in enumerate(series.items()):
        at = [g + (number - (len(series) - 1) / 2) * width for g in range(len(groups))]
        axes.bar(at, values, width, label=name, color=f"C{number}")
    axes.axhline(goal, color="0.4", linewidth=0.8, linestyle=":")
    axes.set_xticks(range(len(groups)), [g.replace(" ", "\n", 1) for g in groups])
    axes.set(ylabel=label, ylim=(0, 1.02))
    axes.legend(ncols=len(series), loc="upper center", bbox_to_anchor=(0.5, 1.18), frameon=False, fontsize=8)
    _save(figure, path)


def lines(path: Path, panels: dict[str, dict[str, Line]], x: Sequence[str]) -> None:
    """Panels beside each other, logarithmic both ways: in each, named lines of (x, y). `x`: its label by panel."""
    figure, grid = plt.subplots(1, len(panels), figsize=(3.4 * len(panels), 3.2), squeeze=False)
    for axes, (title, drawn), label in zip(grid[0], panels.items(), x, strict=True):
        for name, (xs, ys) in drawn.items():
            axes.loglog(xs, ys, marker="o", markersize=3, label=name)
        axes.set(xlabel=label, title=title)
        axes.title.set_fontsize(9)
        axes.grid(visible=True, which="major", color="0.92")
        if len(drawn) > 1:
            axes.legend(frameon=False, fontsize=7)
    _save(figure, path)
