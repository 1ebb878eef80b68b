"""Recorded logs, read again in time order."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from atlas.network.enums import AlarmType
from atlas.network.schemas import Alarm, DeadLetter
from benchmarks.shared import shared
from forge.feeds.replay import Tally, replay

RECORDED = datetime(2017, 8, 20, tzinfo=UTC)
REAL_LOGS = shared("alarms/ios-xr-bgpclear")


def real_logs(pattern: str) -> list[Path]:
    files = sorted(REAL_LOGS.glob(pattern))
    if not files:
        pytest.skip(f"needs the recorded IOS-XR logs in {REAL_LOGS}")
    return files


def test_files_are_merged_in_time_order_and_named_by_their_file(tmp_path: Path) -> None:
    (tmp_path / "r1.log").write_text(
        "Aug  4 10:00:03 : %LINK-3-UPDOWN: Interface Gi0/1, changed state to up\n"
        "Aug  4 10:00:01 : %LINK-3-UPDOWN: Interface Gi0/1, changed state to down\n"
    )
    (tmp_path / "r2.pop.log").write_text("Aug  4 10:00:02 : link Gi0/9 down\n\nnot a log line\n")
    items = list(replay([tmp_path / "r1.log", tmp_path / "r2.pop.log"], RECORDED))
    read = [item.resource if isinstance(item, Alarm) else item.sender for _, item in items]
    assert read == ["r1/Gi0/1", "r2/Gi0/9", "r2.pop.log:3", "r1/Gi0/1"]
    assert items[0][0] == datetime(2017, 8, 4, 10, 0, 1, tzinfo=UTC)


def test_json_lines(tmp_path: Path) -> None:
    alarm = Alarm(resource="r1/Te0", alarm_type=AlarmType.LINK_DOWN, event_time=RECORDED)
    file = tmp_path / "alarms.jsonl"
    file.write_text(alarm.model_dump_json() + "\n" + '{"resource": "r1"}\n' + "{broken\n")
    items = [item for _, item in replay([file], RECORDED)]
    assert items[0] == alarm
    assert [isinstance(item, DeadLetter) for item in items] == [False, True, True]
    assert isinstance(items[1], DeadLetter)
    assert "alarm_type" in items[1].reason


def test_the_zone_that_a_log_names_is_the_zone_of_its_stamps(tmp_path: Path) -> None:
    (tmp_path / "r1.log").write_text("Fri Aug  4 10:53:23.245 PDT\nAug  4 10:00:00 : link Gi0/1 down\n")
    tally = Tally()
    [(at, _)] = replay([tmp_path / "r1.log"], RECORDED, tally=tally)
    assert at == datetime(2017, 8, 4, 17, 0, tzinfo=UTC)
    assert tally.zones == {"r1.log": "PDT"}


def test_real_logs_with_traffic_every_line_is_understood_and_every_peer_comes_back() -> None:
    tally = Tally()
    items = list(replay(real_logs("*.bgpclear.log"), RECORDED, tally=tally))
    assert (tally.alarms, tally.dead_letters, tally.ignored, tally.headers) == (1626, 0, 116, 107)
    alarms = [item for _, item in items if isinstance(item, Alarm)]
    assert Counter(alarm.is_cleared for alarm in alarms) == {True: 813, False: 813}
    last = {(alarm.resource, alarm.alarm_type, alarm.qualifier): alarm for alarm in alarms}
    assert all(alarm.is_cleared for alarm in last.values())


def test_real_logs_one_router_keeps_utc_and_all_agree_on_when_it_was() -> None:
    """leaf4's head names UTC, the others PDT: read so, both ends of an adjacency speak within the minute."""
    items = list(replay(real_logs("*.bgpclear.log"), RECORDED))
    assert items[-1][0] - items[0][0] < timedelta(minutes=30)


def test_real_logs_without_traffic_nothing_of_value_is_lost() -> None:
    tally = Tally()
    items = list(replay(real_logs("*_no_traffic.log"), RECORDED, tally=tally))
    assert (tally.dead_letters, tally.ignored) == (0, 863)
    kinds = Counter(item.alarm_type for _, item in items if isinstance(item, Alarm))
    assert kinds == {
        AlarmType.BGP_PEER_DOWN: 3422,
        AlarmType.EQUIPMENT_FAILURE: 95,
        AlarmType.LOSS_OF_SIGNAL: 88,
        AlarmType.LINK_DOWN: 40,
        AlarmType.OTHER: 24,
        AlarmType.OPTICAL_POWER_LOW: 12,
    }
