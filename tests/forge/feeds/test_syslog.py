"""Syslog taken apart: every framing that real senders use, and nothing that makes it raise."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge.feeds.syslog import SyslogMessage, Unreadable, nearest_year, parse

NOW = datetime(2026, 8, 4, 10, 30, tzinfo=UTC)


def read(line: str | bytes) -> SyslogMessage:
    message = parse(line, NOW)
    assert isinstance(message, SyslogMessage), message
    return message


@pytest.mark.parametrize(
    ("line", "host", "process", "time", "text"),
    [
        (  # RFC 5424 with structured data that holds a bracket and a quote
            '<165>1 2026-08-04T10:29:44.003Z mx1.example.net rpd 8710 RPD_X [a@1 k="]\\""][b@2] gone',
            "mx1.example.net", "rpd", datetime(2026, 8, 4, 10, 29, 44, 3000, UTC), "gone",
        ),
        ("<34>Aug  4 10:29:44 mymachine su: 'su root' failed", "mymachine", "su",
         datetime(2026, 8, 4, 10, 29, 44, tzinfo=UTC), "'su root' failed"),
        ("<34>Aug  4 10:29:44 su[23]: no host here", "", "su",
         datetime(2026, 8, 4, 10, 29, 44, tzinfo=UTC), "no host here"),
        ("<13>2026-08-04T12:29:44.5+02:00 box app: rsyslog's form", "box", "app",
         datetime(2026, 8, 4, 10, 29, 44, 500000, UTC), "rsyslog's form"),
        ("RP/0/RP0/CPU0:Aug  4 10:29:44.190 : bgp[1050]: %ROUTING-BGP-5-ADJCHANGE : neighbor", "", "bgp",
         datetime(2026, 8, 4, 10, 29, 44, 190000, UTC), "%ROUTING-BGP-5-ADJCHANGE : neighbor"),
        ("<189>93: z3-agg-1 RP/0/RP0/CPU0:Aug  4 10:29:44.190 UTC: ifmgr[1]: %A-B-3-C : x", "z3-agg-1",
         "ifmgr", datetime(2026, 8, 4, 10, 29, 44, 190000, UTC), "%A-B-3-C : x"),
        ("<189>Aug  4 10:29:44 z3-agg-1 RP/0/RP0/CPU0:Aug  4 10:29:44.190 : ifmgr[1]: %A-B-3-C : x",
         "z3-agg-1", "ifmgr", datetime(2026, 8, 4, 10, 29, 44, 190000, UTC), "%A-B-3-C : x"),
        ("<187>45: *Aug  4 10:29:44.190: %LINK-3-UPDOWN: Interface Gi0/1", "", "",
         datetime(2026, 8, 4, 10, 29, 44, 190000, UTC), "%LINK-3-UPDOWN: Interface Gi0/1"),
        ("<187>45: edge7: Aug  4 2025 10:29:44 PDT: %LINK-3-UPDOWN: Interface Gi0/1", "edge7", "",
         datetime(2025, 8, 4, 17, 29, 44, tzinfo=UTC), "%LINK-3-UPDOWN: Interface Gi0/1"),
        ("<28>Aug  4 10:29:44 mx1 mib2d[77]: SNMP_TRAP_LINK_DOWN: ifIndex 5", "mx1", "mib2d",
         datetime(2026, 8, 4, 10, 29, 44, tzinfo=UTC), "SNMP_TRAP_LINK_DOWN: ifIndex 5"),
    ],
)  # fmt: skip
def test_framings(line: str, host: str, process: str, time: datetime, text: str) -> None:
    message = read(line)
    assert (message.host, message.process, message.time, message.text) == (host, process, time, text)


def test_a_stamp_without_a_year_is_of_the_year_that_puts_it_nearest() -> None:
    new_year = datetime(2027, 1, 1, 0, 5, tzinfo=UTC)
    message = parse("<13>Dec 31 23:59:50 box app: late", new_year)
    assert isinstance(message, SyslogMessage)
    assert message.time == datetime(2026, 12, 31, 23, 59, 50, tzinfo=UTC)


def test_a_stamp_without_a_zone_is_read_in_the_zone_given() -> None:
    message = parse("<13>Aug  4 10:29:44 box app: x", NOW, timezone(timedelta(hours=2)))
    assert isinstance(message, SyslogMessage)
    assert message.time == datetime(2026, 8, 4, 8, 29, 44, tzinfo=UTC)


def test_the_29th_of_february_exists_in_leap_years_only() -> None:
    assert nearest_year(2, 29, "12:00:00", NOW, UTC) is None
    assert nearest_year(2, 29, "12:00:00", NOW.replace(year=2027), UTC) == datetime(2028, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\r\n\x00", "empty"),
        (bytes(range(256)), "binary"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "binary"),
        (b"<999>Aug  4 10:29:44 box app: x", "out of range"),
    ],
)
def test_what_is_no_syslog_says_why(data: bytes, reason: str) -> None:
    message = parse(data, NOW)
    assert isinstance(message, Unreadable)
    assert reason in message.reason


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_it_never_raises_and_its_text_can_be_stored(data: bytes | str) -> None:
    message = parse(data, NOW)
    if isinstance(message, SyslogMessage):
        assert "\x00" not in message.text
        message.text.encode()


@given(st.text(alphabet='<>0123456789: AugRP/CPU.*[]"\\=-%TZ+', max_size=200))
def test_it_never_raises_on_what_looks_like_syslog(tail: str) -> None:
    for head in ("<13>", "<13>1 ", "<189>12: Aug  4 ", "RP/0/RP0/CPU0:", ""):
        parse(head + tail, NOW)
