"""Advice against visits for nothing, and what it saves: on the demo's history, loaded anew, held-out weeks.

`python -m benchmarks.no_fault_found [subscribers [seeds]]`. What the trouble really was is drawn by the demo's
generator before anything that can be seen of it: a quarter of the callers use another trouble's words, and a fault
shows in the level only as often as the generator says. Beside the advice: what words alone and the level alone would
have advised.
"""

import asyncio
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from api.prepare import prepare_database
from atlas import server
from atlas.db import make_engine, make_sessions
from atlas.demo.load import load
from atlas.learning import cases
from benchmarks.figures import Figure, show
from cortex.triage import no_fault
from cortex.triage.no_fault import Advice
from cortex.triage.outcomes import Found, found
from forge.prediction.gather import gather
from forge.triage import visits

HELD_OUT = visits.HELD_OUT


async def measured(url: str, now: datetime) -> dict[str, Advice]:
    """How advice did on the newest visits: by words and numbers, by words alone, by numbers alone."""
    engine = make_engine(url)
    async with make_sessions(engine)() as session:
        window = await gather(session, now)
        past = [each for each in await cases.visits(session, window.start, now) if each.node is not None]
    await engine.dispose()
    past = [each for each in past if found(each.outcome or "") is not Found.UNCLEAR]
    numbers = visits.table(past, window)
    texts = [visits.text_of(each) for each in past]
    empty = np.array([found(each.outcome or "") is Found.NOTHING for each in past])
    cut = round(len(past) * (1 - HELD_OUT))
    ways = {
        "words and numbers": (texts, numbers),
        "words alone": (texts, np.full_like(numbers, np.nan)),
        "numbers alone": ([""] * len(texts), numbers),
    }
    done = {}
    for name, (words, values) in ways.items():
        model = no_fault.train(words[:cut], values[:cut], empty[:cut])
        probability = model.probabilities(words[cut:], values[cut:])[:, 1]
        done[name] = no_fault.measure(probability, empty[cut:], model.threshold)
    return done


def main() -> None:
    """Each seed's ISP; the medians, and the sums of visits."""
    given = [int(each) for each in sys.argv[1:]]
    subscribers, seeds = (*given, *(20_000, 3)[len(given) :])
    now = datetime.now(UTC).replace(microsecond=0)
    runs: list[dict[str, Advice]] = []
    with tempfile.TemporaryDirectory() as folder:
        base = server.start_embedded(Path(folder) / "pg")
        try:
            for seed in range(1, seeds + 1):
                server.create_database(base, f"isp_{seed}")
                url = server.with_database(base, f"isp_{seed}")
                prepare_database(url)
                load(url, subscribers=subscribers, seed=seed, now=now)
                runs.append(asyncio.run(measured(url, now)))
                server.drop_database(base, f"isp_{seed}")
        finally:
            server.stop_embedded(Path(folder) / "pg")
    figures = [
        Figure("visits held out", sum(run["words alone"].visits for run in runs), "visits"),
        Figure("of these for nothing", sum(run["words alone"].empty for run in runs), "visits"),
    ]
    for name in runs[0]:
        mine = [run[name] for run in runs]
        saved = sum(each.saved for each in mine)
        figures += [
            Figure(f"{name}: precision of advice", statistics.median(each.precision for each in mine), ""),
            Figure(f"{name}: share of empty visits advised", statistics.median(each.recall for each in mine), ""),
            Figure(f"{name}: visits saved", saved, "visits"),
            Figure(f"{name}: faults asked to test first", sum(each.advised - each.saved for each in mine), "visits"),
            Figure(f"{name}: saved at {visits.VISIT_COST} a visit (assumed)", saved * visits.VISIT_COST, ""),
        ]
    show(figures)


if __name__ == "__main__":
    main()
