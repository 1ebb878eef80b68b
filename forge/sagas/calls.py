"""How a saga proposes calls, through the gate like everybody else, and takes them back."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.helpdesk import notices
from atlas.ledger.withdrawal import withdraw as withdraw_actions
from forge.executor import Call
from forge.runtime import current
from policies.spec import FORGE


async def propose(tool: str, incident_id: int, part: str = "", /, **arguments: Any) -> str:
    """Propose a call once per incident, tool and part; a re-run finds its own row."""
    key = f"fault-response:{incident_id}:{tool}{part}"
    call = Call(tool=tool, arguments=arguments, key=key, incident_id=incident_id)
    return (await current().executor.propose(call, FORGE)).text()


async def take_back(session: AsyncSession, incident: int, tool: str | None, reason: str) -> None:
    """Withdraw what waits for a signature, and the outage notices that nobody has begun to send."""
    now = current().clock.now()
    await withdraw_actions(session, incident_id=incident, tool=tool, reason=reason, now=now)
    await notices.give_up(session, incident, reason, now)
