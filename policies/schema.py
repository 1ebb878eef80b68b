"""The Cedar schema and entities: the committed part, and the actions made from the tools' declarations."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from policies.facts import CommonFacts, context_type, facts_model
from policies.rulebook import AFTER_SIGN_OFF
from policies.spec import ROLES, Principal, Risk, ToolSpec

SCHEMA = Path(__file__).parent / "schema.cedarschema"

#: A role may do what the roles it stands in may. Who may *sign* is spelled out in each rule instead.
STANDS_IN = {"noc_lead": ("noc",), "admin": ("noc_lead", "support")}
CALLER = {"subscriber": "Subscriber", "staff": "Staff", "forge": "Forge"}


def schema_of(specs: Iterable[ToolSpec]) -> str:
    """The whole schema as Cedar text: every tool's actions with every fact required."""
    return SCHEMA.read_text() + "".join(_actions(spec) for spec in specs)


def _actions(spec: ToolSpec) -> str:
    facts = context_type(CommonFacts, facts_model(spec))
    callers = ", ".join(CALLER.values())
    applies = f"appliesTo {{ principal: [{callers}], resource: [Tool], context: {facts} }};\n"
    text = f'\naction "{spec.name}" in [execute] {applies}'
    if spec.risk is not Risk.READ:  # nobody signs for a look
        text += f'action "{spec.name}{AFTER_SIGN_OFF}" in [execute_after_sign_off] {applies}'
    return text


def standing_entities(specs: Iterable[ToolSpec]) -> str:
    """The roles and the tools, as Cedar's JSON."""
    roles = [
        entity("Role", role, parents=[uid("Role", above) for above in STANDS_IN.get(role, ())])
        for role in sorted(ROLES)
    ]
    return json.dumps(roles + [entity("Tool", spec.name, {"risk": str(spec.risk)}) for spec in specs])


def caller_entity(principal: Principal) -> str:
    """The caller, as Cedar's JSON."""
    caller = entity(CALLER[principal.kind], principal.id, parents=[uid("Role", principal.role)])
    return json.dumps([caller])


def uid(kind: str, name: str) -> dict[str, str]:
    """An entity's name in Cedar's JSON."""
    return {"type": kind, "id": name}


def entity(
    kind: str, name: str, attrs: dict[str, Any] | None = None, parents: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """An entity in Cedar's JSON."""
    return {"uid": uid(kind, name), "attrs": attrs or {}, "parents": parents or []}
