"""Visits: what a page is given so that its events are believed. A visit names a session, whose it is and when it began.

It is signed and kept by nobody here; it says nothing about the address. What a visit may report is bounded (inbox.py).
"""

import hashlib
import secrets
import time
from typing import NamedTuple

from django.conf import settings
from django.core import signing

from accounts.access import Viewer

from .definitions import VISIT_HOURS

_signer = signing.Signer(salt="analytics.visit")


class Visit(NamedTuple):
    session: str
    issued_ms: int


def issue(viewer: Viewer) -> str:
    """A new visit for this person, or for somebody who is not logged in. Costs one HMAC."""
    return _signer.sign(f"{secrets.token_urlsafe(12)}.{viewer.pk or 0}.{int(time.time())}")


def read(viewer: Viewer, text: object) -> Visit | None:
    """The visit if we issued it to this very person (or to nobody, for somebody not logged in) within VISIT_HOURS."""
    if not isinstance(text, str) or len(text) > 200:
        return None
    try:
        session, person, issued = _signer.unsign(text).split(".")
    except (signing.BadSignature, ValueError):
        return None
    age = time.time() - int(issued)
    if int(person) != (viewer.pk or 0) or not -60 <= age <= VISIT_HOURS * 3600:
        return None
    return Visit(session, int(issued) * 1000)


def disguise(who: int | str, about: int) -> int:
    """64 bits that stand for somebody looking at one profile, and nowhere else: only who has SECRET_KEY can make them."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"looks").digest()
    kind = b"person" if isinstance(who, int) else b"visit"
    return int.from_bytes(
        hashlib.blake2b(f"{who}|{about}".encode(), digest_size=8, key=key, person=kind).digest()
    )
