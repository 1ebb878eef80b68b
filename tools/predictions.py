"""What is about to fail, and sending somebody before it does."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from atlas.errors import DomainError
from atlas.field import service as field
from atlas.learning import predictions
from atlas.learning.models import Prediction
from policies.spec import Risk, ToolContext, tool
from tools.field import WorkOrderRow, row_of
from tools.incidents import NOC

PredictionReference = Annotated[str, Field(description="A prediction's reference, such as PRE-7.", max_length=20)]
#: Who mends which kind of node before it fails.
SKILLS = {"ont": "pon", "modem": "coax", "fibre_node": "coax", "cmts": "coax", "cpe": "radio", "sector": "radio",
          "tower": "radio"}  # fmt: skip
OTHER_SKILL = "fibre_splicing"
WORDS_KEPT = 900


class PredictionRow(BaseModel):
    """One prediction with what it rests on."""

    reference: str
    element: str
    probability: float
    due_at: datetime
    subscribers: int
    state: str
    evidence: list[str]
    outcome: str | None


class Predictions(BaseModel):
    """Pending predictions, the costliest first, and how earlier ones did."""

    total: int
    predictions: list[PredictionRow]
    confirmed: int
    false: int


class PreventiveFacts(BaseModel):
    """What the rules and the person who signs decide by."""

    element: str
    percent: int = Field(description="How likely it fails before `due`.")
    due: str
    subscribers: int
    evidence: str


def view_of(row: Prediction) -> PredictionRow:
    """A prediction as tools show it."""
    return PredictionRow(
        reference=row.reference,
        element=row.element,
        probability=round(row.probability, 3),
        due_at=row.due_at,
        subscribers=row.subscribers,
        state=row.state,
        evidence=[reason["words"] for reason in row.evidence],
        outcome=row.outcome,
    )


async def preventive_facts(ctx: ToolContext, prediction: str) -> PreventiveFacts:
    """The prediction, as it was written down."""
    row = await predictions.get(ctx.session, prediction)
    return PreventiveFacts(
        element=row.element,
        percent=round(row.probability * 100),
        due=f"{row.due_at:%Y-%m-%d}",
        subscribers=row.subscribers,
        evidence=" ".join(reason["words"] for reason in row.evidence)[:WORDS_KEPT],
    )


async def lock_prediction(ctx: ToolContext, prediction: str) -> None:
    """Two calls about one prediction take turns, so that one job comes of it."""
    await predictions.get(ctx.session, prediction, lock=True)


def say_preventive(facts: BaseModel | None, prediction: str) -> str:
    """What a person signs."""
    if not isinstance(facts, PreventiveFacts):
        return f"Preventive visit for {prediction}"
    return (
        f"Preventive visit to {facts.element} ({facts.subscribers} subscribers): {facts.percent} % likely to fail by "
        f"{facts.due}, says {prediction}. {facts.evidence}"
    )


@tool(risk=Risk.READ, audience=NOC)
async def find_predictions(ctx: ToolContext) -> Predictions:
    """List what is predicted to fail within two weeks, with the evidence, and how earlier predictions did."""
    rows = await predictions.recent(ctx.session, everything=False)
    scores = await predictions.scores(ctx.session)
    return Predictions(
        total=len(rows),
        predictions=[view_of(row) for row in rows[:20]],
        confirmed=sum(score.confirmed for score in scores),
        false=sum(score.false for score in scores),
    )


@tool(
    risk=Risk.FIELD,
    audience=NOC | {"forge"},
    facts=preventive_facts,
    lock=lock_prediction,
    summarise=say_preventive,
)
async def propose_preventive_work(ctx: ToolContext, prediction: PredictionReference) -> WorkOrderRow:
    """Open a work order for an element that is predicted to fail, with the evidence as instructions."""
    row = await predictions.get(ctx.session, prediction)
    if row.state not in predictions.PENDING:
        raise DomainError(f"{row.reference} has ended ({row.state}): {row.outcome}")
    if row.work_order_id is not None:
        raise DomainError(f"WO-{row.work_order_id} is there for {row.reference} already.")
    place, kind = await predictions.place_of(ctx.session, row.node_id)
    facts = await preventive_facts(ctx, prediction)
    order = await field.create_work_order(
        ctx.session,
        incident_id=None,
        skill=SKILLS.get(kind, OTHER_SKILL),
        element=row.element,
        place=place,
        instructions=f"Preventive, before it fails: {facts.percent} % by {facts.due}. {facts.evidence} "
        "Write down what you find, also when it is nothing.",
        now=ctx.clock.now(),
    )
    row.work_order_id, row.state = order.id, "proposed"
    return row_of(order)
