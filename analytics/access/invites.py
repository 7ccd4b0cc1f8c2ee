"""Invites to the viewer's clips: made, opened, watched, followed by; by day, channel and clip. Whom others invited is theirs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.access import Viewer
from videos.access import invites_to, own_videos, with_people
from videos.models import Channel

from ..definitions import INVITE_METRICS
from .comparing import clip_line, definitions, side_by_side, signed_in
from .periods import Period, period

# Each figure, and the column that says when it happened.
FACTS = {"sent": "created_at", "opened": "opened_at", "watched": "viewed_at", "follows": "accepted_at"}
NAMES = tuple(FACTS)


def invites(viewer: Viewer, span: Period | None = None) -> dict[str, Any]:
    """Totals, daily series, channels and clips, against the period before. Five queries: one a figure, and the clips.

    The cost grows with the invites to the viewer's clips in the period; there are at most RATE_LIMITS["invite"] a person.
    """
    signed_in(viewer)
    span = span or period()
    rows = list(_counted(viewer, span))
    now = [row for row in rows if row["day"] >= span.start]
    before = [row for row in rows if row["day"] < span.start]
    by_day = _by(rows, "day")
    series, series_before = (
        [{"day": day, **by_day[day]} for day in days] for days in (span.dates, span.dates_before)
    )
    return {
        **side_by_side(span, (_sums(now), series), (_sums(before), series_before)),
        "channels": _channels(now),
        "clips": _clips(viewer, now),
        # From the invites themselves as they stand, not from roll-ups that wait for a flush.
        "updated_at": timezone.now(),
        "definitions": definitions(INVITE_METRICS),
    }


def _counted(viewer: Viewer, span: Period) -> Iterable[dict[str, Any]]:
    """A row a figure, UTC day, channel and clip. One query a figure."""
    first = datetime.combine(span.start_before, time(), UTC)
    end = datetime.combine(span.end + timedelta(days=1), time(), UTC)
    for name, column in FACTS.items():
        rows = invites_to(viewer).filter(**{f"{column}__gte": first, f"{column}__lt": end})
        if name == "follows":
            rows = rows.filter(undone_at=None)
        days = rows.order_by().annotate(day=TruncDate(column, tzinfo=UTC)).values("day", "channel", "video")
        for row in days.annotate(count=Count("pk")):
            yield {**row, "name": name}


def _sums(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found = dict.fromkeys(NAMES, 0)
    for row in rows:
        found[row["name"]] += row["count"]
    return found


def _by(rows: Iterable[Mapping[str, Any]], key: str) -> dict[Any, dict[str, int]]:
    found: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NAMES, 0))
    for row in rows:
        found[row[key]][row["name"]] += row["count"]
    return found


def _channels(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = _by(rows, "channel")
    lines = [{"channel": name, "label": str(Channel(name).label), **sums} for name, sums in found.items()]
    return sorted(lines, key=lambda line: (-line["sent"], -line["opened"], line["channel"]))


def _clips(viewer: Viewer, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = _by(rows, "video")
    clips = with_people(own_videos(viewer)).in_bulk(list(found))
    lines = [clip_line(clips[pk]) | sums for pk, sums in found.items() if pk in clips]
    return sorted(lines, key=lambda line: (-line["follows"], -line["watched"], -line["sent"], line["id"]))
