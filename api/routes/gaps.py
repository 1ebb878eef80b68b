"""Gaps in the network's documentation, and a person's word on each."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from api.deps import InHouse, Noc, Session, Staff
from api.errors import problems
from api.views import View
from atlas.network import gaps
from forge.documentation import find

router = APIRouter(prefix="/gaps", tags=["gaps"])

Number = Annotated[int, Path(ge=1, lt=2**63, description="The gap's number.")]


class GapView(View):
    """One difference between the documentation and what devices say."""

    id: int
    kind: str
    state: str
    a: str
    z: str
    sentence: str
    confidence: float
    messages: int
    first_at: AwareDatetime
    last_at: AwareDatetime
    decided_by: str | None
    reason: str


class GapPage(BaseModel):
    """Gaps, the surest first."""

    gaps: list[GapView]


class Word(BaseModel):
    """What a person says of a gap."""

    word: Literal["accepted", "dismissed"] = Field(
        description="`accepted`: the documentation is to be mended. `dismissed`: there is nothing to it."
    )
    reason: str = Field(default="", max_length=1_000, description="Why; needed to dismiss.")


@router.get("", summary="Gaps in the documentation", responses=problems(401, 403, 422))
async def get_gaps(
    session: Session,
    caller: Staff,  # noqa: ARG001
    state: Annotated[Literal["open", "all"], Query(description="`all`: also what was settled.")] = "open",
    device: Annotated[str | None, Query(max_length=200, description="Only those about this device.")] = None,
) -> GapPage:
    """Links that nobody documented, ends on the wrong device, links nobody ever spoke of."""
    found = await gaps.gaps(session, everything=state == "all", device=device)
    return GapPage(gaps=[GapView.model_validate(gap) for gap in found])


@router.post("/review", summary="Look for gaps now", responses=problems(401, 403))
async def post_review(session: Session, house: InHouse, caller: Noc) -> GapPage:  # noqa: ARG001
    """Read the log of the last 30 days and keep what differs; otherwise done every quarter of an hour."""
    now = house.store.clock.now()
    await gaps.keep(session, await find(session, now), now)
    return GapPage(gaps=[GapView.model_validate(gap) for gap in await gaps.gaps(session)])


@router.post("/{number}", summary="Settle a gap", responses=problems(401, 403, 404, 409, 422))
async def post_word(session: Session, house: InHouse, caller: Noc, number: Number, word: Word) -> GapView:
    """A person's word is kept; a dismissed gap comes back only with as much new evidence again."""
    gap = await gaps.decide(session, number, word.word, caller.id, house.store.clock.now(), word.reason)
    return GapView.model_validate(gap)
