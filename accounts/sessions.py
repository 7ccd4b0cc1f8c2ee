"""Where people are logged in, and ending it. Which sessions a person has is kept by allauth's usersessions.

An open socket of a session that ended is closed by messaging, which watches the session's row.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _

from socialapp.lib.errors import NotFound

from .access import Viewer

# The first that fits counts: every browser also claims to be its ancestors.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("CriOS|Chrome|Chromium", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class LogIn:
    """One log-in of a person, as a page shows it."""

    id: int
    device: str
    address: str
    since: datetime
    is_this: bool


def device(user_agent: str) -> str:
    """A browser and a system in words; what is neither known is shown as it calls itself."""
    browser = next((name for sign, name in _BROWSERS if re.search(sign, user_agent)), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or user_agent[:60] or _("Unknown device")


def log_ins(viewer: Viewer) -> list[LogIn]:
    """Where the viewer is logged in, this place first, then the newest. Forgets ended ones on the way."""
    rows = [
        LogIn(row.pk, device(row.user_agent), row.ip, row.created_at, row.is_current())
        for row in UserSession.objects.purge_and_list(viewer)
    ]
    return sorted(rows, key=lambda row: (not row.is_this, -row.since.timestamp()))


def note(request: HttpRequest) -> None:
    """See that this log-in is listed, also one that came about past allauth (the admin's own page). Idempotent."""
    UserSession.objects.create_from_request(request)


def end_log_in(actor: Viewer, session_id: int) -> bool:
    """End one of the actor's log-ins; whether it was this one. Raises NotFound for anybody else's."""
    row = UserSession.objects.filter(user=actor, pk=session_id).first()
    if row is None:
        raise NotFound()
    this = bool(row.is_current())
    row.end()
    return this


def end_other_log_ins(actor: Viewer) -> int:
    """End every log-in of the actor's but this one; how many there were."""
    rows = [row for row in UserSession.objects.filter(user=actor) if not row.is_current()]
    for row in rows:
        row.end()
    return len(rows)


def end_sessions(person_id: int) -> int:
    """End every log-in of a person, on every device and token; how many there were."""
    rows = list(UserSession.objects.filter(user=person_id))
    for row in rows:
        row.end()
    return len(rows)
