"""The keys of the SNMP v3 User-based Security Model (RFC 3414, RFC 3826, RFC 7860) and what is done with them.

Signing is the standard library's HMAC; stretching of passwords, localised keys and ciphers are pysnmp's.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyasn1.type import univ
from pysnmp.entity import config
from pysnmp.proto.error import StatusInformation
from pysnmp.proto.secmod.rfc3414 import localkey

from atlas.feed_settings import SnmpUser


@dataclass(frozen=True, slots=True)
class Auth:
    """An authentication protocol: its hash, how many bytes of the HMAC travel, and pysnmp's name of it."""

    hash: Callable[..., Any]
    length: int
    id: tuple[int, ...]


AUTH = {
    "MD5": Auth(hashlib.md5, 12, config.USM_AUTH_HMAC96_MD5),
    "SHA": Auth(hashlib.sha1, 12, config.USM_AUTH_HMAC96_SHA),
    "SHA-224": Auth(hashlib.sha224, 16, config.USM_AUTH_HMAC128_SHA224),
    "SHA-256": Auth(hashlib.sha256, 24, config.USM_AUTH_HMAC192_SHA256),
    "SHA-384": Auth(hashlib.sha384, 32, config.USM_AUTH_HMAC256_SHA384),
    "SHA-512": Auth(hashlib.sha512, 48, config.USM_AUTH_HMAC384_SHA512),
}
PRIV = {
    "DES": config.USM_PRIV_CBC56_DES,
    "3DES": config.USM_PRIV_CBC168_3DES,
    "AES": config.USM_PRIV_CFB128_AES,
    "AES-192": config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES-256": config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "AES-192-C": config.USM_PRIV_CFB192_AES,
    "AES-256-C": config.USM_PRIV_CFB256_AES,
}


class DecryptionError(Exception):
    """What was said to be encrypted cannot be decrypted."""


@dataclass(frozen=True, slots=True)
class Master:
    """A user's passwords, stretched once: a megabyte is hashed for each. `repr` shows none of it."""

    user: SnmpUser
    auth_key: Any
    priv_key: Any

    def __repr__(self) -> str:
        return f"Master({self.user.name!r})"


def stretch(user: SnmpUser) -> Master:
    """The master keys of a user (RFC 3414 section 2.6)."""
    auth = AUTH[user.auth]
    auth_key = localkey.hash_passphrase(user.auth_password.get_secret_value().encode(), auth.hash)
    priv_key = None
    if user.priv and user.priv_password:
        service = config.PRIV_SERVICES[PRIV[user.priv]]
        priv_key = service.hash_passphrase(auth.id, user.priv_password.get_secret_value().encode())
    return Master(user, auth_key, priv_key)


class Keys:
    """A user's keys for messages of one engine, whose id is mixed into them."""

    def __init__(self, master: Master, engine: bytes) -> None:
        self.user, self._auth = master.user, AUTH[master.user.auth]
        engine_id = univ.OctetString(engine)
        self._auth_key = bytes(localkey.localize_key(master.auth_key, engine_id, self._auth.hash))
        self._cipher, self._priv_key = None, None
        if self.user.priv:
            self._cipher = config.PRIV_SERVICES[PRIV[self.user.priv]]
            self._priv_key = self._cipher.localize_key(self._auth.id, master.priv_key, engine_id)

    def verify(self, whole: bytes, mac: bytes) -> bool:
        """Whether a message was signed with this key: `mac` is counted as zeros where it stands in the whole."""
        if len(mac) != self._auth.length or (at := whole.find(mac)) < 0:
            return False
        return hmac.compare_digest(mac, self._mac(whole, at))

    def sign(self, encoded: Callable[[bytes], bytes]) -> bytes:
        """A message with its signature; `encoded` writes it out around the bytes of a signature."""
        mark = secrets.token_bytes(self._auth.length)
        whole = encoded(mark)
        return encoded(self._mac(whole, whole.index(mark)))

    def _mac(self, whole: bytes, at: int) -> bytes:
        length = self._auth.length
        blank = whole[:at] + bytes(length) + whole[at + length :]
        return hmac.new(self._auth_key, blank, self._auth.hash).digest()[:length]

    def decrypt(self, boots: int, time: int, salt: bytes, data: bytes) -> bytes:
        """The plain text, perhaps with padding after it. Raises `DecryptionError`."""
        assert self._cipher is not None
        try:
            parameters = (boots, time, univ.OctetString(salt))
            return bytes(self._cipher.decrypt_data(self._priv_key, parameters, univ.OctetString(data)))
        except (StatusInformation, ValueError) as error:
            raise DecryptionError from error

    def encrypt(self, boots: int, time: int, data: bytes) -> tuple[bytes, bytes]:
        """The cipher text and the salt that goes with it."""
        assert self._cipher is not None
        text, salt = self._cipher.encrypt_data(self._priv_key, (boots, time, None), data)
        return bytes(text), bytes(salt)
