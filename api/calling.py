"""A person's call of a tool over HTTP: through the executor and the gate, like anybody's."""

import uuid
from typing import Any

from api.errors import Problem
from api.house import House
from forge.executor import Call
from forge.outcome import Denied, Done, Failed
from policies.spec import Principal


async def call_tool(house: House, caller: Principal, tool: str, **arguments: Any) -> Any:
    """The tool's result. Problem 403 when the rules deny it, 409 when it can't be done, or is not done at once."""
    call = Call(tool=tool, arguments=arguments, key=f"http:{uuid.uuid4()}")
    match await house.executor.propose(call, caller):
        case Done(result=result):
            return result
        case Denied() as denied:
            raise Problem(403, denied.reason)
        case Failed() as failed:
            raise Problem(409, failed.reason)
        case other:
            raise Problem(409, other.text())
