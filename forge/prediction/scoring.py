"""What became of predictions: a fault that was found confirms one, a quiet fortnight or an empty visit doesn't."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.field.models import WorkOrder
from atlas.learning import history, predictions
from atlas.learning.models import Prediction
from cortex.triage.outcomes import Found, found

#: A fault is known when it is mended: one that began in time may be told this much later.
GRACE = timedelta(days=4)
DAY = timedelta(days=1)


async def score_pending(session: AsyncSession, now: datetime) -> int:
    """End every prediction that can be judged now; returns how many."""
    waiting = await predictions.pending(session)
    if not waiting:
        return 0
    start = min(prediction.made_at for prediction, _ in waiting)
    faults: dict[int, list[tuple[datetime, str]]] = {}
    for repair in await history.repairs(session, start, now):
        if repair.kind != "preventive" and found(repair.outcome) not in (Found.NOTHING, Found.UNCLEAR):
            faults.setdefault(repair.node, []).append((start + repair.began * DAY, repair.outcome))
    ended = 0
    for prediction, order in waiting:
        if verdict := _verdict(prediction, order, faults.get(prediction.node_id, []), now):
            await predictions.end(session, prediction, *verdict, now)
            ended += 1
    return ended


def _verdict(
    prediction: Prediction, order: WorkOrder | None, faults: list[tuple[datetime, str]], now: datetime
) -> tuple[str, str] | None:
    """The state it ends in and why; None while nobody can tell. What the preventive visit found comes first."""
    if order is not None and order.state == "done":
        match found(order.outcome or ""):
            case Found.NOTHING:
                return "false", f"The visit found no fault: {order.outcome}"
            case Found.UNCLEAR:
                return "expired", "Somebody was there and did not write down what they found."
            case _:
                return "confirmed", f"The visit found it: {order.outcome}"
    for began, outcome in faults:
        if prediction.made_at <= began < prediction.due_at:
            return "confirmed", f"It failed on {began:%d %B}: {outcome}"
    if now < prediction.due_at + GRACE:
        return None
    if order is not None and order.state != "cancelled":
        return "expired", "Its job was not done in time; that it did not fail by itself says little."
    return "false", "It did not fail."
