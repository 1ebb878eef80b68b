"""Signatures: what waits for one, and giving it or refusing it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.approvals import ApprovalView, find_action, view_of, waiting
from api.deps import InHouse, Session, Staff
from api.errors import Problem, problems
from api.house import House
from forge.outcome import Denied, Outcome
from policies.spec import Principal

router = APIRouter(prefix="/approvals", tags=["approvals"])

Reference = Annotated[str, Path(description="The approval's id, or its short number.", max_length=40)]


class ApprovalPage(BaseModel):
    """Actions that wait, the most urgent first."""

    approvals: list[ApprovalView]


class Word(BaseModel):
    """A signer's words."""

    reason: str = Field(default="", max_length=1_000)


class Signed(BaseModel):
    """What came of a signature."""

    outcome: str = Field(description="done | started | awaiting_sign_off | denied | failed")
    text: str = Field(description="The same in one sentence.")
    approval: ApprovalView


@router.get("", summary="What waits for a signature", responses=problems(401, 403, 422))
async def get_approvals(
    session: Session,
    caller: Staff,  # noqa: ARG001
    state: Annotated[Literal["awaiting", "all"], Query(description="`all`: also what was decided.")] = "awaiting",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ApprovalPage:
    """Actions that large or risky effects wait in until other people have signed."""
    return ApprovalPage(approvals=await waiting(session, limit, everything=state == "all"))


@router.get("/{reference}", summary="One of them", responses=problems(401, 403, 404))
async def get_approval(session: Session, caller: Staff, reference: Reference) -> ApprovalView:  # noqa: ARG001
    """By id or short number."""
    return await view_of(session, await find_action(session, reference))


@router.post("/{reference}/approve", summary="Sign", responses=problems(401, 403, 404, 409, 422))
async def approve(house: InHouse, caller: Staff, reference: Reference, word: Word | None = None) -> Signed:
    """The last signature needed carries the action out at once. Nobody signs what they asked for, nor twice."""
    outcome, view = await _sign(house, caller, reference, word, approve=True)
    if isinstance(outcome, Denied):
        raise Problem(409, outcome.reason)
    return Signed(outcome=status_of(outcome), text=outcome.text(), approval=view)


@router.post("/{reference}/reject", summary="Refuse to sign", responses=problems(401, 403, 404, 409, 422))
async def reject(house: InHouse, caller: Staff, reference: Reference, word: Word | None = None) -> Signed:
    """One refusal by someone who may sign ends the action. 409 when it has been decided already."""
    outcome, view = await _sign(house, caller, reference, word, approve=False)
    if view.state != "rejected":
        raise Problem(409, outcome.text())
    return Signed(outcome=status_of(outcome), text=outcome.text(), approval=view)


async def _sign(
    house: House, caller: Principal, reference: str, word: Word | None, *, approve: bool
) -> tuple[Outcome, ApprovalView]:
    """The executor has transactions of its own, so none is open here. Problem 403 for a refused signature."""
    async with house.store.sessions() as session:
        action_id = await find_action(session, reference)
        before = await view_of(session, action_id)
    if before.state != "awaiting_sign_off" and not _signed_so(before, caller, approve=approve):
        raise Problem(409, f"#{before.reference} is {before.state} already; there is nothing left to sign.")
    reason = word.reason if word else ""
    outcome = await house.executor.sign(action_id, caller, approve=approve, reason=reason)
    async with house.store.sessions() as session:
        view = await view_of(session, action_id)
    if isinstance(outcome, Denied) and view.state == "awaiting_sign_off":
        raise Problem(403, outcome.reason)
    return outcome, view


def _signed_so(view: ApprovalView, caller: Principal, *, approve: bool) -> bool:
    """Whether this very signature was given before: a request that is sent again gets the same answer."""
    return any(each.signer == caller.id and each.approved == approve for each in view.signatures)


def status_of(outcome: Outcome) -> str:
    """An outcome in one word."""
    return str(outcome.as_dict()["status"])
