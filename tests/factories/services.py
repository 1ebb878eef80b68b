"""The demo ISP's minutes, with what is broken in it: gear's exporters → measurements → watcher → stream → incidents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select, text

from atlas.clock import FrozenClock
from atlas.db import Sessions, transaction
from atlas.demo.gear.nas import Line, load_lines
from atlas.demo.gear.vitals import Exporters, broken
from atlas.demo.gear.world import World, load_world
from atlas.demo.vitals import load_cast, remember
from atlas.itsm.models import Incident
from atlas.network.schemas import Alarm
from atlas.network.vitals import Measurement, record_measurements
from forge.feeds.radius_accounting import Listening, raise_overdue
from forge.feeds.vitals import Hearing, Usually, look
from forge.stream import Stream

EVENING = datetime(2030, 3, 5, 19, 20, tzinfo=UTC)
MEASUREMENTS = TypeAdapter(list[Measurement])
# Lines are heard of in turn, each once in half an hour.
HEARD = """
UPDATE access_session a SET last_interim_at = CAST(:now AS timestamptz) - make_interval(mins => (a.id % 30)::int)
FROM service s JOIN node n ON n.id = s.access_node_id
WHERE s.id = a.service_id AND a.stopped_at IS NULL AND NOT a.nas = ANY(:unheard) AND NOT n.name = ANY(:cut_off)
"""


async def _nowhere(measured: list[dict[str, Any]]) -> None: ...


@dataclass
class Life:
    """A running ISP, a minute at a time."""

    sessions: Sessions
    clock: FrozenClock
    world: World
    lines: list[Line]
    exporters: Exporters
    stream: Stream
    usually: Usually
    hearing: Hearing
    listening: Listening
    began: datetime
    alarms: list[Alarm]

    @classmethod
    async def start(cls, sessions: Sessions, at: datetime = EVENING, seed: int = 1) -> "Life":
        """An ISP with some weeks of history, all of it well."""
        clock = FrozenClock(at)
        async with transaction(sessions) as session:
            cast = await load_cast(session)
            await remember(session, cast, at)
            world = await load_world(session)
            lines = await load_lines(session, world)
        stream = await Stream.load(sessions, clock)
        exporters = Exporters(cast, _nowhere, seed)
        before = at - timedelta(hours=1)
        return cls(
            sessions,
            clock,
            world,
            lines,
            exporters,
            stream,
            Usually(),
            Hearing(before, 60.0),
            Listening(before),
            at,
            [],
        )

    async def minutes(self, count: int, faults: Iterable[str] = ()) -> None:
        """So many minutes with these faults."""
        failed = set(faults)
        reach = self.world.reach(failed)
        self.exporters.broken = now = broken(failed, self.exporters.cast, self.world, reach, self.lines)
        cast = self.exporters.cast
        unheard = list(cast.bngs) if now.all_of(cast.radius) else sorted(set(cast.bngs) & now.names)
        cut_off = [node.name for node, up in zip(self.world.nodes, reach.up, strict=True) if not up]
        for _ in range(count):
            self.clock.advance(60)
            async with transaction(self.sessions) as session:
                at = self.clock.now()
                await session.execute(text(HEARD), {"now": at, "unheard": unheard, "cut_off": cut_off})
                measured = MEASUREMENTS.validate_python(self.exporters.measure(at))
                await record_measurements(session, measured, at)
                self.alarms += await look(session, at, self.usually, self.hearing)
            await raise_overdue(self.sessions, self.clock.now(), self.listening)
            while await self.stream.step():
                pass

    async def incidents(self) -> list[Incident]:
        """Those opened since it began, the oldest first."""
        async with self.sessions() as session:
            query = select(Incident).where(Incident.detected_at >= self.began).order_by(Incident.id)
            return list(await session.scalars(query))
