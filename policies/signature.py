"""From a function to a tool's schema: the model of its arguments, its words, its return type, its version."""

import hashlib
import inspect
import json
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model


def arguments_model(body: Any) -> type[BaseModel]:
    """The model of every parameter after `ctx`; unknown arguments are refused, each one is described.

    TypeError when the function is not async, `ctx` is not first, or a type or description is missing.
    """
    name = body.__name__
    if not inspect.iscoroutinefunction(body):
        raise TypeError(f"{name}: a tool's body must be an async function")
    parameters = list(inspect.signature(body).parameters.values())
    if not parameters or parameters[0].name != "ctx":
        raise TypeError(f"{name}: the first parameter must be `ctx`")
    hints = get_type_hints(body, include_extras=True)
    fields = {p.name: _field(name, p, hints) for p in parameters[1:]}
    model: type[BaseModel] = create_model(
        f"{name}_arguments", __config__=ConfigDict(extra="forbid", frozen=True), **fields
    )
    _described(name, model)
    return model


def _field(name: str, parameter: inspect.Parameter, hints: dict[str, Any]) -> Any:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise TypeError(f"{name}: `{parameter.name}` must be a plain named parameter")
    if parameter.name not in hints:
        raise TypeError(f"{name}: `{parameter.name}` has no type")
    return hints[parameter.name], ... if parameter.default is parameter.empty else parameter.default


def _described(name: str, model: type[BaseModel]) -> None:
    bare = [field for field, info in model.model_fields.items() if not info.description]
    if bare:
        raise TypeError(f"{name}: describe {', '.join(bare)} with Annotated[…, Field(description=…)]")
    if "subscriber_id" in model.model_fields:
        raise TypeError(f"{name}: whose line it is comes from the caller, never from an argument")


def description_of(body: Any) -> str:
    """The docstring, which is what the model reads. TypeError when there is none."""
    words = inspect.getdoc(body)
    if not words:
        raise TypeError(f"{body.__name__}: a tool's docstring is its description; write one")
    return words


def return_type(body: Any) -> Any:
    """The declared return type. TypeError when there is none."""
    hints = get_type_hints(body, include_extras=True)
    if "return" not in hints:
        raise TypeError(f"{body.__name__}: say what the tool returns")
    return hints["return"]


def version_of(arguments: type[BaseModel]) -> str:
    """Twelve hex digits that change whenever the schema of the arguments does."""
    schema = json.dumps(arguments.model_json_schema(), sort_keys=True)
    return hashlib.sha256(schema.encode()).hexdigest()[:12]
