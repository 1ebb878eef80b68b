"""Tools made for the executor's tests, their rules, and a small town of subscribers to try them on."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.billing.models import Account, Credit, Invoice
from atlas.clock import Clock, Ids
from atlas.crm.models import Interaction, Subscriber
from atlas.db import Sessions
from atlas.errors import DomainError
from atlas.settings import Settings
from forge.executor import Call, Executor
from policies.gate import Gate
from policies.spec import Locality, Principal, Risk, ToolContext, ToolSpec, tool

ALICE, BOB, CARLA = (Principal("staff", name, "noc") for name in ("alice", "bob", "carla"))
LEAD = Principal("staff", "lena", "noc_lead")
HELEN = Principal("staff", "helen", "support")
ANN, BEN = (Principal("subscriber", str(4710 + n), "subscriber", n, "otp") for n in (1, 2))

RULES = """
@id("stopped") @reason("Effects of this kind are stopped right now by the NOC.")
forbid (principal, action, resource) when { context.frozen };

@id("credit-small")
permit (principal is Subscriber, action == Action::"give_credit", resource)
when { context.credited.lessThanOrEqual(decimal("20.0")) };

@id("note")
permit (principal, action in [Action::"write_note", Action::"snoop", Action::"break_down", Action::"linger"], resource);

@id("look")
permit (principal, action in [Action::"my_notes", Action::"peek"], resource);

@id("tell-few")
permit (principal in Role::"noc", action == Action::"tell_people", resource) when { context.people <= 2 };

@id("tell-many") @approver("noc, noc_lead") @quorum("1") @expires("30m")
permit (principal in Role::"noc", action == Action::"tell_people_after_sign_off", resource)
when { context.people > 2 };

@id("go-out")
permit (principal in Role::"noc", action == Action::"go_out", resource);
"""
STRICTER = RULES.replace('@quorum("1")', '@quorum("2")')

Line = Annotated[str, Field(description="What to write down.")]


class CreditFacts(BaseModel):
    """`credited`: what the subscriber would have been given in all, this credit included."""

    credited: Decimal


async def credit_facts(ctx: ToolContext, amount: Decimal) -> CreditFacts:
    query = select(func.coalesce(func.sum(Credit.amount), 0)).join(Account, Account.id == Credit.account_id)
    given = await ctx.session.execute(query.where(Account.subscriber_id == ctx.subscriber_id))
    return CreditFacts(credited=given.scalar_one() + amount)


async def lock_caller(ctx: ToolContext, amount: Decimal) -> None:
    await ctx.session.execute(select(Subscriber.id).where(Subscriber.id == ctx.subscriber_id).with_for_update())


class Given(BaseModel):
    amount: Decimal
    account: int


@tool(risk=Risk.MONEY, audience={"subscriber"}, facts=credit_facts, lock=lock_caller)
async def give_credit(ctx: ToolContext, amount: Annotated[Decimal, Field(description="In euros.")]) -> Given:
    """Credit the caller's account."""
    account = (await ctx.session.scalars(select(Account))).one()  # the wall leaves exactly one
    invoice = (await ctx.session.scalars(select(Invoice).limit(1))).one()
    ctx.session.add(
        Credit(
            account_id=account.id,
            invoice_id=invoice.id,
            amount=amount,
            currency="EUR",
            reason="outage",
            created_at=ctx.clock.now(),
        )
    )
    return Given(amount=amount, account=account.id)


def interaction(ctx: ToolContext, subscriber: int, text: str) -> Interaction:
    return Interaction(subscriber_id=subscriber, at=ctx.clock.now(), channel="webchat", direction="out", summary=text)


@tool(risk=Risk.NOTE, audience={"noc"})
async def write_note(ctx: ToolContext, text: Line) -> dict[str, int]:
    """Write a note about subscriber 1, unless it says `refuse`."""
    ctx.session.add(interaction(ctx, 1, text))
    if text == "refuse":
        raise DomainError("There is no such line; check the number.")
    return {"length": len(text)}


@tool(risk=Risk.NOTE, audience={"subscriber"})
async def snoop(ctx: ToolContext, text: Line) -> dict[str, int]:
    """A body with a mistake in it: it rolls back, goes on, and writes about another subscriber."""
    ctx.session.add(interaction(ctx, ctx.subscriber_id, "lost"))
    await ctx.session.rollback()
    seen = (await ctx.session.scalars(select(Subscriber.id))).all()
    if text == "write":
        ctx.session.add(interaction(ctx, 2, "not mine"))
    return {"seen": len(seen)}


class BreakDown(Exception):
    """An accident of the machinery."""


ACCIDENTS: list[str] = []


@tool(risk=Risk.NOTE, audience={"noc"})
async def break_down(ctx: ToolContext, text: Line) -> dict[str, int]:
    """Write a note, and fail once for every entry in ACCIDENTS."""
    ctx.session.add(interaction(ctx, 1, text))
    await ctx.session.flush()
    if ACCIDENTS:
        raise BreakDown(ACCIDENTS.pop())
    return {}


@dataclass
class Pause:
    """Where a body is and whether it may go on."""

    reached: asyncio.Event
    go_on: asyncio.Event


PAUSES: list[Pause] = []


@tool(risk=Risk.NOTE, audience={"noc"})
async def linger(ctx: ToolContext, text: Line) -> dict[str, int]:
    """Write a note, slowly."""
    PAUSES[-1].reached.set()
    await PAUSES[-1].go_on.wait()
    ctx.session.add(interaction(ctx, 1, text))
    return {}


class PeopleFacts(BaseModel):
    people: int


async def people(ctx: ToolContext, text: str) -> list[int]:
    """Whoever's name doesn't start with `safe`: the test decides who is affected by renaming."""
    query = select(Subscriber.id).where(~Subscriber.name.startswith("safe"))
    return list((await ctx.session.scalars(query)).all())


async def people_facts(ctx: ToolContext, text: str) -> PeopleFacts:
    return PeopleFacts(people=len(ctx.targets))


def people_summary(facts: PeopleFacts, text: str) -> str:
    return f"Tell {facts.people} people: {text}"


@tool(
    risk=Risk.NOTIFY,
    audience={"noc"},
    facts=people_facts,
    targets=people,
    summarise=people_summary,
)
async def tell_people(ctx: ToolContext, text: Line) -> dict[str, list[int]]:
    """Tell everyone affected."""
    ctx.session.add_all(interaction(ctx, each, text) for each in ctx.targets)
    return {"told": list(ctx.targets)}


@tool(risk=Risk.NOTIFY, audience={"noc"}, locality=Locality.OUTSIDE, workflow="walk")
async def go_out(ctx: ToolContext, text: Line) -> dict[str, str]:
    """Something that a workflow finishes."""
    ctx.session.add(interaction(ctx, 1, text))
    return {"drafted": text}


@tool(risk=Risk.READ, audience={"subscriber"})
async def my_notes(ctx: ToolContext) -> list[str]:
    """What was written about whoever may be seen from here, also after a rollback."""
    await ctx.session.scalars(select(Interaction))
    await ctx.session.rollback()
    return list((await ctx.session.scalars(select(Interaction.summary).order_by(Interaction.id))).all())


@tool(risk=Risk.READ, audience={"noc"})
async def peek(ctx: ToolContext) -> dict[str, int]:
    """A look that tries to write."""
    ctx.session.add(interaction(ctx, 1, "peeked"))
    await ctx.session.flush()
    return {}


TOOLS: Mapping[str, ToolSpec] = {
    each.name: each
    for each in (give_credit, write_note, snoop, break_down, linger, tell_people, go_out, my_notes, peek)
}
_keys = itertools.count()


def gate(folder: Path, rules: str = RULES, tools: Mapping[str, ToolSpec] = TOOLS) -> Gate:
    """A gate on rules written into a folder."""
    (folder / "rules.cedar").write_text(rules)
    return Gate.load(tools.values(), folder)


def executor(
    engine: AsyncEngine, gate: Gate, clock: Clock, ids: Ids, tools: Mapping[str, ToolSpec] = TOOLS
) -> Executor:
    """An executor with the test's tools that never waits for effects outside."""
    return Executor(settings=Settings(), engine=engine, gate=gate, tools=tools, clock=clock, ids=ids, patience=0)


def call(tool: str, key: str | None = None, **arguments: Any) -> Call:
    """A call under a key of its own, or a given one."""
    return Call(tool, arguments, key or f"call-{next(_keys)}")


async def settle_town(sessions: Sessions, clock: Clock, size: int = 4) -> None:
    """Subscribers 1 to `size`, each with account and invoice of the same id."""
    each = range(1, size + 1)
    now = clock.now()
    async with sessions() as session, session.begin():
        await session.execute(
            insert(Subscriber),
            [
                {
                    "id": n,
                    "number": str(4710 + n),
                    "name": f"Person {n}",
                    "segment": "residential",
                    "preferred_channel": "sms",
                    "since": now,
                }
                for n in each
            ],
        )
        await session.execute(
            insert(Account), [{"id": n, "subscriber_id": n, "currency": "EUR", "bill_day": 1} for n in each]
        )
        await session.execute(
            insert(Invoice),
            [
                {
                    "id": n,
                    "account_id": n,
                    "number": f"R{n}",
                    "state": "issued",
                    "issued_on": now.date(),
                    "due_on": now.date(),
                    "total": 40,
                    "currency": "EUR",
                }
                for n in each
            ],
        )


async def notes(sessions: Sessions) -> list[str]:
    """Every effect the tools above have had on the notes, oldest first."""
    async with sessions() as session:
        return list((await session.scalars(select(Interaction.summary).order_by(Interaction.id))).all())
