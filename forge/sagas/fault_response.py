"""What happens when something breaks, from the first finding to the last person told. Reads top to bottom.

Each step is one transaction that commits with its own record, or is safe to run again. What can be undone
is undone in `withdraw` when the incident turns out to be part of another; a notice handed over cannot be.
"""

from datetime import timedelta

from dbos import DBOS
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.field import service as field
from atlas.itsm import incidents, lines, on_call, tickets, verdicts
from forge.diagnostics import ask, devices_around
from forge.runtime import at_least_once, current, in_transaction
from forge.sagas.calls import take_back
from forge.sagas.crew import send_crew
from forge.sagas.telling import (
    HELD,
    UPDATE_EVERY,
    keep_posted,
    page,
    propose_notices,
    publish_status,
    tell_corrected,
    tell_restored,
)

#: A cause that is not certain gets this long to become so, seconds.
SETTLE_SECONDS, SETTLE_LOOKS = 10.0, 6
#: A line counts as restored once it has been stable for this long.
STABLE = timedelta(minutes=10)
#: Lines that are not back after this many further looks keep their own tickets open.
STRAGGLER_LOOKS = 3


@DBOS.workflow(name="fault_response")
async def fault_response(incident: int) -> str:
    """Respond to an incident until it is resolved, or turns out to be part of another."""
    await settle(incident)
    await in_transaction(open_tickets, incident)  # undone by withdraw
    said = await at_least_once(diagnose, incident)  # reads only
    await in_transaction(write_down, incident, said)
    await respond(incident)
    news = None
    while (end := await watch(incident, news)) == "stable":
        news = await restore(incident)
        if news is None and await in_transaction(close, incident):
            while await at_least_once(tell_restored, incident) == HELD:  # irreversible
                await _heard(UPDATE_EVERY.total_seconds())
            return "resolved"
    if end == "retracted":
        await in_transaction(take_back_all, incident)
        await at_least_once(tell_corrected, incident)  # irreversible once handed over
        return "retracted"
    await in_transaction(withdraw, incident)
    return "merged"


async def respond(incident: int) -> None:
    """What an incident wants done. As long as it is doubtful that is one thing: wake somebody who looks."""
    if await in_transaction(publish_status, incident):  # a correction is another line, not an undoing
        await at_least_once(page, incident)  # irreversible
        return
    await at_least_once(propose_notices, incident)  # undone while it waits; irreversible once handed over
    await at_least_once(send_crew, incident)  # undone by withdraw


async def settle(incident: int) -> None:
    """Give an uncertain finding a minute to become certain; a certain one waits for nothing."""
    for _ in range(SETTLE_LOOKS):
        if await in_transaction(is_certain, incident):
            return
        await _sleep(SETTLE_SECONDS)


async def watch(incident: int, news: str | None = None) -> str:
    """Wait until the incident has been clear for ten minutes, is merged or retracted; keep people posted meanwhile."""
    while True:
        match news or await _heard(await in_transaction(next_look, incident)):
            case "merged" | "retracted" as end:
                return end
            case "changed" | "open":
                await follow_up(incident)
            case None if await in_transaction(has_stayed_clear, incident):
                return "stable"
            case None:
                await in_transaction(restore_lines, incident)
                await at_least_once(tell_restored, incident)  # irreversible
                if await in_transaction(keep_posted, incident):
                    await at_least_once(page, incident)  # irreversible
        news = None


async def follow_up(incident: int) -> None:
    """More is known, or it broke again: whatever could not be done before is done now, the rest is found done."""
    await in_transaction(open_tickets, incident)
    await respond(incident)


async def restore(incident: int) -> str | None:
    """Mark lines restored; those that are not back get a little longer. Returns what the stream says meanwhile."""
    for _ in range(STRAGGLER_LOOKS):
        if await in_transaction(restore_lines, incident) == 0:
            return None
        if news := await _heard(STABLE.total_seconds() / 2):
            return news
    return None


# -- the steps


async def is_certain(session: AsyncSession, incident: int) -> bool:
    """Whether there is one cause, by Cortex or by a person; what a person must look at waits for nothing."""
    row = await incidents.get_incident(session, incident)
    return row.is_certain or row.is_doubtful or row.verdict_by is not None or row.state != "open"


async def open_tickets(session: AsyncSession, incident: int) -> int:
    """The parent ticket, a child per affected zone, and subscribers' own tickets tied to them."""
    row = await incidents.get_incident(session, incident, lock=True)
    if row.state == "retracted":
        return 0
    now = current().clock.now()
    tree = await tickets.open_tree(session, row, now, with_zones=not row.is_doubtful)
    linked = [] if row.is_doubtful else await tickets.link_subscriber_tickets(session, row, now)
    return len(tree) + len(linked)


async def diagnose(incident: int) -> str:
    """Ask the devices around the cause; returns what they say."""
    runtime = current()
    async with runtime.sessions() as session:
        devices = await devices_around(session, incident)
    return (await ask(runtime.drivers, incident, devices)).summary


async def write_down(session: AsyncSession, incident: int, said: str) -> None:
    """Keep what the devices say in the incident's history."""
    await incidents.note(session, incident, f"Diagnostics: {said}", current().clock.now(), by="forge")


async def next_look(session: AsyncSession, incident: int) -> float:
    """Seconds until something is due: ten clear minutes; else the promised word, or a line that proves stable."""
    row = await incidents.get_incident(session, incident)
    now = current().clock.now()
    if row.cleared_at:
        due = row.cleared_at + STABLE
    else:
        first = await lines.first_back(session, incident, after=now - STABLE)
        paged = await on_call.next_page_at(session, row, current().settings)
        due = min(filter(None, [row.next_update_at or now + UPDATE_EVERY, first and first + STABLE, paged]))
    return max(1.0, (due - now).total_seconds())


async def has_stayed_clear(session: AsyncSession, incident: int) -> bool:
    """Whether every alarm has been clear for ten minutes."""
    row = await incidents.get_incident(session, incident)
    return row.cleared_at is not None and current().clock.now() >= row.cleared_at + STABLE


async def restore_lines(session: AsyncSession, incident: int) -> int:
    """Mark the lines that have been back for ten minutes; returns how many are not restored."""
    now = current().clock.now()
    before = await lines.count_lines(session, incident)
    count = await lines.restore_lines(session, incident, now, STABLE)
    if count != before:
        payload = {"restored": count.restored, "missing": count.missing}
        await events.emit(session, "incident.restored", f"INC-{incident}", payload, at=now)
    return count.missing


async def close(session: AsyncSession, incident: int) -> bool:
    """Resolve the incident, its tickets and its work order; False when it broke again, or was merged, just now."""
    row = await incidents.get_incident(session, incident, lock=True)
    if row.state != "monitoring":
        return False
    now = current().clock.now()
    if order := await field.for_incident(session, incident):
        await field.finish(session, order, "Alarms cleared and lines stable.", now)
    was_public = row.next_update_at is not None
    await incidents.note(session, incident, "Service is restored.", now, by="forge", public=was_public)
    await tickets.close_tree(session, row, "Service restored; the line has been stable for ten minutes.", now)
    await take_back(session, incident, "notify_affected", "The outage is over.")
    await incidents.resolve(session, row, now)
    return True


async def take_back_all(session: AsyncSession, incident: int) -> None:
    """Undo what a step that was under way did after the incident was retracted."""
    row = await incidents.get_incident(session, incident, lock=True)
    await verdicts.undo(session, row, "A false alarm.", current().clock.now())


async def withdraw(session: AsyncSession, incident: int) -> None:
    """Undo what can be undone: this incident was part of another, which subscribers' own tickets now go with."""
    row = await incidents.get_incident(session, incident, lock=True)
    now = current().clock.now()
    reason = "Part of another incident."
    await take_back(session, incident, None, reason)
    if order := await field.for_incident(session, incident):
        await field.cancel(session, order, reason, now)
    await tickets.release(session, incident)
    await tickets.close_tree(session, row, reason, now)
    for other in await incidents.open_incidents(session):
        await tickets.link_subscriber_tickets(session, other, now)


# -- waiting


async def _heard(seconds: float) -> str | None:
    """What the stream says of the incident next, or None when it says nothing for so long."""
    message = await DBOS.recv_async("incident", timeout_seconds=current().clock.real(seconds))
    return message["state"] if message else None


async def _sleep(seconds: float) -> None:
    await DBOS.sleep_async(current().clock.real(seconds))
