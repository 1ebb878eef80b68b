"""What every step of a call needs, and the one way to consider a call: its targets, its facts, its decision."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

import atlas.models  # noqa: F401 - a flush needs every table that a foreign key names
from atlas.clock import Clock, Ids
from atlas.db import Sessions
from atlas.errors import DomainError
from atlas.ledger import stops
from atlas.ledger.models import Action
from atlas.settings import Settings
from policies.decision import Decision
from policies.facts import common_facts
from policies.gate import Gate
from policies.spec import Drivers, Principal, ToolContext, ToolSpec


@dataclass(frozen=True, slots=True)
class Call:
    """One call of one tool. `key` is the same when the same call is proposed again, and no other's."""

    tool: str
    arguments: dict[str, Any]
    key: str
    conversation_id: UUID | None = None
    incident_id: int | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """What the gate was told about a call and what it said."""

    facts: BaseModel | None
    known: dict[str, Any]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Kit:
    """The parts the executor works with."""

    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    gate: Gate
    tools: Mapping[str, ToolSpec]
    clock: Clock
    ids: Ids
    drivers: Drivers | None

    def context(
        self,
        session: AsyncSession,
        principal: Principal,
        *,
        conversation_id: UUID | None,
        action_id: UUID | None = None,
    ) -> ToolContext:
        """What a tool's functions get first."""
        return ToolContext(
            principal=principal,
            session=session,
            clock=self.clock,
            ids=self.ids,
            settings=self.settings,
            drivers=self.drivers,
            conversation_id=conversation_id,
            action_id=action_id,
        )

    async def consider(self, spec: ToolSpec, ctx: ToolContext, arguments: dict[str, Any]) -> Considered:
        """Read the facts and decide. DomainError when the call makes no sense, such as an unknown incident."""
        stopped = await stops.stopped_risks(ctx.session)
        common = common_facts(ctx.principal, self.clock.now(), stopped, spec.risk)
        facts = await spec.facts(ctx, **arguments) if spec.facts else None
        decision = self.gate.decide(spec, ctx.principal, facts, common)
        known = common.model_dump(mode="json") | (facts.model_dump(mode="json") if facts else {})
        return Considered(facts, known, decision)


def parse(spec: ToolSpec, arguments: dict[str, Any]) -> dict[str, Any]:
    """Checked keyword arguments. DomainError says, in a sentence, what doesn't fit."""
    try:
        values = spec.parse(arguments)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise DomainError(f"The arguments of {spec.name} don't fit: {wrong}.") from error
    if "\\u0000" in json.dumps(plain(spec, values)):
        raise DomainError(f"The arguments of {spec.name} hold a NUL character; send plain text.")
    return values


def plain(spec: ToolSpec, values: dict[str, Any]) -> dict[str, Any]:
    """Checked arguments as JSON, as the ledger keeps them and as `parse` takes them again."""
    return spec.arguments.model_construct(**values).model_dump(mode="json")


def summary_of(spec: ToolSpec, facts: BaseModel | None, arguments: dict[str, Any]) -> str:
    """What a person signs, in one sentence."""
    if spec.summarise:
        return spec.summarise(facts, **arguments)
    return f"{spec.name}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})"


def requester_of(action: Action) -> Principal:
    """Who asked for an action, as verified as they were then."""
    return Principal(
        action.principal_kind,  # type: ignore[arg-type]  # it was written from a Principal
        action.principal_id,
        action.principal_role,
        action.subscriber_id,
        action.facts["verified"],
    )
