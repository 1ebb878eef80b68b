"""The demo ISP for tools to look at, one cut in it, and people who ask. Every change is rolled back."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import db
from atlas.clock import FrozenClock, Ids
from atlas.itsm import incidents, lines
from atlas.itsm.models import Incident, IncidentLine
from atlas.ledger.models import Action
from atlas.settings import Settings
from forge.wall import writing_session
from policies.spec import Principal, ToolContext, ToolSpec
from tests.conftest import _copy
from tests.factories.incidents import seen
from tests.factories.network import Cut, cut_fibre
from tests.factories.subscribers import save

FIBRE = "F-Z3-BH-1"
ANNA = Principal("staff", "anna", "noc")

#: `await use(spec, argument=…)`: a tool's body as a member of staff, or as `who`; a subscriber's behind the wall.
Use = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def _isp_url(server_url: str, demo_template: str) -> Iterator[str]:
    yield from _copy(server_url, demo_template)


@pytest.fixture
async def isp(_isp_url: str) -> AsyncIterator[AsyncSession]:
    """A session on the demo ISP that is rolled back."""
    engine = db.make_engine(_isp_url, pool_size=1)
    async with engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        await outer.rollback()
    await engine.dispose()


@dataclass(frozen=True)
class Outage:
    """The backhaul of zone 3 is cut: what plain search says of it, and the incident that was opened."""

    cut: Cut
    incident: Incident
    subscribers: list[int]

    @property
    def reference(self) -> str:
        return self.incident.reference


@pytest.fixture
async def outage(isp: AsyncSession, clock: FrozenClock) -> Outage:
    """An outage that nobody has been told of."""
    cut = await cut_fibre(isp, FIBRE)
    names = {"names": [*cut.devices, *cut.lines]}
    nodes = list((await isp.execute(text("SELECT id FROM node WHERE name = ANY(:names)"), names)).scalars())
    found = seen(node_ids=nodes, devices=len(cut.devices), subscribers=len(cut.lines), started_at=clock.now())
    incident = await incidents.open_incident(isp, found, clock.now())
    query = select(IncidentLine.subscriber_id).where(IncidentLine.incident_id == incident.id)
    return Outage(cut, incident, sorted(set(await isp.scalars(query))))


@pytest.fixture
def use(isp: AsyncSession, clock: FrozenClock, ids: Ids) -> Use:
    """What a tool's body returns."""

    async def run(spec: ToolSpec, who: Principal = ANNA, /, **more: Any) -> Any:
        known = {name: more.pop(name) for name in list(more) if name in ("targets", "action_id", "drivers", "thread")}
        known["conversation_id"] = known.pop("thread", None)

        async def body(session: AsyncSession) -> Any:
            ctx = ToolContext(who, session, clock, ids, Settings(), **known)
            result = await spec.body(ctx, **spec.parse(more))
            spec.dump(result)
            return result

        await isp.flush()
        if who.kind != "subscriber":
            return await body(isp)
        async with writing_session(await isp.connection(), who) as session:
            return await body(session)

    return run


async def restore(session: AsyncSession, incident: Incident) -> None:
    """Every line of an incident is back, and has been for long enough."""
    now = incident.detected_at
    await lines.all_back(session, incident.id, now)
    await lines.restore_lines(session, incident.id, now, timedelta(0))


def person(subscriber_id: int) -> Principal:
    """A subscriber who asks."""
    return Principal("subscriber", str(subscriber_id), "subscriber", subscriber_id, "otp")


async def action(session: AsyncSession, clock: FrozenClock, tool: str, **more: Any) -> Action:
    """A row of the ledger, for what a tool writes under it."""
    row: dict[str, Any] = {
        "id": uuid.uuid4(), "key": uuid.uuid4().hex, "tool": tool, "schema_version": "1", "arguments": {},
        "principal_kind": "staff", "principal_id": "anna", "principal_role": "noc", "digest": "d", "facts": {},
        "decision": {"rules": []}, "state": "consumed", "summary": "x", "proposed_at": clock.now(),
    }  # fmt: skip
    return await save(session, Action(**(row | more)))
