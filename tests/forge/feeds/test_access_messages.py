"""What access gear and power supplies say in free text: a raise and its clear come out with the same key."""

from datetime import UTC, datetime

import pytest

from atlas.network.enums import AlarmType
from atlas.network.schemas import Alarm
from forge.feeds.messages import read_line

NOW = datetime(2026, 8, 4, 10, 30, tzinfo=UTC)
HEAD = "<189>Aug  4 10:29:44.190 z4-x-1 ponmgr: "

PAIRS = [
    ("Rogue ONT 0/1/3/12 detected", "Rogue ONT 0/1/3/12 cleared", "/0/1/3/12", AlarmType.ROGUE_ONT),
    ("ONT 0/1/3/12 SDi", "ONT 0/1/3/12 SDi cleared", "/0/1/3/12", AlarmType.ONT_DEGRADED),
    ("ONT 0/1/3/12 DOWi", "ONT 0/1/3/12 DOWi cleared", "/0/1/3/12", AlarmType.ONT_DEGRADED),
    ("Upstream SNR low on node z4-fn-2", "Upstream SNR normal on node z4-fn-2", "/z4-fn-2", AlarmType.UPSTREAM_SNR_LOW),
    ("Modem z4-cm-7 T3 time-outs", "Modem z4-cm-7 ranging normal", "/z4-cm-7", AlarmType.T3_TIMEOUTS),
    ("Modem z4-cm-7 partial service", "Modem z4-cm-7 full service", "/z4-cm-7", AlarmType.PARTIAL_SERVICE),
    ("Modem z4-cm-7 offline", "Modem z4-cm-7 online", "/z4-cm-7", AlarmType.MODEM_OFFLINE),
    ("modulation low", "modulation normal", "", AlarmType.MODULATION_LOW),
    ("modulation low towards z4-twr-2", "modulation normal towards z4-twr-2", "", AlarmType.MODULATION_LOW),
    ("CPE z4-cpe-7 lost", "CPE z4-cpe-7 associated", "/z4-cpe-7", AlarmType.CPE_LOST),
    ("heavy rain, 60 mm/h", "rain is over", "", AlarmType.RAIN),
    ("running on battery", "on-battery operation ended", "", AlarmType.ON_BATTERY),
    ("battery low", "battery charging, low alarm cleared", "", AlarmType.BATTERY_LOW),
]
EVENTS = [
    ("radar detected on channel 104, leaving it", "", AlarmType.RADAR_DETECTED),
    ("Modem z4-cm-7 registered", "/z4-cm-7", AlarmType.MODEM_REGISTERED),
]


def alarm(text: str) -> Alarm:
    item = read_line(HEAD + text, "z4-x-1", NOW)
    assert isinstance(item, Alarm), item
    return item


@pytest.mark.parametrize(("down", "up", "part", "kind"), PAIRS)
def test_a_raise_and_its_clear_share_one_key(down: str, up: str, part: str, kind: AlarmType) -> None:
    raised, cleared = alarm(down), alarm(up)
    assert (raised.is_cleared, cleared.is_cleared) == (False, True)
    for item in (raised, cleared):
        assert (item.resource, item.alarm_type) == (f"z4-x-1{part}", kind)
    assert raised.qualifier == cleared.qualifier


@pytest.mark.parametrize(("text", "part", "kind"), EVENTS)
def test_an_event_is_never_taken_back(text: str, part: str, kind: AlarmType) -> None:
    item = alarm(text)
    assert (item.resource, item.alarm_type, item.is_cleared) == (f"z4-x-1{part}", kind, False)


def test_which_mast_a_link_led_to_is_kept() -> None:
    assert alarm("modulation low towards z4-twr-2").extra["neighbour"] == "z4-twr-2"


@pytest.mark.parametrize("text", ["no rain is expected", "the battery was replaced", "modem pool configured"])
def test_other_words_are_no_alarm(text: str) -> None:
    assert read_line(HEAD + text, "z4-x-1", NOW) is None
