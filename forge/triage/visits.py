"""No-fault-found risk: learnt from visits that are over, asked of a ticket before a truck is sent."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.learning import cases, versions
from atlas.learning.cases import Visit
from cortex.degradation.features import LEAST_HISTORY, NAMES, WINDOW, features
from cortex.trees import ModelError, NothingToLearnError
from cortex.triage import no_fault
from cortex.triage.no_fault import FROM_FEATURES, NUMBERS, Advice, Risk
from cortex.triage.outcomes import Found, found
from cortex.triage.text import Linear
from forge.prediction.gather import Window, gather
from forge.prediction.learning import Learning

NAME = "no_fault_found"
#: Of the visits, the newest that are held out to measure on.
HELD_OUT = 0.3
LEAST_VISITS = 60
#: Stated, not measured: what a visit costs the operator, in its own currency.
VISIT_COST = 90


async def learn(session: AsyncSession, now: datetime, window: Window) -> Learning:
    """A model from the visits of a window, with its figures. DomainError when there are too few."""
    visits = [each for each in await cases.visits(session, window.start, now) if _counts(each)]
    if len(visits) < LEAST_VISITS:
        raise DomainError(f"There are {len(visits)} visits with an outcome; to learn from them takes {LEAST_VISITS}.")
    return await asyncio.to_thread(_learn, visits, window, await model_in_use(session))


def _counts(visit: Visit) -> bool:
    return visit.node is not None and found(visit.outcome or "") is not Found.UNCLEAR


def _learn(visits: Sequence[Visit], window: Window, used: Linear | None) -> Learning:
    import sklearn

    numbers = table(visits, window)
    empty = np.array([found(visit.outcome or "") is Found.NOTHING for visit in visits])
    texts = [text_of(visit) for visit in visits]
    cut = round(len(visits) * (1 - HELD_OUT))
    try:
        model = no_fault.train(texts[:cut], numbers[:cut], empty[:cut])
    except NothingToLearnError as error:
        raise DomainError(f"No-fault-found risk cannot be learnt: {error}.") from error
    probability = model.probabilities(texts[cut:], numbers[cut:])[:, 1]
    advice = no_fault.measure(probability, empty[cut:], model.threshold)
    learnt = versions.Learnt(
        NAME,
        model.to_bytes(),
        window.start,
        window.until,
        cut,
        int(empty[:cut].sum()),
        figures(advice, probability, empty[cut:]) | {"held_out_from": visits[cut].opened_at.isoformat()},
        f"scikit-learn {sklearn.__version__}",
    )
    return Learning(
        learnt, _worse(probability, used.probabilities(texts[cut:], numbers[cut:])[:, 1], empty[cut:]) if used else ""
    )


def _worse(new: NDArray[np.float64], old: NDArray[np.float64], empty: NDArray[np.bool_]) -> str:
    """Why a model must not replace the one in use: by the Brier score on the same held-out visits."""
    a, b = (float(((each - empty) ** 2).mean()) for each in (new, old))
    return (
        f"It is worse than the one in use on the same held-out visits: Brier {a:.4f} against {b:.4f}." if a > b else ""
    )


def figures(advice: Advice, probability: NDArray[np.float64], empty: NDArray[np.bool_]) -> dict[str, float]:
    """How advice did, for keeping beside the model; `brier` is what the next one is compared by."""
    return {
        "visits_held_out": advice.visits,
        "empty": advice.empty,
        "advised": advice.advised,
        "precision": round(advice.precision, 4),
        "recall_of_empty": round(advice.recall, 4),
        "saved_visits": advice.saved,
        "saved_at_cost_of_visit": advice.saved * VISIT_COST,
        "brier": round(float(((probability - empty) ** 2).mean()), 4),
    }


def table(visits: Sequence[Visit], window: Window) -> NDArray[np.float64]:
    """The numbers of each visit as they were when its ticket was opened; NaN where nothing was measured."""
    rows = {node: row for row, node in enumerate(window.nodes)}
    columns = [NAMES.index(name) for name in FROM_FEATURES]
    out = np.full((len(visits), len(NUMBERS)), np.nan)
    at = np.array([int(window.day(visit.opened_at)) for visit in visits])
    for cut in np.unique(at[at >= LEAST_HISTORY]):
        known = features(window.fleet, int(cut), shapes_only=True).table[:, columns]
        for place in np.flatnonzero(at == cut).tolist():
            if (row := rows.get(visits[place].node or 0)) is not None:
                out[place, : len(columns)] = known[row]
    for place, visit in enumerate(visits):
        empty = sum(found(outcome) is Found.NOTHING for outcome in visit.earlier)
        age = float("nan") if visit.age_years is None else visit.age_years
        out[place, len(columns) :] = (visit.alarms_2d, visit.gone, len(visit.earlier), empty, visit.contacts_30d, age)
    return out


def text_of(visit: Visit) -> str:
    """What is known in words."""
    return f"{visit.words} {visit.category}"


async def risk_of(session: AsyncSession, ticket: int, now: datetime) -> Risk | None:
    """How likely a visit for this ticket finds nothing; None when no model is in use.

    DomainError when there is no such ticket of a subscriber's, or the model in use cannot be asked.
    """
    visit = await cases.asked(session, ticket)
    if visit is None:
        raise DomainError(f"There is no subscriber's ticket TT-{ticket}.")
    model = await model_in_use(session)
    if model is None:
        return None
    until = min(now, visit.opened_at) + timedelta(days=1)
    numbers = np.full((1, len(NUMBERS)), np.nan)
    if visit.node is not None:
        window = await gather(session, until, WINDOW, around=visit.node)
        numbers = await asyncio.to_thread(table, [visit], window)
    return no_fault.risk(model, text_of(visit), numbers[0])


async def model_in_use(session: AsyncSession) -> Linear | None:
    """The model of no-fault-found risk; None when none was learnt."""
    used = await versions.in_use(session, NAME)
    if used is None:
        return None
    try:
        return Linear.from_bytes(versions.data_of(used), NUMBERS)
    except ModelError as error:
        raise DomainError(f"{used.reference}: {error}") from error
