"""The demo's levers: what can be cut, cutting it, and mending it. Nothing here exists outside the demo."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import text

from api.deps import InDemo, InHouse, Noc, Session
from api.errors import Problem, problems
from api.views import View
from atlas.demo import breaks
from atlas.demo import service as demo
from atlas.demo.service import DemoError, UnknownElementError

router = APIRouter(prefix="/demo", tags=["demo"])


class ElementView(View):
    """Something that can be cut."""

    element: str = Field(description="Element key: node:…, link:…, fibre:…, duct:…")
    what: str
    zone: int | None
    is_cut: bool


class ElementPage(BaseModel):
    """What is worth cutting; any other element may be cut as well."""

    elements: list[ElementView]


class Element(BaseModel):
    """An element by key, or by name alone."""

    element: str = Field(min_length=1, max_length=220)


class Breakable(BaseModel):
    """What to break."""

    what: str = Field(min_length=1, max_length=220, description=f"One of {breaks.WAYS}.")


class FaultView(View):
    """A cut, and when it was mended."""

    element: str
    cut_at: datetime
    repaired_at: datetime | None


@router.get("/elements", summary="What can be cut", responses=problems(401, 403, 404, 422))
async def get_elements(
    session: Session,
    caller: Noc,  # noqa: ARG001
    demo_mode: InDemo,  # noqa: ARG001
    kind: Annotated[Literal["node", "link", "fibre", "duct"] | None, Query()] = None,
) -> ElementPage:
    """Backhauls first, then rings, ducts and feeders."""
    found = await demo.list_elements(session)
    wanted = [each for each in found if kind is None or each.element.startswith(f"{kind}:")]
    return ElementPage(elements=[ElementView.model_validate(each) for each in wanted])


@router.post("/cut", summary="Cut an element", responses=problems(401, 403, 404, 409, 422))
async def cut(session: Session, house: InHouse, caller: Noc, demo_mode: InDemo, what: Element) -> FaultView:  # noqa: ARG001
    """The simulated network then says what real gear would say, and falls silent where it would."""
    try:
        return FaultView.model_validate(await demo.cut(session, what.element, house.store.clock.now()))
    except DemoError as error:
        raise _problem(error) from error


@router.post("/repair", summary="Mend an element", responses=problems(401, 403, 404, 409, 422))
async def repair(session: Session, house: InHouse, caller: Noc, demo_mode: InDemo, what: Element) -> FaultView:  # noqa: ARG001
    """Ends a cut: devices answer again, alarms clear, what was buffered comes late."""
    try:
        return FaultView.model_validate(await demo.repair(session, what.element, house.store.clock.now()))
    except DemoError as error:
        raise _problem(error) from error


@router.post("/break", summary="Break a service", responses=problems(401, 403, 404, 409, 422))
async def break_(session: Session, house: InHouse, caller: Noc, demo_mode: InDemo, what: Breakable) -> FaultView:  # noqa: ARG001
    """Everything stays green; what subscribers need besides their path fails: its exporters and probes will show it."""
    try:
        return FaultView.model_validate(await breaks.break_(session, what.what, house.store.clock.now()))
    except DemoError as error:
        raise _problem(error) from error


@router.post("/mend", summary="Mend a service", responses=problems(401, 403, 404, 409, 422))
async def mend(session: Session, house: InHouse, caller: Noc, demo_mode: InDemo, what: Breakable) -> FaultView:  # noqa: ARG001
    """Ends what `break` began."""
    try:
        return FaultView.model_validate(await breaks.mend(session, what.what, house.store.clock.now()))
    except DemoError as error:
        raise _problem(error) from error


class PersonView(BaseModel):
    """Somebody to talk as: `bedrock chat --as subscriber:<number>`."""

    number: str
    zone: int
    incident: str | None = Field(description="The open incident that cuts off their line.")


class PersonPage(BaseModel):
    """A few subscribers."""

    subscribers: list[PersonView]


# Those cut off first, then one of each zone.
PEOPLE = """
SELECT DISTINCT ON (i.id IS NULL, z.number, i.id) p.number, z.number AS zone, i.id AS incident
FROM service s JOIN subscriber p ON p.id = s.subscriber_id JOIN address a ON a.id = s.address_id
JOIN zone z ON z.id = a.zone_id
LEFT JOIN incident_line l ON l.service_id = s.id AND l.restored_at IS NULL
LEFT JOIN incident i ON i.id = l.incident_id AND i.state IN ('open', 'monitoring')
WHERE s.state = 'active' ORDER BY i.id IS NULL, z.number, i.id, p.number LIMIT :limit
"""


@router.get("/subscribers", summary="Subscribers to talk as", responses=problems(401, 403, 404, 422))
async def get_subscribers(
    session: Session,
    caller: Noc,  # noqa: ARG001
    demo_mode: InDemo,  # noqa: ARG001
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> PersonPage:
    """One per zone and incident, those that are cut off first."""
    rows = await session.execute(text(PEOPLE), {"limit": limit})
    found = [PersonView(number=n, zone=z, incident=f"INC-{i}" if i else None) for n, z, i in rows]
    return PersonPage(subscribers=found)


def _problem(error: DemoError) -> Problem:
    return Problem(404 if isinstance(error, UnknownElementError) else 409, str(error))
