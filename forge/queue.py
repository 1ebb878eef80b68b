"""Work for the world outside, queued in the transaction that decides on it: both commit, or neither."""

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

#: Said aloud, because DBOS would else take a hash of the code: edited code could not finish old workflows.
APPLICATION_VERSION = "2"
QUEUE = "outside"

ENQUEUE = text(
    "SELECT dbos.enqueue_workflow(workflow_name => :name, queue_name => :queue, workflow_id => :id,"
    " positional_args => CAST(:arguments AS json[]), app_version => :version)"
)


def workflow_of(incident_id: int) -> str:
    """The id of an incident's fault_response workflow."""
    return f"fault-response-{incident_id}"


async def enqueue(session: AsyncSession, workflow: str, workflow_id: str, *arguments: Any) -> None:
    """Queue a workflow in the caller's transaction; a second one with the same id is the same one."""
    values = {
        "name": workflow,
        "queue": QUEUE,
        "id": workflow_id,
        "arguments": [json.dumps(argument) for argument in arguments],
        "version": APPLICATION_VERSION,
    }
    await session.execute(ENQUEUE, values)


async def tell(session: AsyncSession, workflow_id: str, topic: str, message: dict[str, Any]) -> None:
    """Send a message to a workflow in the caller's transaction."""
    await session.execute(
        text("SELECT dbos.send_message(:id, CAST(:message AS json), :topic)"),
        {"id": workflow_id, "message": json.dumps(message), "topic": topic},
    )


async def tell_saga(session: AsyncSession, incident_id: int, state: str) -> None:
    """Tell an incident's saga what a person decided, where one is under way or may be recovered."""
    known = text("SELECT 1 FROM dbos.workflow_status WHERE workflow_uuid = :id")
    if (await session.execute(known, {"id": workflow_of(incident_id)})).first():
        await tell(session, workflow_of(incident_id), "incident", {"state": state})
