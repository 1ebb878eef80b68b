"""Cortex learns from what the NOC said: past incidents are read from Atlas, and what was learned is kept as a version.

A person's word on a cause counts in full, a false alarm too. An incident that was resolved as Cortex saw it, and that
nobody disputed, counts for a little: it shows what is heard, and says nothing new about the cause.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.itsm import versions
from atlas.itsm.models import Incident
from atlas.itsm.verdict_models import CortexVersion
from atlas.network.inventory import load_inventory
from cortex.config import Config
from cortex.learning import Judged, Learned, TooFewError, learn
from cortex.numbers import changes, to_json
from cortex.past import Past
from cortex.signals import Signal
from cortex.topology import Topology
from forge.learned import knowledge_in_use
from forge.topology import Resolver, build_topology

#: How far back incidents are learned from: what a network is like changes.
WINDOW = timedelta(days=180)
#: What an incident counts for of which nobody said anything.
UNDISPUTED = 0.25
#: Alarms of one incident that are read; a storm says the same thing many times.
MOST_ALARMS = 5_000

# Once each, as first raised: a flap is not heard louder.
RAISES = f"""
SELECT DISTINCT ON (o.alarm_id) o.alarm_id, o.resource, o.alarm_type, o.event_at, o.received_at, o.feed,
       o.extra ->> 'neighbour'
FROM incident_alarm i JOIN alarm_occurrence o USING (alarm_id) JOIN incident c ON c.id = i.incident_id
WHERE i.incident_id = :incident AND NOT o.is_cleared AND o.received_at >= c.detected_at - interval '1 hour'
  AND (c.resolved_at IS NULL OR o.received_at <= c.resolved_at)
ORDER BY o.alarm_id, o.event_at LIMIT {MOST_ALARMS}
"""


@dataclass(frozen=True, slots=True)
class Read:
    """The past of one window. `strangers`: incidents whose cause is no element of the network, or none any more."""

    pasts: list[Past]
    strangers: int


async def learn_from_verdicts(
    session: AsyncSession, *, by: str, now: datetime, config: Config | None = None, window: timedelta = WINDOW
) -> CortexVersion:
    """Make a version from the verdicts of a window: a candidate, or refused. DomainError where there is too little
    to learn from, or nothing new in it.
    """
    inventory = await load_inventory(session)
    topology = build_topology(inventory)
    read = await _read(session, topology, Resolver.build(inventory, topology), now - window)
    in_use = await knowledge_in_use(session)
    try:
        learned = learn(topology, read.pasts, replace(config or Config(), knowledge=in_use))
    except TooFewError as few:
        raise DomainError(str(few)) from few
    moved = changes(in_use, learned.knowledge)
    if not moved:
        raise DomainError(f"{learned.verdicts} verdicts say what version {in_use.version} says already.")
    return await versions.keep(
        session,
        state="refused" if learned.refused else "candidate",
        by=by,
        now=now,
        window=(now - window, now),
        verdicts=learned.verdicts,
        incidents=learned.incidents,
        numbers=to_json(learned.knowledge),
        metrics=_metrics(learned, in_use.version, read.strangers),
        changes=moved,
        reason=learned.refused,
    )


def _metrics(learned: Learned, in_use: int, strangers: int) -> dict[str, Any]:
    return {
        "held_out": _judged(learned.held_out),
        "in_use": {"version": in_use, **_judged(learned.in_use)},
        "explain_nothing": learned.untold,
        "not_in_the_network": strangers,
    }


def _judged(judged: Judged) -> dict[str, float]:
    return {"verdicts": judged.verdicts, "top_1": round(judged.top_1, 4), "nats": round(judged.nats, 4)}


async def _read(session: AsyncSession, topology: Topology, resolver: Resolver, since: datetime) -> Read:
    """Incidents since then of which a cause is known, and those that were none."""
    is_known = Incident.verdict_by.is_not(None) | (Incident.state == "retracted")
    is_undisputed = (Incident.state == "resolved") & Incident.is_certain & Incident.element.is_not(None)
    query = select(Incident).where(Incident.detected_at >= since, Incident.state != "merged", is_known | is_undisputed)
    pasts, strangers = list[Past](), 0
    for incident in await session.scalars(query.order_by(Incident.id)):
        is_false = incident.state == "retracted"
        cause = None if is_false else topology.index(incident.cause or "")
        if cause is None and not is_false:
            strangers += 1
            continue
        rows = await session.execute(text(RAISES), {"incident": incident.id})
        is_word = is_false or incident.verdict_by is not None
        signals = tuple(_signal(resolver, row) for row in rows)
        pasts.append(Past(cause, signals, 1.0 if is_word else UNDISPUTED, is_word))
    return Read(pasts, strangers)


def _signal(resolver: Resolver, row: Any) -> Signal:
    alarm, resource, kind, event_at, received_at, feed, neighbour = row
    return Signal(
        alarm=alarm,
        element=resolver.element(resource),
        type=kind,
        cleared=False,
        at=event_at.timestamp(),
        received=received_at.timestamp(),
        feed=feed,
        about=resolver.about(resource, neighbour),
        key=resource,
        peer=neighbour or "",
    )
