"""The gate: may this caller make this call, now, with these facts? Cedar decides, and fails closed.

First the rules for `<tool>` are asked; what they don't permit may still be permitted by the rules for
`<tool>_after_sign_off`. Anything that goes wrong on the way is a denial.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cedarpy
import structlog
from pydantic import BaseModel

from policies.decision import Decision, strictest
from policies.facts import CommonFacts, context, facts_model
from policies.rulebook import AFTER_SIGN_OFF, RULES, Rule, RuleError, read_rules
from policies.schema import CALLER, caller_entity, schema_of, standing_entities, uid
from policies.spec import Principal, Risk, ToolSpec

log = structlog.get_logger(__name__)


class UndecidableError(Exception):
    """The rules could not be evaluated: a fact is missing, or a rule failed on what it got."""


@dataclass(frozen=True)
class Gate:
    """The rules in force. `trial` holds the shadow rules too, or is None when there are none."""

    rules: Mapping[str, Rule]
    active: cedarpy.PolicySet
    trial: cedarpy.PolicySet | None
    schema: cedarpy.Schema
    entities: cedarpy.Entities
    models: Mapping[str, type[BaseModel] | None]

    @classmethod
    def load(cls, specs: Iterable[ToolSpec], rules_dir: Path | None = None) -> "Gate":
        """The gate for these tools. RuleError or TypeError when a rule, a fact or a tool's rule is amiss."""
        specs = list(specs)
        rules, text = read_rules(rules_dir or RULES)
        models = {spec.name: facts_model(spec) for spec in specs}
        schema = schema_of(specs)
        _validate(text, schema)
        _cover(specs, rules.values())
        shadowed = any(rule.shadow for rule in rules.values())
        return cls(
            rules=rules,
            active=_policies(rule for rule in rules.values() if not rule.shadow),
            trial=_policies(rules.values()) if shadowed else None,
            schema=cedarpy.Schema.from_str(schema),
            entities=cedarpy.Entities.from_json_str(standing_entities(specs), schema),
            models=models,
        )

    def decide(self, spec: ToolSpec, principal: Principal, facts: BaseModel | None, common: CommonFacts) -> Decision:
        """The decision on one call. Never raises: what can't be decided is denied."""
        try:
            known = self._context(spec, facts, common)
            caller = self.entities.with_added_json_str(caller_entity(principal))
            decision = self._decide(self.active, spec, principal, caller, known)
        except Exception as error:  # whatever it is, the call must not go through
            log.error("gate.undecidable", tool=spec.name, error=str(error))
            return Decision("denied", reason=f"{spec.name} could not be checked against the rules, so it is off.")
        if self.trial is not None:
            self._shadow(spec, principal, caller, known, decision)
        return decision

    def _context(self, spec: ToolSpec, facts: BaseModel | None, common: CommonFacts) -> dict[str, Any]:
        model = self.models[spec.name]
        if (facts is None) != (model is None) or (model and type(facts) is not model):
            raise UndecidableError(f"the facts of {spec.name} are not what it declares")
        return context(common, facts)

    def _decide(
        self,
        policies: cedarpy.PolicySet,
        spec: ToolSpec,
        principal: Principal,
        entities: cedarpy.Entities,
        known: dict[str, Any],
    ) -> Decision:
        request = {
            "principal": uid(CALLER[principal.kind], principal.id),
            "resource": uid("Tool", spec.name),
            "context": known,
        }
        allowed, rules = self._ask(policies, {**request, "action": uid("Action", spec.name)}, entities)
        if allowed:
            return Decision("allowed", rules)
        if spec.risk is Risk.READ:
            return self._denied(spec, principal, rules)
        action = uid("Action", spec.name + AFTER_SIGN_OFF)
        allowed, more = self._ask(policies, {**request, "action": action}, entities)
        if not allowed:
            return self._denied(spec, principal, more or rules)
        asked = strictest(r for rule in more if (r := self.rules[rule].requirement) is not None)
        if not asked:
            raise UndecidableError(f"{more} ask for a sign-off by nobody")
        return Decision("sign_off", more, asked)

    def _ask(
        self, policies: cedarpy.PolicySet, request: dict[str, Any], entities: cedarpy.Entities
    ) -> tuple[bool, tuple[str, ...]]:
        """Whether it is permitted, and the rules that say so. Cedar skips a rule that fails; we don't."""
        answer = cedarpy.is_authorized(request, policies, entities, self.schema)
        if answer.diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
            raise UndecidableError("; ".join(answer.diagnostics.errors) or "no decision")
        return answer.allowed, tuple(sorted(answer.diagnostics.reasons))

    def _denied(self, spec: ToolSpec, principal: Principal, rules: tuple[str, ...]) -> Decision:
        said = [self.rules[rule].reason for rule in rules if self.rules[rule].reason]
        reason = " ".join(said) or f"The rules don't allow {spec.name} for {principal.role} here."
        return Decision("denied", rules, reason=reason)

    def _shadow(
        self,
        spec: ToolSpec,
        principal: Principal,
        entities: cedarpy.Entities,
        known: dict[str, Any],
        decision: Decision,
    ) -> None:
        """Log what would be decided if the shadow rules were in force. It never changes what is."""
        assert self.trial is not None
        try:
            trial = self._decide(self.trial, spec, principal, entities, known)
        except Exception as error:  # a rule on trial must not be able to stop a call
            log.warning("gate.shadow_failed", tool=spec.name, error=str(error))
            return
        if trial != decision:
            log.info("gate.shadow", tool=spec.name, now=decision.effect, then=trial.effect, rules=trial.rules)


def _policies(rules: Iterable[Rule]) -> cedarpy.PolicySet:
    """A policy set whose policies go by our rule ids, so that Cedar's reasons are rules."""
    static = {rule.id: rule.policy for rule in rules}
    return cedarpy.PolicySet.from_json_str(json.dumps({"templates": {}, "staticPolicies": static, "templateLinks": []}))


def _validate(text: str, schema: str) -> None:
    checked = cedarpy.validate_policies(text, schema)
    if not checked:
        raise RuleError("; ".join(str(error) for error in checked.errors))


def _cover(specs: Iterable[ToolSpec], rules: Iterable[Rule]) -> None:
    """Every tool needs a rule in force that permits it by name, at once or after sign-off."""
    permitted = {action for rule in rules if rule.permits and not rule.shadow for action in rule.actions}
    bare = [s.name for s in specs if not {s.name, s.name + AFTER_SIGN_OFF} & permitted]
    if bare:
        raise RuleError(f"no rule permits {', '.join(sorted(bare))}; write one in policies/rules")
