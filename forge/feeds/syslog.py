"""Syslog lines, taken apart: RFC 5424, RFC 3164 and what routers send in its name.

Pure functions. `parse` finds priority, time, host, process and text in one message and never raises; what it
cannot read at all comes back as `Unreadable` with the reason. What a message means is decided in `messages`.

Cisco's RFC 3164 is looser than the RFC: sequence numbers, a leading `*`, milliseconds, a zone, the location
of the sending card, no host ("RP/0/RP0/CPU0:Aug  4 10:29:44.190 : bgp[1050]: %ROUTING-BGP-5-ADJCHANGE : …").
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

#: Zone names that mean one thing only; CST or IST could be several, and are left to the caller's `zone`.
ZONES: dict[str, tzinfo] = {
    "UTC": UTC,
    "GMT": UTC,
    **{
        name: timezone(timedelta(hours=hours))
        for name, hours in {
            "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CDT": -5, "EST": -5, "EDT": -4,
            "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
        }.items()
    },
}  # fmt: skip

#: Characters of a message that are read; the rest is kept as text by whoever stores it, up to its own limit.
HEAD = 4_096

_PRIORITY = re.compile(r"<(\d{1,3})>")
_RFC5424 = re.compile(
    r"1 (?P<time>\S{1,64}) (?P<host>\S{1,255}) (?P<process>\S{1,128}) \S{1,128} (?P<id>\S{1,64}) "
    r"(?P<data>-|(?:\[(?:[^\]\\\"]|\"(?:[^\"\\]|\\.)*+\")*+\])++)(?: |$)"
)
_SEQUENCE = re.compile(r"(?:\d{1,10}: +){1,2}")
_STAMP = re.compile(
    r"[*.]?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) +)?(?P<month>" + "|".join(MONTHS) + r") +(?P<day>\d{1,2})"
    r" +(?:(?P<year>\d{4}) +)?(?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))?"
    r"(?P<offset>[+-]\d\d:\d\d)?(?: DST)?(?: (?P<zone>[A-Z]{2,5})(?=\s*:))?(?::(?= )|(?=[ :])|$)"
)
_ISO_STAMP = re.compile(
    r"(?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(?::(?= )|(?= )|$)"
)
_LOCATION = re.compile(r"(?P<location>(?:[A-Z]{1,4}/)?\d{1,2}/[A-Z0-9]{1,8}/[A-Z]{2,8}\d{0,3}):")
_HOST = re.compile(r"(?P<host>[A-Za-z0-9][\w.:-]{0,254}?):? +")
_HOST_BEFORE_TAG = re.compile(r"(?P<host>[A-Za-z0-9][\w.:-]{0,253}\w|[A-Za-z0-9]) +")
_PROCESS = re.compile(r"(?P<process>[A-Za-z][\w./-]{0,127})(?:\[\d{1,10}\])?: *")
_SEPARATOR = re.compile(r"[ :]*")


@dataclass(frozen=True, slots=True)
class SyslogMessage:
    """One message taken apart. `priority` and `time` are None, names are empty, where it said none."""

    priority: int | None
    time: datetime | None
    host: str
    process: str
    location: str
    message_id: str
    text: str

    @property
    def is_bare(self) -> bool:
        """It has no mark of syslog at all: any text would parse so."""
        return self.priority is None and self.time is None and not self.location


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a message is no syslog, in one sentence."""

    reason: str


def parse(data: bytes | str, received_at: datetime, zone: tzinfo = UTC) -> SyslogMessage | Unreadable:
    """Take one syslog message apart.

    `received_at` gives the year to time stamps that carry none (the year that puts them nearest to it);
    `zone` is assumed where a stamp names none, or none of `ZONES`.
    """
    text = readable(data)
    if not text:
        return Unreadable("The message is empty.")
    if _is_binary(text):
        return Unreadable("The message is binary, not text.")
    priority, rest = None, text
    if mark := _PRIORITY.match(text):
        priority, rest = int(mark[1]), text[mark.end() :]
        if priority > 191:
            return Unreadable(f"Priority {priority} is out of range; RFC 5424 allows 0 to 191.")
    if (header := _RFC5424.match(rest)) is not None:
        return _from_rfc5424(priority, header, rest, zone)
    return _from_rfc3164(priority, rest, received_at, zone)


def readable(data: bytes | str) -> str:
    """Text that PostgreSQL can hold: UTF-8 with bad bytes spelled out, no NUL, no lone surrogate."""
    if isinstance(data, str):
        data = data.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace").strip("\r\n\x00 \ufeff").replace("\x00", "\\x00")


def nearest_year(month: int, day: int, clock: str, near: datetime, zone: tzinfo) -> datetime | None:
    """The moment nearest to `near` that reads so on a clock in `zone`; None where no such moment exists."""
    found: list[datetime] = []
    hour, minute, second = (int(part) for part in clock.split(":"))
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            found.append(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC))
        except (ValueError, OverflowError):  # 29 February of a common year, hour 25
            continue
    return min(found, key=lambda moment: abs(moment - near), default=None)


def _from_rfc5424(priority: int | None, header: re.Match[str], rest: str, zone: tzinfo) -> SyslogMessage:
    def named(group: str) -> str:
        return "" if header[group] == "-" else header[group]

    # Junos's brief form has fields and no text: then the fields are the text.
    text = rest[header.end() :].lstrip("\ufeff ") or named("data")
    time = _iso_time(header["time"], zone)
    return SyslogMessage(priority, time, named("host"), named("process"), "", named("id"), text)


def _from_rfc3164(priority: int | None, rest: str, received_at: datetime, zone: tzinfo) -> SyslogMessage | Unreadable:
    at = 0
    if sequence := _SEQUENCE.match(rest):
        at = sequence.end()
    outer, at = _take_stamp(rest, at, received_at, zone)
    host, at = _take_host(rest, at, stamped=outer is not None)
    location = ""
    if place := _LOCATION.match(rest, at):
        location, at = place["location"], place.end()
    inner, at = _take_stamp(rest, at, received_at, zone)
    at = _SEPARATOR.match(rest, at).end()  # type: ignore[union-attr]  # it matches the empty string too
    process = ""
    if tag := _PROCESS.match(rest, at):
        process, at = tag["process"], tag.end()
        if is_mnemonic(process):  # Junos writes its message tag where others write the process
            at = tag.start()
    return SyslogMessage(priority, inner or outer, host, process, location, "", rest[at:])


def is_mnemonic(word: str) -> bool:
    """Whether a word is a message tag as Junos writes them: SNMP_TRAP_LINK_DOWN."""
    return "_" in word and word.isupper()


def _take_stamp(text: str, at: int, near: datetime, zone: tzinfo) -> tuple[datetime | None, int]:
    at = len(text) - len(text[at:].lstrip()) if text[at : at + 1] == " " else at
    if iso := _ISO_STAMP.match(text, at):
        return _iso_time(iso["iso"], zone), iso.end()
    stamp = _STAMP.match(text, at)
    if stamp is None:
        return None, at
    where = _offset(stamp["offset"]) or ZONES.get(stamp["zone"] or "", zone)
    month, day = MONTHS.index(stamp["month"]) + 1, int(stamp["day"])
    time = nearest_year(month, day, stamp["clock"], _year_hint(stamp["year"], near), where)
    if time is not None and stamp["fraction"]:
        time += timedelta(seconds=float(f"0.{stamp['fraction']}"))
    return time, stamp.end()


def _offset(text: str | None) -> tzinfo | None:
    """The zone of an offset as Huawei writes it behind the time: "-08:00"."""
    if not text or int(text[1:3]) > 23 or int(text[4:]) > 59:
        return None
    span = timedelta(hours=int(text[1:3]), minutes=int(text[4:]))
    return timezone(-span if text[0] == "-" else span)


def _year_hint(year: str | None, near: datetime) -> datetime:
    return near if not year or int(year) < 1970 else datetime(int(year), 7, 1, tzinfo=UTC)


def _take_host(text: str, at: int, stamped: bool) -> tuple[str, int]:
    """The host, if one stands here: after a time stamp any word that is no tag, else only before a stamp.

    A stamp that ends in a colon is Cisco's, whose host came before it.
    """
    end = _SEPARATOR.match(text, at).end() if stamped else at  # type: ignore[union-attr]
    if _LOCATION.match(text, end) or (stamped and ":" in text[at - 1 : end]):
        return "", end
    if stamped:
        at = end
        word = _HOST_BEFORE_TAG.match(text, at)
        return (word["host"], word.end()) if word else ("", at)
    word = _HOST.match(text, at)
    if word and any(form.match(text, word.end()) for form in (_STAMP, _ISO_STAMP, _LOCATION)):
        return word["host"], word.end()
    return "", at


def _iso_time(text: str, zone: tzinfo) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_binary(text: str) -> bool:
    """More than a tenth of the start is control characters or bytes that were no UTF-8."""
    head = text[:512]
    odd = 4 * head.count("\\x")
    if not head.isprintable():
        odd += sum(1 for letter in head if ord(letter) < 32 and letter not in "\t\r\n")
    return odd * 10 > len(head)
