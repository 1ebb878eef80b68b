"""Recorded alarms through the doors of a server of their own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.replay import replay_files
from atlas.network.enums import AlarmType
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from benchmarks.shared import shared

WHEN = datetime(2017, 8, 4, 12, 0, tzinfo=UTC)
RECORDED = shared("alarms/ios-xr-bgpclear")


@pytest.fixture
def scratch(server_url: str, tmp_path: Path) -> Settings:
    """Settings on the test's own server."""
    return Settings(home=tmp_path, database_url=server_url)


def down(resource: str, neighbour: str, after: float) -> Alarm:
    return Alarm(
        resource=resource,
        alarm_type=AlarmType.BGP_PEER_DOWN,
        qualifier=neighbour,
        event_time=WHEN + timedelta(seconds=after),
        extra={"neighbour": neighbour},
    )


async def test_alarm_lines_become_incidents_at_the_recordings_time(scratch: Settings, tmp_path: Path) -> None:
    file = tmp_path / "fabric.jsonl"
    alarms = [down(f"leaf{n}", "10.0.0.1", n / 10) for n in range(1, 9)]
    file.write_text("\n".join(alarm.model_dump_json() for alarm in alarms) + "\nnot an alarm\n")
    done = await replay_files(scratch, [file], recorded=WHEN, zone=UTC)
    assert (done.accepted, done.duplicates, done.tally.dead_letters) == (8, 0, 1)
    began = [datetime.fromisoformat(each["started_at"]) for each in done.incidents]
    assert all(WHEN <= at <= WHEN + timedelta(seconds=1) for at in began)


async def test_the_recorded_clear_of_bgp_runs_through(scratch: Settings) -> None:
    files = sorted(RECORDED.glob("*.bgpclear.log"))
    if not files:
        pytest.skip("the recorded IOS-XR logs (shared/alarms/ios-xr-bgpclear) are not beside the checkout")
    done = await replay_files(scratch, files, recorded=WHEN, zone=UTC)
    assert done.tally.dead_letters == 0
    assert done.accepted > 1_000
    assert all(0 <= each["confidence"] <= 1 for each in done.incidents)


async def test_a_file_without_alarms_is_no_incident(scratch: Settings, tmp_path: Path) -> None:
    file = tmp_path / "leaf1.log"
    file.write_text("RP/0/RP0/CPU0:Aug  4 10:14:51.537 : SSHD_[68360]: %SECURITY-SSHD-6-INFO_USER_LOGOUT : User x\n")
    done = await replay_files(scratch, [file], recorded=WHEN, zone=UTC)
    assert (done.accepted, done.incidents, done.tally.ignored) == (0, [], 1)
