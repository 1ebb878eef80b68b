"""Who is calling: signed tokens that carry a kind, an id and a role.

A token is `bedrock.<claims>.<signature>`: base64url JSON under HMAC-SHA256. Demo tokens stand for fixed made-up
people; they are marked, and a server outside demo mode refuses them.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from atlas.settings import Settings

PREFIX = "bedrock"
LIFETIME = 30 * 24 * 3600
STAFF_ROLES = ("support", "noc", "noc_lead", "admin")
#: A machine that sends alarms, and may do nothing else.
FEED_ROLE = "feed"
#: The demo's staff: user name -> role. A subscriber's demo token is `subscriber:<number>`.
DEMO_STAFF = {"anna": "noc", "ben": "noc", "lena": "noc_lead", "sam": "support", "ada": "admin"}


class TokenError(ValueError):
    """A token does not hold; the message says why, for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `id` is a subscriber number or a staff user name; `expires` is Unix seconds."""

    id: str
    role: str
    expires: int
    demo: bool = False


def signing_key(settings: Settings) -> bytes:
    """The configured secret, or one made on first use and kept, readable by its owner alone, in `home`."""
    if settings.token_secret:
        return settings.token_secret.get_secret_value().encode()
    path = settings.home / "secret"
    if not path.exists():
        _create_once(path, secrets.token_hex(32))
    return path.read_bytes().strip()


def _create_once(path: Path, content: str) -> None:
    """Write a file that appears whole or not at all; the first of several processes wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def issue(key: bytes, id: str, role: str, *, lifetime: int = LIFETIME, demo: bool = False) -> str:
    """A token for one person, good for `lifetime` seconds of wall-clock time."""
    claims = Claims(id, role, int(time.time()) + lifetime, demo)
    body = _encode(json.dumps(asdict(claims), separators=(",", ":")).encode())
    return f"{PREFIX}.{body}.{_sign(key, body)}"


def demo_token(key: bytes, who: str) -> str:
    """A demo token for `noc:anna`, `support:sam`, … or `subscriber:<number>`. ValueError for anyone else."""
    role, _, id = who.partition(":")
    if role == "subscriber" and id:
        return issue(key, id, role, demo=True)
    if id and DEMO_STAFF.get(id) == role:
        return issue(key, id, role, demo=True)
    known = ", ".join(f"{role}:{user}" for user, role in DEMO_STAFF.items())
    raise ValueError(f"There is no demo user {who!r}; there are {known} and subscriber:<number>.")


def demo_tokens(key: bytes) -> dict[str, str]:
    """A token for each of the demo's staff, by `role:user`."""
    return {f"{role}:{user}": demo_token(key, f"{role}:{user}") for user, role in DEMO_STAFF.items()}


def read_token(key: bytes, token: str, *, demo_mode: bool) -> Claims:
    """The claims of a token that holds; TokenError for one that doesn't."""
    prefix, _, rest = token.partition(".")
    body, _, signature = rest.partition(".")
    if prefix != PREFIX or not hmac.compare_digest(signature.encode(), _sign(key, body).encode()):
        raise TokenError("The token was not signed by this server; get one from its operator.")
    try:
        claims = Claims(**json.loads(_decode(body)))
    except (ValueError, TypeError, binascii.Error) as error:
        raise TokenError("The token is of a form this server does not know.") from error
    if claims.expires < time.time():
        raise TokenError("The token has expired; get a new one.")
    if claims.demo and not demo_mode:
        raise TokenError("Demo tokens work only on a server in demo mode.")
    return claims


def _sign(key: bytes, body: str) -> str:
    return _encode(hmac.new(key, body.encode(), hashlib.sha256).digest())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
