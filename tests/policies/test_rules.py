"""The rules in force, on the tools there are: who may do what, and when it takes a second person."""

import pytest

from policies.decision import Decision
from policies.facts import CommonFacts, facts_model
from policies.gate import Gate
from policies.spec import FORGE, Principal
from tools.registry import all_tools

TOOLS = all_tools()
CALLERS = {
    "subscriber": Principal("subscriber", "4711", "subscriber", 1, "otp"),
    "forge": FORGE,
    **{role: Principal("staff", role, role) for role in ("support", "noc", "noc_lead", "admin")},
}
NOTICE = {"subscribers": 1, "untold": 1, "is_certain": True, "is_held": False, "is_doubtful": False}
PREVENTIVE = {"element": "node:ont-1", "percent": 40, "due": "2026-03-16", "evidence": "It sinks."}
VISIT = {"advised_against": False, "advice": "not sure enough"}


@pytest.fixture(scope="module")
def gate() -> Gate:
    """The gate as the process has it."""
    return Gate.load(TOOLS.values())


def decide(gate: Gate, tool: str, caller: str, *, frozen: bool = False, **known: object) -> Decision:
    who, model = CALLERS[caller], facts_model(TOOLS[tool])
    common = CommonFacts(role=who.role, verified=who.verified, hour=9, frozen=frozen)
    facts = model.model_validate({**NOTICE, **PREVENTIVE, **VISIT, **known}) if model else None
    return gate.decide(TOOLS[tool], who, facts, common)


NOC = {"noc", "noc_lead", "admin"}
STAFF = NOC | {"support"}
MAY = {
    "find_incidents": STAFF,
    "who_is_affected": STAFF | {"forge"},
    "device_state": NOC | {"forge"},
    "run_diagnostics": NOC | {"forge"},
    "acknowledge_incident": NOC,
    "confirm_incident": NOC,
    "page_on_call": NOC | {"forge"},
    "find_maintenance": STAFF,
    "plan_maintenance": NOC,
    "cancel_maintenance": NOC,
    "report_repair": NOC,
    "create_work_order": NOC | {"forge"},
    "assign_technician": NOC | {"forge"},
    "propose_preventive_work": set(),
    "find_predictions": NOC,
    "similar_incidents": STAFF | {"forge"},
    "triage_ticket": STAFF,
    "no_fault_found_risk": STAFF | {"forge"},
    "send_visit": STAFF,
    "notify_affected": NOC | {"forge"},
    "notify_correction": NOC | {"forge"},
    "correct_cause": NOC,
    "confirm_cause": NOC,
    "merge_incidents": NOC,
    "split_incident": NOC,
    "exclude_from_incident": NOC,
    "hold_notices": NOC,
    "release_notices": NOC,
    "retract_incident": NOC,
    "my_service_status": {"subscriber"},
    "my_tickets": {"subscriber"},
    "my_bill": {"subscriber"},
    "open_ticket": {"subscriber"},
    "hand_over_to_person": STAFF | {"subscriber"},
}


@pytest.mark.parametrize("tool", sorted(MAY))
def test_who_may_do_what(gate: Gate, tool: str) -> None:
    assert {caller for caller in CALLERS if decide(gate, tool, caller).effect == "allowed"} == MAY[tool]


@pytest.mark.parametrize("caller", ["noc", "noc_lead", "forge"])
@pytest.mark.parametrize(
    ("subscribers", "effect", "quorum"),
    [(0, "allowed", 0), (25, "allowed", 0), (26, "sign_off", 1), (1000, "sign_off", 1), (1001, "sign_off", 2)],
)
def test_notices_by_how_many_they_reach(gate: Gate, caller: str, subscribers: int, effect: str, quorum: int) -> None:
    decision = decide(gate, "notify_affected", caller, subscribers=subscribers)
    assert (decision.effect, decision.quorum) == (effect, quorum)
    assert not quorum or decision.approvers == ("admin", "noc", "noc_lead")


@pytest.mark.parametrize("caller", ["noc", "noc_lead", "forge"])
@pytest.mark.parametrize("subscribers", [1, 26, 2000])
def test_nobody_is_told_of_what_is_doubtful(gate: Gate, caller: str, subscribers: int) -> None:
    decision = decide(gate, "notify_affected", caller, subscribers=subscribers, is_doubtful=True)
    assert decision.effect == "denied"
    assert "Confirm the incident" in decision.reason
    assert decide(gate, "notify_restored", caller, untold=0, is_doubtful=True).effect == "allowed"


@pytest.mark.parametrize("caller", ["noc", "noc_lead", "forge"])
def test_preventive_work_waits_for_a_person_of_the_noc(gate: Gate, caller: str) -> None:
    decision = decide(gate, "propose_preventive_work", caller)
    assert (decision.effect, decision.quorum) == ("sign_off", 1)
    assert decision.approvers == ("noc", "noc_lead")


@pytest.mark.parametrize("caller", ["support", "subscriber"])
def test_nobody_else_proposes_it(gate: Gate, caller: str) -> None:
    assert decide(gate, "propose_preventive_work", caller).effect == "denied"


def test_a_visit_for_nothing_takes_a_second_person(gate: Gate) -> None:
    assert decide(gate, "send_visit", "support", advised_against=True).effect == "sign_off"
    assert decide(gate, "send_visit", "subscriber", advised_against=True).effect == "denied"


@pytest.mark.parametrize("subscribers", [1, 26, 2000])
def test_a_subscriber_never_sends_notices(gate: Gate, subscribers: int) -> None:
    decision = decide(gate, "notify_affected", "subscriber", subscribers=subscribers)
    assert decision.reason == "Only the NOC sends notices."


def test_a_bill_is_for_somebody_verified(gate: Gate) -> None:
    stranger = Principal("subscriber", "4711", "subscriber", 1, "none")
    common = CommonFacts(role="subscriber", verified="none", hour=9, frozen=False)
    assert gate.decide(TOOLS["my_bill"], stranger, None, common).effect == "denied"


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_the_off_switch_stops_every_effect_and_no_look(gate: Gate, tool: str) -> None:
    for caller in CALLERS:
        frozen, free = decide(gate, tool, caller, frozen=True), decide(gate, tool, caller)
        assert frozen.effect == (free.effect if TOOLS[tool].risk == "read" else "denied")


def test_a_tool_is_offered_to_nobody_whom_the_rules_deny_it_always(gate: Gate) -> None:
    for name, spec in TOOLS.items():
        for caller in spec.audience:
            assert decide(gate, name, caller, untold=0).effect != "denied", (name, caller)


@pytest.mark.parametrize("tool", ["notify_affected", "notify_restored", "notify_correction"])
@pytest.mark.parametrize("count", [1, 26, 2000])
def test_what_a_person_holds_is_sent_by_nobody(gate: Gate, tool: str, count: int) -> None:
    for caller in NOC | {"forge"}:
        decision = decide(gate, tool, caller, subscribers=count, untold=0, is_held=True)
        assert (decision.effect, "release them first" in decision.reason) == ("denied", True)
