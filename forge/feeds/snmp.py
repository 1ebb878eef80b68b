"""SNMP v2c messages as plain values (RFC 1901, RFC 3416), coded by pysnmp.

Only the codec is used: the engine above it wants every community configured beforehand, while ours carry a
device's name ("public@z3-olt-2", community-string indexing as Cisco does it for VLANs).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api

V2C = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"

#: A message longer than this is none of ours; RFC 3417 asks for 484 bytes at least.
LIMIT = 8_192

Kind = Literal["get", "response", "trap", "inform"]
Value = int | str | None

_PDUS = {
    "get": V2C.GetRequestPDU,
    "response": V2C.ResponsePDU,
    "trap": V2C.SNMPv2TrapPDU,
    "inform": V2C.InformRequestPDU,
}
_KINDS: dict[Any, Kind] = {pdu.tagSet: kind for kind, pdu in _PDUS.items()}  # type: ignore[misc]


class SnmpError(Exception):
    """A datagram is no SNMP v2c message; the text says why."""


@dataclass(frozen=True, slots=True)
class SnmpMessage:
    """One message; object identifiers are dotted strings, numbers are int, a missing value is None."""

    kind: Kind
    request_id: int
    community: str
    varbinds: tuple[tuple[str, Value], ...]

    def value(self, oid: str) -> Value:
        """The value bound to exactly this object."""
        return next((value for name, value in self.varbinds if name == oid), None)

    def column(self, oid: str) -> Value:
        """The value bound to any instance of this object: a column of a table, whatever the row."""
        return next((value for name, value in self.varbinds if name.startswith(oid + ".")), None)


def encode(kind: Kind, request_id: int, community: str, varbinds: Sequence[tuple[str, Any]]) -> bytes:
    """A message to send. Values are pysnmp's (`V2C.TimeTicks(5)`), or str for text and int for integers."""
    pdu = _PDUS[kind]()
    if kind == "trap":
        V2C.apiTrapPDU.set_defaults(pdu)
    else:
        V2C.apiPDU.set_defaults(pdu)
    V2C.apiPDU.set_request_id(pdu, request_id)
    V2C.apiPDU.set_varbinds(pdu, [(_oid(name), _typed(value)) for name, value in varbinds])
    message = V2C.Message()
    V2C.apiMessage.set_defaults(message)
    V2C.apiMessage.set_community(message, community)
    V2C.apiMessage.set_pdu(message, pdu)
    data: bytes = encoder.encode(message)
    return data


def decode(data: bytes) -> SnmpMessage:
    """A received message; raises `SnmpError` with the reason for anything else."""
    if len(data) > LIMIT:
        raise SnmpError(f"The datagram has {len(data)} bytes; SNMP messages end at {LIMIT}.")
    try:
        version = int(api.decodeMessageVersion(data))
        if version != api.SNMP_VERSION_2C:
            raise SnmpError(f"SNMP version {version} is not spoken here, only v2c (1).")
        message, _ = decoder.decode(data, asn1Spec=V2C.Message())
        pdu = V2C.apiMessage.get_pdu(message)
        kind = _KINDS.get(pdu.tagSet)
        if kind is None:
            raise SnmpError("This kind of request is not answered here.")
        return SnmpMessage(
            kind,
            int(V2C.apiPDU.get_request_id(pdu)),
            _plain_text(V2C.apiMessage.get_community(message)),
            tuple((str(name), _plain(value)) for name, value in V2C.apiPDU.get_varbinds(pdu)),
        )
    except SnmpError:
        raise
    except Exception as error:  # the decoder meets garbage with a dozen kinds of exception
        raise SnmpError(f"Not an SNMP message: {type(error).__name__}.") from error


def _oid(dotted: str) -> tuple[int, ...]:
    return tuple(int(arc) for arc in dotted.split("."))


def _typed(value: Any) -> Any:
    if value is None:
        return V2C.Null("")
    if isinstance(value, str):
        return V2C.OctetString(value)
    return V2C.Integer32(value) if isinstance(value, int) else value


def _plain(value: Any) -> Value:
    if isinstance(value, V2C.ObjectIdentifier):
        return str(value)
    if isinstance(value, V2C.OctetString) and not isinstance(value, V2C.IpAddress | V2C.Opaque):
        return _plain_text(value)
    if isinstance(value, V2C.Null):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        return str(value.prettyPrint())


def _plain_text(value: Any) -> str:
    return bytes(value).decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
