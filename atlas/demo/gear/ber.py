"""Just enough BER for SNMP v2c (X.690, RFC 3416): made by hand, because pyasn1 takes a millisecond a message.

The tests read what this writes with pysnmp, and the other way round.
"""

from collections.abc import Sequence
from typing import NamedTuple

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
GAUGE, TIME_TICKS = 0x42, 0x43
NO_SUCH_INSTANCE = 0x81
GET, RESPONSE, TRAP = 0xA0, 0xA2, 0xA7
VERSION_2C = b"\x02\x01\x01"

Varbind = tuple[bytes, bytes]  # both encoded, with tag and length


class BadMessageError(ValueError):
    """A datagram is no SNMP v2c request that can be read."""


class Request(NamedTuple):
    """A GET: who is asked, the request id as it came, and the objects (their encoded content)."""

    community: bytes
    request_id: bytes
    objects: list[bytes]


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, length, content."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A whole number, or one of its kin by tag."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: str | bytes) -> bytes:
    """Text."""
    return tlv(OCTETS, value.encode() if isinstance(value, str) else value)


def oid(dotted: str) -> bytes:
    """An object identifier."""
    return tlv(OID, oid_content(dotted))


def oid_content(dotted: str) -> bytes:
    """An object identifier without tag and length."""
    first, second, *rest = map(int, dotted.split("."))
    return bytes((first * 40 + second,)) + b"".join(map(_arc, rest))


def _arc(value: int) -> bytes:
    septets = [value & 0x7F]
    while value := value >> 7:
        septets.append(0x80 | value & 0x7F)
    return bytes(reversed(septets))


def message(pdu: int, community: str | bytes, request_id: bytes, varbinds: Sequence[Varbind]) -> bytes:
    """A v2c message without an error."""
    bound = tlv(SEQUENCE, b"".join(tlv(SEQUENCE, name + value) for name, value in varbinds))
    body = tlv(INTEGER, request_id) + b"\x02\x01\x00\x02\x01\x00" + bound
    return tlv(SEQUENCE, VERSION_2C + octets(community) + tlv(pdu, body))


def read_get(data: bytes) -> Request:
    """Read a GET request; BadMessageError for anything else."""
    try:
        _, body, _ = _read(data, 0, SEQUENCE)
        _, version, at = _read(body, 0, INTEGER)
        _, community, at = _read(body, at, OCTETS)
        _, pdu, _ = _read(body, at, GET)
        _, request_id, at = _read(pdu, 0, INTEGER)
        _, _, at = _read(pdu, at, INTEGER)
        _, _, at = _read(pdu, at, INTEGER)
        _, bound, _ = _read(pdu, at, SEQUENCE)
    except IndexError:
        raise BadMessageError("The message is cut short.") from None
    if version != b"\x01":
        raise BadMessageError("Only SNMP v2c is spoken here.")
    return Request(community, request_id, list(_objects(bound)))


def _objects(bound: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(bound):
        _, varbind, at = _read(bound, at, SEQUENCE)
        found.append(_read(varbind, 0, OID)[1])
    return found


def _read(data: bytes, at: int, wanted: int) -> tuple[int, bytes, int]:
    tag, size = data[at], data[at + 1]
    if tag != wanted:
        raise BadMessageError(f"Tag {tag:#x} where {wanted:#x} belongs.")
    at += 2
    if size & 0x80:
        more = size & 0x7F
        size = int.from_bytes(data[at : at + more], "big")
        at += more
    if at + size > len(data):
        raise BadMessageError("The message is cut short.")
    return tag, data[at : at + size], at + size
