"""Gaps in the documentation, as the NOC asks for them."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.network import gaps
from atlas.network.gaps import FoundGap
from tests.tools.conftest import Use
from tools.documentation import documentation_gaps


async def test_the_surest_first_and_only_those_of_a_device(use: Use, isp: AsyncSession, clock: FrozenClock) -> None:
    now = clock.now()
    found = [
        FoundGap(f"no link z3-agg-1 {far}", "no link", "z3-agg-1", far, f"z3-agg-1 and {far} speak", sure, 9, now, now)
        for far, sure in (("z3-olt-1", 0.8), ("z3-olt-2", 0.95))
    ]
    await gaps.keep(isp, found, now - timedelta(days=1))
    shown = await use(documentation_gaps)
    assert (shown.total, [gap.says for gap in shown.gaps]) == (
        2,
        ["z3-agg-1 and z3-olt-2 speak", "z3-agg-1 and z3-olt-1 speak"],
    )
    assert (await use(documentation_gaps, device="z3-olt-1")).total == 1
