"""A night at the NOC without its processes: alarms come, the stream reads, a person speaks through the executor."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.clock import FrozenClock, id_source
from atlas.db import Sessions, make_sessions, transaction
from atlas.itsm.models import Incident
from atlas.network.ingest import record_alarms
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from forge.executor import Call, Executor
from forge.outcome import Done, Outcome
from forge.stream import Stream
from policies.gate import Gate
from policies.spec import FORGE, Principal
from tests.factories.network import Cut, cut_fibre, storm
from tools.registry import all_tools

NOON = datetime(2030, 3, 2, 12, 0, tzinfo=UTC)
ANNA, LENA = Principal("staff", "anna", "noc"), Principal("staff", "lena", "noc_lead")
TOOLS = all_tools()
GATE = Gate.load(TOOLS.values())


@dataclass
class Night:
    """One database, one stream that may die, and whoever speaks."""

    sessions: Sessions
    clock: FrozenClock
    run: Executor
    stream: Stream
    said: int = 0

    @classmethod
    async def begin(cls, engine: AsyncEngine, home: Path) -> "Night":
        """Nothing has happened yet."""
        sessions, clock = make_sessions(engine), FrozenClock(NOON)
        run = Executor(
            settings=Settings(home=home), engine=engine, gate=GATE, tools=TOOLS, clock=clock, ids=id_source(None),
            patience=0.0,
        )  # fmt: skip
        return cls(sessions, clock, run, await Stream.load(sessions, clock))

    async def cut(self, fibre: str) -> Cut:
        """What a fibre takes with it."""
        async with self.sessions() as session:
            return await cut_fibre(session, fibre)

    async def hear(self, cut: Cut, *, cleared: bool = False, ago: float = 90.0) -> None:
        """The alarms of a cut arrive, and are read."""
        await self.post(storm(cut, self.clock.now() - timedelta(seconds=ago), cleared=cleared))

    async def post(self, alarms: list[Alarm]) -> None:
        """These alarms arrive, and are read."""
        async with transaction(self.sessions) as session:
            await record_alarms(session, alarms, self.clock.now())
        await self.read()

    async def read(self) -> None:
        """The stream reads on until there is nothing left."""
        while await self.stream.step():
            pass
        self.clock.advance(2)
        await self.stream.step()

    async def restart(self) -> None:
        """The stream is killed, and another takes its place."""
        self.stream = await Stream.load(self.sessions, self.clock)
        await self.read()

    async def propose(self, tool: str, who: Principal = ANNA, **arguments: Any) -> Outcome:
        """One call through the gate."""
        self.said += 1
        return await self.run.propose(Call(tool, arguments, key=f"said-{self.said}"), who)

    async def say(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """A verdict that is taken."""
        outcome = await self.propose(tool, **arguments)
        assert isinstance(outcome, Done), outcome.text()
        return outcome.result

    async def forge(self, tool: str, **arguments: Any) -> Outcome:
        """What the saga proposes."""
        return await self.propose(tool, FORGE, **arguments)

    async def incidents(self) -> list[Incident]:
        """What was found since it began, the oldest first."""
        async with self.sessions() as session:
            query = text("SELECT id FROM incident WHERE detected_at >= :noon ORDER BY id")
            ids = list((await session.execute(query, {"noon": NOON})).scalars())
            return [await session.get_one(Incident, each) for each in ids]

    async def rows(self, query: str, **values: Any) -> list[Any]:
        """Rows of Atlas."""
        async with self.sessions() as session:
            found = await session.execute(text(query), values)
            return [row[0] if len(row) == 1 else tuple(row) for row in found]

    async def alarms_of(self, incident: Incident) -> set[str]:
        """The resources of an incident's alarms."""
        query = "SELECT a.resource FROM incident_alarm i JOIN alarm a ON a.id = i.alarm_id WHERE incident_id = :i"
        return set(await self.rows(query, i=incident.id))

    async def lines_of(self, incident: Incident) -> set[int]:
        """The lines an incident cuts off."""
        return set(await self.rows("SELECT service_id FROM incident_line WHERE incident_id = :i", i=incident.id))
