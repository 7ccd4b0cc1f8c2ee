"""One of the viewer's own clips in depth: figures, where it was met, from where it was watched, and second by second."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db.models import Sum

from accounts.access import Viewer
from privacy.rules import SMALLEST_GROUP
from socialapp.lib.ids import row_of
from videos.access import own_videos, with_people
from videos.models import Video

from ..definitions import RETENTION_METRICS, VIDEO_METRICS, ratio
from ..models import CountryDay, RetentionDay, Sketch, Source, SourceDay, VideoDay
from ..retention import unpack
from .comparing import VIDEO_SUMS, clip_line, compared, definitions, signed_in, updated_at, with_viewers
from .periods import Period, period

COUNTRIES = 5


def own_clip(viewer: Viewer, video_id: str | int) -> Video:
    """One of the viewer's own clips that is not removed; NotFound for any other. One query, renditions two."""
    signed_in(viewer)
    return row_of(with_people(own_videos(viewer)).prefetch_related("renditions"), video_id)


def video_figures(viewer: Viewer, video: Video | str | int, span: Period | None = None) -> dict[str, Any]:
    """Totals, daily series, sources, countries and retention of one of the viewer's own clips; NotFound for any other.

    Ten queries at most: clip and renditions (none for a clip at hand), its days, three for unique viewers (reach.py), sources,
    countries, retention, last update. The cost depends on the days and on the seconds of the clip.
    """
    if not isinstance(video, Video):
        video = own_clip(viewer, video)
    span = span or period()
    rows = VideoDay.objects.filter(video=video, day__gte=span.start_before, day__lte=span.end)
    figures = compared(span, VIDEO_SUMS, rows.values("day", *VIDEO_SUMS))
    return {
        **with_viewers(figures, span, Sketch.Kind.VIDEO, video.pk),
        "video": clip_line(video),
        "sources": _sources(video, span),
        "countries": _countries(video, span),
        "retention": _retention(video, span),
        "updated_at": updated_at(),
        "definitions": definitions((*VIDEO_METRICS, *RETENTION_METRICS)),
    }


def _sources(video: Video, span: Period) -> list[dict[str, Any]]:
    """Where the clip was met, most views first, with the views of the period before. One query."""
    days: Any = SourceDay.objects.filter(video=video, day__gte=span.start_before, day__lte=span.end)
    names = ("impressions", "views", "watch_ms", "followers_won")
    now: dict[str, dict[str, int]] = {}
    before: dict[str, int] = {}
    for row in days.values("source", "day", *names):
        if row["day"] < span.start:
            before[row["source"]] = before.get(row["source"], 0) + row["views"]
            continue
        sums = now.setdefault(row["source"], dict.fromkeys(names, 0))
        for name in names:
            sums[name] += row[name]
    rows = [
        {
            "source": source,
            "label": str(Source(source).label),
            **now.get(source, dict.fromkeys(names, 0)),
            "before": before.get(source, 0),
        }
        for source in now.keys() | before.keys()
    ]
    return sorted(rows, key=lambda row: (-row["views"], -row["before"], row["source"]))


def _countries(video: Video, span: Period) -> list[dict[str, Any]]:
    """The countries with most views and all others as one row with the code "". One query.

    Views are what is kept by country, not people. So a country is named from SMALLEST_GROUP views on, which may be one person's;
    those with fewer are among the others. When all of these together have fewer, so is the smallest named one: what is left
    when the named ones are taken from the whole tells of no small country either.
    """
    days: Any = CountryDay.objects.filter(video=video, day__gte=span.start, day__lte=span.end)
    rows = list(days.values("country").annotate(sum_views=Sum("views"), sum_watch=Sum("watch_ms")).order_by())
    rows.sort(key=lambda row: (-row["sum_views"], row["country"]))
    named = [row for row in rows if row["country"] and row["sum_views"] >= SMALLEST_GROUP][:COUNTRIES]
    others = [row for row in rows if row not in named]
    if named and 0 < sum(row["sum_views"] for row in others) < SMALLEST_GROUP:
        others.append(named.pop())
    found = [
        {"country": row["country"], "views": row["sum_views"], "watch_ms": row["sum_watch"]} for row in named
    ]
    if others:
        views, watched = (sum(row[name] for row in others) for name in ("sum_views", "sum_watch"))
        found.append({"country": "", "views": views, "watch_ms": watched})
    return found


def _retention(video: Video, span: Period) -> dict[str, Any]:
    """Second by second, against the viewings that began at the start; none below SMALLEST_GROUP of them, which would be
    somebody's viewing rather than a curve. One query, a row a day.
    """
    days = RetentionDay.objects.filter(video=video, day__gte=span.start, day__lte=span.end)
    rows = list(days.values_list("reached", "replays", "skips"))
    reached, replays, jumps = (_summed(row[i] for row in rows) for i in range(3))
    started = reached[0] if reached else 0
    if started < SMALLEST_GROUP:
        return {
            "viewings": started,
            "seconds": [],
            "half_until": None,
            "steepest": None,
            "most_replayed": None,
        }
    # A clip that was cut shorter since keeps no seconds beyond its end.
    length = min(len(reached), -(-video.duration_ms // 1000) or len(reached))
    seconds: list[dict[str, Any]] = [
        {
            "second": second,
            "watching": ratio(min(reached[second], started), started),
            "reached": reached[second],
            "replays": replays[second] if second < len(replays) else 0,
            "jumps": jumps[second] if second < len(jumps) else 0,
        }
        for second in range(length)
    ]
    falls = [(reached[second - 1] - reached[second], -second) for second in range(1, length)]
    fall, steepest = max(falls, default=(0, 0))
    again = max(seconds, key=lambda row: (row["replays"], -row["second"]))
    return {
        "viewings": started,
        "seconds": seconds,
        # The first second that fewer than half played; the second at which most left; the one most played again.
        "half_until": next((row["second"] for row in seconds if row["watching"] < 0.5), None),
        "steepest": -steepest if fall > 0 else None,
        "most_replayed": again["second"] if again["replays"] else None,
    }


def _summed(packed: Iterable[bytes | memoryview]) -> list[int]:
    arrays = [unpack(each) for each in packed if len(each)]
    sums = np.zeros(max((len(array) for array in arrays), default=0), dtype=np.int64)
    for array in arrays:
        sums[: len(array)] += array
    return [int(count) for count in sums]
