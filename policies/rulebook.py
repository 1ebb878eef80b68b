"""The rules as written: Cedar files read strictly, each rule with its annotations.

Cedar takes any annotation and ignores it, so a misspelt `@quorum` would silently ask for no quorum. Here
whatever is not known, is missing or contradicts the rule it stands on keeps the process from starting.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import cedarpy

from policies.decision import Requirement
from policies.spec import STAFF

RULES = Path(__file__).parent / "rules"
AFTER_SIGN_OFF = "_after_sign_off"

KNOWN = frozenset({"id", "reason", "approver", "quorum", "expires", "mode"})
SIGN_OFF = frozenset({"approver", "quorum", "expires"})
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}


class RuleError(Exception):
    """A rule that can't be trusted; the process must not start."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `actions` are the Cedar actions it names; `policy` is Cedar's own JSON of it."""

    id: str
    permits: bool
    actions: frozenset[str]
    requirement: Requirement | None
    shadow: bool
    reason: str
    policy: dict[str, Any]


def read_rules(folder: Path = RULES) -> tuple[dict[str, Rule], str]:
    """Every rule of every `*.cedar` file by its id, and the whole text. RuleError for any doubt."""
    files = sorted(folder.glob("*.cedar"))
    if not files:
        raise RuleError(f"there are no rules in {folder}")
    rules: dict[str, Rule] = {}
    for file in files:
        for rule in _parse(file):
            if rule.id in rules:
                raise RuleError(f"{file.name}: two rules are called {rule.id!r}")
            rules[rule.id] = rule
    return rules, "\n".join(file.read_text() for file in files)


def _parse(file: Path) -> list[Rule]:
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(file.read_text()))
    except ValueError as error:
        raise RuleError(f"{file.name}: {error}") from error
    if parsed["templates"]:
        raise RuleError(f"{file.name}: rules with slots are not used here")
    return [_rule(file.name, policy) for policy in parsed["staticPolicies"].values()]


def _rule(file: str, policy: dict[str, Any]) -> Rule:
    notes: dict[str, str] = {key: value or "" for key, value in policy.get("annotations", {}).items()}
    name = notes.get("id", "")
    where = f"{file}: rule {name!r}"
    if not name:
        raise RuleError(f"{file}: a rule has no @id")
    if unknown := notes.keys() - KNOWN:
        raise RuleError(f"{where} has an unknown annotation: {', '.join(sorted(unknown))}")
    if notes.get("mode", "shadow") != "shadow":
        raise RuleError(f"{where}: @mode can only be shadow")
    permits, actions = policy["effect"] == "permit", _actions(policy)
    if permits and not actions:
        raise RuleError(f"{where} permits without naming the tools it permits")
    if _asks_whether_known(policy["conditions"]):
        raise RuleError(f"{where} asks whether a fact is there; facts are always there, ask for its value")
    requirement = _requirement(where, notes, permits, actions)
    return Rule(name, permits, actions, requirement, "mode" in notes, notes.get("reason", ""), policy)


def _actions(policy: dict[str, Any]) -> frozenset[str]:
    """The actions in a rule's scope, apart from the two groups of all."""
    scope = policy["action"]
    named = scope.get("entities") or [scope[key] for key in ("entity",) if key in scope]
    return frozenset(each["id"] for each in named) - {"execute", "execute_after_sign_off"}


def _asks_whether_known(condition: Any) -> bool:
    """Whether `context has …` occurs: a misspelt fact would make such a rule silently dead."""
    if isinstance(condition, dict):
        asked = condition.get("has")
        if isinstance(asked, dict) and asked.get("left") == {"Var": "context"}:
            return True
        return any(_asks_whether_known(each) for each in condition.values())
    return isinstance(condition, list) and any(_asks_whether_known(each) for each in condition)


def _requirement(where: str, notes: dict[str, str], permits: bool, actions: frozenset[str]) -> Requirement | None:
    signed = {action for action in actions if action.endswith(AFTER_SIGN_OFF)}
    given = SIGN_OFF & notes.keys()
    if not (permits and signed):
        if given:
            raise RuleError(f"{where} has @{min(given)} but permits nothing after sign-off")
        return None
    if signed != actions:
        raise RuleError(f"{where} permits some tools at once and others after sign-off; make it two rules")
    if missing := SIGN_OFF - given:
        raise RuleError(f"{where} permits after sign-off but has no @{min(missing)}")
    return Requirement(
        _approvers(where, notes["approver"]), _quorum(where, notes["quorum"]), _span(where, notes["expires"])
    )


def _approvers(where: str, text: str) -> frozenset[str]:
    roles = frozenset(role.strip() for role in text.split(","))
    if unknown := roles - STAFF:
        raise RuleError(f"{where}: {', '.join(map(repr, sorted(unknown)))} cannot sign; {sorted(STAFF)} can")
    return roles


def _quorum(where: str, text: str) -> int:
    if not re.fullmatch("[1-9]", text):
        raise RuleError(f"{where}: @quorum is a number from 1 to 9, not {text!r}")
    return int(text)


def _span(where: str, text: str) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,3})([mh])", text)
    if not found:
        raise RuleError(f'{where}: @expires is written "30m" or "4h", not {text!r}')
    return int(found[1]) * UNITS[found[2]]
