"""Telling the people an incident affects, and nobody twice."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.clock import FrozenClock, Ids
from atlas.errors import DomainError
from atlas.helpdesk.models import Notice
from atlas.itsm import verdicts
from atlas.itsm.models import IncidentLine
from atlas.ledger.models import Action
from atlas.settings import Settings
from policies.spec import ToolContext, ToolSpec
from tests.tools.conftest import ANNA, Outage, Use, action, restore
from tools.notices import notify_affected, notify_restored, outage_words


@pytest.fixture
def ctx(isp: AsyncSession, clock: FrozenClock, ids: Ids) -> ToolContext:
    return ToolContext(ANNA, isp, clock, ids, Settings())


async def aim(ctx: ToolContext, spec: ToolSpec, outage: Outage, **more: Any) -> Any:
    """What the gate is told of a call; the context then holds its targets."""
    assert spec.targets and spec.facts
    ctx.targets = tuple(sorted(await spec.targets(ctx, incident=outage.reference, **more)))
    return await spec.facts(ctx, incident=outage.reference, **more)


async def send(use: Use, ctx: ToolContext, spec: ToolSpec, outage: Outage, **more: Any) -> Any:
    """Aim and run the body, under a row of the ledger."""
    await aim(ctx, spec, outage, **more)
    row = await action(ctx.session, ctx.clock, spec.name, incident_id=outage.incident.id)  # type: ignore[arg-type]
    return await use(spec, incident=outage.reference, targets=ctx.targets, action_id=row.id, **more)


async def notices(session: AsyncSession, kind: str) -> list[int]:
    query = select(Notice.subscriber_id).where(Notice.kind == kind, Notice.state != "skipped")
    return sorted(await session.scalars(query))


async def test_the_rules_are_told_how_many_and_how_sure(ctx: ToolContext, outage: Outage) -> None:
    facts = await aim(ctx, notify_affected, outage)
    assert list(ctx.targets) == outage.subscribers
    assert (facts.subscribers, facts.untold, facts.is_certain) == (len(outage.subscribers),) * 2 + (True,)
    assert notify_affected.summarise
    words = notify_affected.summarise(facts, incident=outage.reference, message="Hello.")
    assert words == f"Tell {len(outage.subscribers)} subscribers about {outage.reference}: “Hello.”"


async def test_a_persons_verdict_makes_it_certain(ctx: ToolContext, outage: Outage, clock: FrozenClock) -> None:
    outage.incident.is_certain = False
    assert not (await aim(ctx, notify_affected, outage)).is_certain
    await verdicts.correct_cause(ctx.session, outage.incident, element="node:z3-agg-1", by="anna", now=clock.now())
    assert (await aim(ctx, notify_affected, outage)).is_certain


async def test_one_notice_each_on_the_channel_they_prefer(use: Use, ctx: ToolContext, outage: Outage) -> None:
    sending = await send(use, ctx, notify_affected, outage)
    assert await notices(ctx.session, "outage") == outage.subscribers
    assert sending.subscribers == sum(sending.channels.values()) == len(outage.subscribers)
    query = text(
        "SELECT count(*) FROM notice n JOIN subscriber s ON s.id = n.subscriber_id"
        " WHERE n.state = 'drafted' AND n.channel <> s.preferred_channel AND EXISTS (SELECT 1 FROM contact c"
        " WHERE c.subscriber_id = s.id AND c.channel = s.preferred_channel AND c.opted_out_at IS NULL)"
    )
    assert (await ctx.session.execute(query)).scalar_one() == 0


async def test_nobody_is_told_twice(use: Use, ctx: ToolContext, outage: Outage) -> None:
    await send(use, ctx, notify_affected, outage)
    facts = await aim(ctx, notify_affected, outage)
    assert (ctx.targets, facts.subscribers) == ((), 0)
    row = await action(ctx.session, ctx.clock, "notify_affected")  # type: ignore[arg-type]
    await use(notify_affected, incident=outage.reference, targets=tuple(outage.subscribers), action_id=row.id)
    assert await notices(ctx.session, "outage") == outage.subscribers


async def test_whoever_is_back_is_not_told_that_they_are_cut_off(
    ctx: ToolContext, outage: Outage, clock: FrozenClock
) -> None:
    back = outage.subscribers[0]
    await ctx.session.execute(
        update(IncidentLine).where(IncidentLine.subscriber_id == back).values(restored_at=clock.now())
    )
    await aim(ctx, notify_affected, outage)
    assert set(ctx.targets) == set(outage.subscribers) - {back}


async def test_the_end_is_told_to_those_who_heard_and_are_back(
    use: Use, ctx: ToolContext, outage: Outage, clock: FrozenClock
) -> None:
    await aim(ctx, notify_restored, outage)
    assert ctx.targets == ()  # nobody has heard of it, so nobody needs to hear of its end
    await send(use, ctx, notify_affected, outage)
    await aim(ctx, notify_restored, outage)
    assert ctx.targets == ()  # nobody is back
    await restore(ctx.session, outage.incident)
    facts = await aim(ctx, notify_restored, outage)
    told = await notices(ctx.session, "outage")
    assert list(ctx.targets) == told
    assert (facts.subscribers, facts.untold) == (len(told), 0)
    sending = await send(use, ctx, notify_restored, outage)
    assert sending.text == f"Your internet is working again. We are sorry for the trouble. Ref {outage.reference}."
    await aim(ctx, notify_restored, outage)
    assert ctx.targets == ()


async def test_a_call_that_still_waits_for_a_signature_is_withdrawn(
    use: Use, ctx: ToolContext, outage: Outage, clock: FrozenClock
) -> None:
    waiting = await action(
        ctx.session, clock, "notify_affected", state="awaiting_sign_off", incident_id=outage.incident.id
    )
    await send(use, ctx, notify_affected, outage)
    await ctx.session.refresh(waiting)
    assert waiting.state == "expired"
    live = select(func.count()).select_from(Action).where(Action.state == "consumed")
    assert (await ctx.session.execute(live)).scalar_one() == 1


async def test_the_words_say_cause_and_next_word_and_name_no_equipment(outage: Outage, clock: FrozenClock) -> None:
    row, now = outage.incident, clock.now()
    row.next_update_at = now + timedelta(minutes=30)
    words = outage_words(row, now)
    assert words == (
        "Your internet is down because of a damaged fibre cable. You need not do anything."
        f" Next update by 09:30. Ref {row.reference}."
    )
    row.expected_repair_at = now + timedelta(hours=2)
    assert "We expect it back by 11:00." in outage_words(row, now)
    assert "Next update" not in outage_words(row, now)
    assert "Next update by 09:30." in outage_words(row, now + timedelta(hours=3))  # that time has passed


async def test_the_notice_names_the_cause_a_person_gave(outage: Outage, clock: FrozenClock) -> None:
    outage.incident.verdict_element = "node:z3-agg-1"
    assert "a fault in a piece of our equipment" in outage_words(outage.incident, clock.now())


async def test_own_words_are_sent_as_they_are(use: Use, ctx: ToolContext, outage: Outage) -> None:
    sending = await send(use, ctx, notify_affected, outage, message="A digger hit a cable.")
    assert sending.text == "A digger hit a cable."
    assert set(await ctx.session.scalars(select(Notice.text))) == {"A digger hit a cable."}


async def test_an_incident_nobody_knows(ctx: ToolContext) -> None:
    assert notify_affected.targets
    with pytest.raises(DomainError, match=r"There is no incident INC-99999\."):
        await notify_affected.targets(ctx, incident="INC-99999")
