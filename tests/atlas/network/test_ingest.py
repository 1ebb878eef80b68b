"""How a batch of alarms becomes an alarm list and a log."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.network.enums import AlarmType, Feed
from atlas.network.ingest import beat, record_alarms, record_dead_letters
from atlas.network.models import AlarmOccurrence, AlarmRecord, DeadLetterRecord, FeedHeartbeat
from atlas.network.schemas import Alarm, DeadLetter

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def alarm(second: float = 0, *, cleared: bool = False, resource: str = "agg-1/Te0/0/0/1", text: str = "LOS") -> Alarm:
    return Alarm(
        resource=resource,
        alarm_type=AlarmType.LOSS_OF_SIGNAL,
        is_cleared=cleared,
        event_time=NOON + timedelta(seconds=second),
        text=text,
    )


async def listed(session: AsyncSession) -> AlarmRecord:
    return (await session.scalars(select(AlarmRecord).execution_options(populate_existing=True))).one()


async def logged(session: AsyncSession) -> int:
    return (await session.execute(select(func.count()).select_from(AlarmOccurrence))).scalar_one()


async def test_a_raise_and_its_clear_are_one_alarm(session: AsyncSession) -> None:
    await record_alarms(session, [alarm(0), alarm(9, cleared=True)], NOON)
    record = await listed(session)
    assert record.is_cleared
    assert record.raised_at == NOON
    assert record.cleared_at == NOON + timedelta(seconds=9)
    assert await logged(session) == 2


async def test_repeats_are_counted(session: AsyncSession) -> None:
    await record_alarms(session, [alarm(0), alarm(1), alarm(2)], NOON)
    await record_alarms(session, [alarm(3)], NOON)
    assert (await listed(session)).repeats == 4


async def test_a_batch_posted_twice_counts_once(session: AsyncSession) -> None:
    batch = [alarm(0), alarm(1, cleared=True), alarm(2)]
    first = await record_alarms(session, batch, NOON)
    second = await record_alarms(session, batch, NOON)
    assert (first.accepted, second.accepted, second.duplicates) == (3, 0, 3)
    assert (await listed(session)).repeats == 2
    assert await logged(session) == 3


async def test_a_flap_within_one_second_keeps_its_last_word(session: AsyncSession) -> None:
    receipt = await record_alarms(session, [alarm(0), alarm(0, cleared=True), alarm(0)], NOON)
    assert receipt.accepted == 3
    assert not (await listed(session)).is_cleared


async def test_a_late_clear_does_not_undo_a_newer_raise(session: AsyncSession) -> None:
    await record_alarms(session, [alarm(10)], NOON)
    await record_alarms(session, [alarm(5, cleared=True)], NOON)
    assert not (await listed(session)).is_cleared
    assert await logged(session) == 2


async def test_a_new_raise_after_a_clear_starts_anew(session: AsyncSession) -> None:
    await record_alarms(session, [alarm(0), alarm(1, cleared=True)], NOON)
    await record_alarms(session, [alarm(60)], NOON)
    record = await listed(session)
    assert record.raised_at == NOON + timedelta(seconds=60)
    assert record.cleared_at is None


async def test_an_unknown_device_is_kept_and_said(session: AsyncSession) -> None:
    receipt = await record_alarms(session, [alarm(resource="nobody-knows-me/eth0")], NOON)
    assert receipt.accepted == 1
    assert receipt.unknown_resources == 1


async def test_a_megabyte_of_text_is_cut_and_says_so(session: AsyncSession) -> None:
    await record_alarms(session, [alarm(text="x\x00" * 500_000)], NOON, max_text=100)
    record = await listed(session)
    assert record.text.endswith("(999900 characters cut)")
    assert "\x00" not in record.text


async def test_what_cannot_be_read_is_kept_with_its_reason(session: AsyncSession) -> None:
    await record_dead_letters(session, [DeadLetter(feed=Feed.SYSLOG, reason="not UTF-8", payload="\x00\x01")])
    letter = (await session.scalars(select(DeadLetterRecord))).one()
    assert (letter.reason, letter.payload) == ("not UTF-8", "\ufffd\x01")


async def test_a_heartbeat_moves_on(session: AsyncSession) -> None:
    await beat(session, Feed.POLLER, "poller", NOON, 10)
    await beat(session, Feed.POLLER, "poller", NOON + timedelta(seconds=5), 10)
    assert (await session.scalars(select(FeedHeartbeat.last_at))).one() == NOON + timedelta(seconds=5)
