"""The site's name to browsers' push services: a key of its own and a signed word for each of them (RFC 8292).

The private key is settings.VAPID_PRIVATE_KEY, or one made on first start and kept in DATA_DIR. Who is pushed what is
elsewhere.
"""

import base64
import contextlib
import functools
import os
import secrets
import time
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from py_vapid import Vapid02

# A word may be good for a day at most (RFC 8292, section 2); ours is for 11 to 12 hours, and made anew each hour.
_GOOD_FOR, _NEW_EVERY = 12 * 3600, 3600


def key_file() -> Path:
    """Where the key is kept when the settings name none."""
    return Path(settings.DATA_DIR) / "vapid_private_key"


def ensure_key() -> bool:
    """Make the key of this site if there is none; whether it did. Two processes that start together agree on one."""
    path = key_file()
    if settings.VAPID_PRIVATE_KEY or path.exists():
        return False
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    path.parent.mkdir(parents=True, exist_ok=True)
    candidate = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(candidate, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(_text(number.to_bytes(32, "big")) + "\n")
    try:
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(candidate)
            return True
        return False
    finally:
        candidate.unlink()


def read_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The key that 32 bytes in base64url stand for. Raises ValueError for anything else."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != 32:
        raise ValueError("not 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _given() -> str:
    if settings.VAPID_PRIVATE_KEY:
        return str(settings.VAPID_PRIVATE_KEY)
    ensure_key()
    return key_file().read_text().strip()


@functools.lru_cache(maxsize=4)
def _signer(text: str) -> Vapid02:
    # Its own opinion of a subject refuses addresses with a port; ours are judged when the site starts (socialapp.checks).
    return Vapid02(read_key(text), conf={"no-strict": True})


def public_key() -> str:
    """The key as browsers want it to subscribe (`applicationServerKey`): an uncompressed point in base64url."""
    point = _signer(_given()).public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return _text(point)


def authorization(endpoint: str) -> str:
    """The `Authorization` header for one push. It names the push service and us, never the person, and is kept for an hour."""
    parts = urlsplit(endpoint)
    return _word(_given(), settings.VAPID_SUBJECT, f"{parts.scheme}://{parts.netloc}", _hour())


def _hour() -> int:
    return int(time.time()) // _NEW_EVERY


@functools.lru_cache(maxsize=64)
def _word(key: str, subject: str, audience: str, hour: int) -> str:
    claims = {"aud": audience, "sub": subject, "exp": hour * _NEW_EVERY + _GOOD_FOR}
    return str(_signer(key).sign(claims)["Authorization"])
