"""The overview: the viewer's whole account."""

from typing import Any

from django.db.models import Sum
from django.db.models.functions import ExtractIsoWeekDay

from accounts.access import Viewer
from videos.access import own_videos, with_people

from ..definitions import METRICS, with_derived
from ..models import CreatorDay, HourDay, Sketch, VideoDay
from .comparing import VIDEO_SUMS, clip_line, compared, definitions, signed_in, updated_at, with_viewers
from .periods import Period, period

CREATOR_SUMS = (
    "impressions",
    "views",
    "watch_ms",
    "profile_views",
    "followers_new",
    "followers_lost",
    "likes",
    "comments",
    "shares",
    "saves",
)
TOP = 10


def overview(viewer: Viewer, span: Period | None = None) -> dict[str, Any]:
    """Totals, daily series and best clips of the viewer's account, against the period before. Eight queries at most.

    1 the account's days, 2 unique viewers of the last days (and 3, 4 of the finished ones, when the cache does not know them),
    5 the hours of the week, 6 the best clips' sums, 7 those clips, 8 when the figures were last brought up to date.
    """
    person = signed_in(viewer)
    span = span or period()
    rows = CreatorDay.objects.filter(creator=person, day__gte=span.start_before, day__lte=span.end)
    figures = compared(span, CREATOR_SUMS, rows.values("day", *CREATOR_SUMS))
    return {
        **with_viewers(figures, span, Sketch.Kind.CREATOR, person),
        "hours": _hours(person, span),
        "top": _top(viewer, span),
        "updated_at": updated_at(),
        "definitions": definitions(METRICS),
    }


def _hours(person: int, span: Period) -> list[dict[str, int]]:
    """Views by hour of the week, 0 being Monday 0:00 UTC, without the hours in which nobody watched."""
    days = HourDay.objects.filter(creator=person, day__gte=span.start, day__lte=span.end)
    rows: Any = days.annotate(weekday=ExtractIsoWeekDay("day")).values("weekday", "hour")
    summed = rows.annotate(sum_views=Sum("views")).filter(sum_views__gt=0).order_by("weekday", "hour")
    return [
        {"hour_of_week": (row["weekday"] - 1) * 24 + row["hour"], "views": row["sum_views"]} for row in summed
    ]


def _top(viewer: Viewer, span: Period) -> list[dict[str, Any]]:
    days: Any = VideoDay.objects.filter(creator=viewer.pk, day__gte=span.start, day__lte=span.end)
    summed = days.values("video").annotate(**{f"sum_{name}": Sum(name) for name in VIDEO_SUMS})
    # Twice as many as shown: removed ones fall out below.
    rows = summed.order_by("-sum_views", "-sum_watch_ms", "-video")[: 2 * TOP]
    sums = {row["video"]: {name: row[f"sum_{name}"] for name in VIDEO_SUMS} for row in rows}
    videos = with_people(own_videos(viewer)).in_bulk(list(sums))
    lines = [clip_line(videos[pk]) | with_derived(figures) for pk, figures in sums.items() if pk in videos]
    return lines[:TOP]
