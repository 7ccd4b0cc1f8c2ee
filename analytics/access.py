"""Every read of figures on a person's behalf. People see the figures of their own clips and account, nobody else's.

All of it comes from the roll-ups: the cost depends on the days shown and on the creator's clips, never on the views.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer
from socialapp.lib.errors import Invalid, NotFound, NotSignedIn
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import Page, keyset_page
from videos.access import own_videos, with_people
from videos.media import cover_url
from videos.models import Video

from .definitions import METRICS, RANGES, VIDEO_METRICS, with_derived
from .models import CreatorDay, EventBatch, VideoDay

CREATOR_SUMS = (
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
VIDEO_SUMS = ("views", "watch_ms", "completions", "likes", "comments", "shares", "saves")
TOP = 10


@dataclass(frozen=True)
class Period:
    """Whole UTC days, today being the last, and as many before them to compare with."""

    days: int
    today: date

    @property
    def start(self) -> date:
        return self.today - timedelta(days=self.days - 1)

    @property
    def start_before(self) -> date:
        return self.start - timedelta(days=self.days)


def period(days: str | int | None = None) -> Period:
    """The last 7, 28, 60 or 365 days; 28 when nothing is said. Raises Invalid for other numbers."""
    text = str(days or 28)
    if text not in {str(choice) for choice in RANGES}:
        message = _("Choose the last 7, 28, 60 or 365 days.")
        raise Invalid(message, code="bad_range", fields={"days": message})
    return Period(int(text), timezone.now().date())


def overview(viewer: Viewer, days: str | int | None = None) -> dict[str, Any]:
    """Totals, daily series and best clips of the viewer's account, against the period before. Four queries.

    1 the account's days, 2 the best clips' sums, 3 those clips, 4 when the figures were last brought up to date.
    """
    person = _signed_in(viewer)
    span = period(days)
    rows = CreatorDay.objects.filter(creator=person, day__gte=span.start_before)
    figures = _compared(span, CREATOR_SUMS, rows.values("day", *CREATOR_SUMS))
    return {
        **figures,
        "top": _top(viewer, span),
        "updated_at": updated_at(),
        "definitions": definitions(METRICS),
    }


def video_figures(viewer: Viewer, video_id: str | int, days: str | int | None = None) -> dict[str, Any]:
    """Totals and daily series of one of the viewer's own clips; NotFound for any other. Three queries."""
    _signed_in(viewer)
    span = period(days)
    number = video_id if isinstance(video_id, int) else parse_id(video_id)
    video = with_people(own_videos(viewer)).filter(pk=number).first()
    if video is None:
        raise NotFound()
    rows = VideoDay.objects.filter(video=video, day__gte=span.start_before)
    figures = _compared(span, VIDEO_SUMS, rows.values("day", *VIDEO_SUMS))
    return {
        **figures,
        "video": clip_line(video),
        "updated_at": updated_at(),
        "definitions": definitions(VIDEO_METRICS),
    }


def content(
    viewer: Viewer, days: str | int | None = None, cursor: str | None = None
) -> tuple[Page[Video], list[dict[str, Any]]]:
    """A page of the viewer's clips, newest first, each with its sums of the period. Two queries."""
    _signed_in(viewer)
    span = period(days)
    page = keyset_page(with_people(own_videos(viewer)), cursor)
    sums = _sums_of(page.items, span)
    return page, [clip_line(video) | with_derived(sums[video.pk]) for video in page.items]


def updated_at() -> datetime | None:
    """When views were last counted; None before the first. One query."""
    return EventBatch.objects.order_by("-flushed_at").values_list("flushed_at", flat=True).first()


def clip_line(video: Video) -> dict[str, Any]:
    """How a clip is named in lists of figures. The clip must come through `with_people`."""
    return {
        "id": str(video.pk),
        "caption": video.caption,
        "cover": cover_url(video) if video.cover else None,
        "url": video.get_absolute_url(),
        "studio_url": f"/studio/videos/{video.pk}/",
        "state": video.state,
        "audience": video.audience,
        "duration": video.duration_ms / 1000,
        "published_at": video.published_at,
    }


def definitions(metrics: Iterable[Any]) -> dict[str, dict[str, str]]:
    """What each figure means, in the reader's language."""
    return {metric.name: {"label": str(metric.label), "meaning": str(metric.meaning)} for metric in metrics}


def _signed_in(viewer: Viewer) -> int:
    if not viewer.is_authenticated:
        raise NotSignedIn()
    return viewer.pk


def _compared(span: Period, names: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Two periods side by side: every day is there, days without a row are zero."""
    by_day = {row["day"]: row for row in rows}

    def series(first: date) -> list[dict[str, Any]]:
        found = []
        for offset in range(span.days):
            day = first + timedelta(days=offset)
            row = by_day.get(day, {})
            found.append({"day": day, **with_derived({name: row.get(name, 0) for name in names})})
        return found

    now, before = series(span.start), series(span.start_before)
    totals, totals_before = (
        with_derived({name: sum(day[name] for day in days) for name in names}) for days in (now, before)
    )
    return {
        "days": span.days,
        "start": span.start,
        "end": span.today,
        "totals": totals,
        "before": totals_before,
        "delta": {name: change(totals[name], totals_before[name]) for name in totals},
        "series": now,
        "series_before": before,
    }


def change(now: float | None, before: float | None) -> float | None:
    """The relative change, 0.25 for a quarter more; None when there is nothing before to compare with."""
    return (
        round((now - before) / before, 4) if now is not None and before is not None and before > 0 else None
    )


def _top(viewer: Viewer, span: Period) -> list[dict[str, Any]]:
    days: Any = VideoDay.objects.filter(creator=viewer.pk, day__gte=span.start, day__lte=span.today)
    summed = days.values("video").annotate(**{f"sum_{name}": Sum(name) for name in VIDEO_SUMS})
    # Twice as many as shown: removed ones fall out below.
    rows = summed.order_by("-sum_views", "-sum_watch_ms", "-video")[: 2 * TOP]
    sums = {row["video"]: {name: row[f"sum_{name}"] for name in VIDEO_SUMS} for row in rows}
    videos = with_people(own_videos(viewer)).in_bulk(list(sums))
    lines = [clip_line(videos[pk]) | with_derived(figures) for pk, figures in sums.items() if pk in videos]
    return lines[:TOP]


def _sums_of(videos: list[Video], span: Period) -> dict[int, dict[str, int]]:
    sums = {video.pk: dict.fromkeys(VIDEO_SUMS, 0) for video in videos}
    rows = VideoDay.objects.filter(video__in=list(sums), day__gte=span.start, day__lte=span.today)
    for row in rows.values("video", *VIDEO_SUMS):
        for name in VIDEO_SUMS:
            sums[row["video"]][name] += row[name]
    return sums
