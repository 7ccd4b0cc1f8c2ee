"""Who a socket belongs to: the Origin check, the session behind it, and whether that session still holds."""

import hashlib
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token, session_store
from django.conf import settings
from django.contrib import auth
from django.http.request import split_domain_port, validate_host


@dataclass(frozen=True, slots=True)
class Identity:
    """The person and session a socket was opened with. `session` is a hash: the key itself goes nowhere."""

    person_id: int
    username: str
    session: str
    key: str
    by_token: bool


def session_hash(key: str) -> str:
    """A session's name on the wire between our processes."""
    return hashlib.blake2b(key.encode(), digest_size=16, person=b"glint-session").hexdigest()


def origin_allowed(headers: dict[bytes, bytes]) -> bool:
    """Whether a browser's `Origin` is ours: BASE_URL, or the very host it talks to when ALLOWED_HOSTS has it.

    A program sends none and shows a token instead; a cookie without Origin is refused, since browsers always send it.
    (RFC 6455, section 10.2: this is what stands in for CSRF tokens.)
    """
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not origin:
        return b"x-session-token" in headers
    if origin.lower() == settings.BASE_URL.lower():
        return True
    parts = urlsplit(origin)
    host = headers.get(b"host", b"").decode("latin-1")
    allowed = settings.ALLOWED_HOSTS or (["localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])
    name, _port = split_domain_port(host)
    return (
        parts.scheme in ("http", "https")
        and parts.netloc.lower() == host.lower()
        and bool(name)
        and validate_host(name, allowed)
    )


def identify(headers: dict[bytes, bytes]) -> Identity | None:
    """The person behind the token or the session cookie; None for nobody. Two queries at most, one when cached."""
    token = headers.get(b"x-session-token", b"").decode("latin-1")
    if token:
        return _by_key(token, by_token=True)
    cookie: SimpleCookie = SimpleCookie()
    try:
        cookie.load(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return None
    morsel = cookie.get(settings.SESSION_COOKIE_NAME)
    return _by_key(morsel.value, by_token=False) if morsel and morsel.value else None


def _by_key(key: str, *, by_token: bool) -> Identity | None:
    person: Any
    if by_token:
        found = authenticate_by_x_session_token(key)
        person = found[0] if found else None
    else:
        session = session_store(key)
        # auth.get_user checks the backend, that the person is active, and the password's hash in the session.
        person = auth.get_user(SimpleNamespace(session=session)) if session.get(auth.SESSION_KEY) else None  # type: ignore[arg-type]
    if person is None or not person.is_authenticated or not person.is_active:
        return None
    return Identity(person.pk, person.username, session_hash(key), key, by_token)


def still_holds(identity: Identity) -> bool:
    """Whether the socket's session would still log the same person in."""
    now = _by_key(identity.key, by_token=identity.by_token)
    return now is not None and now.person_id == identity.person_id
