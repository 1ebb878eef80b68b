"""`python -m benchmarks.storms`: storms of every difficulty on ten real backbones, ours beside the baselines.

Settings of the baselines are chosen on storms and networks of other seeds first. `--keep FOLDER` writes the figures and
the plots there (docs/figures); `--part tuning` shows the seeds that Cortex itself was bettered on.
"""

import argparse
import os
from pathlib import Path

from benchmarks.figures import show
from benchmarks.storms import backbones, report
from benchmarks.storms.baselines import BASELINES
from benchmarks.storms.run import HELD_OUT, TUNING, all_rows, best_settings
from benchmarks.storms.scenarios import DIFFICULTIES


def main() -> None:
    """Choose the baselines' settings, then measure all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storms")
    parser.add_argument("--seeds", type=int, default=2, help="storms of each difficulty on each backbone")
    parser.add_argument("--first", type=int, default=1, help="the first seed; one that was looked at tests no more")
    parser.add_argument("--part", choices=(TUNING, HELD_OUT), default=HELD_OUT)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--backbones", nargs="*", default=backbones.NAMES)
    parser.add_argument("--difficulties", nargs="*", default=[d.name for d in DIFFICULTIES])
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="say which causes were wrong")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    difficulties = tuple(d for d in DIFFICULTIES if d.name in asked.difficulties)
    chosen: dict[str, int] = {}
    if not asked.no_baselines:
        every = {b.name: tuple(range(len(b.grid))) for b in BASELINES}
        tried = all_rows(TUNING, [0], every, asked.jobs, asked.backbones, difficulties, with_ours=False)
        chosen = best_settings(tried)
    places = {name: (place,) for name, place in chosen.items()}
    seeds = range(asked.first, asked.first + asked.seeds)
    rows = all_rows(asked.part, seeds, places, asked.jobs, asked.backbones, difficulties)
    whole = report.summary(rows, chosen)
    by_difficulty = report.parted(rows, lambda r: r.difficulty, chosen)
    by_backbone = report.parted(rows, lambda r: r.backbone, chosen)
    report.show_tables(whole, by_difficulty, by_backbone)
    if asked.wrong:
        report.show_wrong(rows)
    if asked.keep:
        report.keep(asked.keep, whole, by_difficulty, by_backbone)
    show(report.figures(whole, by_difficulty))


if __name__ == "__main__":
    main()
