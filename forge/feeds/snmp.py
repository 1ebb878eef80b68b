"""SNMP v1 and v2c messages as plain values (RFC 1157, RFC 1901, RFC 3416), coded by pysnmp.

Only the codec is used: the engine above it wants every community configured beforehand, while ours carry a
device's name ("public@z3-olt-2", community-string indexing as Cisco does it for VLANs). A v1 trap comes out as the
v2 trap it stands for (RFC 3584 section 3.1). Version 3 is in `snmp_v3`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import api
from pysnmp.proto.proxy.rfc2576 import v1_to_v2

V1 = api.PROTOCOL_MODULES[api.SNMP_VERSION_1]
V2C = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
SNMP_TRAP_ADDRESS = "1.3.6.1.6.3.18.1.3.0"

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
    """A datagram is no SNMP message that is read here; the text says why."""


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
        return next((value for name, value in self.varbinds if name == oid or name.startswith(oid + ".")), None)

    def instance(self, oid: str) -> str:
        """Which instance of this object is bound, as the dotted rest of its name; empty if none is."""
        return next((name[len(oid) + 1 :] for name, _ in self.varbinds if name.startswith(oid + ".")), "")


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


def version_of(data: bytes) -> int:
    """The version a datagram says it is of: 0 is v1, 1 is v2c, 3 is v3. Raises `SnmpError` for what is no SNMP."""
    if len(data) > LIMIT:
        raise SnmpError(f"The datagram has {len(data)} bytes; SNMP messages end at {LIMIT}.")
    with reading():
        return int(api.decodeMessageVersion(data))


def decode(data: bytes) -> SnmpMessage:
    """A received v1 or v2c message; raises `SnmpError` with the reason for anything else."""
    version = version_of(data)
    if version not in api.PROTOCOL_MODULES:
        raise SnmpError(f"SNMP version {version} is not spoken here, only v1 (0), v2c (1) and v3 (3).")
    module = api.PROTOCOL_MODULES[version]
    with reading():
        message, _ = decoder.decode(data, asn1Spec=module.Message())
        pdu = module.apiMessage.get_pdu(message)
        if version == api.SNMP_VERSION_1:
            if pdu.tagSet != V1.TrapPDU.tagSet:
                raise SnmpError("Of SNMP v1 only traps are read here.")
            pdu = v1_to_v2(pdu)
        return plain_message(pdu, _plain_text(module.apiMessage.get_community(message)))


def acknowledgement(data: bytes) -> bytes:
    """The answer to a v2c inform: what it said, as it said it (RFC 3416 section 4.2.7)."""
    message, _ = decoder.decode(data, asn1Spec=V2C.Message())
    answer = V2C.apiMessage.get_response(message)
    said = V2C.apiPDU.get_varbinds(V2C.apiMessage.get_pdu(message))
    V2C.apiPDU.set_varbinds(V2C.apiMessage.get_pdu(answer), said)
    return bytes(encoder.encode(answer))


def plain_message(pdu: Any, community: str = "") -> SnmpMessage:
    """A v2 PDU as plain values. Raises `SnmpError` for a kind of request that is not answered here."""
    kind = _KINDS.get(pdu.tagSet)
    if kind is None:
        raise SnmpError("This kind of request is not answered here.")
    varbinds = tuple((str(name), _plain(value)) for name, value in V2C.apiPDU.get_varbinds(pdu))
    return SnmpMessage(kind, 0 if kind == "trap" else int(V2C.apiPDU.get_request_id(pdu)), community, varbinds)


@contextmanager
def reading() -> Iterator[None]:
    """The decoder meets garbage with a dozen kinds of exception; all of them come out as `SnmpError`."""
    try:
        yield
    except SnmpError:
        raise
    except Exception as error:
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
