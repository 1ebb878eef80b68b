"""One call, one effect: proposed, signed, carried out, and every way in which it isn't."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.billing.models import Credit
from atlas.clock import FrozenClock, Ids
from atlas.crm.models import Subscriber
from atlas.db import Sessions
from atlas.errors import DomainError
from atlas.events import Event
from atlas.ledger.models import Action, ActionTarget
from forge.executor import Executor
from forge.outcome import AwaitingSignOff, Denied, Done, Failed
from policies.spec import Principal
from tests.forge import effects
from tests.forge.effects import ALICE, ANN, BOB, CARLA, HELEN, LEAD, call, notes


@pytest.fixture
async def run(engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, ids: Ids, tmp_path: Path) -> Executor:
    """An executor over a town of four."""
    await effects.settle_town(sessions, clock)
    return effects.executor(engine, effects.gate(tmp_path), clock, ids)


async def waiting(run: Executor, key: str | None = None) -> AwaitingSignOff:
    """A proposal for four people, which takes a signature."""
    outcome = await run.propose(call("tell_people", key, text="hello"), ALICE)
    assert isinstance(outcome, AwaitingSignOff)
    return outcome


async def state(sessions: Sessions, asked: AwaitingSignOff) -> str:
    async with sessions() as session:
        return (await session.execute(select(Action.state).where(Action.id == asked.action))).scalar_one()


async def test_an_allowed_call_happens_and_returns_its_typed_result(run: Executor, sessions: Sessions) -> None:
    outcome = await run.propose(call("give_credit", amount="15.00"), ANN)
    assert isinstance(outcome, Done)
    assert outcome.result == {"amount": "15.00", "account": 1}
    async with sessions() as session:
        kinds = (await session.scalars(select(Event.kind).order_by(Event.id))).all()
    assert kinds == ["action.proposed", "action.done"]


async def test_the_same_key_again_is_the_same_action(run: Executor, sessions: Sessions) -> None:
    first, second = [await run.propose(call("write_note", "k", text="once"), ALICE) for _ in range(2)]
    assert first == second
    assert isinstance(first, Done)
    assert await notes(sessions) == ["once"]


async def test_the_same_key_ten_times_at_once_is_one_effect(run: Executor, sessions: Sessions) -> None:
    outcomes = await asyncio.gather(*(run.propose(call("write_note", "k", text="once"), ALICE) for _ in range(10)))
    assert len({str(each) for each in outcomes}) == 1
    assert await notes(sessions) == ["once"]


@pytest.mark.parametrize(("text", "who"), [("other", ALICE), ("mine", BOB)])
async def test_a_key_does_not_fit_another_call(run: Executor, sessions: Sessions, text: str, who: Principal) -> None:
    await run.propose(call("write_note", "k", text="mine"), ALICE)
    assert isinstance(await run.propose(call("write_note", "k", text=text), who), Denied)
    assert await notes(sessions) == ["mine"]


async def test_a_large_call_waits_for_another_person(run: Executor, sessions: Sessions) -> None:
    asked = await waiting(run)
    assert (asked.approvers, asked.quorum, asked.summary) == (("noc", "noc_lead"), 1, "Tell 4 people: hello")
    assert await notes(sessions) == []
    done = await run.sign(asked.action, BOB, approve=True)
    assert isinstance(done, Done)
    assert done.result == {"told": [1, 2, 3, 4]}
    assert await notes(sessions) == ["hello"] * 4


@pytest.mark.parametrize("signer", [ALICE, HELEN, ANN])
async def test_neither_who_asked_nor_the_wrong_role_can_sign(
    run: Executor, sessions: Sessions, signer: Principal
) -> None:
    asked = await waiting(run)
    assert isinstance(await run.sign(asked.action, signer, approve=True), Denied)
    assert await state(sessions, asked) == "awaiting_sign_off"


async def test_twenty_approvals_at_once_are_one_effect(run: Executor, sessions: Sessions) -> None:
    asked = await waiting(run)
    signers = [Principal("staff", f"engineer{n}", "noc") for n in range(20)]
    outcomes = await asyncio.gather(*(run.sign(asked.action, each, approve=True) for each in signers))
    assert {type(each) for each in outcomes} == {Done}
    assert await notes(sessions) == ["hello"] * 4


async def test_ten_credits_at_once_stay_under_the_limit(run: Executor, sessions: Sessions) -> None:
    outcomes = await asyncio.gather(*(run.propose(call("give_credit", amount="15"), ANN) for _ in range(10)))
    assert sorted(type(each).__name__ for each in outcomes) == ["Denied"] * 9 + ["Done"]
    async with sessions() as session:
        assert (await session.execute(select(func.sum(Credit.amount)))).scalar_one() == 15


async def test_a_rejection_is_final(run: Executor, sessions: Sessions) -> None:
    asked = await waiting(run)
    told = await run.sign(asked.action, BOB, approve=False, reason="too early")
    assert told.text() == "Not done: bob rejected it: too early This is final."
    assert isinstance(await run.sign(asked.action, CARLA, approve=True), Denied)
    assert await notes(sessions) == []


async def test_a_sign_off_that_comes_too_late_does_nothing(
    run: Executor, sessions: Sessions, clock: FrozenClock
) -> None:
    asked = await waiting(run)
    clock.advance(30 * 60)
    assert isinstance(await run.sign(asked.action, BOB, approve=True), Denied)
    assert await state(sessions, asked) == "expired"


async def test_the_sweep_closes_what_nobody_signed(run: Executor, sessions: Sessions, clock: FrozenClock) -> None:
    asked = await waiting(run)
    assert await run.expire_due() == 0
    clock.advance(30 * 60)
    assert await run.expire_due() == 1
    assert await state(sessions, asked) == "expired"


Tamper = Callable[[Sessions, AwaitingSignOff], Awaitable[None]]


async def change_the_words(sessions: Sessions, asked: AwaitingSignOff) -> None:
    async with sessions() as session, session.begin():
        await session.execute(update(Action).values(arguments={"text": "goodbye"}))


async def change_the_people(sessions: Sessions, asked: AwaitingSignOff) -> None:
    async with sessions() as session, session.begin():
        await session.execute(delete(ActionTarget).where(ActionTarget.subscriber_id == 4))


@pytest.mark.parametrize("tamper", [change_the_words, change_the_people])
async def test_what_is_not_what_was_proposed_is_refused(run: Executor, sessions: Sessions, tamper: Tamper) -> None:
    asked = await waiting(run)
    await tamper(sessions, asked)
    assert isinstance(await run.sign(asked.action, BOB, approve=True), Denied)
    assert await state(sessions, asked) == "denied"
    assert await notes(sessions) == []


async def approved(run: Executor, sessions: Sessions, asked: AwaitingSignOff) -> None:
    """Sign, in a process that dies before it carries the action out."""
    from forge.signing import sign

    _, ready = await sign(run._kit, asked.action, BOB, approve=True, reason="")
    assert ready
    assert await state(sessions, asked) == "approved"


@pytest.mark.parametrize("tamper", [change_the_words, change_the_people])
async def test_a_change_after_the_signature_is_refused_too(run: Executor, sessions: Sessions, tamper: Tamper) -> None:
    asked = await waiting(run)
    await approved(run, sessions, asked)
    await tamper(sessions, asked)
    assert isinstance(await run.execute(asked.action), Denied)
    assert await notes(sessions) == []


async def test_an_approval_is_carried_out_after_a_crash(run: Executor, sessions: Sessions) -> None:
    asked = await waiting(run)
    await approved(run, sessions, asked)
    assert await run.execute_approved() == 1
    assert await run.execute_approved() == 0
    assert await notes(sessions) == ["hello"] * 4


async def test_an_approval_lapses(run: Executor, sessions: Sessions, clock: FrozenClock) -> None:
    asked = await waiting(run)
    await approved(run, sessions, asked)
    clock.advance(30 * 60)
    assert await run.execute_approved() == 0
    assert isinstance(await run.execute(asked.action), Denied)
    assert await notes(sessions) == []


async def test_a_rule_that_became_stricter_is_asked_again(
    run: Executor, engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, ids: Ids, tmp_path: Path
) -> None:
    asked = await waiting(run)
    await approved(run, sessions, asked)
    stricter = effects.executor(engine, effects.gate(tmp_path, effects.STRICTER), clock, ids)
    outcome = await stricter.execute(asked.action)
    assert isinstance(outcome, AwaitingSignOff)
    assert outcome.quorum == 2
    assert await notes(sessions) == []
    assert isinstance(await stricter.sign(asked.action, BOB, approve=True), Denied)  # nobody counts twice
    assert isinstance(await stricter.sign(asked.action, LEAD, approve=True), Done)
    assert await notes(sessions) == ["hello"] * 4


async def test_a_rule_that_now_forbids_stops_what_was_signed(
    run: Executor, engine: AsyncEngine, sessions: Sessions, clock: FrozenClock, ids: Ids, tmp_path: Path
) -> None:
    asked = await waiting(run)
    await approved(run, sessions, asked)
    rules = effects.RULES + '@id("no") forbid(principal, action == Action::"tell_people_after_sign_off", resource);'
    harder = effects.executor(engine, effects.gate(tmp_path, rules), clock, ids)
    assert isinstance(await harder.execute(asked.action), Denied)
    assert await notes(sessions) == []


async def test_the_target_set_only_shrinks(run: Executor, sessions: Sessions, clock: FrozenClock) -> None:
    asked = await waiting(run)
    async with sessions() as session, session.begin():
        await session.execute(update(Subscriber).where(Subscriber.id == 2).values(name="safe"))
        session.add(
            Subscriber(id=9, number="9", name="New", segment="business", preferred_channel="sms", since=clock.now())
        )
    done = await run.sign(asked.action, BOB, approve=True)
    assert isinstance(done, Done)
    assert done.result == {"told": [1, 3, 4]}


async def test_a_no_of_the_house_uses_the_action_up(run: Executor, sessions: Sessions) -> None:
    outcomes = [await run.propose(call("write_note", "k", text="refuse"), ALICE) for _ in range(2)]
    assert outcomes == [Failed("There is no such line; check the number.")] * 2
    assert await notes(sessions) == []
    async with sessions() as session:
        assert (await session.scalars(select(Action.state))).all() == ["failed"]


async def test_an_accident_undoes_everything_and_can_be_tried_again(run: Executor, sessions: Sessions) -> None:
    effects.ACCIDENTS[:] = ["disk"]
    with pytest.raises(effects.BreakDown):
        await run.propose(call("break_down", "k", text="in the end"), ALICE)
    assert await notes(sessions) == []
    assert await run.execute_approved() == 1
    assert isinstance(await run.propose(call("break_down", "k", text="in the end"), ALICE), Done)
    assert await notes(sessions) == ["in the end"]


@pytest.mark.parametrize("risk", ["all", "notify"])
async def test_the_off_switch_stops_what_was_already_signed(run: Executor, sessions: Sessions, risk: str) -> None:
    asked = await waiting(run)
    await approved(run, sessions, asked)
    await run.freeze(risk, ALICE, "wrong text")
    assert isinstance(await run.execute(asked.action), Denied)
    assert isinstance(await run.propose(call("tell_people", text="again"), ALICE), Denied)
    assert isinstance(await run.propose(call("write_note", text="note"), ALICE), Denied if risk == "all" else Done)
    assert await run.thaw(risk, LEAD)
    assert isinstance(await run.propose(call("tell_people", text="later"), ALICE), AwaitingSignOff)


async def test_when_stopping_has_returned_nothing_more_happens(run: Executor, sessions: Sessions) -> None:
    """An effect that is just being made ends first: it does not commit after the word that all has stopped."""
    pause = effects.Pause(asyncio.Event(), asyncio.Event())
    effects.PAUSES.append(pause)
    effect = asyncio.create_task(run.propose(call("linger", text="slow"), ALICE))
    await pause.reached.wait()
    stopping = asyncio.create_task(run.freeze("all", BOB, "stop"))
    async with sessions() as session:
        waiting = text(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
        )
        while not stopping.done() and not (await session.execute(waiting)).scalar_one():
            await asyncio.sleep(0.01)
    assert not stopping.done()
    late = asyncio.create_task(run.propose(call("linger", text="late"), ALICE))
    pause.go_on.set()
    await stopping
    assert await notes(sessions) == ["slow"]
    assert isinstance(await effect, Done)
    assert isinstance(await late, Denied)
    assert await notes(sessions) == ["slow"]


async def test_anyone_in_the_noc_stops_and_a_lead_lets_go(run: Executor) -> None:
    for refused in (run.freeze("money", HELEN, ""), run.thaw("money", ALICE), run.freeze("read", ALICE, "")):
        with pytest.raises(DomainError):
            await refused


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("write_note", {}, "text: Field required"),
        ("write_note", {"text": "a", "subscriber": 2}, "subscriber: Extra inputs"),
        ("write_note", {"text": "a\x00b"}, "NUL"),
        ("unheard_of", {}, "no tool called unheard_of"),
    ],
)
async def test_a_call_that_does_not_fit_is_told_what_is_wrong(
    run: Executor, sessions: Sessions, tool: str, arguments: dict[str, str], said: str
) -> None:
    assert said in (await run.propose(call(tool, **arguments), ALICE)).text()
    async with sessions() as session:
        assert (await session.execute(text("SELECT count(*) FROM action"))).scalar_one() == 0
