"""Lists of people as files: whom somebody blocks, mutes or restricts, to keep, to carry elsewhere, to bring along.

Read generously (our own files, other programs', one name a line), written as one table: user name and the day.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy import access as privacy_access
from privacy import actions as privacy_actions
from socialapp.lib.errors import Invalid, NotFound, TooLarge

from .access import Viewer

MAX_NAMES = 500  # a file or a request: some seconds of work
MAX_BYTES = 256 * 1024
_NAME = re.compile(r"^(?:https?://[^/\s]+/)?@?([A-Za-z0-9][A-Za-z0-9._]{0,23})/?$")
_HEADINGS = {"username", "user name", "user", "name", "handle", "account"}


@dataclass(frozen=True)
class ShutOut:
    """One of the three lists: how it is read, who stands in its rows, how people get on and off it."""

    key: str
    who: str  # the row's field with the person
    rows: Any
    add: Any
    remove: Any
    title: Any
    meaning: Any


LISTS = {
    shown.key: shown
    for shown in (
        ShutOut(
            "blocked",
            "blocked",
            privacy_access.blocks,
            privacy_actions.block,
            privacy_actions.unblock,
            gettext_lazy("Blocked"),
            gettext_lazy(
                "You do not exist for each other: no profile, clips, comments or messages, in either direction."
            ),
        ),
        ShutOut(
            "muted",
            "muted",
            privacy_access.mutes,
            privacy_actions.mute,
            privacy_actions.unmute,
            gettext_lazy("Muted"),
            gettext_lazy("You do not see them in feeds and notifications. They do not notice."),
        ),
        ShutOut(
            "restricted",
            "restricted",
            privacy_access.restrictions,
            privacy_actions.restrict,
            privacy_actions.unrestrict,
            gettext_lazy("Restricted"),
            gettext_lazy(
                "Their comments wait for you, their messages arrive as requests, and they see neither whether you are"
                " online nor what you read. They do not notice."
            ),
        ),
    )
}


def get_list(key: str) -> ShutOut:
    """The list of this name; NotFound."""
    if key not in LISTS:
        raise NotFound()
    return LISTS[key]


def rows(viewer: Viewer, shown: ShutOut) -> "QuerySet[Model]":
    """The rows of the viewer's own list with their people, newest first by id."""
    found: QuerySet[Model] = shown.rows(viewer)
    return found


def entries(viewer: Viewer, shown: ShutOut) -> list[dict[str, Any]]:
    """The whole list for a file: `[{username, since}]`, newest first. One query."""
    found: list[Any] = list(rows(viewer, shown))
    return [{"username": getattr(row, shown.who).username, "since": row.created_at} for row in found]


def as_csv(found: Iterable[dict[str, Any]]) -> str:
    """One line a person below the headings. User names cannot start a formula: they begin with a letter or number."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["username", "since"])
    for entry in found:
        since = entry["since"]
        table.writerow([entry["username"], since.isoformat() if isinstance(since, datetime) else since])
    return out.getvalue()


def read_file(file: Any) -> list[str]:
    """The user names in a file of ours or another's: JSON, CSV, or one a line. Invalid or TooLarge with a sentence."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TooLarge(_("This file is larger than %(size)s kB. Split it.") % {"size": MAX_BYTES // 1024})
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable() from error
    if text.lstrip()[:1] in ("[", "{"):
        try:
            return tidy(_names_in(orjson.loads(text)))
        except orjson.JSONDecodeError as error:
            raise _unreadable() from error
    try:
        table = [
            line for line in csv.reader(io.StringIO(text, newline="")) if any(cell.strip() for cell in line)
        ]
    except csv.Error as error:
        raise _unreadable() from error
    heading = [cell.strip().lower() for cell in table[0]] if table else []
    column = next((place for place, cell in enumerate(heading) if cell in _HEADINGS), None)
    body = table if column is None else table[1:]
    return tidy(line[column or 0] for line in body if len(line) > (column or 0))


def _names_in(value: Any) -> list[Any]:
    """Names in JSON: a list of them, or of objects with a name, or an object that holds such a list."""
    if isinstance(value, dict):
        value = next(
            (value[key] for key in ("people", "usernames", "users", "results") if key in value), None
        )
    if not isinstance(value, list):
        raise _unreadable()
    return [entry.get("username") if isinstance(entry, dict) else entry for entry in value]


def tidy(names: Iterable[Any]) -> list[str]:
    """Each name once, without @ and address around it. Invalid when none is left, one is no name, or past MAX_NAMES."""
    found: dict[str, str] = {}
    for name in names:
        text = name.strip() if isinstance(name, str) else ""
        if not text:
            continue
        match = _NAME.match(text)
        if match is None:
            raise Invalid(
                _("“%(text)s” is not a user name. Put one name on each line.") % {"text": text[:60]},
                code="not_a_name",
                fields={"usernames": _("Put one user name on each line.")},
            )
        found.setdefault(match[1].lower(), match[1])
    if not found:
        raise Invalid(
            _("There are no user names here."), code="no_names", fields={"usernames": _("Name somebody.")}
        )
    if len(found) > MAX_NAMES:
        raise Invalid(
            _("At most %(count)s people at a time. Split the list.") % {"count": MAX_NAMES},
            code="too_many_names",
        )
    return list(found.values())


def _unreadable() -> Invalid:
    problem = _("This file cannot be read. Choose a CSV or JSON file with user names.")
    return Invalid(problem, code="unreadable_list", fields={"file": problem})
