"""Every write of analytics on somebody's behalf: events that come in, and facts that lower apps report.

Events are checked here and wait in Redis; rollups.py writes them. Nothing here waits for the database's write lock.
"""

import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer, visible_people
from socialapp.lib.clientip import rate_key
from socialapp.lib.errors import Invalid
from socialapp.lib.ids import parse_id
from socialapp.lib.ratelimit import limit
from videos.access import visible_videos
from videos.models import Video

from . import inbox, rollups
from .definitions import completion_needs, drop_reason, view_needs
from .models import Source

MAX_EVENTS = 100
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
_USERNAME = re.compile(r"[\w.]{1,24}\Z", re.ASCII)
_SOURCES = frozenset(Source.values)


def record_events(actor: Viewer, events: Any, *, address: str = "") -> dict[str, int]:
    """Check a batch of events and queue what is believed: `{"accepted": n, "dropped": m}`.

    One count against the rate limit, at most two queries (the gate over the clips, and over the profiles), one write to
    Redis. Raises Invalid for events that are not shaped as documented (then nothing is kept), TooMany, and Unavailable
    when Redis is away. What is unknown or hidden is dropped without a word, so that an answer never
    tells whether a clip exists.
    """
    limit("events", actor.pk or rate_key(address))
    viewings, looks = _parse(events)
    now = time.time()
    at_ms = int(now * 1000)
    reasons: Counter[str] = Counter()
    items = [*_viewings(actor, viewings, at_ms, reasons), *_looks(actor, looks, at_ms, reasons)]
    believed = len(items)
    items += [inbox.Item(rollups.dropped_record(reason, count, at_ms)) for reason, count in reasons.items()]
    replays = inbox.put(items, now=now)
    if replays:
        inbox.put([inbox.Item(rollups.dropped_record("replay", replays, at_ms))], now=now)
    return {"accepted": believed - replays, "dropped": sum(reasons.values()) + replays}


_Viewing = tuple[int, str, int, int, int, str]


def _parse(events: Any) -> tuple[list[_Viewing], list[tuple[str, str]]]:
    """Viewings and looks at profiles, or Invalid with a sentence for each field that is wrong."""
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        raise Invalid(
            _("Send `events`, a list of 1 to %(most)s events.") % {"most": MAX_EVENTS},
            code="bad_events",
            fields={"events": _("A list of 1 to %(most)s events.") % {"most": MAX_EVENTS}},
        )
    viewings: list[_Viewing] = []
    looks: list[tuple[str, str]] = []
    wrong: dict[str, str] = {}
    for number, event in enumerate(events):
        if not isinstance(event, dict):
            wrong[f"events.{number}"] = _("Each event is an object.")
            continue
        session = event.get("session")
        if not isinstance(session, str) or not _SESSION.match(session):
            wrong[f"events.{number}.session"] = _(
                "Up to 40 letters, digits, - and _ that stay the same during a visit."
            )
        elif "profile" in event:
            name = event["profile"]
            if isinstance(name, str) and _USERNAME.match(name):
                looks.append((name.lower(), session))
            else:
                wrong[f"events.{number}.profile"] = _("A user name.")
        else:
            viewing = _viewing(event, session, f"events.{number}.", wrong)
            viewings += [viewing] if viewing else []
    if wrong:
        first = next(iter(wrong))
        raise Invalid(
            _("%(field)s is not usable: %(reason)s") % {"field": first, "reason": wrong[first]},
            code="bad_events",
            fields=wrong,
        )
    return viewings, looks


def _viewing(event: dict[str, Any], session: str, path: str, wrong: dict[str, str]) -> _Viewing | None:
    video = event.get("video")
    if not isinstance(video, (str, int)) or isinstance(video, bool):
        wrong[path + "video"] = _("The clip's id.")
        return None
    watched, said = _number(event.get("watched_ms")), _number(event.get("duration_ms"))
    loops = _number(event.get("loops", 0))
    for name, value in (("watched_ms", watched), ("duration_ms", said), ("loops", loops)):
        if value is None:
            wrong[path + name] = _("A whole number, not below 0.")
            return None
    source = event.get("source", Source.OTHER)
    source = source.replace("-", "_") if isinstance(source, str) else ""
    # A newer page may know sources that this server does not; its views still count.
    return (
        parse_id(str(video)),
        session,
        watched or 0,
        said or 0,
        loops or 0,
        source if source in _SOURCES else Source.OTHER,
    )


def _number(value: Any) -> int | None:
    """A whole number of at most a day in milliseconds or so; players report fractions, which are cut."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 2**31 - 1:
        return None
    return int(value)


def _viewings(
    actor: Viewer, viewings: Sequence[_Viewing], at_ms: int, reasons: Counter[str]
) -> list[inbox.Item]:
    ids = {viewing[0] for viewing in viewings}
    rows = (
        visible_videos(actor).filter(pk__in=ids).values_list("pk", "author_id", "duration_ms") if ids else ()
    )
    visible = {pk: (author, duration) for pk, author, duration in rows}
    items = []
    for video, session, watched, said, loops, source in viewings:
        if video not in visible:
            reasons["hidden"] += 1
            continue
        author, duration = visible[video]
        if author == actor.pk:
            reasons["own"] += 1
        elif reason := drop_reason(watched, said, loops, duration):
            reasons[reason] += 1
        else:
            length = duration or said
            piece = rollups.view_piece(video, actor.pk, session, str(source), watched, length, loops, at_ms)
            mark = inbox.mark_of("v", actor.pk, session, video)
            items.append(
                inbox.Item(piece, mark, view_needs(length), completion_needs(length), watched, loops)
            )
    return items


def _looks(
    actor: Viewer, looks: Sequence[tuple[str, str]], at_ms: int, reasons: Counter[str]
) -> list[inbox.Item]:
    names = {name for name, _session in looks}
    found = visible_people(actor).alias(lower=Lower("username")).filter(lower__in=names) if names else None
    visible = (
        {name.lower(): pk for name, pk in found.values_list("username", "pk")} if found is not None else {}
    )
    items = []
    for name, session in looks:
        person = visible.get(name)
        if person is None:
            reasons["hidden"] += 1
        elif person == actor.pk:
            reasons["own"] += 1
        else:
            mark = inbox.mark_of("p", actor.pk, session, person)
            items.append(inbox.Item(rollups.profile_record(person, at_ms), mark))
    return items


# --- Facts from below: today's roll-ups follow them at once ---------------------------------------------------


def count_for_video(video_id: int, **figures: int) -> None:
    """Add likes, comments, shares or saves (negative when taken back) to the clip's and its creator's today.

    Three queries in one transaction; a clip that is gone counts nothing.
    """
    creator = Video.objects.filter(pk=video_id).values_list("author_id", flat=True).first()
    if creator is not None:
        rollups.add_today(creator, video_id, **figures)


def count_for_comment(comment_id: int) -> None:
    """Count a comment for its clip."""
    video = Video.objects.filter(comment_set=comment_id).values_list("pk", flat=True).first()
    if video is not None:
        count_for_video(video, comments=1)


def count_for_person(person_id: int, **figures: int) -> None:
    """Add followers won or lost to the person's today."""
    rollups.add_creator_days({(person_id, timezone.now().date()): figures})
