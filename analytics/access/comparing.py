"""Two periods side by side, and what every page of figures says besides: whose, what they mean, how fresh they are."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from accounts.access import Viewer
from socialapp.lib.errors import NotSignedIn
from videos.media import cover_url
from videos.models import Video

from ..definitions import Metric, with_derived
from ..models import EventBatch
from ..reach import reach
from .periods import Period

VIDEO_SUMS = (
    "impressions",
    "views",
    "watch_ms",
    "completions",
    "skips",
    "rewatches",
    "likes",
    "comments",
    "shares",
    "saves",
    "followers_won",
)
# Totals of a period, and a row a day.
Summed = tuple[Mapping[str, Any], list[dict[str, Any]]]


def signed_in(viewer: Viewer) -> int:
    """Whose figures are read; raises NotSignedIn for visitors."""
    if not viewer.is_authenticated:
        raise NotSignedIn()
    return viewer.pk


def every_day(
    days: Iterable[date], names: Sequence[str], by_day: Mapping[date, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """A row a day with the derived figures; days that nothing happened on are zero."""
    series = []
    for day in days:
        row = by_day.get(day, {})
        series.append({"day": day, **with_derived({name: row.get(name, 0) for name in names})})
    return series


def compared(span: Period, names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Totals and daily series of `rows` (each with its `day`) in the period and in the one before. No query."""
    by_day = {row["day"]: row for row in rows}
    now, before = every_day(span.dates, names, by_day), every_day(span.dates_before, names, by_day)
    totals, totals_before = (
        with_derived({name: sum(day[name] for day in days) for name in names}) for days in (now, before)
    )
    return side_by_side(span, (totals, now), (totals_before, before))


def side_by_side(span: Period, now: Summed, before: Summed) -> dict[str, Any]:
    """What every page of figures says of its period and of the one before. No query."""
    (totals, series), (totals_before, series_before) = now, before
    return {
        "days": span.days,
        "start": span.start,
        "end": span.end,
        "totals": totals,
        "before": totals_before,
        "delta": {name: change(value, totals_before[name]) for name, value in totals.items()},
        "series": series,
        "series_before": series_before,
    }


def with_viewers(figures: dict[str, Any], span: Period, kind: int, subject: int) -> dict[str, Any]:
    """The figures of `compared` with unique viewers, which no sum of days can give. Three queries at most (reach.py)."""
    for part, series, first, last in (
        ("totals", "series", span.start, span.end),
        ("before", "series_before", span.start_before, span.end_before),
    ):
        found = reach(kind, subject, first, last)
        figures[part]["viewers"] = found.people
        for row in figures[series]:
            row["viewers"] = found.by_day.get(row["day"], 0)
    figures["delta"]["viewers"] = change(figures["totals"]["viewers"], figures["before"]["viewers"])
    return figures


def change(now: float | None, before: float | None) -> float | None:
    """The relative change, 0.25 for a quarter more; None when there is nothing before to compare with."""
    return (
        round((now - before) / before, 4) if now is not None and before is not None and before > 0 else None
    )


def updated_at() -> datetime | None:
    """When views were last counted; None before the first. One query."""
    return EventBatch.objects.order_by("-flushed_at").values_list("flushed_at", flat=True).first()


def definitions(metrics: Iterable[Metric]) -> dict[str, dict[str, str]]:
    """What each figure means, in the reader's language."""
    return {metric.name: {"label": str(metric.label), "meaning": str(metric.meaning)} for metric in metrics}


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
