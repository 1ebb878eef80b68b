"""The daily look ahead: score what has matured, ask the model of every element, write down and propose the worst.

How many are written down and how many jobs are proposed a day is the operator's to say. The proposals go through
the gate like everybody's: a person signs each before anyone is sent.
"""

import asyncio
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.errors import DomainError
from atlas.learning import predictions, versions
from atlas.learning.models import ModelVersion, Prediction, PredictionRound
from atlas.learning.predictions import Foreseen, Weight
from atlas.network.inventory import load_inventory
from atlas.settings import Settings
from cortex.degradation.drift import shifts
from cortex.degradation.evidence import middle, reasons
from cortex.degradation.features import NAMES, WINDOW, features
from cortex.degradation.training import HORIZON
from cortex.impact import measure
from cortex.trees import ModelError, Trees
from forge.executor import Call, Executor
from forge.outcome import AwaitingSignOff, Done
from forge.prediction.gather import Window, gather
from forge.prediction.scoring import score_pending
from forge.prediction.training import NAME
from forge.topology import build_topology, build_weights
from policies.spec import FORGE

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
ROUND_LOCK = 0x0BED_0010
#: What losing a line is worth beside an ordinary subscriber's, for choosing whom to visit first.
BUSINESS, VULNERABLE = 3.0, 3.0
#: Features of the network that are kept with a round: those that moved most.
DRIFT_KEPT = 8


class Looked(NamedTuple):
    """What one look came to."""

    elements: int
    predicted: int
    proposed: int
    scored: int


class _Judged(NamedTuple):
    elements: int
    foreseen: list[Foreseen]
    drift: list[dict[str, object]]


async def look_ahead_if_due(sessions: Sessions, executor: Executor, settings: Settings, clock: Clock) -> int:
    """`look_ahead` when the last was a day ago and a model is in use; returns how many were predicted."""
    async with sessions() as session:
        last = await predictions.last_round(session)
    if last is not None and clock.now() < last.at + EVERY:
        return 0
    looked = await look_ahead(sessions, executor, settings, clock)
    return looked.predicted if looked else 0


async def look_ahead(sessions: Sessions, executor: Executor, settings: Settings, clock: Clock) -> Looked | None:
    """One look at every element; None when no model is in use, or another process is looking.

    DomainError when the model in use cannot be asked.
    """
    now = clock.now()
    async with sessions() as guard, guard.begin():
        if not await guard.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": ROUND_LOCK}):
            return None
        used = await versions.in_use(guard, NAME)
        if used is None:
            return None
        model = _model(used)
        window = await gather(guard, now, WINDOW * 2)
        lines = await predictions.weights(guard)
        known = await predictions.pending_nodes(guard)
        judged = await asyncio.to_thread(_judge, model, window, lines, known, settings)
        foreseen = await _weigh_shared(guard, judged.foreseen)
        async with transaction(sessions) as session:
            scored = await score_pending(session, now)
            ids = await predictions.write_down(session, used, foreseen, now + timedelta(days=HORIZON), now)
            round_ = PredictionRound(
                model_id=used.id, at=now, elements=judged.elements, predicted=len(ids), proposed=0, drift=judged.drift
            )
            session.add(round_)
            await session.flush()
            round_id = round_.id
    proposed = await _propose(sessions, executor, ids, foreseen, settings)
    async with transaction(sessions) as session:
        await session.execute(
            text("UPDATE prediction_round SET proposed = :n WHERE id = :id"), {"n": proposed, "id": round_id}
        )
    log.info("looked ahead", elements=judged.elements, predicted=len(ids), proposed=proposed, scored=scored)
    return Looked(judged.elements, len(ids), proposed, scored)


def _model(used: ModelVersion) -> Trees:
    try:
        return Trees.from_bytes(versions.data_of(used), NAMES)
    except ModelError as error:
        raise DomainError(f"{used.reference}: {error}") from error


def _judge(model: Trees, window: Window, lines: dict[int, Weight], known: set[int], settings: Settings) -> _Judged:
    """Ask the model of every element; the likeliest that nothing is predicted of yet, with their evidence."""
    table, alive = features(window.fleet, window.fleet.days)
    which = np.flatnonzero(alive)
    if not len(which):
        return _Judged(0, [], [])
    probability = model.probabilities(table[which])
    usual = middle(table[which])
    order = [place for place in np.argsort(-probability) if window.nodes[which[place]] not in known]
    least = settings.prediction_least
    chosen = [place for place in order if probability[place] >= least][: settings.predictions_a_day]
    foreseen = []
    for place in chosen:
        row = which[place]
        node, p = window.nodes[row], float(probability[place])
        why = [each.as_dict() for each in reasons(model, table[row], usual)]
        weight = lines.get(node, Weight(0, 0, 0))
        foreseen.append(Foreseen(node, window.fleet.traits[row].key, p, weight.subscribers, p * _worth(weight), why))
    moved = [
        {"feature": each.name, "psi": round(each.psi, 3), "ks": round(each.ks, 3)}
        for each in shifts(model, table[which])[:DRIFT_KEPT]
    ]
    return _Judged(len(which), foreseen, moved)


def _worth(weight: Weight) -> float:
    return max(1.0, weight.subscribers + (BUSINESS - 1) * weight.business + (VULNERABLE - 1) * weight.vulnerable)


async def _weigh_shared(session: AsyncSession, foreseen: list[Foreseen]) -> list[Foreseen]:
    """What hangs on more than its own line is weighed by whom its failure would cut off, by topology."""
    if all(each.subscribers for each in foreseen):
        return foreseen
    inventory = await load_inventory(session)
    topology = build_topology(inventory)
    weights = build_weights(inventory, topology)
    weighed = []
    for each in foreseen:
        index = topology.index(each.element)
        if not each.subscribers and index is not None:
            hit = measure(topology, weights, [index]).totals
            weight = Weight(int(hit["subscribers"]), int(hit["business"]), int(hit["vulnerable"]))
            each = each._replace(subscribers=weight.subscribers, cost=each.probability * _worth(weight))
        weighed.append(each)
    return weighed


async def _propose(
    sessions: Sessions, executor: Executor, ids: list[int], foreseen: list[Foreseen], settings: Settings
) -> int:
    """Ask for a job for the costliest; a prediction is proposed once, whatever becomes of the proposal."""
    order = sorted(zip(ids, foreseen, strict=True), key=lambda each: -each[1].cost)
    proposed = 0
    for id_, each in order:
        if proposed >= settings.preventive_jobs_a_day or each.probability < settings.preventive_job_least:
            continue
        reference = f"PRE-{id_}"
        call = Call("propose_preventive_work", {"prediction": reference}, key=f"preventive:{reference}")
        outcome = await executor.propose(call, FORGE)
        if not isinstance(outcome, AwaitingSignOff | Done):
            log.info("preventive job not proposed", prediction=reference, reason=outcome.text())
            continue
        proposed += 1
        async with transaction(sessions) as session:
            row = await session.get(Prediction, id_, with_for_update=True)
            if row is not None and row.state == "open":
                row.state = "proposed"
    return proposed
