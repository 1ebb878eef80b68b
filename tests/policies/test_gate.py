"""The gate: which of its two questions a call passes, and that whatever goes wrong is a denial."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from structlog.testing import capture_logs

from policies.decision import Decision, Requirement, strictest
from policies.facts import CommonFacts
from policies.gate import Gate
from policies.rulebook import RuleError
from policies.spec import FORGE, Principal, Risk, ToolContext, ToolSpec, tool

NOC, LEAD = Principal("staff", "alice", "noc"), Principal("staff", "lena", "noc_lead")
ANN = Principal("subscriber", "4711", "subscriber", 1)


class Facts(BaseModel):
    people: int
    amount: Decimal
    zones: frozenset[str]


async def facts(ctx: ToolContext) -> Facts:
    raise NotImplementedError


@tool(risk=Risk.NOTIFY, audience={"noc"}, facts=facts)
async def act(ctx: ToolContext) -> int:
    """Do something."""
    return 0


@tool(risk=Risk.READ, audience={"noc"})
async def look(ctx: ToolContext) -> int:
    """See something."""
    return 0


BASE = """
@id("look") permit (principal, action == Action::"look", resource);
@id("few") permit (principal in Role::"noc", action == Action::"act", resource) when { context.people <= 25 };
@id("many") @approver("noc, noc_lead") @quorum("1") @expires("2h")
permit (principal in Role::"noc", action == Action::"act_after_sign_off", resource) when { context.people > 25 };
@id("stopped") @reason("It is stopped.")
forbid (principal, action, resource) when { context.frozen && resource.risk != "read" };
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Gate]:
    """The gate on BASE and further rules, one file each."""

    def load(*more: str, specs: tuple[ToolSpec, ...] = (act, look)) -> Gate:
        for number, text in enumerate([BASE, *more]):
            (tmp_path / f"{number}.cedar").write_text(text)
        return Gate.load(specs, tmp_path)

    return load


def decide(gate: Gate, people: int = 1, who: Principal = NOC, spec: ToolSpec = act, **known: Any) -> Decision:
    """A decision on facts that are harmless unless said otherwise."""
    values = {"amount": Decimal(0), "zones": frozenset({"zone 3"})} | known
    common = CommonFacts(role=who.role, verified="otp", hour=values.pop("hour", 9), frozen=values.pop("frozen", False))
    return gate.decide(spec, who, Facts(people=people, **values) if spec.facts else None, common)


def loose(**values: Any) -> Facts:
    """Facts that nobody has checked."""
    return Facts.model_construct(None, **values)


def test_a_few_are_allowed_and_many_need_a_signature(load: Callable[..., Gate]) -> None:
    gate = load()
    assert decide(gate, 25) == Decision("allowed", ("few",))
    signed = decide(gate, 26)
    assert (signed.effect, signed.rules, signed.approvers) == ("sign_off", ("many",), ("noc", "noc_lead"))
    assert (signed.quorum, signed.expires) == (1, timedelta(hours=2))


def test_a_role_may_what_the_role_it_stands_in_may(load: Callable[..., Gate]) -> None:
    assert decide(load(), who=LEAD).effect == "allowed"


@pytest.mark.parametrize("who", [ANN, FORGE, Principal("staff", "helen", "support")])
def test_who_is_not_named_is_denied(load: Callable[..., Gate], who: Principal) -> None:
    denied = decide(load(), who=who)
    assert denied == Decision("denied", reason=f"The rules don't allow act for {who.role} here.")


def test_the_off_switch_says_why_and_leaves_looking_alone(load: Callable[..., Gate]) -> None:
    gate = load()
    assert decide(gate, frozen=True) == Decision("denied", ("stopped",), reason="It is stopped.")
    assert decide(gate, 26, frozen=True).effect == "denied"
    assert decide(gate, spec=look, frozen=True).effect == "allowed"


def test_every_kind_of_fact_can_be_asked_for(load: Callable[..., Gate]) -> None:
    gate = load(
        '@id("dear") forbid (principal, action == Action::"act", resource)'
        ' when { context.amount.greaterThan(decimal("9.99")) };'
        '@id("zone") forbid (principal, action == Action::"act", resource) when { context.zones.contains("zone 7") };'
        '@id("night") forbid (principal, action, resource) when { context.hour < 6 && context.role != "admin" };'
    )
    assert decide(gate, amount=Decimal("9.99")).effect == "allowed"
    assert decide(gate, amount=Decimal("9.9901")).rules == ("dear",)
    assert decide(gate, zones=frozenset({"zone 7"})).rules == ("zone",)
    assert decide(gate, hour=5).rules == ("night",)


def test_of_several_sign_off_rules_the_strictest_union_holds(load: Callable[..., Gate]) -> None:
    gate = load(
        '@id("town") @approver("noc_lead, admin") @quorum("2") @expires("30m")'
        'permit (principal, action == Action::"act_after_sign_off", resource) when { context.people > 1000 };'
    )
    both = decide(gate, 1001)
    assert (both.rules, both.approvers, both.quorum) == (("many", "town"), ("noc_lead",), 2)
    assert both.expires == timedelta(minutes=30)
    assert not both.satisfied_by(["noc_lead", "noc", "admin"])
    assert both.satisfied_by(["noc_lead", "noc_lead"])


def test_rules_with_no_approver_in_common_are_each_satisfied() -> None:
    each = (
        Requirement(frozenset({"noc"}), 1, timedelta(hours=2)),
        Requirement(frozenset({"admin"}), 2, timedelta(hours=1)),
    )
    decision = Decision("sign_off", ("a", "b"), strictest(each))
    assert (decision.approvers, decision.quorum, decision.expires) == (("admin", "noc"), 3, timedelta(hours=1))
    assert not decision.satisfied_by(["noc", "noc", "admin"])
    assert decision.satisfied_by(["noc", "admin", "admin"])
    assert Decision.from_dict(decision.as_dict()) == decision


@pytest.mark.parametrize(
    "broken",
    [
        None,
        CommonFacts(role="noc", verified="otp", hour=9, frozen=False),
        loose(people=1, amount=Decimal(0)),  # a fact is missing
        loose(people="many", amount=Decimal(0), zones=frozenset()),
        Facts(people=2**63, amount=Decimal(0), zones=frozenset()),
        Facts(people=1, amount=Decimal("0.00001"), zones=frozenset()),
        Facts(people=1, amount=Decimal("1e20"), zones=frozenset()),
    ],
)
def test_facts_that_are_not_what_was_declared_are_a_denial(load: Callable[..., Gate], broken: BaseModel | None) -> None:
    common = CommonFacts(role="noc", verified="otp", hour=9, frozen=False)
    assert load().decide(act, NOC, broken, common).effect == "denied"


def test_a_rule_that_fails_while_it_is_evaluated_is_a_denial(load: Callable[..., Gate]) -> None:
    """Cedar alone would skip the forbid that overflows, and allow."""
    gate = load(
        '@id("sum") forbid (principal, action == Action::"act", resource)'
        " when { context.people + 9223372036854775807 < 0 };"
    )
    assert decide(gate, 0).effect == "allowed"
    assert decide(gate, 1).effect == "denied"


def test_a_shadow_rule_is_logged_and_changes_nothing(load: Callable[..., Gate]) -> None:
    gate = load(
        '@id("trial") @mode("shadow") forbid (principal, action == Action::"act", resource)'
        " when { context.people > 10 };"
    )
    with capture_logs() as logs:
        assert decide(gate, 11).effect == "allowed"
        assert decide(gate, 10).effect == "allowed"
    assert [(each["event"], each["now"], each["then"]) for each in logs] == [("gate.shadow", "allowed", "denied")]


PERMIT = 'permit (principal, action == Action::"act", resource);'
LATER = 'permit (principal, action == Action::"act_after_sign_off", resource);'


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (PERMIT, "no @id"),
        (f'@id("few") {PERMIT}', "two rules are called 'few'"),
        (f'@id("x") @quorm("2") {PERMIT}', "unknown annotation: quorm"),
        (f'@id("x") @mode("shadwo") {PERMIT}', "@mode can only be shadow"),
        (f'@id("x") @quorum("2") {PERMIT}', "permits nothing after sign-off"),
        (f'@id("x") @approver("noc") @quorum("1") {LATER}', "has no @expires"),
        (f'@id("x") @approver("noc") @quorum("two") @expires("2h") {LATER}', "@quorum is a number"),
        (f'@id("x") @approver("noc") @quorum("0") @expires("2h") {LATER}', "@quorum is a number"),
        (f'@id("x") @approver("noc") @quorum("1") @expires("15 minuts") {LATER}', "@expires is written"),
        (f'@id("x") @approver("nock") @quorum("1") @expires("2h") {LATER}', "'nock' cannot sign"),
        (f'@id("x") @approver("forge") @quorum("1") @expires("2h") {LATER}', "'forge' cannot sign"),
        ('@id("x") permit (principal, action, resource);', "without naming the tools"),
        ('@id("x") permit (principal, action in Action::"execute", resource);', "without naming the tools"),
        (
            '@id("x") permit (principal, action in [Action::"act", Action::"act_after_sign_off"], resource);',
            "make it two rules",
        ),
        ('@id("x") forbid (principal, action == Action::"atc", resource);', "atc"),
        (
            '@id("x") @approver("noc") @quorum("1") @expires("2h")'
            'permit (principal, action == Action::"look_after_sign_off", resource);',
            "look_after_sign_off",
        ),
        ('@id("x") forbid (principal, action, resource) when { context.people > 1 };', "people"),
        (
            '@id("x") forbid (principal, action, resource) when { context has peple && context.peple > 1 };',
            "asks whether a fact is there",
        ),
        ('@id("x") permit (principal', "1.cedar"),
        ('@id("x") forbid (principal == ?principal, action, resource);', "slots"),
    ],
)
def test_a_doubtful_rule_keeps_the_process_from_starting(load: Callable[..., Gate], rule: str, said: str) -> None:
    with pytest.raises(RuleError, match=said):
        load(rule)


def test_a_tool_without_a_rule_in_force_keeps_it_from_starting(load: Callable[..., Gate]) -> None:
    @tool(risk=Risk.NOTE, audience={"noc"})
    async def forgotten(ctx: ToolContext) -> int:
        """Nobody wrote a rule for this."""
        return 0

    shadow = '@id("f") @mode("shadow") permit (principal, action == Action::"forgotten", resource);'
    for rules in ((), (shadow,)):
        with pytest.raises(RuleError, match="no rule permits forgotten"):
            load(*rules, specs=(act, look, forgotten))
    load(shadow.replace('@mode("shadow")', ""), specs=(act, look, forgotten))


def test_an_empty_folder_is_no_rules(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rules"):
        Gate.load([look], tmp_path)


class Optional(BaseModel):
    people: int | None


class Defaulted(BaseModel):
    people: int = 0


class Taken(BaseModel):
    role: str


@pytest.mark.parametrize(
    ("model", "said"),
    [(Optional, "facts are"), (Defaulted, "has a default"), (Taken, "every tool has"), (int, "model")],
)
def test_a_fact_that_could_be_missing_keeps_it_from_starting(load: Callable[..., Gate], model: type, said: str) -> None:
    async def unsure(ctx: ToolContext) -> Any: ...

    unsure.__annotations__["return"] = model

    @tool(risk=Risk.NOTE, audience={"noc"}, facts=unsure)
    async def act(ctx: ToolContext) -> int:
        """Do something."""
        return 0

    with pytest.raises(TypeError, match=said):
        load(specs=(act, look))
