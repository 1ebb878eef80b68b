"""What utterances look like on the wire: RFC 3164 syslog as IOS-XR frames it, and SNMP v2c traps.

Vendor traps of OLTs, under the enterprise number that RFC 5612 keeps for documentation:
1.3.6.1.4.1.32473.1.0.{1 oltPonLos, 2 oltPonLosClear, 3 oltOntDyingGasp, 4 oltOntOnline} with ponPort (.1.1, text)
and ontId (.1.2, integer).
"""

from datetime import datetime

from atlas.demo.gear import ber
from atlas.demo.gear.voices import Line, Trap

VENDOR = "1.3.6.1.4.1.32473.1"
_TRAPS = {
    "coldStart": "1.3.6.1.6.3.1.1.5.1",
    "linkDown": "1.3.6.1.6.3.1.1.5.3",
    "linkUp": "1.3.6.1.6.3.1.1.5.4",
    "oltPonLos": f"{VENDOR}.0.1",
    "oltPonLosClear": f"{VENDOR}.0.2",
    "oltOntDyingGasp": f"{VENDOR}.0.3",
    "oltOntOnline": f"{VENDOR}.0.4",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LOCAL7 = 23
UP, DOWN = 1, 2


def syslog(host: str, line: Line, at: datetime) -> bytes:
    """One datagram, stamped with the device's time of the event (UTC, to the millisecond)."""
    stamp = f"{_MONTHS[at.month - 1]} {at.day:2} {at:%H:%M:%S}.{at.microsecond // 1000:03}"
    return f"<{LOCAL7 * 8 + line.severity}>{stamp} {host} {line.process}: {line.text}".encode()


def trap(device: str, words: Trap, index: int, uptime: int, community: str, request_id: int) -> bytes:
    """One notification of a device; `index` is the ifIndex, `uptime` in hundredths of a second."""
    bound = [
        (ber.oid("1.3.6.1.2.1.1.3.0"), ber.integer(uptime, ber.TIME_TICKS)),
        (ber.oid("1.3.6.1.6.3.1.1.4.1.0"), ber.oid(_TRAPS[words.name])),
    ]
    if words.name.startswith("link"):
        status = UP if words.name == "linkUp" else DOWN
        bound += [
            (ber.oid(f"1.3.6.1.2.1.2.2.1.1.{index}"), ber.integer(index)),
            (ber.oid(f"1.3.6.1.2.1.2.2.1.7.{index}"), ber.integer(UP)),
            (ber.oid(f"1.3.6.1.2.1.2.2.1.8.{index}"), ber.integer(status)),
            (ber.oid(f"1.3.6.1.2.1.31.1.1.1.1.{index}"), ber.octets(words.part)),
        ]
    elif words.part:
        bound.append((ber.oid(f"{VENDOR}.1.1.1"), ber.octets(words.part)))
    if words.ont is not None:
        bound.append((ber.oid(f"{VENDOR}.1.2.1"), ber.integer(words.ont)))
    content = request_id.to_bytes(request_id.bit_length() // 8 + 1, "big")
    return ber.message(ber.TRAP, f"{community}@{device}", content, bound)
