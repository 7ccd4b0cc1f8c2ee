"""The creator's followers, whether following them back paid off, and how the creator's conversations go.

What takes long is in a Report (analytics.reports), which the page has asked for; here it is read and the gate is asked again
for every clip, sound and person in it.
"""

from typing import Any

from accounts.access import Viewer, person_card
from accounts.models import User
from accounts.suggestions import findable
from messaging.access import announcement_figures, message_figures
from videos.access import findable_sounds, own_videos, with_people
from videos.cards import sound_card

from .. import audience
from ..definitions import AUDIENCE_METRICS, MESSAGE_METRICS
from ..models import CreatorDay, Report
from .account import CREATOR_SUMS
from .comparing import clip_line, compared, definitions, side_by_side, signed_in, updated_at
from .periods import Period, period

GROWTH = ("followers_new", "followers_lost", "followers_net")


def followers(viewer: Viewer, span: Period | None = None) -> dict[str, Any]:
    """Growth in the period, and from 100 followers on what the followers are like: `state` is ready, making, or too_few with
    how many are `missing`. Seven queries at most.

    1 the account's days, 2 when they were brought up to date, 3 how many followers, 4 the report; 5 its clips, 6 sounds,
    7 people, each through the gate as it is now.
    """
    person = signed_in(viewer)
    span = span or period()
    rows = CreatorDay.objects.filter(creator=person, day__gte=span.start_before, day__lte=span.end)
    whole = compared(span, CREATOR_SUMS, rows.values("day", *CREATOR_SUMS))
    growth = {
        **whole,
        **{key: {name: whole[key][name] for name in GROWTH} for key in ("totals", "before", "delta")},
        **{
            key: [{"day": day["day"], **{name: day[name] for name in GROWTH}} for day in whole[key]]
            for key in ("series", "series_before")
        },
        "updated_at": updated_at(),
        "definitions": definitions(AUDIENCE_METRICS),
    }
    assert isinstance(viewer, User)  # noqa: S101 (signed_in said so)
    count = audience.followers_of(viewer).count()
    if count < audience.FROM_FOLLOWERS:
        return {
            **growth,
            "state": "too_few",
            "followers": count,
            "missing": audience.FROM_FOLLOWERS - count,
            "audience": None,
        }
    report = Report.objects.filter(creator=person, kind=Report.Kind.AUDIENCE).first()
    if report is None or report.made_at is None or report.body.get("state") != "ready":
        return {**growth, "state": "making", "followers": count, "missing": 0, "audience": None}
    shown = _audience(viewer, report.body) | {"made_at": report.made_at}
    return {**growth, "state": "ready", "followers": count, "missing": 0, "audience": shown}


def _audience(viewer: User, body: dict[str, Any]) -> dict[str, Any]:
    clips = with_people(own_videos(viewer)).in_bulk([int(pk) for pk, _n in body["clips"]])
    sounds = findable_sounds(viewer).in_bulk([int(pk) for pk, _n in body["sounds"]])
    # As for suggestions: nobody who does not want to be found, whom the viewer muted, or who is blocked; and, as it would tell
    # what a private account's clips draw, nobody private.
    people = findable_or_followed(viewer).in_bulk([int(pk) for pk, _n in body["creators"]])
    most = audience.LISTED
    return {
        "followers": body["followers"],
        "sample": body["sample"],
        "countries": body["countries"],
        "languages": body["languages"],
        "hours": body["hours"],
        "clips": [clip_line(clips[int(pk)]) | {"people": n} for pk, n in body["clips"] if int(pk) in clips][
            :most
        ],
        "sounds": [
            sound_card(sounds[int(pk)]) | {"people": n} for pk, n in body["sounds"] if int(pk) in sounds
        ][:most],
        "creators": [
            person_card(viewer, people[int(pk)]) | {"people": n}
            for pk, n in body["creators"]
            if int(pk) in people
        ][:most],
    }


def findable_or_followed(viewer: User) -> Any:
    """Whom a list of people may name to `viewer`: those suggestions may name, and those whom the viewer follows anyway; nobody
    private, muted, limited or across a block. Lazy."""
    return findable(viewer, followed=True).filter(privacy__is_private=False)


def follow_back(viewer: Viewer) -> dict[str, Any]:
    """The follow-back report: `state` is ready, missing (with what is) or making. One query."""
    person = signed_in(viewer)
    report = Report.objects.filter(creator=person, kind=Report.Kind.FOLLOW_BACK).first()
    if report is None or report.made_at is None:
        return {"state": "making", "made_at": None}
    return {**report.body, "made_at": report.made_at}


def messages(viewer: Viewer, span: Period | None = None) -> dict[str, Any]:
    """Response time and conversations in the period and in the one before, and its announcements. At most six queries and
    those of the announcements' clips: two a period, and those of `messaging.access.announcement_figures`."""
    signed_in(viewer)
    span = span or period()
    now = message_figures(viewer, span.start, span.end)
    before = message_figures(viewer, span.start_before, span.end_before)
    return {
        **side_by_side(span, (now["totals"], now["series"]), (before["totals"], before["series"])),
        "announcements": announcement_figures(viewer, span.start, span.end),
        "updated_at": updated_at(),
        "definitions": definitions(MESSAGE_METRICS),
    }
