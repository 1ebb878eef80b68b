"""What a syslog message means: the tables of known messages, and the reading of one line by them.

`read_line` is the face: bytes in; an `Alarm`, a `DeadLetter`, or None for a message that was understood to
be no alarm (a login, a configuration change). It never raises. A raise and its clear come out with the same
(resource, alarm type, qualifier), whichever of the vendor's forms they came in.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from ipaddress import ip_address

from pydantic import ValidationError

from atlas.network.enums import Feed
from atlas.network.schemas import Alarm, DeadLetter
from forge.feeds.messages import access, adtran, calix, discovery, generic, huawei, ios, ios_xr, junos, nokia
from forge.feeds.messages.pattern import Pattern
from forge.feeds.syslog import HEAD, SyslogMessage, Unreadable, is_mnemonic, parse, readable

#: Characters of a dead letter that are kept.
LETTER = 8_000

_CISCO = re.compile(r"%(?P<facility>[A-Z0-9_]+(?:-[A-Za-z0-9_]+)*?)-(?P<level>[0-7])-(?P<name>[A-Z0-9_]+)\s*:\s*")
_JUNOS = re.compile(r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+):\s*")
_HUAWEI = re.compile(
    r"%{1,2}(?:\d\d)?(?P<facility>[A-Z][A-Z0-9_]{0,30})/(?P<level>\d)/(?P<name>\w{1,60})"
    r"(?:\(\w\))?(?:\[\d{1,10}\])?\s*:\s*(?:VS=[^;]{1,60};)?(?:CID=\w{1,20};)?\s*"
)
_STATES = ("up", "up2", "down")
_KEY_GROUPS = frozenset({"up", "up2", "down", "part", "neighbour", "vrf", "detail", "ont", "port", "frame", "slot"})
_PLAIN_VRFS = frozenset({None, "", "default", "master", "Public", "_public_"})

_BY_MNEMONIC: dict[str, list[Pattern]] = {}
for _pattern in (*ios_xr.PATTERNS, *ios.PATTERNS, *junos.PATTERNS, *huawei.PATTERNS, *discovery.PATTERNS):
    for _mnemonic in _pattern.mnemonics:
        _BY_MNEMONIC.setdefault(_mnemonic, []).append(_pattern)

# Text without a mnemonic: the patterns that are tried where a mark stands in it, in small letters.
_FREE_TEXT: tuple[tuple[str, tuple[Pattern, ...]], ...] = (
    (nokia.MARK, nokia.PATTERNS),
    (calix.MARK, calix.PATTERNS),
    (adtran.MARK, adtran.PATTERNS),
    (huawei.MARK, huawei.TERMINALS),
    (junos.MARK, junos.FREE_TEXT),
    ("", (*access.PATTERNS, *generic.PATTERNS)),
)

# One interface, one name: traps and polls say ifName, syslog says it in full.
_SHORT_NAMES = (
    ("FourHundredGigE", "FH"),
    ("TwoHundredGigE", "TH"),
    ("HundredGigabitEthernet", "Hu"),
    ("HundredGigE", "Hu"),
    ("FiftyGigE", "Fi"),
    ("FortyGigabitEthernet", "Fo"),
    ("FortyGigE", "Fo"),
    ("TwentyFiveGigE", "TF"),
    ("TenGigabitEthernet", "Te"),
    ("TenGigE", "Te"),
    ("GigabitEthernet", "Gi"),
    ("FastEthernet", "Fa"),
    ("Bundle-Ether", "BE"),
    ("Port-channel", "Po"),
    ("MgmtEth", "Mg"),
)


def read_line(data: bytes | str, sender: str, received_at: datetime, zone: tzinfo = UTC) -> Alarm | DeadLetter | None:
    """Read one syslog message; `sender`, a device's name or address, stands in where it names no host."""
    message = parse(data, received_at, zone)
    if isinstance(message, Unreadable):
        return dead_letter(Feed.SYSLOG, sender, message.reason, data, received_at)
    mnemonic, text = split_mnemonic(message)
    text = text[:HEAD]
    for pattern in _BY_MNEMONIC.get(mnemonic, ()) if mnemonic else _free_text(text):
        match = pattern.regex.search(text)
        if match and any(match.groupdict().get(state) for state in _STATES):
            return _alarm(pattern, match, message, mnemonic, sender, received_at)
    if message.is_bare and not mnemonic:
        reason = "No priority, no time stamp and no known message: not syslog."
        return dead_letter(Feed.SYSLOG, sender, reason, data, received_at)
    return None


def _free_text(text: str) -> Iterator[Pattern]:
    """The patterns that may read a text without a mnemonic."""
    small = text.lower()
    for mark, patterns in _FREE_TEXT:
        if mark in small:
            yield from patterns


def dead_letter(feed: Feed, sender: str, reason: str, data: bytes | str, received_at: datetime) -> DeadLetter:
    """Keep what could not be read, cut to a length worth keeping and safe to store."""
    size = len(data)
    payload = readable(data[:LETTER])[:LETTER]
    note = f" [cut; {size} in all]" if size > LETTER else ""
    return DeadLetter(feed=feed, sender=sender, reason=reason, payload=payload + note, received_at=received_at)


def split_mnemonic(message: SyslogMessage) -> tuple[str, str]:
    """The message's mnemonic without its severity digit, and the text after it; ("", text) if it has none."""
    if found := _HUAWEI.search(message.text[:HEAD]):
        text = message.text[found.end() :].rstrip()
        return f"{found['facility']}/{found['name'].upper()}", f"{found['name']}: {text}"
    if found := _CISCO.search(message.text[:HEAD]):
        name, text = found["name"], message.text[found.end() :].rstrip()
        return name if name in _BY_MNEMONIC else f"{found['facility']}-{name}", text
    if found := _JUNOS.match(message.text):
        return found["name"], message.text[found.end() :].rstrip()
    if is_mnemonic(message.message_id):
        return message.message_id, message.text
    return "", message.text


def short_interface(name: str) -> str:
    """An interface by its ifName: "TenGigE0/0/0/1" is "Te0/0/0/1"."""
    for long, short in _SHORT_NAMES:
        if name.startswith(long):
            return short + name[len(long) :]
    return name


def device_name(host: str) -> str:
    """A host's own name: the first label, unless it is an address."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.partition(".")[0]


def _alarm(
    pattern: Pattern,
    match: re.Match[str],
    message: SyslogMessage,
    mnemonic: str,
    sender: str,
    received_at: datetime,
) -> Alarm | DeadLetter:
    said = {name: value for name, value in match.groupdict().items() if value}
    device = device_name(message.host or sender)
    part = _part(said)
    extra = {name: value.strip() for name, value in said.items() if name not in _KEY_GROUPS}
    extra |= {name: said[name] for name in ("neighbour", "vrf") if name in said}
    named = {"mnemonic": mnemonic, "location": message.location, "process": message.process}
    extra |= {name: value for name, value in named.items() if value}
    try:
        return Alarm(
            resource=f"{device}/{part}" if part else device,
            alarm_type=pattern.alarm_type,
            qualifier=_qualifier(pattern, said),
            severity=pattern.severity,
            is_cleared="up" in said or "up2" in said,
            event_type=pattern.event_type,
            probable_cause=pattern.probable_cause,
            event_time=message.time or received_at,
            text=message.text,
            feed=Feed.SYSLOG,
            extra=extra,
        )
    except ValidationError as error:
        reason = f"Not a valid alarm: {error.errors()[0]['msg']}."
        return dead_letter(Feed.SYSLOG, sender, reason, message.text, received_at)


def _part(said: dict[str, str]) -> str:
    port = f"{said['frame']}/{said['slot']}/{said['port']}" if "frame" in said else said.get("port", "")
    if "ont" in said:
        return f"{port}/{said['ont']}" if port else said["ont"]
    if port:
        return port
    return short_interface(said.get("part", ""))


def _qualifier(pattern: Pattern, said: dict[str, str]) -> str:
    """The neighbour, its VRF unless it is the default one, and what else tells two such alarms apart."""
    vrf = said.get("vrf")
    words = (
        pattern.qualifier,
        said.get("neighbour", ""),
        "" if vrf in _PLAIN_VRFS else f"vrf {vrf}",
        said.get("detail", "").strip(),
    )
    return " ".join(word for word in words if word)


__all__ = ["dead_letter", "device_name", "read_line", "short_interface"]
