"""The off switch: anyone in the NOC stops effects at once; letting them go on takes a lead."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import select

from api.deps import InHouse, Lead, Noc, Session, Staff
from api.errors import problems
from api.views import View
from atlas.ledger.models import EffectStop

router = APIRouter(tags=["effects"])

Stoppable = Annotated[
    Literal["all", "note", "notify", "field", "network", "money"],
    Field(description="A kind of effect, or all of them."),
]


class Freeze(BaseModel):
    """What to stop, and why."""

    risk: Stoppable = "all"
    reason: str = Field(min_length=1, max_length=500)


class Thaw(BaseModel):
    """What to let go on."""

    risk: Stoppable = "all"


class StopView(View):
    """A switch that is off."""

    risk: str
    by: str
    reason: str


class Stops(BaseModel):
    """Every switch that is off now."""

    stopped: list[StopView]


async def _stops(session: Session) -> Stops:
    rows = await session.scalars(select(EffectStop).order_by(EffectStop.risk))
    return Stops(stopped=[StopView.model_validate(row) for row in rows])


@router.get("/freeze", summary="What is stopped", responses=problems(401, 403))
async def get_stops(session: Session, caller: Staff) -> Stops:  # noqa: ARG001
    """Effects that are stopped now."""
    return await _stops(session)


@router.post("/freeze", summary="Stop effects", responses=problems(401, 403, 422))
async def freeze(house: InHouse, caller: Noc, what: Freeze) -> Stops:
    """Effects of this kind stop before their next step, whoever asked for them and whoever signed."""
    await house.executor.freeze(what.risk, caller, what.reason)
    async with house.store.sessions() as session:
        return await _stops(session)


@router.post("/thaw", summary="Let effects go on", responses=problems(401, 403, 422))
async def thaw(house: InHouse, caller: Lead, what: Thaw) -> Stops:
    """Lifts exactly the switch that is named: `all` does not lift those of single kinds."""
    await house.executor.thaw(what.risk, caller)
    async with house.store.sessions() as session:
        return await _stops(session)
