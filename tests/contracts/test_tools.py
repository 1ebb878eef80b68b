"""Every tool there is: its words, its rule, and its schema as a model sees it.

Whoever changes a schema sees the change here. `UPDATE_SNAPSHOTS=1` writes it anew.
"""

import inspect
import json
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from policies.gate import Gate
from policies.rulebook import AFTER_SIGN_OFF, RuleError, read_rules
from policies.spec import ROLES, Locality, Risk
from tools import billing, registry
from tools.registry import all_tools

SPECS = all_tools()
EACH = pytest.mark.parametrize("name", sorted(SPECS))
SNAPSHOT = Path(__file__).parent / "snapshots" / "tools.json"


def snapshot() -> dict[str, Any]:
    return {
        name: {
            "description": spec.description,
            "risk": spec.risk.value,
            "locality": spec.locality.value,
            "audience": sorted(spec.audience),
            "arguments": spec.arguments.model_json_schema(),
            "returns": TypeAdapter(spec.returns).json_schema(),
            "schema_version": spec.schema_version,
        }
        for name, spec in sorted(SPECS.items())
    }


def test_schemas_are_what_they_were() -> None:
    text = json.dumps(snapshot(), indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(text)
    assert json.loads(text) == json.loads(SNAPSHOT.read_text())


@EACH
def test_a_tool_says_in_a_sentence_what_it_does(name: str) -> None:
    words = SPECS[name].description
    assert words == inspect.getdoc(SPECS[name].body)
    assert words[0].isupper()
    assert words.endswith(".")
    assert 20 <= len(words) <= 300


@EACH
def test_every_argument_is_described_and_bounded(name: str) -> None:
    schema = SPECS[name].arguments.model_json_schema()
    assert schema["additionalProperties"] is False
    for argument, each in schema.get("properties", {}).items():
        assert len(each["description"]) > 8, argument
        for form in each.get("anyOf", [each]):
            if form.get("type") == "string" and "format" not in form and "enum" not in form:
                assert form.get("maxLength", 0) <= 2000, argument
                assert "maxLength" in form, f"{argument} takes a text of any length"


@EACH
def test_nobody_can_name_whose_line_it_is(name: str) -> None:
    arguments = set(SPECS[name].arguments.model_fields)
    assert not {each for each in arguments if "subscriber" in each or each in {"ctx", "account", "customer"}}


def test_rules_and_tools_know_each_other() -> None:
    rules, _ = read_rules()
    permitted = {
        action.removesuffix(AFTER_SIGN_OFF) for rule in rules.values() if rule.permits for action in rule.actions
    }
    named = {action.removesuffix(AFTER_SIGN_OFF) for rule in rules.values() for action in rule.actions}
    assert permitted == set(SPECS)
    assert named <= set(SPECS)


@EACH
def test_without_its_rule_the_process_does_not_start(name: str, tmp_path: Path) -> None:
    (tmp_path / "rules.cedar").write_text(
        "\n".join(
            f'@id("{other}") permit (principal, action == Action::"{other}", resource);'
            for other in SPECS
            if other != name
        )
    )
    with pytest.raises(RuleError, match=name):
        Gate.load(SPECS.values(), tmp_path)


@EACH
def test_what_cannot_be_taken_back_is_no_subscribers(name: str) -> None:
    spec = SPECS[name]
    assert spec.audience <= ROLES
    if "subscriber" in spec.audience:
        assert spec.risk in {Risk.READ, Risk.NOTE}
        assert spec.locality is Locality.LOCAL


def test_every_module_of_tools_is_in_the_registry() -> None:
    files = {file.stem for file in Path(registry.__file__).parent.glob("*.py")}
    helpers = {"__init__", "registry", "words"}
    assert {module.__name__.removeprefix("tools.") for module in registry.MODULES} == files - helpers


def test_two_tools_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MODULES", (billing, billing))
    with pytest.raises(ValueError, match="two tools are called my_bill"):
        registry.all_tools()
