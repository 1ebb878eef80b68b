"""New models from Atlas' history: gathered, learnt, measured, and taken into use if they are no worse."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.errors import DomainError
from atlas.learning import versions
from atlas.learning.models import ModelVersion
from cortex.degradation import training
from cortex.degradation.features import NAMES
from cortex.degradation.training import Measured, Plan, Sheet, TooLittleHistoryError
from cortex.trees import ModelError, Trees
from forge.prediction.gather import Window, gather
from forge.prediction.learning import Learning
from forge.triage import tickets, visits

log = structlog.get_logger(__name__)

NAME = "failure"
#: `progress(stage, done, total)`
Progress = Callable[[str, int, int], None]


class Trained(NamedTuple):
    """The version that was kept; or, where nothing could be learnt, the model's name and why not."""

    name: str
    version: ModelVersion | None
    why_not: str = ""


def quiet(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


async def train(
    sessions: Sessions, clock: Clock, *, days: int | None = None, seed: int = 0, progress: Progress = quiet
) -> list[Trained]:
    """Train every model from the last `days`; what there is too little history for is left as it is.

    DomainError when there is no history at all.
    """
    now = clock.now()
    progress("reading the history", 0, 1)
    async with sessions() as session:
        window = await gather(session, now, days)
    progress("reading the history", 1, 1)
    return [
        await _kept(sessions, NAME, lambda s: failures(s, window, seed, progress), now),
        await _kept(sessions, visits.NAME, lambda s: visits.learn(s, now, window), now),
        await _kept(sessions, tickets.NAME, lambda s: tickets.learn_categories(s, window.start, now), now),
    ]


async def _kept(
    sessions: Sessions, name: str, learn: Callable[[AsyncSession], Awaitable[Learning]], now: datetime
) -> Trained:
    try:
        async with sessions() as session:
            learning = await learn(session)
    except DomainError as error:
        return Trained(name, None, error.message)
    async with transaction(sessions) as session:
        return Trained(name, await versions.keep(session, learning.learnt, refused=learning.refused, now=now))


async def failures(session: AsyncSession, window: Window, seed: int, progress: Progress) -> Learning:
    """A model of what fails within a fortnight. DomainError when the history is too little."""
    used = await versions.in_use(session, NAME)
    try:
        plan, sheet, model = await asyncio.to_thread(_learn, window, seed, progress)
    except TooLittleHistoryError as error:
        raise DomainError(str(error)) from error
    rows = training.held_out(plan, sheet)
    measured = training.measure(model.probabilities(rows.table), rows.failed)
    before = _measure_used(used, rows)
    refused = _worse(measured, before, used)
    return Learning(_learnt(window, plan, sheet, model, measured, before), refused)


def _learn(window: Window, seed: int, progress: Progress) -> tuple[Plan, Sheet, Trees]:
    plan = training.plan(window.fleet.days)
    sheet = training.rows(window.fleet, plan.all, lambda done, total: progress("working out features", done, total))
    progress("learning", 0, 1)
    model = training.train(window.fleet, plan, sheet, seed)
    progress("learning", 1, 1)
    return plan, sheet, model


def _measure_used(used: ModelVersion | None, rows: Sheet) -> Measured | None:
    """The model in use on the rows the new one is measured on; None where there is none that can still be asked."""
    if used is None:
        return None
    try:
        model = Trees.from_bytes(versions.data_of(used), NAMES)
    except (ModelError, DomainError) as error:
        log.warning("the model in use cannot be asked", model=used.reference, reason=str(error))
        return None
    return training.measure(model.probabilities(rows.table), rows.failed)


def _worse(measured: Measured, before: Measured | None, used: ModelVersion | None) -> str:
    """Why the new model must not be used; empty when it may be."""
    chance = measured.failures / max(1, measured.rows)
    if measured.average_precision <= chance:
        return (
            f"It ranks no better than chance: average precision {measured.average_precision:.3f}, chance {chance:.3f}."
        )
    if before and used and measured.average_precision < before.average_precision:
        return (
            f"It is worse than {used.reference} on the same held-out weeks: average precision "
            f"{measured.average_precision:.3f} against {before.average_precision:.3f}."
        )
    return ""


def _learnt(
    window: Window, plan: Plan, sheet: Sheet, model: Trees, measured: Measured, before: Measured | None
) -> versions.Learnt:
    import sklearn

    learnt = ~np.isin(sheet.cut, plan.held_out)
    day = timedelta(days=1)
    metrics = measured.as_dict() | {
        "held_out_from": (window.start + plan.held_out[0] * day).isoformat(),
        "learnt_until": (window.start + (plan.learnt[-1] + training.HORIZON) * day).isoformat(),
        "horizon_days": training.HORIZON,
    }
    if before:
        metrics |= {f"{name}_of_the_one_before": value for name, value in before.as_dict().items()}
    return versions.Learnt(
        NAME,
        model.to_bytes(),
        window.start,
        window.until,
        int(learnt.sum()),
        int(sheet.failed[learnt].sum()),
        metrics,
        f"scikit-learn {sklearn.__version__}",
    )
