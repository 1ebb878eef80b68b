"""Predictions: written down once per element, tied to the job they led to, and scored by what happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.errors import DomainError
from atlas.field.models import WorkOrder
from atlas.learning.models import ModelVersion, Prediction, PredictionRound
from atlas.network.models import Node
from atlas.references import number_in

PENDING = ("open", "proposed")


class Foreseen(NamedTuple):
    """What a model says of one node."""

    node_id: int
    element: str
    probability: float
    subscribers: int
    cost: float
    evidence: list[dict[str, Any]]


class Weight(NamedTuple):
    """Whose lines end at a node."""

    subscribers: int
    business: int
    vulnerable: int


class Score(NamedTuple):
    """How the predictions of one model did: those that have ended, and those still pending."""

    model: str
    pending: int
    confirmed: int
    false: int
    expired: int
    promised: float  # the sum of the probabilities of those confirmed or false

    @property
    def precision(self) -> float | None:
        """The share that came true of those that could be judged; None before the first."""
        judged = self.confirmed + self.false
        return self.confirmed / judged if judged else None


async def get(session: AsyncSession, reference: str, *, lock: bool = False) -> Prediction:
    """A prediction by "PRE-7". DomainError when there is none."""
    number = number_in(reference, "PRE")
    if number is None:
        raise DomainError(f"“{reference}” is no prediction; references look like PRE-7.")
    row = await session.get(Prediction, number, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise DomainError(f"There is no prediction PRE-{number}.")
    return row


async def last_round(session: AsyncSession) -> PredictionRound | None:
    """The newest look at the network."""
    return (await session.scalars(select(PredictionRound).order_by(PredictionRound.at.desc()).limit(1))).first()


async def pending_nodes(session: AsyncSession) -> set[int]:
    """Nodes of which a prediction is still to come true or not."""
    return set(await session.scalars(select(Prediction.node_id).where(Prediction.state.in_(PENDING))))


async def write_down(
    session: AsyncSession, model: ModelVersion, foreseen: Sequence[Foreseen], due_at: datetime, now: datetime
) -> list[int]:
    """Keep predictions; returns their ids in the order given."""
    rows = [
        each._asdict() | {"model_id": model.id, "made_at": now, "due_at": due_at, "state": "open"} for each in foreseen
    ]
    if not rows:
        return []
    found = await session.execute(insert(Prediction).returning(Prediction.id, sort_by_parameter_order=True), rows)
    return [row.id for row in found]


async def end(session: AsyncSession, row: Prediction, state: str, outcome: str, now: datetime) -> None:
    """How a prediction ended: confirmed, false, or expired where nobody can tell."""
    row.state, row.outcome, row.outcome_at = state, outcome, now
    await session.flush()
    payload = {"element": row.element, "state": state, "probability": round(row.probability, 3), "outcome": outcome}
    await events.emit(session, "prediction.ended", row.reference, payload, at=now)


async def pending(session: AsyncSession) -> list[tuple[Prediction, WorkOrder | None]]:
    """Predictions to be scored, each with its job, locked against another sweep."""
    query = select(Prediction, WorkOrder).outerjoin(WorkOrder, WorkOrder.id == Prediction.work_order_id)
    query = query.where(Prediction.state.in_(PENDING)).order_by(Prediction.id)
    rows = await session.execute(query.with_for_update(of=Prediction, skip_locked=True))
    return [(row[0], row[1]) for row in rows]


async def recent(session: AsyncSession, *, everything: bool, limit: int = 100) -> list[Prediction]:
    """Pending predictions, the costliest first; with `everything` also those that have ended, the newest first."""
    query = select(Prediction).limit(limit)
    if everything:
        query = query.order_by(Prediction.made_at.desc(), Prediction.cost.desc(), Prediction.id)
    else:
        query = query.where(Prediction.state.in_(PENDING)).order_by(Prediction.cost.desc(), Prediction.id)
    return list(await session.scalars(query))


async def scores(session: AsyncSession) -> list[Score]:
    """How each model's predictions did, the newest model first."""

    def count(*states: str) -> Any:
        return func.count().filter(Prediction.state.in_(states))

    promised = func.coalesce(func.sum(Prediction.probability).filter(Prediction.state.in_(("confirmed", "false"))), 0.0)
    query = (
        select(ModelVersion, count(*PENDING), count("confirmed"), count("false"), count("expired"), promised)
        .join(Prediction, Prediction.model_id == ModelVersion.id)
        .group_by(ModelVersion.id)
        .order_by(ModelVersion.id.desc())
    )
    return [Score(row[0].reference, *row[1:]) for row in await session.execute(query)]


async def matured(session: AsyncSession, model_id: int) -> list[tuple[float, bool]]:
    """(probability, came true) of a model's predictions that could be judged."""
    query = select(Prediction.probability, Prediction.state == "confirmed").where(
        Prediction.model_id == model_id, Prediction.state.in_(("confirmed", "false"))
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


WEIGHTS = """
SELECT s.access_node_id, count(*), count(*) FILTER (WHERE p.segment = 'business'),
       count(*) FILTER (WHERE p.is_vulnerable)
FROM service s JOIN subscriber p ON p.id = s.subscriber_id WHERE s.state = 'active' GROUP BY 1
"""


async def weights(session: AsyncSession) -> dict[int, Weight]:
    """Whose lines end at each access node."""
    return {row[0]: Weight(*row[1:]) for row in await session.execute(text(WEIGHTS))}


PLACE = """
SELECT coalesce((SELECT a.street || ' ' || a.house_number || ', ' || a.city FROM service s
                 JOIN address a ON a.id = s.address_id WHERE s.access_node_id = n.id ORDER BY s.id LIMIT 1), n.name),
       n.kind
FROM node n WHERE n.id = :node
"""


async def place_of(session: AsyncSession, node_id: int) -> tuple[str, str]:
    """Where a crew goes for a node, and what kind of node it is."""
    place, kind = (await session.execute(text(PLACE), {"node": node_id})).one()
    return place, kind


async def element_of(session: AsyncSession, node_id: int) -> str:
    """A node's element key."""
    return f"node:{(await session.execute(select(Node.name).where(Node.id == node_id))).scalar_one()}"
