"""What all storms together say: figures by difficulty and by backbone, as a table, as JSON and as plots."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure
from benchmarks.storms.baselines import BASELINES
from benchmarks.storms.measures import calibration
from benchmarks.storms.run import Row

OURS = "Cortex"


def summary(rows: Sequence[Row], chosen: dict[str, int]) -> dict[str, Any]:
    """The figures of some storms."""
    asked = [a for r in rows for a in r.ours.asked if a.counts]
    stated = [s for r in rows for s in r.ours.stated]
    latency = [s for r in rows for s in r.ours.latency]
    alarms = sum(r.ours.alarms for r in rows)
    error, bins = calibration(stated)
    rivals = {}
    for baseline in BASELINES:
        theirs = [r.rivals[key] for r in rows if (key := (baseline.name, chosen.get(baseline.name, -1))) in r.rivals]
        if theirs:
            rivals[baseline.name] = {
                "settings": list(baseline.grid[chosen[baseline.name]]),
                "ari": mean(t.ari for t in theirs),
                "ari_level": mean(t.ari_level for t in theirs),
                "top1": sum(t.right for t in theirs) / max(1, len(asked)),
                "compression": 1 - sum(t.groups for t in theirs) / alarms,
            }
    return {
        "storms": len(rows),
        "alarms": alarms,
        "faults": sum(r.ours.faults for r in rows),
        "ari": mean(r.ours.ari for r in rows),
        "ari_worst": min(r.ours.ari for r in rows),
        "ari_level": mean(r.ours.ari_level for r in rows),
        "asked": len(asked),
        "not_distinguishable": sum(not a.distinguishable for r in rows for a in r.ours.asked),
        "not_documented": sum(not a.documented for r in rows for a in r.ours.asked),
        "top1": sum(a.right for a in asked) / max(1, len(asked)),
        "compression": 1 - sum(r.ours.incidents for r in rows) / alarms,
        "incidents": sum(r.ours.incidents for r in rows),
        "missed": sum(r.ours.missed for r in rows),
        "surplus": sum(r.ours.surplus for r in rows),
        "calibration_error": error,
        "calibration": bins,
        "latency_median": median(latency) if latency else 0.0,
        "rivals": rivals,
    }


def parted(rows: Sequence[Row], by: Callable[[Row], str], chosen: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Summaries by difficulty or by backbone, in the order they came."""
    names = dict.fromkeys(by(r) for r in rows)
    return {name: summary([r for r in rows if by(r) == name], chosen) for name in names}


def modes(rows: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """By how things fail: causes named right, and asked for."""
    found: dict[str, tuple[int, int]] = {}
    for asked in (a for r in rows for a in r.ours.asked if a.counts):
        right, of = found.get(asked.mode, (0, 0))
        found[asked.mode] = right + asked.right, of + 1
    return found


def show_tables(whole: dict[str, Any], by_difficulty: dict[str, Any], by_backbone: dict[str, Any]) -> None:
    """To a person."""
    console = Console(width=150, stderr=True)
    for title, parts in (("difficulty", by_difficulty), ("backbone", by_backbone)):
        made = Table(title=f"by {title}", box=None, header_style="bold")
        rivals = list(whole["rivals"])
        for heading in (title, "ARI", "ARI, faults alike", "top-1", "compression", "missed", "surplus", "ECE", *rivals):
            made.add_column(heading, justify="left" if heading == title else "right")
        for name, s in {**parts, "all": whole}.items():
            cells = [f"{s[k]:.3f}" for k in ("ari", "ari_level", "top1", "compression")]
            cells += [str(s["missed"]), str(s["surplus"]), f"{s['calibration_error']:.3f}"]
            made.add_row(name, *cells, *(f"{s['rivals'][r]['ari']:.3f}" for r in rivals))
        console.print(made)


def figures(whole: dict[str, Any], by_difficulty: dict[str, Any]) -> list[Figure]:
    """What `python -m benchmarks` shows."""
    found = [
        Figure(f"ARI, {whole['storms']} storms, {whole['alarms']:,} alarms", whole["ari"], "", 0.95, least=True),
        Figure("ARI, every fault alike", whole["ari_level"], ""),
        Figure(f"first cause right, {whole['asked']} distinguishable faults", whole["top1"], "", 0.95, least=True),
        Figure("compression", whole["compression"], "", 0.95, least=True),
        Figure("expected calibration error", whole["calibration_error"], ""),
        Figure(f"faults without an incident, of {whole['faults']}", whole["missed"], ""),
        Figure(f"incidents without a fault of their own, of {whole['incidents']}", whole["surplus"], ""),
    ]
    found += [Figure(f"ARI, {name}", s["ari"], "", 0.95, least=True) for name, s in by_difficulty.items()]
    found += [Figure(f"first cause right, {name}", s["top1"], "") for name, s in by_difficulty.items()]
    found += [Figure(f"ARI of {name} {r['settings']}", r["ari"], "") for name, r in whole["rivals"].items()]
    found += [Figure(f"first cause right of {name}", r["top1"], "") for name, r in whole["rivals"].items()]
    return found


def keep(folder: Path, whole: dict[str, Any], by_difficulty: dict[str, Any], by_backbone: dict[str, Any]) -> None:
    """The figures as JSON and the two plots, into this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"all": whole, "by difficulty": by_difficulty, "by backbone": by_backbone}
    (folder / "storms.json").write_text(json.dumps(_rounded(kept), indent=1) + "\n")
    from benchmarks import plots

    plots.reliability(folder / "reliability.svg", whole["calibration"], whole["calibration_error"])
    plots.bars(
        folder / "storms.svg",
        list(by_difficulty),
        {
            OURS: [s["ari"] for s in by_difficulty.values()],
            **{r: [s["rivals"][r]["ari"] for s in by_difficulty.values()] for r in whole["rivals"]},
        },
        "adjusted Rand index",
        goal=0.95,
    )


def _rounded(of: Any) -> Any:
    if isinstance(of, dict):
        return {k: _rounded(v) for k, v in of.items()}
    if isinstance(of, list | tuple):
        return [_rounded(v) for v in of]
    return round(of, 4) if isinstance(of, float) else of


def show_wrong(rows: Sequence[Row]) -> None:
    """Each storm that was not grouped well, and each distinguishable cause that was not named first."""
    console = Console(width=200, stderr=True)
    for row in rows:
        where = f"{row.backbone}, {row.difficulty} {row.seed}: ARI {row.ours.ari:.3f}"
        for a in row.ours.asked:
            if a.counts and not a.right:
                console.print(f"{where}: {a.mode} {sorted(a.alike)} taken for {', '.join(a.named) or 'nothing'}")
    console.print({mode: f"{right} of {of}" for mode, (right, of) in modes(rows).items()})
