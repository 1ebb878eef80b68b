"""Facts on their way into Cedar: which types they may have, and how their values are written.

A fact is always required. Cedar skips a `forbid` that asks for a missing optional attribute, which lets the
call through; a required one that is missing is an error, and an error is a denial.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict

from policies.spec import FactsFn, Principal, ToolSpec

TYPES: dict[Any, str] = {int: "Long", bool: "Bool", str: "String", Decimal: "decimal", frozenset[str]: "Set<String>"}


class CommonFacts(BaseModel):
    """What every rule may ask. `hour` is UTC's; `frozen`: the off switch for this tool's risk is on."""

    model_config = ConfigDict(frozen=True)

    role: str
    verified: str
    hour: int
    frozen: bool


def common_facts(principal: Principal, now: datetime, stopped: Collection[str], risk: str) -> CommonFacts:
    """The facts that don't depend on the tool, given the risks that are `stopped`."""
    frozen = risk in stopped or "all" in stopped
    return CommonFacts(role=principal.role, verified=principal.verified, hour=now.hour, frozen=frozen)


def facts_model(spec: ToolSpec) -> type[BaseModel] | None:
    """The model a tool's fact function returns. TypeError when the rules couldn't rely on it."""
    if spec.facts is None:
        return None
    model = _returned(spec.name, spec.facts)
    for name, info in model.model_fields.items():
        if info.annotation not in TYPES:
            allowed = ", ".join(str(getattr(t, "__name__", t)) for t in TYPES)
            raise TypeError(f"{spec.name}: fact `{name}` is {info.annotation}; facts are {allowed}")
        if not info.is_required():
            raise TypeError(f"{spec.name}: fact `{name}` has a default; a fact is known or the call is denied")
        if name in CommonFacts.model_fields:
            raise TypeError(f"{spec.name}: `{name}` is a fact every tool has; call yours something else")
    return model


def _returned(tool: str, facts: FactsFn) -> type[BaseModel]:
    model = get_type_hints(facts).get("return")
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(f"{tool}: its fact function must say which pydantic model it returns")
    return model


def context_type(*models: type[BaseModel] | None) -> str:
    """The Cedar record type of these models' fields together, each required."""
    fields = [
        f"{name}: {TYPES[info.annotation]}"
        for model in models
        if model is not None
        for name, info in model.model_fields.items()
    ]
    return "{ " + ", ".join(fields) + " }"


def context(*facts: BaseModel | None) -> dict[str, Any]:
    """The values as Cedar's JSON. AttributeError or ValueError when one is missing or can't be written."""
    return {name: _value(getattr(each, name)) for each in facts if each is not None for name in type(each).model_fields}


def _value(value: Any) -> Any:
    match value:
        case bool() | int() | str():
            return value
        case Decimal():
            return {"__extn": {"fn": "decimal", "arg": _decimal(value)}}
        case frozenset():
            return sorted(value)
    raise ValueError(f"{value!r} is no fact")


def _decimal(value: Decimal) -> str:
    """Cedar's decimals have one to four places; a value that would have to be rounded is refused."""
    if not value.is_finite() or value != round(value, 4):
        raise ValueError(f"{value} has no exact form in the rules")
    return f"{value:.4f}"
