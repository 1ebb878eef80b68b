"""A ticket weighed: its category by its words, its priority by its circumstances, and its doubles."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.learning import cases, versions
from atlas.learning.cases import TicketCase
from cortex.trees import ModelError, NothingToLearnError
from cortex.triage.duplicates import Duplicate, Report, duplicates
from cortex.triage.priority import Circumstances, Priority, priority
from cortex.triage.text import Linear, learn
from forge.prediction.learning import Learning

NAME = "category"
HELD_OUT = 0.3
#: Below this the category as it stands is left alone.
SURE = 0.7


@dataclass(frozen=True, slots=True)
class Triage:
    """`category`: as the words have it, with how sure that is; None when they don't tell."""

    category: str | None
    sure: float
    priority: Priority
    duplicates: list[Duplicate]


async def learn_categories(session: AsyncSession, start: datetime, now: datetime) -> Learning:
    """A model from the tickets of a window. DomainError when there are too few."""
    told, used = await cases.told(session, start, now), await model_in_use(session)
    return await asyncio.to_thread(_learn, told, start, now, used)


def _learn(told: Sequence[tuple[str, str, datetime]], start: datetime, now: datetime, used: Linear | None) -> Learning:
    import sklearn

    cut = round(len(told) * (1 - HELD_OUT))
    texts, labels = [words for words, _, _ in told], [category for _, category, _ in told]
    none = np.zeros((len(told), 0))
    try:
        model = learn(texts[:cut], none[:cut], labels[:cut], (), softness=10.0)
    except NothingToLearnError as error:
        raise DomainError(f"Categories cannot be learnt: {error}.") from error
    guessed = model.probabilities(texts[cut:], none[cut:])
    right = _right(model, texts[cut:], labels[cut:])
    sure = guessed.max(axis=1) >= SURE
    most = max(labels[:cut].count(label) for label in set(labels[:cut])) / cut
    metrics = {
        "tickets_held_out": len(right),
        "accuracy": round(float(right.mean()), 4),
        "accuracy_where_sure": round(float(right[sure].mean()), 4) if sure.any() else 0.0,
        "share_sure": round(float(sure.mean()), 4),
        "share_of_the_commonest": round(most, 4),
        "held_out_from": told[cut][2].isoformat(),
    }
    learnt = versions.Learnt(
        NAME, model.to_bytes(), start, now, cut, cut, metrics, f"scikit-learn {sklearn.__version__}"
    )
    before = float(_right(used, texts[cut:], labels[cut:]).mean()) if used else 0.0
    now_right = float(right.mean())
    worse = f"It is worse than the one in use: {now_right:.1%} right against {before:.1%}."
    return Learning(learnt, worse if before > now_right else "")


def _right(model: Linear, texts: Sequence[str], labels: Sequence[str]) -> NDArray[np.bool_]:
    guessed = model.probabilities(texts, np.zeros((len(texts), 0)))
    return np.asarray(np.array([model.labels[n] for n in guessed.argmax(axis=1)]) == np.array(labels))


async def triage(session: AsyncSession, ticket: int, now: datetime) -> Triage:
    """Weigh one subscriber's ticket. DomainError when there is none, or the model in use cannot be asked."""
    case = await cases.ticket(session, ticket)
    if case is None:
        raise DomainError(f"There is no subscriber's ticket TT-{ticket}.")
    category, sure = await _category(session, case)
    others = [_report(each) for each in await cases.around(session, case)]
    return Triage(
        category if sure >= SURE else None,
        sure,
        priority(_circumstances(case, category if sure >= SURE and category else case.category, now)),
        duplicates(_report(case), others),
    )


async def _category(session: AsyncSession, case: TicketCase) -> tuple[str | None, float]:
    model = await model_in_use(session)
    if model is None:
        return None, 0.0
    guessed = model.probabilities([case.words], np.zeros((1, 0)))[0]
    return model.labels[int(guessed.argmax())], float(guessed.max())


async def model_in_use(session: AsyncSession) -> Linear | None:
    """The model of categories; None when none was learnt."""
    used = await versions.in_use(session, NAME)
    if used is None:
        return None
    try:
        return Linear.from_bytes(versions.data_of(used), ())
    except ModelError as error:
        raise DomainError(f"{used.reference}: {error}") from error


def _circumstances(case: TicketCase, category: str, now: datetime) -> Circumstances:
    return Circumstances(
        category, case.is_vulnerable, case.is_business, case.has_outage, case.contacts_14d,
        max(0.0, (now - case.opened_at).total_seconds() / 3600), float(case.repair_hours),
    )  # fmt: skip


def _report(case: TicketCase) -> Report:
    return Report(f"TT-{case.id}", case.opened_at, case.category, case.words, case.service, case.part, case.zone)
