"""READ calls: no ledger row, a read-only transaction, and a subscriber's behind the row-level wall."""

from typing import Any

from atlas.db import transaction
from atlas.errors import DomainError
from forge.kit import Call, Kit
from forge.outcome import Denied, Done, Failed, Outcome
from forge.wall import reading_session
from policies.spec import Principal, ToolSpec


async def look(kit: Kit, spec: ToolSpec, call: Call, arguments: dict[str, Any], principal: Principal) -> Outcome:
    """Decide, then run the body. A tool that polls devices ends its transaction before it does."""
    try:
        async with transaction(kit.sessions) as session:
            ctx = kit.context(session, principal, conversation_id=call.conversation_id)
            decision = (await kit.consider(spec, ctx, arguments)).decision
        if decision.effect != "allowed":
            return Denied(decision.reason)
        async with reading_session(kit.engine, principal) as session:
            ctx = kit.context(session, principal, conversation_id=call.conversation_id)
            return Done(spec.dump(await spec.body(ctx, **arguments)))
    except DomainError as error:
        return Failed(error.message)
