"""What became of predictions, by what was found and what happened."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.learning import predictions, versions
from atlas.learning.models import Prediction
from atlas.network.models import Node
from forge.prediction.scoring import GRACE, score_pending
from tests.atlas.learning.test_versions import learnt
from tests.factories.subscribers import save
from tests.forge.prediction.houses import mended, street

DAY = timedelta(days=1)


async def foreseen(session: AsyncSession, clock: FrozenClock, ont: Node, **more: Any) -> Prediction:
    """A prediction made now, for a fortnight."""
    model = await versions.in_use(session, "failure")
    model = model or await versions.keep(session, learnt(clock), refused="", now=clock.now())
    row: dict[str, Any] = {
        "model_id": model.id, "node_id": ont.id, "element": f"node:{ont.name}", "made_at": clock.now(),
        "due_at": clock.now() + 14 * DAY, "probability": 0.4, "subscribers": 1, "cost": 0.4, "evidence": [],
        "state": "open",
    } | more  # fmt: skip
    return await save(session, Prediction(**row))


async def after(session: AsyncSession, clock: FrozenClock, days: float) -> None:
    clock.advance(days * 86400)
    await score_pending(session, clock.now())


async def test_a_failure_in_time_confirms(session: AsyncSession, clock: FrozenClock) -> None:
    (ont,) = await street(session, 1, clock.now())
    row = await foreseen(session, clock, ont)
    await mended(session, ont, clock.now() + 3 * DAY, clock.now() + 4 * DAY)
    await after(session, clock, 5)
    assert row.state == "confirmed"
    assert "laser dead" in (row.outcome or "")


async def test_nothing_happens_and_that_is_false_but_not_before_it_can_be_known(
    session: AsyncSession, clock: FrozenClock
) -> None:
    (ont,) = await street(session, 1, clock.now())
    row = await foreseen(session, clock, ont)
    await after(session, clock, 15)
    assert row.state == "open"
    await after(session, clock, GRACE / DAY)
    assert row.state == "false"


async def test_a_failure_too_late_is_none(session: AsyncSession, clock: FrozenClock) -> None:
    (ont,) = await street(session, 1, clock.now())
    row = await foreseen(session, clock, ont)
    await mended(session, ont, clock.now() + 16 * DAY, clock.now() + 17 * DAY)
    await after(session, clock, 19)
    assert row.state == "false"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("Connector cleaned.", "confirmed"), ("No fault found.", "false"), ("", "expired")],
)
async def test_what_the_preventive_visit_found_decides(
    session: AsyncSession, clock: FrozenClock, outcome: str, state: str
) -> None:
    (ont,) = await street(session, 1, clock.now())
    job = await mended(session, ont, clock.now() + DAY, clock.now() + 2 * DAY, outcome)
    row = await foreseen(session, clock, ont, work_order_id=job.id, state="proposed")
    await after(session, clock, 3)
    assert row.state == state


async def test_precision_counts_what_could_be_judged(session: AsyncSession, clock: FrozenClock) -> None:
    onts = await street(session, 4, clock.now())
    for ont, state in zip(onts, ("confirmed", "confirmed", "false", "open"), strict=True):
        await foreseen(session, clock, ont, state=state)
    (score,) = await predictions.scores(session)
    assert score[1:5] == (1, 2, 1, 0)
    assert score.precision == pytest.approx(2 / 3)
    assert score.promised == pytest.approx(1.2)
