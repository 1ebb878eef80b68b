"""From Cortex' finding to what Atlas writes down."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from cortex.correlator import Cause, Finding
from cortex.impact import NO_IMPACT, Impact
from forge.assessment import assess, title
from forge.topology import build_topology
from tests.factories.incidents import NOON
from tests.factories.topology import fibre
from tests.forge.test_topology import INVENTORY


def finding(*causes: Cause, certain: bool = True, impact: Impact = NO_IMPACT, **more: Any) -> Finding:
    return Finding(
        group=7,
        opened_at=NOON.timestamp(),
        last_at=NOON.timestamp() + 5,
        alarms=(11, 12),
        causes=causes,
        certain=certain,
        impact=impact,
        is_cleared=False,
        explanation=("Two ports lost light.",),
        notable=True,
        **more,
    )


def words(*parts: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"words": name, "confidence": share} for name, share in parts]


async def test_ids_become_rows_and_causes_become_words(session: AsyncSession) -> None:
    topology = build_topology(INVENTORY)
    await fibre(session, "F-3")
    index, twin = topology.index("fibre:F-3"), topology.index("link:L-3")
    assert index is not None and twin is not None
    cause = Cause(index, "fibre:F-3", "fibre", 0.91234, ("Light went first.",), (twin,), "at the mill")
    totals = {"subscribers": 312.0, "business": 27.0, "vulnerable": 3.0, "revenue_per_hour": 17.25}
    impact = Impact(4, totals, {}, np.asarray([2, 5, topology.size - 1]), at_risk=9)
    seen = await assess(session, topology, finding(cause, impact=impact), [102, 101, 100, 103, 104, 105])
    assert (seen.group, seen.element, seen.title) == (7, "fibre:F-3", "Fibre F-3, zone 3 backhaul")
    assert (seen.place, seen.confidence, seen.is_certain) == ("at the mill", 0.91234, True)
    assert (seen.devices, seen.subscribers, seen.business, seen.vulnerable, seen.at_risk) == (4, 312, 27, 3, 9)
    assert seen.revenue_per_hour == 17.25
    assert seen.started_at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert (seen.alarm_ids, seen.node_ids) == ([11, 12], [100, 105])
    (said,) = seen.causes
    assert said == {
        "element": "fibre:F-3",
        "words": "fibre F-3, zone 3 backhaul",
        "kind": "fibre",
        "confidence": 0.912,
        "why": ["Light went first."],
        "tied_with": ["link:L-3"],
        "place": "at the mill",
        "mode": "",
        "remedy": "crew",
        "skill": "",
    }


async def test_a_cause_outside_the_topology_has_no_key(session: AsyncSession) -> None:
    cause = Cause(-1, "something unknown", "unknown", 0.5, ())
    seen = await assess(session, build_topology(INVENTORY), finding(cause, certain=False), [])
    assert seen.element is None


async def test_alarms_that_nothing_explains(session: AsyncSession) -> None:
    seen = await assess(session, build_topology(INVENTORY), finding(certain=False), [])
    assert (seen.element, seen.title, seen.confidence) == (None, "Alarms without a known cause", 0.0)


@pytest.mark.parametrize(
    ("causes", "certain", "together", "said"),
    [
        (words(("fibre F-1", 0.92), ("node x", 0.3)), True, 1, "Fibre F-1"),
        (words(("fibre F-1", 0.9), ("OLT o-2", 0.9)), True, 2, "Fibre F-1 and OLT o-2"),
        (words(("fibre F-1", 0.6), ("OLT o-2", 0.3)), False, 1, "Not sure: fibre F-1 (0.6) or OLT o-2 (0.3)"),
        (words(("fibre F-1", 0.6), ("OLT o-2", 0.05)), False, 1, "Not sure: fibre F-1 (0.6)"),
        (words(("a", 0.4), ("b", 0.2), ("c", 0.2), ("d", 0.2)), False, 1, "Not sure: a (0.4) or b (0.2) or c (0.2)"),
    ],
)
def test_an_incident_is_called_by_its_cause_or_says_that_it_is_not_sure(
    causes: list[dict[str, Any]], certain: bool, together: int, said: str
) -> None:
    assert title(causes, certain=certain, together=together) == said
