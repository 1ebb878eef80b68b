"""What subscribers hear of an incident, and who is woken as long as it is doubtful."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.helpdesk import notices
from atlas.itsm import incidents, lines, verdicts, words
from forge.runtime import current
from forge.sagas import doubts
from forge.sagas.calls import propose, take_back

#: How often people are promised a word, whether there is news or not.
UPDATE_EVERY = timedelta(minutes=30)
#: What is answered while a person holds the notices of an incident.
HELD = "a person holds its notices"


async def publish_status(session: AsyncSession, incident: int) -> bool:
    """The first public word, said once: from here on status and chat answer with this incident. Of what is
    doubtful nothing is said, and what waits for a signature or a carrier is taken back. Whether it is doubtful.
    """
    row = await incidents.get_incident(session, incident, lock=True)
    if row.is_doubtful:
        await take_back(session, incident, "notify_affected", doubts.HELD_BACK)
    elif row.effect != "none" and not row.next_update_at and row.state == "open":
        now = current().clock.now()
        row.next_update_at = now + UPDATE_EVERY
        await incidents.note(session, incident, words.first_word(row), now, by="forge", public=True)
    return row.is_doubtful


async def keep_posted(session: AsyncSession, incident: int) -> bool:
    """Where the promised time has come and it is not mended: say so, and promise the next word. Whether it is
    doubtful: then nothing is said.
    """
    row = await incidents.get_incident(session, incident, lock=True)
    now = current().clock.now()
    if row.is_doubtful or row.state != "open" or not row.next_update_at or row.next_update_at > now:
        return row.is_doubtful
    row.next_update_at = now + UPDATE_EVERY
    await incidents.note(session, incident, words.next_word(row), now, by="forge", public=True)
    return False


async def page(incident: int) -> str:
    """Wake the next one on call where an incident is doubtful, and nobody has it in hand."""
    runtime = current()
    async with runtime.sessions() as session:
        row = await incidents.get_incident(session, incident)
        turn = await doubts.turn_due(session, row, runtime.settings, runtime.clock.now())
    if turn is None:
        return "nobody to wake"
    return await propose("page_on_call", incident, f":{turn}", incident=row.reference)


async def propose_notices(incident: int) -> str:
    """Ask, through the gate like everybody else, to tell the people affected."""
    async with current().sessions() as session:
        row = await incidents.get_incident(session, incident)
        again = (await verdicts.releases(session, incident), await doubts.times_held_back(session, incident))
    if row.held_by:
        return HELD
    if row.is_doubtful:
        return "a person looks first"
    if row.subscribers == 0 or row.state != "open":
        return "nobody is cut off"
    part = f":{again[0]}.{again[1]}" if any(again) else ""  # released, or no longer in doubt: proposed anew
    return await propose("notify_affected", incident, part, incident=row.reference, message=None)


async def tell_restored(incident: int) -> str:
    """Tell those who were told of the outage, and whose line is restored, that it is over."""
    async with current().sessions() as session:
        waiting = await notices.told(session, incident, "outage") - await notices.told(session, incident, "restored")
        count = await lines.count_lines(session, incident)
        row = await incidents.get_incident(session, incident)
        again = await verdicts.releases(session, incident)
    if row.held_by:
        return HELD
    if not waiting or not count.restored:
        return "nobody waits for the word"
    part = f":{count.restored}" + (f":release-{again}" if again else "")
    return await propose("notify_restored", incident, part, incident=f"INC-{incident}")


async def tell_corrected(incident: int) -> str:
    """Ask, through the gate like everybody else, to tell those who were told that it was nothing."""
    async with current().sessions() as session:
        waiting = await notices.told(session, incident, "outage") - await notices.told(session, incident, "restored")
    if not waiting:
        return "nobody was told"
    return await propose("notify_correction", incident, incident=f"INC-{incident}")
