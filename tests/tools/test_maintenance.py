"""Planning work and calling it off, as the NOC does it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.errors import DomainError
from atlas.network.enums import AlarmType
from tests.factories.incidents import told
from tests.tools.conftest import Use
from tools.maintenance import cancel_maintenance, find_maintenance, plan_maintenance


def hours(clock: FrozenClock, first: float, last: float) -> dict[str, Any]:
    now = clock.now()
    return {"starts_at": now + timedelta(hours=first), "ends_at": now + timedelta(hours=last)}


async def test_work_is_planned_listed_and_called_off(use: Use, isp: AsyncSession, clock: FrozenClock) -> None:
    planned = await use(
        plan_maintenance,
        element="node:z3-agg-1",
        reason="New line card",
        expects=[AlarmType.UNREACHABLE],
        **hours(clock, 1, 2),
    )
    assert (planned.state, planned.expects, planned.planned_by) == ("planned", ["unreachable"], "anna")
    assert [work.reference for work in (await use(find_maintenance)).work] == [planned.reference]
    clock.advance(3600 + 60)
    assert (await use(find_maintenance)).work[0].state == "going on"
    assert (await use(cancel_maintenance, work=planned.reference)).state == "cancelled"
    assert (await use(find_maintenance)).work == []
    kinds = [kind for kind, subject in await told(isp) if subject == planned.reference]
    assert kinds == ["maintenance.planned", "maintenance.cancelled"]


@pytest.mark.parametrize(
    ("element", "first", "last", "sentence"),
    [
        ("node:nowhere", 0, 1, "no element node:nowhere"),
        ("z3-agg-1", 0, 1, "keys look like"),
        ("node:z3-agg-1", 2, 1, "must end after it starts"),
        ("node:z3-agg-1", -2, -1, "must end in the future"),
        ("node:z3-agg-1", 0, 24 * 8, "7 days at most"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    use: Use, clock: FrozenClock, element: str, first: float, last: float, sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        await use(plan_maintenance, element=element, reason="New card", **hours(clock, first, last))


async def test_only_what_is_planned_can_be_called_off(use: Use, clock: FrozenClock) -> None:
    for reference in ("CHG-999999", "the card"):
        with pytest.raises(DomainError, match="no planned work"):
            await use(cancel_maintenance, work=reference)
    planned = await use(plan_maintenance, element="node:z3-agg-1", reason="New card", **hours(clock, 0, 1))
    clock.advance(2 * 3600)
    assert (await use(find_maintenance)).work[0].state == "over"
    with pytest.raises(DomainError, match="is over"):
        await use(cancel_maintenance, work=planned.reference)
