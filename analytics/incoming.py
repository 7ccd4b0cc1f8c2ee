"""The shape of events as pages and programs send them, version 1: parsed here, or refused with a sentence a field.

Whether they are believed is actions.py's business.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from socialapp.lib.errors import Invalid
from socialapp.lib.ids import parse_id

from .models import Source
from .retention import Part

VERSION = 1
MAX_EVENTS = 100
MAX_PARTS = 200
KINDS = ("view", "impression", "profile", "follow")
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_USERNAME = re.compile(r"[\w.]{1,24}\Z", re.ASCII)
_SOURCES = frozenset(Source.values)
_MOST = 2**31 - 1


class Said(NamedTuple):
    """One event as it was sent. What its kind does not have is empty."""

    kind: str
    session: str
    video: int = 0
    username: str = ""  # in small letters
    source: str = Source.OTHER
    watched_ms: int = 0
    duration_ms: int = 0
    loops: int = 0
    played: tuple[Part, ...] = ()
    skipped: bool = False
    promotion: int | None = None


class Beacon(NamedTuple):
    events: list[Said]
    batch: str  # the client's name for it; "" for none
    visit: object  # not believed yet


class _Wrong(Exception):
    """A field of an event, and the sentence about it."""


def parse(body: Any) -> Beacon:
    """A whole beacon. Raises Invalid that names every field that is wrong; then none of it is used."""
    if not isinstance(body, dict):
        body = {}
    if body.get("v", VERSION) != VERSION:
        raise _refusal({"v": _("This site understands version %(version)s.") % {"version": VERSION}})
    batch = body.get("batch", "")
    if batch != "" and not (isinstance(batch, str) and _SESSION.match(batch)):
        raise _refusal({"batch": _("Up to 40 letters, digits, - and _ that no other batch of yours has.")})
    events = body.get("events")
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        raise Invalid(
            _("Send `events`, a list of 1 to %(most)s events.") % {"most": MAX_EVENTS},
            code="bad_events",
            fields={"events": _("A list of 1 to %(most)s events.") % {"most": MAX_EVENTS}},
        )
    visit = body.get("visit")
    found, wrong = [], {}
    for number, event in enumerate(events):
        try:
            found.append(_event(event, bool(visit)))
        except _Wrong as error:
            field, sentence = error.args
            wrong[f"events.{number}.{field}".rstrip(".")] = sentence
    if wrong:
        raise _refusal(wrong)
    return Beacon(found, batch, visit)


def _refusal(wrong: dict[str, str]) -> Invalid:
    first = next(iter(wrong))
    return Invalid(
        _("%(field)s is not usable: %(reason)s") % {"field": first, "reason": wrong[first]},
        code="bad_events",
        fields=wrong,
    )


def _event(event: Any, in_visit: bool) -> Said:
    if not isinstance(event, dict):
        raise _Wrong("", _("Each event is an object."))
    session = event.get("session", "" if in_visit else None)
    if not isinstance(session, str) or not (_SESSION.match(session) or (in_visit and not session)):
        raise _Wrong("session", _("Up to 40 letters, digits, - and _ that stay the same during a visit."))
    # Before there were kinds, a look at a profile was told by its field.
    kind = event.get("kind", "profile" if "profile" in event else "view")
    if not isinstance(kind, str) or kind not in _PARSERS:
        raise _Wrong("kind", _("One of: %(kinds)s.") % {"kinds": ", ".join(KINDS)})
    return _PARSERS[kind](event, session)


def _view(event: dict[str, Any], session: str) -> Said:
    video = _video(event)
    numbers = [_number(event, name) for name in ("watched_ms", "duration_ms")]
    skipped = event.get("skipped", False)
    if not isinstance(skipped, bool):
        raise _Wrong("skipped", _("Yes or no."))
    return Said(
        kind="view",
        session=session,
        video=video,
        source=_source(event),
        watched_ms=numbers[0],
        duration_ms=numbers[1],
        loops=_number(event, "loops", 0),
        played=_parts(event.get("played") or []),
        skipped=skipped,
        promotion=_promotion(event),
    )


def _impression(event: dict[str, Any], session: str) -> Said:
    return Said(
        "impression",
        session,
        video=_video(event),
        source=_source(event),
        promotion=_promotion(event),
    )


def _profile(event: dict[str, Any], session: str) -> Said:
    return Said("profile", session, username=_name(event, "profile"), source=_source(event))


def _follow(event: dict[str, Any], session: str) -> Said:
    video = _video(event) if event.get("video") is not None else 0
    return Said(
        "follow",
        session,
        video=video,
        username=_name(event, "follow"),
        source=_source(event),
        promotion=_promotion(event),
    )


_PARSERS: dict[str, Callable[[dict[str, Any], str], Said]] = {
    "view": _view,
    "impression": _impression,
    "profile": _profile,
    "follow": _follow,
}


def _video(event: dict[str, Any]) -> int:
    video = event.get("video")
    if not isinstance(video, (str, int)) or isinstance(video, bool):
        raise _Wrong("video", _("The clip's id."))
    return parse_id(str(video))


def _name(event: dict[str, Any], field: str) -> str:
    name = event.get(field)
    if not isinstance(name, str) or not _USERNAME.match(name):
        raise _Wrong(field, _("A user name."))
    return name.lower()


def _number(event: dict[str, Any], field: str, default: int | None = None) -> int:
    """A whole number of at most a day in milliseconds or so; players report fractions, which are cut."""
    value = event.get(field, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= _MOST:
        raise _Wrong(field, _("A whole number, not below 0."))
    return int(value)


def _promotion(event: dict[str, Any]) -> int | None:
    promotion = event.get("promotion")
    if promotion is None:
        return None
    found = parse_id(str(promotion)) if isinstance(promotion, (str, int)) else 0
    if not found:
        raise _Wrong("promotion", _("The promotion's id."))
    return found


def _source(event: dict[str, Any]) -> str:
    """A newer page may know sources that this server does not; its views still count."""
    source = event.get("source", "")
    source = source.replace("-", "_") if isinstance(source, str) else ""
    return source if source in _SOURCES else Source.OTHER.value


def _parts(parts: Any) -> tuple[Part, ...]:
    sentence = _("Up to %(most)s pairs [from, to] of milliseconds, in the order they were played.")
    if not isinstance(parts, list) or len(parts) > MAX_PARTS:
        raise _Wrong("played", sentence % {"most": MAX_PARTS})
    found = []
    for part in parts:
        if (
            not isinstance(part, list)
            or len(part) != 2
            or not all(isinstance(at, (int, float)) and not isinstance(at, bool) for at in part)
            or not 0 <= part[0] <= part[1] <= _MOST
        ):
            raise _Wrong("played", sentence % {"most": MAX_PARTS})
        found.append((int(part[0]), int(part[1])))
    return tuple(found)
