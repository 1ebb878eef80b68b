"""RADIUS Accounting-Requests, packed by hand (RFC 2866): a packet a line every half hour is hundreds a second.

The attributes that never change are packed once per line. The tests read the packets with pyrad.
"""

import hashlib
import struct
from ipaddress import IPv4Address

ACCOUNTING_REQUEST = 4
START, STOP, INTERIM = 1, 2, 3
LOST_CARRIER = 2

_STATUS = struct.Struct("!BBI")
_NUMBERS = struct.Struct("!" + "BBI" * 6)
# Input and output octets, their gigawords, session time, Event-Timestamp.
_IN, _OUT, _IN_GIGA, _OUT_GIGA, _TIME, _AT = 42, 43, 52, 53, 46, 55


def attribute(kind: int, value: bytes) -> bytes:
    """Type, length, value."""
    return bytes((kind, len(value) + 2)) + value


def fixed(username: str, nas: str, address: str | None, interval: int) -> bytes:
    """What every packet of a line holds, but for its session id."""
    parts = [attribute(1, username.encode()), attribute(32, nas.encode())]
    if address:
        parts.append(attribute(8, IPv4Address(address).packed))
    parts.append(attribute(85, struct.pack("!I", interval)))
    return b"".join(parts)


def session(session_id: str) -> bytes:
    """Acct-Session-Id."""
    return attribute(44, session_id.encode())


def usage(octets_in: int, octets_out: int, seconds: int, at: int) -> bytes:
    """Totals of a session and the time of the event, in seconds since 1970."""
    return _NUMBERS.pack(
        *(_IN, 6, octets_in & 0xFFFFFFFF, _OUT, 6, octets_out & 0xFFFFFFFF),
        *(_IN_GIGA, 6, octets_in >> 32, _OUT_GIGA, 6, octets_out >> 32),
        *(_TIME, 6, seconds, _AT, 6, at),
    )


def request(identifier: int, status: int, attributes: bytes, secret: bytes) -> bytes:
    """A whole request; the authenticator is MD5 over it with sixteen zeros and the secret (RFC 2866 section 3)."""
    body = _STATUS.pack(40, 6, status) + attributes
    if status == STOP:
        body += _STATUS.pack(49, 6, LOST_CARRIER)
    head = struct.pack("!BBH", ACCOUNTING_REQUEST, identifier, 20 + len(body))
    sealed = hashlib.md5(head + bytes(16) + body + secret, usedforsecurity=False).digest()
    return head + sealed + body
