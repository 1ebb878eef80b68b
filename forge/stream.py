"""The stream: alarms in the order Atlas took them → Cortex → incidents, one transaction a batch.

The cursor moves in the transaction that writes down what was found, so a crash neither loses an alarm nor
counts one twice. After a restart, open incidents and the recent log are read back into the correlator.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from atlas import events
from atlas.clock import Clock
from atlas.db import Sessions, transaction
from atlas.events import SETTLED, Cursor
from atlas.itsm import incidents
from atlas.itsm.models import Incident
from atlas.network.inventory import Inventory, load_inventory
from atlas.network.models import StreamCursor
from atlas.settings import Settings
from cortex.config import Config
from cortex.correlator import Correlator, Finding
from cortex.signals import Signal
from forge.assessment import assess
from forge.feeds.poller import PATIENCE as POLL_PATIENCE
from forge.feeds.radius_accounting import INTERIM_SECONDS, LATE_SHARE, grace_for
from forge.learned import knowledge_in_use
from forge.metrics import FAILED, OPENED, READ, STEP_SECONDS
from forge.neighbours import strangers_words
from forge.pins import Said, read_pins, what_was_said
from forge.planned import read_work, write_noted
from forge.queue import enqueue, tell, workflow_of
from forge.services import build_dependencies, share_in
from forge.sightings import Accounting
from forge.topology import Resolver, build_topology, build_weights, canonical

log = structlog.get_logger()

BATCH = 5_000
#: How far back an alarm that belongs to no incident is read again after a restart.
LOOK_BACK = timedelta(minutes=15)
#: From how far back what is known of the senders' clocks is read again.
KNOWN_CLOCKS = timedelta(hours=1)
#: Alarms between two looks at an ongoing storm are enough; more often only repeats the work.
EVERY_SECONDS = 1.0

LOG = """
SELECT o.xid, o.id, o.alarm_id, o.resource, o.alarm_type, o.is_cleared, o.event_at, o.received_at, o.feed,
       o.extra ->> 'neighbour', o.extra ->> 'share', o.extra ->> 'asn', o.extra ->> 'reason'
FROM alarm_occurrence o
"""
ORDER = " ORDER BY o.xid, o.id"
NEXT = LOG + f"WHERE (o.xid, o.id) > (:xid, :id) AND o.xid < {SETTLED.text}" + ORDER + f" LIMIT {BATCH}"
#: An alarm's earlier life, from before its incident, is another story.
OF_INCIDENT = (
    LOG
    + """JOIN incident_alarm i USING (alarm_id) JOIN incident c ON c.id = i.incident_id
WHERE i.incident_id = :incident AND (o.xid, o.id) <= (:xid, :id) AND o.received_at >= c.detected_at - interval '1 hour'
"""
    + ORDER
)
UNEXPLAINED = (
    LOG
    + """WHERE (o.xid, o.id) <= (:xid, :id)
  AND (o.received_at >= :since OR o.alarm_id IN (
        SELECT x.alarm_id FROM excluded_alarm x JOIN incident c ON c.id = x.incident_id
        WHERE c.state IN ('open', 'monitoring') AND o.received_at >= c.detected_at - interval '1 hour'))
  AND NOT EXISTS (SELECT 1 FROM incident_alarm i JOIN incident c ON c.id = i.incident_id WHERE i.alarm_id = o.alarm_id
                  AND (c.resolved_at IS NULL OR o.received_at <= c.resolved_at))
"""
    + ORDER
)


HEARD = LOG + "WHERE o.received_at >= :since AND (o.xid, o.id) <= (:xid, :id)" + ORDER


class OvertakenError(Exception):
    """A person gave a verdict on an incident while the stream was working out what to write of it."""


class Stream:
    """One partition's correlator and its place in the log."""

    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        inventory: Inventory,
        config: Config | None = None,
        name: str = "alarms",
    ) -> None:
        self.sessions = sessions
        self.clock = clock
        self.name = name
        self.topology = build_topology(inventory)
        self.resolver = Resolver.build(inventory, self.topology)
        self.weights, self.config = build_weights(inventory, self.topology), config or Config()
        self.dependencies = build_dependencies(inventory, self.topology)
        self.correlator = Correlator(self.topology, self.weights, self.config, dependencies=self.dependencies)
        self.node_ids = [node.id for node in inventory.nodes]
        self.accounting = Accounting(self.node_ids)
        self.cursor = Cursor()
        self.incident_of: dict[int, int] = {}
        self.said = Said()
        self.regrouped: dict[int, int] = {}

    @classmethod
    async def load(cls, sessions: Sessions, clock: Clock, config: Config | None = None) -> "Stream":
        """Read the network and whatever was going on when the last stream stopped."""
        async with sessions() as session:
            stream = cls(sessions, clock, await load_inventory(session), config)
            await stream._resume(session)
        return stream

    async def _resume(self, session: AsyncSession) -> None:
        """Start from what Atlas holds: open incidents, people's verdicts, the version of Cortex in use."""
        self.said = await what_was_said(session)
        # Incidents before verdicts: one given in between is found out when the incident is locked.
        known = {each.id: each.regrouped for each in await incidents.open_incidents(session)}
        pins = await read_pins(session, self.node_ids)
        self.config = replace(self.config, knowledge=await knowledge_in_use(session))
        self.correlator = Correlator(self.topology, self.weights, self.config, pins, self.dependencies)
        self.incident_of, self.regrouped = {}, known
        place = await session.get(StreamCursor, self.name, populate_existing=True)
        if place is None:
            return
        self.cursor = Cursor(place.xid, place.occurrence_id)
        await self._know_clocks(session)
        self.correlator.remember(await strangers_words(session))
        for incident in sorted(known):
            rows = await session.execute(text(OF_INCIDENT), {"incident": incident, **self.cursor._asdict()})
            self.correlator.adopt(incident, [self._signal(row) for row in rows])
            self.incident_of[incident] = incident
        since = self.clock.now() - LOOK_BACK
        rows = await session.execute(text(UNEXPLAINED), {"since": since, **self.cursor._asdict()})
        self.correlator.add([self._signal(row) for row in rows])

    async def _know_clocks(self, session: AsyncSession) -> None:
        """What the senders' clocks were off by before the restart."""
        since = self.clock.now() - KNOWN_CLOCKS
        for row in await session.execute(text(HEARD), {"since": since, **self.cursor._asdict()}):
            self.correlator.sieve.clocks.corrected(self._signal(row))

    def _signal(self, row: Sequence[Any]) -> Signal:
        _, _, alarm, resource, kind, cleared, event_at, received_at, feed, neighbour, share, peer_as, reason = row
        return Signal(
            alarm=alarm,
            element=self.resolver.element(resource),
            type=kind,
            cleared=cleared,
            at=event_at.timestamp(),
            received=received_at.timestamp(),
            feed=feed,
            about=self.resolver.about(resource, neighbour),
            key=canonical(resource),
            peer=neighbour or "",
            share=share_in(share),
            peer_as=peer_as or "",
            reason=reason or "",
        )

    async def step(self) -> int:
        """Take the next batch of the log and write down what it means; returns how many alarms it held."""
        while True:
            try:
                return await self._step()
            except OvertakenError:
                self.said = Said()  # all of it was rolled back; the verdict is read before the batch is taken again

    async def _step(self) -> int:
        async with transaction(self.sessions) as session:
            if await what_was_said(session) != self.said:
                await self._resume(session)
            rows = (await session.execute(text(NEXT), self.cursor._asdict())).all()
            await read_work(session, self.correlator.sieve.planned, self.topology, self.clock.now())
            self.correlator.add([self._signal(row) for row in rows])
            if self.correlator.wants_sightings:
                await self.accounting.read(session, self.correlator.sightings)
            findings = self.correlator.findings(self.clock.now().timestamp())
            await self._lock(session, findings)
            for finding in findings:
                await self._apply(session, finding)
            await write_noted(session, self.correlator.sieve.planned)
            if rows:
                self.cursor = Cursor(rows[-1][0], rows[-1][1])
                await self._save_cursor(session)
        return len(rows)

    async def _lock(self, session: AsyncSession, findings: Sequence[Finding]) -> None:
        """Lock every incident that is spoken of, the oldest first, as verdicts do: who comes second waits.
        OvertakenError where a person was first.
        """
        groups = {group for finding in findings for group in (finding.group, *finding.merged)}
        for incident_id in sorted({self.incident_of[group] for group in groups if group in self.incident_of}):
            incident = await incidents.get_incident(session, incident_id, lock=True)
            if incident.regrouped != self.regrouped.get(incident_id, 0):
                raise OvertakenError(incident.reference)

    async def _save_cursor(self, session: AsyncSession) -> None:
        place = {"xid": self.cursor.xid, "occurrence_id": self.cursor.id}
        statement = insert(StreamCursor).values(stream=self.name, **place)
        await session.execute(statement.on_conflict_do_update(index_elements=["stream"], set_=place))

    async def _apply(self, session: AsyncSession, finding: Finding) -> None:
        now = self.clock.now()
        await self._merge(session, finding, now)
        incident = await self._incident(session, finding.group)
        if incident is None:
            if finding.notable and not finding.is_cleared:
                await self._open(session, finding, now)
        elif finding.is_cleared:
            await incidents.clear(session, incident, now)
            await tell(session, workflow_of(incident.id), "incident", {"state": "cleared"})
        else:
            await self._update(session, incident, finding, now)

    async def _incident(self, session: AsyncSession, group: int) -> Incident | None:
        """The group's incident; one that a person or the saga has ended is let go."""
        incident_id = self.incident_of.get(group)
        if incident_id is None:
            return None
        incident = await incidents.get_incident(session, incident_id, lock=True)
        if incident.state in incidents.OPEN_STATES:
            return incident
        del self.incident_of[group]
        self.correlator.close(group)
        return None

    async def _open(self, session: AsyncSession, finding: Finding, now: datetime) -> None:
        seen = await assess(session, self.topology, finding, self.node_ids)
        incident = await incidents.open_incident(session, seen, now)
        self.incident_of[finding.group] = incident.id
        await enqueue(session, "fault_response", workflow_of(incident.id), incident.id)
        OPENED.inc()
        log.info("incident opened", incident=incident.reference, title=incident.title)

    async def _update(self, session: AsyncSession, incident: Incident, finding: Finding, now: datetime) -> None:
        was = incident.state
        seen = await assess(session, self.topology, finding, self.node_ids)
        changed = await incidents.reassess(session, incident, seen, now)
        if was == "monitoring" or changed:
            state = "open" if was == "monitoring" else "changed"
            await tell(session, workflow_of(incident.id), "incident", {"state": state})

    async def _merge(self, session: AsyncSession, finding: Finding, now: datetime) -> None:
        """Groups that turned out to be one: the older incident lives on."""
        for group in finding.merged:
            younger_id = self.incident_of.pop(group, None)
            if younger_id is None:
                continue
            survivor = await self._incident(session, finding.group)
            if survivor is None:
                self.incident_of[finding.group] = younger_id
                continue
            younger = await incidents.get_incident(session, younger_id, lock=True)
            if younger.state in incidents.OPEN_STATES:
                await incidents.merge(session, younger, survivor, now)
                await tell(session, workflow_of(younger.id), "incident", {"state": "merged"})


def config_for(settings: Settings) -> Config:
    """How long this installation's feeds take to notice silence; Cortex' own defaults for the rest."""
    noticed = settings.poll_interval + POLL_PATIENCE * settings.clock_speed
    return Config(
        window=max(Config().window, 1.2 * noticed),
        silence=noticed,
        interim=INTERIM_SECONDS * (1 + LATE_SHARE) + grace_for(settings.clock_speed),
        doubtful_share=settings.doubtful_share,
    )


async def run(settings: Settings, engine: AsyncEngine, sessions: Sessions, clock: Clock, stop: asyncio.Event) -> None:
    """Read the log for ever. A batch that fails is rolled back, and the stream starts from the database anew."""
    config = config_for(settings)
    stream = await Stream.load(sessions, clock, config)
    log.info("stream ready", elements=stream.topology.size)
    async for _ in events.wakes(engine, EVERY_SECONDS):
        if stop.is_set():
            return
        try:
            while await _counted(stream) == BATCH:
                pass
        except Exception:
            FAILED.inc()
            log.exception("stream failed; starting again from the database")
            await asyncio.sleep(EVERY_SECONDS)
            stream = await Stream.load(sessions, clock, config)


async def _counted(stream: Stream) -> int:
    began = time.perf_counter()
    taken = await stream.step()
    if taken:
        STEP_SECONDS.observe(time.perf_counter() - began)
        READ.inc(taken)
    return taken
