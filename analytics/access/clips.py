"""The viewer's clips: all of them with their sums, and one of them in depth."""

from typing import Any

from accounts.access import Viewer
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import parse_id
from socialapp.lib.pagination import Page, keyset_page
from videos.access import own_videos, with_people
from videos.models import Video

from ..definitions import VIDEO_METRICS, with_derived
from ..models import VideoDay
from .comparing import clip_line, compared, definitions, signed_in, updated_at
from .periods import Period, period

VIDEO_SUMS = ("views", "watch_ms", "completions", "likes", "comments", "shares", "saves")


def video_figures(viewer: Viewer, video_id: str | int, span: Period | None = None) -> dict[str, Any]:
    """Totals and daily series of one of the viewer's own clips; NotFound for any other. Three queries."""
    signed_in(viewer)
    span = span or period()
    number = video_id if isinstance(video_id, int) else parse_id(video_id)
    video = with_people(own_videos(viewer)).filter(pk=number).first()
    if video is None:
        raise NotFound()
    rows = VideoDay.objects.filter(video=video, day__gte=span.start_before, day__lte=span.end)
    return {
        **compared(span, VIDEO_SUMS, rows.values("day", *VIDEO_SUMS)),
        "video": clip_line(video),
        "updated_at": updated_at(),
        "definitions": definitions(VIDEO_METRICS),
    }


def content(
    viewer: Viewer, span: Period | None = None, cursor: str | None = None
) -> tuple[Page[Video], list[dict[str, Any]]]:
    """A page of the viewer's clips, newest first, each with its sums of the period. Two queries."""
    signed_in(viewer)
    span = span or period()
    page = keyset_page(with_people(own_videos(viewer)), cursor)
    sums = _sums_of(page.items, span)
    return page, [clip_line(video) | with_derived(sums[video.pk]) for video in page.items]


def _sums_of(videos: list[Video], span: Period) -> dict[int, dict[str, int]]:
    sums = {video.pk: dict.fromkeys(VIDEO_SUMS, 0) for video in videos}
    rows = VideoDay.objects.filter(video__in=list(sums), day__gte=span.start, day__lte=span.end)
    for row in rows.values("video", *VIDEO_SUMS):
        for name in VIDEO_SUMS:
            sums[row["video"]][name] += row[name]
    return sums
