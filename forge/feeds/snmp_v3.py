"""SNMP v3 messages to a receiver of notifications (RFC 3412, RFC 3414): taken apart, checked, answered.

`Engine.receive` is the face. It checks in the RFC's order: engine, user, security level, signature, time,
encryption. A trap is of the sender's engine, whose clock is learned from its first signed message and then held
to it; an inform is of ours, which the sender finds by asking (section 4). What fails is refused with the name of
the counter that the RFC gives it, and reported to senders who can use the report.

pysnmp's own engine is not used: it takes a trap without a signature from any user it knows, and learns a sender's
clock from a message before it checks the message by that clock (decision 0014).
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto import rfc1905
from pysnmp.proto.mpmod.rfc3412 import ScopedPDU, SNMPv3Message
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters

from atlas.feed_settings import SnmpUser
from forge.feeds.snmp import V2C, SnmpError, SnmpMessage, plain_message, reading
from forge.feeds.usm import DecryptionError, Keys, Master, stretch

#: Seconds by which a message's time may differ from its engine's clock (RFC 3414 section 2.2.3).
WINDOW = 150
#: An engine that has started so often has no time any more (RFC 3414 section 2.2.2).
WORN_OUT = 2**31 - 1
#: Bytes of the longest message we take, as we tell others.
LARGEST = 65_507

AUTHENTIC, PRIVATE, REPORTABLE = 1, 2, 4

#: Why messages are refused: the counters of SNMP-USER-BASED-SM-MIB, and their numbers in it.
REASONS = {
    "unsupportedSecLevels": 1,
    "notInTimeWindows": 2,
    "unknownUserNames": 3,
    "unknownEngineIDs": 4,
    "wrongDigests": 5,
    "decryptionErrors": 6,
}


@dataclass(frozen=True, slots=True)
class Received:
    """What a datagram was: a notification with the answer it is owed, or why it is none. `discovery`: a question."""

    message: SnmpMessage | None = None
    reply: bytes = b""
    refused: str = ""
    is_discovery: bool = False
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message up to what may be encrypted."""

    id: int
    flags: int
    engine: bytes
    boots: int
    time: int
    user: str
    mac: bytes
    salt: bytes
    data: Any
    whole: bytes


class RefusedError(Exception):
    """A message is not taken; the text is one of `REASONS`."""


@dataclass(slots=True)
class _Peer:
    """What is known of another engine's clock: its boots and time when last heard, and when that was."""

    boots: int
    time: int
    heard: float


class Engine:
    """Our engine. `boots` must not go back from one start to the next; `seconds` is a clock that only goes on."""

    def __init__(
        self, id: bytes, boots: int, users: Sequence[SnmpUser], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.id, self._boots, self._seconds = id, boots, seconds
        self._start = seconds()
        self._users: dict[str, Master] = {user.name: stretch(user) for user in users}
        self._peers: dict[bytes, _Peer] = {}
        self._counts: Counter[str] = Counter()

    def receive(self, data: bytes) -> Received:
        """Read one datagram of version 3. Raises `SnmpError` for what is no such message."""
        envelope = open_envelope(data)
        is_discovery = not envelope.engine or self._is_asking_time(envelope)
        keys: Keys | None = None
        try:
            if not envelope.engine:
                raise RefusedError("unknownEngineIDs")
            keys = self._keys(envelope)
            self._check_time(envelope)
            scoped = self._scoped(envelope, keys)
            message = plain_message(scoped["data"].getComponent())
            if message.kind != "trap" and envelope.engine != self.id:
                raise RefusedError("unknownEngineIDs")
        except RefusedError as refusal:
            reply = self._report(envelope, str(refusal), keys)
            return Received(reply=reply, refused=str(refusal), is_discovery=is_discovery, sender=envelope.user)
        if message.kind not in {"trap", "inform"}:
            raise SnmpError("This kind of request is not answered here.")
        reply = self._response(envelope, keys, scoped) if message.kind == "inform" else b""
        return Received(message, reply, sender=f"{envelope.user}@{envelope.engine.hex()}")

    def _keys(self, envelope: Envelope) -> Keys:
        """The sender's keys, with which the message is signed, at the very level that the user is set up for."""
        master = self._users.get(envelope.user)
        if master is None:
            raise RefusedError("unknownUserNames")
        wanted = AUTHENTIC | (PRIVATE if master.user.priv else 0)
        if envelope.flags & (AUTHENTIC | PRIVATE) != wanted and not self._is_asking_time(envelope):
            raise RefusedError("unsupportedSecLevels")
        keys = Keys(master, envelope.engine)
        if not keys.verify(envelope.whole, envelope.mac):
            raise RefusedError("wrongDigests")
        return keys

    def _is_asking_time(self, envelope: Envelope) -> bool:
        """The second step of discovery is signed and in plain text (RFC 3414 section 4); time zero is never in time."""
        is_signed = envelope.flags & (AUTHENTIC | PRIVATE) == AUTHENTIC
        return envelope.engine == self.id and is_signed and not envelope.boots and not envelope.time

    def _check_time(self, envelope: Envelope) -> None:
        """RFC 3414 section 3.2, step 7."""
        now = self._seconds()
        if envelope.engine == self.id:
            if self._boots != envelope.boots or abs(envelope.time - self._time()) > WINDOW:
                raise RefusedError("notInTimeWindows")
            return
        if envelope.boots == WORN_OUT:
            raise RefusedError("notInTimeWindows")
        peer = self._peers.get(envelope.engine)
        if peer is None or (envelope.boots, envelope.time) > (peer.boots, peer.time):
            self._peers[envelope.engine] = _Peer(envelope.boots, envelope.time, now)
        elif envelope.boots < peer.boots or envelope.time < peer.time + (now - peer.heard) - WINDOW:
            raise RefusedError("notInTimeWindows")

    def _scoped(self, envelope: Envelope, keys: Keys) -> Any:
        """The scoped PDU, decrypted where the user's messages are."""
        if envelope.flags & PRIVATE == 0:
            if envelope.data.getName() != "plaintext":
                raise RefusedError("decryptionErrors")
            return envelope.data.getComponent()
        if envelope.data.getName() == "plaintext":
            raise RefusedError("decryptionErrors")
        try:
            cipher = bytes(envelope.data.getComponent())
            plain = keys.decrypt(envelope.boots, envelope.time, envelope.salt, cipher)
            with reading():
                return decoder.decode(plain, asn1Spec=ScopedPDU())[0]
        except (DecryptionError, SnmpError) as error:
            raise RefusedError("decryptionErrors") from error

    def _time(self) -> int:
        return int(self._seconds() - self._start)

    def _report(self, envelope: Envelope, reason: str, keys: Keys | None) -> bytes:
        """What a sender that can use it is told; signed where it is about time, so that it is believed."""
        self._counts[reason] += 1
        if not envelope.flags & REPORTABLE:
            return b""
        pdu = rfc1905.ReportPDU()
        V2C.apiPDU.set_defaults(pdu)
        V2C.apiPDU.set_request_id(pdu, _request_id(envelope))
        name = (1, 3, 6, 1, 6, 3, 15, 1, 1, REASONS[reason], 0)
        V2C.apiPDU.set_varbinds(pdu, [(name, V2C.Counter32(self._counts[reason]))])
        scoped = _scoped_pdu(self.id, b"", pdu)
        return self._message(envelope, scoped, keys if reason == "notInTimeWindows" else None, is_private=False)

    def _response(self, envelope: Envelope, keys: Keys, scoped: Any) -> bytes:
        """An inform is answered with what it said (RFC 3416 section 4.2.7), at the level it came."""
        request = scoped["data"].getComponent()
        pdu = V2C.apiPDU.get_response(request)
        V2C.apiPDU.set_varbinds(pdu, V2C.apiPDU.get_varbinds(request))
        answer = _scoped_pdu(bytes(scoped["contextEngineId"]), bytes(scoped["contextName"]), pdu)
        return self._message(envelope, answer, keys, is_private=bool(envelope.flags & PRIVATE))

    def _message(self, envelope: Envelope, scoped: Any, keys: Keys | None, is_private: bool) -> bytes:
        """A message of our engine in answer to another, signed if there are keys, encrypted if it must be."""
        now, salt, flags = self._time(), b"", AUTHENTIC if keys else 0
        message = SNMPv3Message()
        message["msgVersion"] = 3
        if keys and is_private:
            flags |= PRIVATE
            cipher, salt = keys.encrypt(self._boots, now, encoder.encode(scoped))
            message["msgData"]["encryptedPDU"] = cipher
        else:
            message["msgData"]["plaintext"] = scoped
        header = message["msgGlobalData"]
        header["msgID"], header["msgMaxSize"] = envelope.id, LARGEST
        header["msgFlags"], header["msgSecurityModel"] = bytes([flags]), 3

        def encoded(mac: bytes) -> bytes:
            security = UsmSecurityParameters()
            values = (self.id, self._boots, now, envelope.user.encode("utf-8", "surrogateescape"), mac, salt)
            for place, value in enumerate(values):
                security[place] = value
            message["msgSecurityParameters"] = encoder.encode(security)
            return bytes(encoder.encode(message))

        return keys.sign(encoded) if keys else encoded(b"")


def open_envelope(data: bytes) -> Envelope:
    """Take a message apart as far as it can be read without keys. Raises `SnmpError`."""
    with reading():
        message, _ = decoder.decode(data, asn1Spec=SNMPv3Message())
        header = message["msgGlobalData"]
        security, _ = decoder.decode(bytes(message["msgSecurityParameters"]), asn1Spec=UsmSecurityParameters())
        if int(header["msgSecurityModel"]) != 3:
            raise SnmpError("Of SNMP v3 only the User-based Security Model (3) is spoken here.")
        return Envelope(
            id=int(header["msgID"]),
            flags=bytes(header["msgFlags"])[0],
            engine=bytes(security[0]),
            boots=int(security[1]),
            time=int(security[2]),
            user=bytes(security[3]).decode("utf-8", "surrogateescape"),
            mac=bytes(security[4]),
            salt=bytes(security[5]),
            data=message["msgData"],
            whole=data,
        )


def _request_id(envelope: Envelope) -> int:
    """The request a report is about, where it can be read; else 0."""
    try:
        with reading():
            return int(V2C.apiPDU.get_request_id(envelope.data.getComponent()["data"].getComponent()))
    except SnmpError:
        return 0


def _scoped_pdu(engine: bytes, context: bytes, pdu: Any) -> Any:
    scoped = ScopedPDU()
    scoped["contextEngineId"], scoped["contextName"] = univ.OctetString(engine), univ.OctetString(context)
    scoped["data"].setComponentByType(pdu.tagSet, pdu)
    return scoped
