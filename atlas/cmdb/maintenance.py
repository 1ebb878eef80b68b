"""Planned work: who works on what, when, and which alarms that may raise."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import events
from atlas.cmdb.models import MaintenanceWindow, PlannedAlarm
from atlas.errors import DomainError
from atlas.gis.models import Duct, Fibre
from atlas.itsm.models import Change
from atlas.network.enums import AlarmType
from atlas.network.models import Link, Node
from atlas.references import number_in

#: Work that lasts longer than this is not planned well enough to keep silent about.
LONGEST = timedelta(days=7)
#: How long work that is over stays news: a fault soon after it has likely to do with it.
RECENT = timedelta(days=1)
ELEMENTS: dict[str, type[Node | Link | Fibre | Duct]] = {"node": Node, "link": Link, "fibre": Fibre, "duct": Duct}


class Planned(NamedTuple):
    """Work, and how many alarms it has explained so far."""

    window: MaintenanceWindow
    alarms: int


async def plan(
    session: AsyncSession,
    *,
    element: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: str,
    now: datetime,
    expects: Sequence[str] = (),
    with_dependents: bool = True,
) -> MaintenanceWindow:
    """Plan work on an element. DomainError when there is no such element or type, or the times make no sense."""
    await _require_element(session, element)
    _require_sense(starts_at, ends_at, now)
    if wrong := sorted(set(expects) - set(AlarmType)):
        raise DomainError(f"There is no alarm type {wrong[0]}; one is {AlarmType.LINK_DOWN.value}.")
    change = Change(title=reason, state="approved", starts_at=starts_at, ends_at=ends_at)
    session.add(change)
    await session.flush()
    window = MaintenanceWindow(
        change_id=change.id,
        element=element,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        expects=list(expects),
        with_dependents=with_dependents,
        planned_by=by,
    )
    session.add(window)
    await session.flush()
    await _tell(session, "maintenance.planned", window, by, now)
    return window


async def cancel(session: AsyncSession, reference: str, by: str, now: datetime) -> MaintenanceWindow:
    """Call work off: from now on it explains nothing. DomainError when there is none, or it is over."""
    number = number_in(reference, "CHG")
    query = select(MaintenanceWindow).where(MaintenanceWindow.change_id == number).with_for_update()
    window = (await session.scalars(query)).first() if number is not None else None
    if window is None:
        raise DomainError(f"There is no planned work {reference}; references look like CHG-3.")
    if window.cancelled_at or window.ends_at <= now:
        raise DomainError(f"{reference} is over; there is nothing to call off.")
    window.cancelled_at = now
    change = await session.get(Change, window.change_id)
    assert change is not None
    change.state = "cancelled"
    await _tell(session, "maintenance.cancelled", window, by, now)
    return window


async def known(session: AsyncSession, now: datetime) -> list[MaintenanceWindow]:
    """Work that lies ahead, is going on, or was done lately; not what was called off."""
    query = select(MaintenanceWindow).where(
        MaintenanceWindow.ends_at > now - RECENT, MaintenanceWindow.cancelled_at.is_(None)
    )
    return list(await session.scalars(query.order_by(MaintenanceWindow.starts_at, MaintenanceWindow.id)))


async def listed(session: AsyncSession, now: datetime) -> list[Planned]:
    """The same, with how many alarms each has explained."""
    windows = await known(session, now)
    counts = select(PlannedAlarm.window_id, func.count()).group_by(PlannedAlarm.window_id)
    alarms = dict((await session.execute(counts.where(PlannedAlarm.window_id.in_([w.id for w in windows])))).all())
    return [Planned(window, alarms.get(window.id, 0)) for window in windows]


async def note_alarms(session: AsyncSession, rows: Iterable[tuple[int, int, datetime]]) -> None:
    """Alarms that work explains: (window, alarm, when)."""
    values = [{"window_id": window, "alarm_id": alarm, "at": at} for window, alarm, at in rows]
    if values:
        await session.execute(insert(PlannedAlarm).on_conflict_do_nothing(), values)


async def _require_element(session: AsyncSession, key: str) -> None:
    kind, _, name = key.partition(":")
    table = ELEMENTS.get(kind)
    if table is None or await session.scalar(select(table.id).where(table.name == name)) is None:
        raise DomainError(f"There is no element {key}; keys look like node:z3-agg-1 or fibre:F-1.")


def _require_sense(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise DomainError("Planned work must end after it starts.")
    if ends_at <= now:
        raise DomainError("Planned work must end in the future; what is over can't be planned.")
    if ends_at - starts_at > LONGEST:
        raise DomainError(f"Planned work may last {LONGEST.days} days at most; plan it in parts.")


async def _tell(session: AsyncSession, kind: str, window: MaintenanceWindow, by: str, now: datetime) -> None:
    payload = {
        "element": window.element,
        "starts_at": window.starts_at.isoformat(),
        "ends_at": window.ends_at.isoformat(),
        "reason": window.reason,
        "by": by,
    }
    await events.emit(session, kind, window.reference, payload, at=now)
