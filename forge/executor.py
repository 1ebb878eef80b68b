"""The executor: the only way from a call to an effect. It proposes, takes signatures, carries out, sweeps up."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import Clock, Ids
from atlas.db import make_sessions, transaction
from atlas.errors import DomainError
from atlas.ledger import service as ledger
from atlas.ledger import stops
from atlas.ledger.models import Action
from atlas.settings import Settings
from forge.effect import carry_out
from forge.kit import Call, Kit, parse, plain
from forge.looking import look
from forge.outcome import Denied, Failed, Outcome, Started, outcome_of
from forge.proposing import write_down
from forge.signing import retire, sign
from policies.gate import Gate
from policies.spec import Drivers, Principal, Risk, ToolSpec

__all__ = ["Call", "Executor"]

log = structlog.get_logger(__name__)

MAY_STOP = frozenset({"noc", "noc_lead", "admin"})
MAY_RESUME = frozenset({"noc_lead", "admin"})


class Executor:
    """Calls in, outcomes out. `patience`: wall-clock seconds a proposal waits for an effect outside to end."""

    def __init__(
        self,
        *,
        settings: Settings,
        engine: AsyncEngine,
        gate: Gate,
        tools: Mapping[str, ToolSpec],
        clock: Clock,
        ids: Ids,
        drivers: Drivers | None = None,
        patience: float = 3.0,
    ) -> None:
        self._kit = Kit(settings, engine, make_sessions(engine), gate, tools, clock, ids, drivers)
        self._patience = patience

    async def propose(self, call: Call, principal: Principal) -> Outcome:
        """Make a call. The same key again gives the same action's outcome; an effect comes at most once."""
        spec = self._kit.tools.get(call.tool)
        if spec is None:
            return Denied(f"There is no tool called {call.tool}.")
        try:
            arguments = parse(spec, call.arguments)
            if spec.risk is Risk.READ:
                return await look(self._kit, spec, call, arguments, principal)
            action = await write_down(self._kit, spec, call, arguments, principal)
        except DomainError as error:
            return Failed(error.message)
        same = (action.tool, action.arguments, action.principal_kind, action.principal_id)
        if same != (spec.name, plain(spec, arguments), principal.kind, principal.id):
            return Denied("This call's key belongs to another call.")
        if action.state not in ledger.READY:
            return outcome_of(action)
        return await self._settled(await self.execute(action.id))

    async def sign(self, action_id: UUID, signer: Principal, *, approve: bool, reason: str = "") -> Outcome:
        """Sign an action, or reject it. The last signature needed carries it out. DomainError if unknown."""
        outcome, ready = await sign(self._kit, action_id, signer, approve=approve, reason=reason)
        return await self.execute(action_id) if ready else outcome

    async def execute(self, action_id: UUID) -> Outcome:
        """Carry out an action that is allowed or approved; for any other, its outcome. DomainError if unknown."""
        return await carry_out(self._kit, action_id)

    async def expire_due(self) -> int:
        """Close every action whose time is over; returns how many."""
        now = self._kit.clock.now()
        return await self._sweep(Action.expires_at <= now, "awaiting_sign_off", *ledger.READY)

    async def execute_approved(self) -> int:
        """Carry out what was allowed or approved by a process that died; returns how many came to an end."""
        ended = 0
        for action_id in await self._ids(Action.expires_at > self._kit.clock.now(), *ledger.READY):
            try:
                ended += not isinstance(await self.execute(action_id), Started)
            except Exception:  # one that can't be carried out must not keep the others waiting
                log.exception("executor.retry_failed", action=str(action_id))
        return ended

    async def freeze(self, risk: str, by: Principal, reason: str) -> None:
        """Stop effects of a risk, or `all`, at once. DomainError when it is not theirs to stop."""
        _check_switch(risk, by, MAY_STOP)
        async with transaction(self._kit.sessions) as session:
            await stops.stop_effects(session, risk, by=by.id, reason=reason, now=self._kit.clock.now())

    async def thaw(self, risk: str, by: Principal) -> bool:
        """Let stopped effects go on; False when they were not stopped. DomainError when it is not theirs."""
        _check_switch(risk, by, MAY_RESUME)
        async with transaction(self._kit.sessions) as session:
            return await stops.resume_effects(session, risk, by=by.id, now=self._kit.clock.now())

    async def _settled(self, outcome: Outcome) -> Outcome:
        """Give an effect outside a few seconds to end, without holding anything it may need."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while isinstance(outcome, Started) and loop.time() < deadline:
            await asyncio.sleep(0.1)
            async with self._kit.sessions() as session:
                action = await session.get(Action, outcome.action)
            assert action is not None
            outcome = outcome_of(action)
        return outcome

    async def _sweep(self, due: ColumnElement[bool], *states: str) -> int:
        ended = 0
        for action_id in await self._ids(due, *states):
            async with transaction(self._kit.sessions) as session:
                action = await ledger.lock_action(session, action_id)
                ended += action.state in states and await retire(self._kit, session, action)
        return ended

    async def _ids(self, which: ColumnElement[bool], *states: str) -> list[UUID]:
        query = select(Action.id).where(which, Action.state.in_(states)).order_by(Action.proposed_at)
        async with self._kit.sessions() as session:
            return list((await session.scalars(query)).all())


def _check_switch(risk: str, by: Principal, roles: frozenset[str]) -> None:
    known = {stops.ALL, *map(str, Risk)} - {str(Risk.READ)}
    if risk not in known:
        raise DomainError(f"What can be stopped is one of {', '.join(sorted(known))}, not {risk}.")
    if by.kind != "staff" or by.role not in roles:
        raise DomainError(f"This switch takes {' or '.join(sorted(roles))}; you are {by.role}.")
