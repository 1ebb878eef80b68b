"""What is about to fail, as tools tell it, and the job that is opened for it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock
from atlas.errors import DomainError
from atlas.learning import versions
from atlas.learning.models import Prediction
from atlas.learning.versions import Learnt
from tests.factories.subscribers import save
from tests.tools.conftest import Use
from tools.predictions import PreventiveFacts, find_predictions, propose_preventive_work, say_preventive

ONT = """
SELECT n.id, n.name FROM node n JOIN service s ON s.access_node_id = n.id WHERE n.kind = 'ont' ORDER BY n.id LIMIT 1
"""
WHY = [{"about": "level drift", "weight": 1.2, "words": "The level is -24.1 dB, -4.0 against its own past."}]


async def foreseen(session: AsyncSession, clock: FrozenClock, **more: Any) -> Prediction:
    now = clock.now()
    what = Learnt("failure", b"numbers", now, now, 1, 1, {}, "scikit-learn")
    model = await versions.keep(session, what, refused="", now=now)
    node, name = (await session.execute(text(ONT))).one()
    row: dict[str, Any] = {
        "model_id": model.id, "node_id": node, "element": f"node:{name}", "made_at": now, "probability": 0.42,
        "due_at": now + timedelta(days=14), "subscribers": 1, "cost": 0.42, "evidence": WHY, "state": "open",
    } | more  # fmt: skip
    return await save(session, Prediction(**row))


async def test_predictions_come_with_their_evidence(use: Use, isp: AsyncSession, clock: FrozenClock) -> None:
    row = await foreseen(isp, clock)
    found = await use(find_predictions)
    assert (found.total, found.predictions[0].reference) == (1, row.reference)
    assert found.predictions[0].evidence == [WHY[0]["words"]]


async def test_a_job_is_opened_at_the_subscribers_address_once(use: Use, isp: AsyncSession, clock: FrozenClock) -> None:
    row = await foreseen(isp, clock)
    job = await use(propose_preventive_work, prediction=row.reference)
    assert job.skill == "pon"
    assert "," in job.place
    await isp.flush()
    await isp.refresh(row)
    assert row.state == "proposed"
    with pytest.raises(DomainError, match=f"{job.reference} is there for {row.reference} already"):
        await use(propose_preventive_work, prediction=row.reference)


async def test_for_what_has_ended_nobody_is_sent(use: Use, isp: AsyncSession, clock: FrozenClock) -> None:
    row = await foreseen(isp, clock, state="confirmed", outcome="It failed on 01 March: swapped.")
    with pytest.raises(DomainError, match="has ended"):
        await use(propose_preventive_work, prediction=row.reference)
    with pytest.raises(DomainError, match="is no prediction"):
        await use(propose_preventive_work, prediction="soon")


def test_whoever_signs_reads_the_odds_and_the_evidence() -> None:
    facts = PreventiveFacts(element="node:x", percent=42, due="2026-03-16", subscribers=3, evidence="It sinks.")
    words = say_preventive(facts, "PRE-7")
    for part in ("node:x", "3 subscribers", "42 %", "2026-03-16", "PRE-7", "It sinks."):
        assert part in words
