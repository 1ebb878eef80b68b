"""The watcher: raises twice-seen signs once, clears them, forgets what nobody measures, and hears people call."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm.models import Ticket
from atlas.network.enums import AlarmType, Metric
from atlas.network.models import Vital, VitalHour
from atlas.network.schemas import Alarm
from forge.feeds.vitals import SUBSCRIBERS, Hearing, Usually, look
from tests.factories.subscribers import line, node

NOON = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
HEARING = Hearing(NOON - timedelta(days=1), 60.0)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


async def history(session: AsyncSession) -> None:
    """A week of one server's time-outs, five weeks of one transit's routes."""
    hour = NOON.replace(minute=0)
    rows = [
        {"metric": "auth_timeouts", "element": "bng-1", "about": "radius-1", "value": 3, "total": 600} | {"hour": at}
        for at in (hour - timedelta(hours=h) for h in range(1, 168))
    ]
    rows += [
        {"metric": "prefixes", "element": "transit-1", "about": "", "value": 900_000, "total": None} | {"hour": at}
        for at in (hour - timedelta(weeks=w, hours=h) for w in range(1, 6) for h in range(-3, 4))
    ]
    await session.execute(insert(VitalHour), rows)


async def measured(
    session: AsyncSession, minutes: float, failed: float = 0, routes: float = 900_000, tried: float = 60
) -> None:
    await session.execute(
        insert(Vital),
        [
            {"metric": "auth_timeouts", "element": "bng-1", "about": "radius-1", "at": after(minutes), "value": failed}
            | {"total": tried},
            {"metric": "prefixes", "element": "transit-1", "about": "", "at": after(minutes), "value": routes}
            | {"total": None},
        ],
    )


def said(changes: list[Alarm]) -> list[tuple[str, AlarmType, str, bool]]:
    return [(c.resource, c.alarm_type, c.qualifier, c.is_cleared) for c in changes]


async def test_a_sign_seen_twice_is_raised_once_and_cleared_when_it_is_over(session: AsyncSession) -> None:
    await history(session)
    usually, timeouts = Usually(), ("bng-1", AlarmType.AUTH_TIMEOUTS, "radius-1")
    for minute, failed, expected in (
        (0, 0, []),
        (1, 58, []),
        (2, 60, [(*timeouts, False)]),
        (3, 60, []),
        (4, 0, []),
        (5, 0, [(*timeouts, True)]),
        (6, 0, []),
    ):
        await measured(session, minute, failed)
        assert said(await look(session, after(minute), usually, HEARING)) == expected, minute


async def test_routes_that_are_gone_are_raised_with_how_many_and_how_much(session: AsyncSession) -> None:
    await history(session)
    for minute in (0, 1):
        await measured(session, minute, routes=9_000)
        changes = await look(session, after(minute), Usually(), HEARING)
    (alarm,) = changes
    assert (alarm.resource, alarm.alarm_type, alarm.extra) == ("transit-1", AlarmType.PREFIXES_LOST, {"share": 0.99})
    assert alarm.text == "prefixes: 9,000, usually 900,000 at this hour."


async def test_without_history_nothing_is_said(session: AsyncSession) -> None:
    for minute in range(3):
        await measured(session, minute, failed=60, routes=0)
        assert await look(session, after(minute), Usually(), HEARING) == []


async def test_what_nobody_measures_any_more_is_cleared_after_an_hour(session: AsyncSession) -> None:
    await history(session)
    usually = Usually()
    for minute in (0, 1):
        await measured(session, minute, failed=60)
        await look(session, after(minute), usually, HEARING)
    assert said(await look(session, after(50), usually, HEARING)) == []
    assert said(await look(session, after(65), usually, HEARING)) == [
        ("bng-1", AlarmType.AUTH_TIMEOUTS, "radius-1", True)
    ]


async def test_an_hour_that_is_over_becomes_one_row_and_old_ones_go(session: AsyncSession) -> None:
    await session.execute(
        insert(VitalHour),
        [{"metric": "sessions", "element": "old", "about": "", "value": 1.0, "hour": NOON - timedelta(weeks=10)}],
    )
    for minute, routes in ((-60, 10), (-50, 30), (-40, 20), (-1, 99)):
        await measured(session, minute, failed=1, routes=routes, tried=100)
    await look(session, NOON, Usually(), HEARING)
    rows = (await session.execute(text("SELECT metric, value, total FROM vital_hour ORDER BY 1"))).all()
    assert [tuple(row) for row in rows] == [("auth_timeouts", 3.0, 300.0), ("prefixes", 20.0, None)]


async def test_our_own_count_of_sessions_is_by_nas_and_of_those_that_are_not_overdue(session: AsyncSession) -> None:
    for n, (nas, minutes_ago) in enumerate([("bng-1", 5), ("bng-1", 20), ("bng-1", 300), ("bng-2", 300)]):
        home = await line(session, await node(session, f"ont-{n}", "ont"))
        await session.execute(
            text(
                "INSERT INTO access_session (service_id, nas, session_id, started_at, last_interim_at, interim_seconds,"
                " octets_in, octets_out) VALUES (:s, :nas, :id, :at, :at, 1800, 0, 0)"
            ),
            {"s": home.service.id, "nas": nas, "id": f"s{n}", "at": after(-minutes_ago)},
        )
    await look(session, NOON, Usually(), HEARING)
    rows = await session.execute(text("SELECT element, value FROM vital WHERE metric = 'sessions' ORDER BY 1"))
    assert [tuple(row) for row in rows] == [("bng-1", 2.0), ("bng-2", 0.0)]


@pytest.mark.parametrize(("callers", "expected"), [(2, []), (9, [SUBSCRIBERS])])
async def test_people_who_call_in_numbers_are_an_alarm_and_a_few_are_not(
    session: AsyncSession, callers: int, expected: list[str]
) -> None:
    lines = [await line(session, await node(session, f"olt-{n}/0/1/0/1", "ont")) for n in range(40)]

    def ticket(n: int, at: datetime) -> dict[str, object]:
        return {
            "kind": "subscriber", "state": "closed", "category": "no_service", "subject": "", "description": "",
            "subscriber_id": lines[n].subscriber.id, "opened_at": at,
        }  # fmt: skip

    past = [ticket(n, NOON - timedelta(days=2 * n + 1)) for n in range(10)]
    now = [ticket(n, after(-10)) for n in range(callers)]
    await session.execute(insert(Ticket), past + now)
    usually = Usually()
    changes = await look(session, NOON, usually, HEARING)
    assert [c.resource for c in changes if c.alarm_type is AlarmType.CONTACTS_CLUSTERED] == expected
    cleared = await look(session, after(61), usually, HEARING)
    assert [(c.resource, c.is_cleared) for c in cleared] == [(place, True) for place in expected]


def test_every_metric_has_its_alarm() -> None:
    from forge.feeds.vitals import ALARM_OF

    assert set(ALARM_OF) == set(Metric)
