"""Handing one push over to a browser's push service: which addresses are let, encryption, the request, what the answer means.

RFC 8030 (the protocol), 8291 and 8188 (aes128gcm), 8292 (vapid.py). Touches no database.
"""

import base64
import binascii
import hashlib
import logging
import threading
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from . import vapid

log = logging.getLogger(__name__)

ENDPOINT_LENGTH = 1000
MOST = (
    3072  # bytes of a push before encryption; every push service takes 4096 after it (RFC 8030, section 7.2)
)
SECONDS = (3.05, 8)  # to connect, and between two pieces of the answer
KEPT_SECONDS = 86_400  # a browser that was off longer than that has the inbox
MOST_OF_AN_ANSWER = 4096
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_STEP = 512  # what is said is filled up to a multiple of this many bytes, so that its length tells less


class Outcome(Enum):
    """What became of one push to one browser."""

    SENT = "sent"
    GONE = "gone"  # there is no such subscription any more
    LATER = "later"  # the service is busy or away
    REFUSED = "refused"  # it will never take this one


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    retry_after: int = 0  # seconds the service asks us to wait
    status: int = 0  # 0: it did not answer


@dataclass(frozen=True)
class Target:
    """One browser, and the keys only it can read with."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint).netloc


def allows(endpoint: str) -> bool:
    """Whether pushes may be sent to this address: https on its usual port at one of settings.WEB_PUSH_HOSTS.

    Browsers name the address, so anything else would let people make our workers call hosts of their choice. Plain http
    and other ports are for loopback alone, and only where the settings name it.
    """
    if (
        len(endpoint) > ENDPOINT_LENGTH
        or not endpoint.isascii()
        or not endpoint.isprintable()
        or "\\" in endpoint
    ):
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        return False
    if host in LOOPBACK:
        return host in settings.WEB_PUSH_HOSTS and parts.scheme in ("http", "https")
    if parts.scheme != "https" or port not in (None, 443):
        return False
    return any(
        host.endswith(known[1:]) and host != known[2:] if known.startswith("*.") else host == known
        for known in (name.lower() for name in settings.WEB_PUSH_HOSTS)
    )


def keys_fit(p256dh: str, auth: str) -> bool:
    """Whether these are a point on the curve and 16 bytes, as RFC 8291 wants them. Else nothing could be encrypted."""
    try:
        point, secret = (base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in (p256dh, auth))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error):
        return False
    return len(point) == 65 and len(secret) == 16


def topic(tag: str) -> str:
    """A name for what replaces what while a browser is off (RFC 8030, section 5.4). Tells the service nothing."""
    digest = hashlib.blake2b(tag.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hand_over(target: Target, body: bytes, *, tag: str, urgent: bool = False) -> Answer:
    """Encrypt `body` for one browser and give it to its push service; `tag` names what it replaces.

    One try, at most about 11 s. Never raises: what goes wrong is an Answer. The address is asked again here, because the
    list of hosts may have changed since it was kept.
    """
    from pywebpush import WebPusher  # brings aiohttp along: memory that only the worker that pushes needs

    if not allows(target.endpoint) or not keys_fit(target.p256dh, target.auth) or len(body) > MOST:
        return Answer(Outcome.REFUSED)
    headers = {
        "Authorization": vapid.authorization(target.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "high" if urgent else "normal",
        "Topic": topic(tag),
    }
    keys = {"p256dh": target.p256dh, "auth": target.auth}
    filled = body + b" " * (-len(body) % _STEP)
    sealed = WebPusher({"endpoint": target.endpoint, "keys": keys}).encode(filled)["body"]
    try:
        return _post(target.endpoint, sealed, headers)
    except (requests.RequestException, OSError) as error:
        # The address is a key to somebody's browser: only its host is kept.
        log.warning("push service %s did not answer: %s", target.host, type(error).__name__)
        return Answer(Outcome.LATER)


def _post(endpoint: str, sealed: bytes, headers: dict[str, str]) -> Answer:
    host = urlsplit(endpoint).hostname or ""
    proxies = {} if host in LOOPBACK or urllib.request.proxy_bypass(host) else urllib.request.getproxies()
    with _session().post(
        endpoint,
        sealed,
        headers=headers,
        timeout=SECONDS,
        allow_redirects=False,
        proxies=proxies,
        stream=True,
    ) as answer:
        answer.raw.read(MOST_OF_AN_ANSWER)
        return _meaning(answer)


_local = threading.local()


def _session() -> requests.Session:
    """Connections are kept, one set a thread; cookies and what lies in ~/.netrc are not."""
    if not hasattr(_local, "session"):
        session = requests.Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        _local.session = session
    return _local.session


def _meaning(answer: requests.Response) -> Answer:
    status = answer.status_code
    if 200 <= status < 300:
        return Answer(Outcome.SENT, status=status)
    log.warning("push service %s answered %s", urlsplit(answer.url).netloc, status)
    if status in (404, 410):
        return Answer(Outcome.GONE, status=status)
    if status in (408, 425, 429) or status >= 500:
        return Answer(Outcome.LATER, _seconds(answer.headers), status)
    return Answer(Outcome.REFUSED, status=status)


def _seconds(headers: Any) -> int:
    """`Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3); at most a day, 0 when there is none."""
    said = headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdigit():
        return min(int(said[:9]), KEPT_SECONDS)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0, round((moment - datetime.now(UTC)).total_seconds())), KEPT_SECONDS)
