"""A person's verdicts on an incident: each is one call of a tool, so that it passes the gate and is in the ledger."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import select

from api.deps import InHouse, Noc, Session, Staff
from api.errors import Problem, problems
from api.house import House
from api.routes.incidents import Reference
from api.views import View
from atlas.errors import DomainError
from atlas.itsm import incidents, verdicts
from atlas.itsm.models import Incident, IncidentAlarm
from atlas.network.models import AlarmRecord
from forge.executor import Call
from forge.outcome import Done
from policies.spec import Principal
from tools.verdicts import Given

router = APIRouter(prefix="/incidents", tags=["verdicts"])
REFUSALS = problems(401, 403, 404, 409, 422)

Why = Annotated[str, Field(max_length=500, description="Why; kept with the verdict.")]
Names = Annotated[list[Annotated[str, Field(max_length=220)]], Field(max_length=10_000)]


class Reason(BaseModel):
    """Why."""

    reason: Why = ""


class Cause(Reason):
    """The cause: an element of ours, or in your words one that is none."""

    element: str | None = Field(default=None, max_length=220, description="Key or bare name of an element.")
    cause: str | None = Field(default=None, max_length=200, description="In your words, where it is none of ours.")


class Into(Reason):
    """Which incident lives on."""

    into: str = Field(max_length=20, description="Such as INC-3.")


class Exclusion(Reason):
    """Which nodes and lines are no part of it."""

    elements: Names = Field(default_factory=list, description="Each with all that hangs on it.")
    zone: int | None = Field(default=None, ge=0, le=100_000, description="All of it in this zone.")
    lines: Names = Field(default_factory=list, description="Subscriber numbers, or user names of lines.")


class Split(Exclusion):
    """Which part is another incident."""

    alarms: list[int] = Field(default_factory=list, max_length=10_000, description="Numbers from the alarm list.")


class Retraction(BaseModel):
    """Why it was none."""

    reason: str = Field(min_length=3, max_length=500, description="The tickets say so.")


class VerdictView(View):
    """A person's word."""

    kind: str
    by: str
    at: AwareDatetime
    reason: str
    words: str = Field(description="What was said, in short.")
    before: dict[str, Any]
    after: dict[str, Any]


class Verdicts(BaseModel):
    """All that people said of an incident, the first first."""

    verdicts: list[VerdictView]


class IncidentAlarmView(View):
    """An alarm of the incident; its number is what a split by alarms takes."""

    id: int
    resource: str
    alarm_type: str
    is_cleared: bool
    raised_at: AwareDatetime


class IncidentAlarms(BaseModel):
    """The incident's alarms, by resource."""

    total: int
    alarms: list[IncidentAlarmView]


@router.get("/{reference}/verdicts", summary="What people said of it", responses=problems(401, 403, 404))
async def get_verdicts(session: Session, caller: Staff, reference: Reference) -> Verdicts:  # noqa: ARG001
    """Every verdict with who, when, why, what stood before and what stands since."""
    incident = await _find(session, reference)
    rows = await verdicts.verdicts_of(session, incident.id)
    said = [VerdictView.model_validate({**vars(row), "words": verdicts.words_of(row)}) for row in rows]
    return Verdicts(verdicts=said)


@router.get("/{reference}/alarms", summary="Its alarms", responses=problems(401, 403, 404, 422))
async def get_alarms(
    session: Session,
    caller: Staff,  # noqa: ARG001
    reference: Reference,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 200,
) -> IncidentAlarms:
    """What a person may pick from when they split it."""
    incident = await _find(session, reference)
    mine = select(IncidentAlarm.alarm_id).where(IncidentAlarm.incident_id == incident.id)
    query = select(AlarmRecord).where(AlarmRecord.id.in_(mine)).order_by(AlarmRecord.resource, AlarmRecord.alarm_type)
    rows = list(await session.scalars(query))
    return IncidentAlarms(total=len(rows), alarms=[IncidentAlarmView.model_validate(row) for row in rows[:limit]])


@router.post("/{reference}/correct", summary="Name the cause", responses=REFUSALS)
async def correct(house: InHouse, caller: Noc, reference: Reference, cause: Cause) -> Given:
    """The cause is what a person says. 409 with the names most like it where there is no such element."""
    return await _give(house, caller, "correct_cause", reference, cause)


@router.post("/{reference}/confirm-cause", summary="Cortex is right", responses=REFUSALS)
async def confirm_cause(house: InHouse, caller: Noc, reference: Reference, why: Reason) -> Given:
    """The cause Cortex names is a person's word from now on."""
    return await _give(house, caller, "confirm_cause", reference, why)


@router.post("/{reference}/merge", summary="Part of another", responses=REFUSALS)
async def merge(house: InHouse, caller: Noc, reference: Reference, into: Into) -> Given:
    """Two incidents are one, for good."""
    return await _give(house, caller, "merge_incidents", reference, into)


@router.post("/{reference}/split", summary="Part of it is another", responses=REFUSALS)
async def split(house: InHouse, caller: Noc, reference: Reference, part: Split) -> Given:
    """A new incident is opened for the part; the two are never joined again."""
    return await _give(house, caller, "split_incident", reference, part)


@router.post("/{reference}/exclude", summary="No part of it", responses=REFUSALS)
async def exclude(house: InHouse, caller: Noc, reference: Reference, part: Exclusion) -> Given:
    """These lines hear nothing of it, and their tickets are free."""
    return await _give(house, caller, "exclude_from_incident", reference, part)


@router.post("/{reference}/hold", summary="Tell nobody", responses=REFUSALS)
async def hold(house: InHouse, caller: Noc, reference: Reference, why: Reason) -> Given:
    """No notice of it goes out until it is released."""
    return await _give(house, caller, "hold_notices", reference, why)


@router.post("/{reference}/release", summary="Tell people", responses=REFUSALS)
async def release(house: InHouse, caller: Noc, reference: Reference, why: Reason) -> Given:
    """Notices of it may go out again."""
    return await _give(house, caller, "release_notices", reference, why)


@router.post("/{reference}/retract", summary="A false alarm", responses=REFUSALS)
async def retract(house: InHouse, caller: Noc, reference: Reference, why: Retraction) -> Given:
    """It was none: all that waits is withdrawn, and who was told is told so."""
    return await _give(house, caller, "retract_incident", reference, why)


async def _find(session: Session, reference: str) -> Incident:
    try:
        return await incidents.get_incident(session, reference)
    except DomainError as error:
        raise Problem(404, error.message) from error


async def _give(house: House, caller: Principal, tool: str, reference: str, said: BaseModel) -> Given:
    """One call through the gate. Problem 409 with the sentence where it can't be done."""
    async with house.store.sessions() as session:
        incident = (await _find(session, reference)).reference
    call = Call(tool, {"incident": incident, **said.model_dump()}, key=f"verdict:{house.store.ids()}")
    outcome = await house.executor.propose(call, caller)
    if not isinstance(outcome, Done):
        raise Problem(409, getattr(outcome, "reason", outcome.text()))
    return Given.model_validate(outcome.result)
