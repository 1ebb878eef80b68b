"""Planned work: planning it, looking at it, calling it off; all through the gate."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, Field

from api.calling import call_tool
from api.deps import InHouse, Noc, Staff
from api.errors import Problem, problems
from atlas.network.enums import AlarmType
from tools.maintenance import PlannedWork, Work

router = APIRouter(prefix="/maintenance", tags=["maintenance"])

Reference = Annotated[str, Path(description="CHG-3.", max_length=20)]


class WorkRequest(BaseModel):
    """Work to plan: until when, or for how many minutes."""

    element: str = Field(max_length=220, description="Element key: node:…, link:…, fibre:…, duct:…")
    reason: str = Field(min_length=3, max_length=300)
    starts_at: AwareDatetime | None = Field(default=None, description="Now when left out.")
    ends_at: AwareDatetime | None = None
    minutes: int | None = Field(default=None, gt=0, le=7 * 24 * 60, description="Instead of `ends_at`.")
    expects: list[AlarmType] = Field(default_factory=list, max_length=30, description="Any alarm when empty.")
    with_dependents: bool = Field(default=True, description="Whether what depends on the element may go down with it.")


@router.get("", summary="Planned work", responses=problems(401, 403))
async def get_maintenance(house: InHouse, caller: Staff) -> PlannedWork:
    """Work that lies ahead, is going on, or was done within a day, with how many alarms it has explained."""
    return PlannedWork.model_validate(await call_tool(house, caller, "find_maintenance"))


@router.post("", summary="Plan work", status_code=201, responses=problems(401, 403, 409, 422))
async def plan(house: InHouse, caller: Noc, request: WorkRequest) -> Work:
    """Its expected alarms open no incident while it lasts; anything else, and whatever outlasts it, does."""
    starts_at = request.starts_at or house.store.clock.now()
    if (request.ends_at is None) == (request.minutes is None):
        raise Problem(422, "Say either when the work ends (ends_at) or how long it takes (minutes).")
    ends_at = request.ends_at or starts_at + timedelta(minutes=request.minutes or 0)
    arguments = request.model_dump(mode="json", include={"element", "reason", "expects", "with_dependents"})
    times = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    return Work.model_validate(await call_tool(house, caller, "plan_maintenance", **arguments, **times))


@router.post("/{reference}/cancel", summary="Call work off", responses=problems(401, 403, 409))
async def cancel(house: InHouse, caller: Noc, reference: Reference) -> Work:
    """Also ends it early: from now on its alarms are alarms."""
    return Work.model_validate(await call_tool(house, caller, "cancel_maintenance", work=reference))
