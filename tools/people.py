"""Handing a conversation to a person, at any moment."""

from typing import Annotated

from pydantic import BaseModel, Field

from atlas.errors import DomainError
from atlas.events import emit
from atlas.helpdesk.models import Conversation
from policies.spec import STAFF, Risk, ToolContext, tool


class HandedOver(BaseModel):
    """A person takes it from here."""

    conversation: str
    reason: str


@tool(risk=Risk.NOTE, audience=STAFF | {"subscriber"})
async def hand_over_to_person(
    ctx: ToolContext,
    reason: Annotated[str, Field(description="Why a person is needed, in a sentence.", max_length=500)],
) -> HandedOver:
    """Hand this conversation to a person on the support desk, with the reason."""
    if ctx.conversation_id is None:
        raise DomainError("There is no conversation to hand over.")
    conversation = await ctx.session.get(Conversation, ctx.conversation_id)
    if conversation is None:
        raise DomainError("This conversation is not yours to hand over.")
    conversation.state = "with_person"
    await ctx.session.flush()
    payload = {"reason": reason, "channel": conversation.channel}
    await emit(ctx.session, "conversation.handed_over", str(conversation.id), payload, at=ctx.clock.now())
    return HandedOver(conversation=str(conversation.id), reason=reason)
