"""The last 60 minutes of a creator, minute by minute, from the raw events: what moves while people watch."""

from collections import defaultdict
from datetime import UTC, timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMinute
from django.utils import timezone

from accounts.access import Viewer
from videos.access import own_videos, with_people

from ..definitions import LIVE_METRICS
from ..models import Event
from .comparing import clip_line, definitions, signed_in, updated_at

MINUTES = 60
TOP = 5
NAMES = ("views", "watch_ms", "impressions")
SHOWN = (Event.Kind.VIEW, Event.Kind.IMPRESSION)


def live(viewer: Viewer) -> dict[str, Any]:
    """Minutes, totals and the clips that are watched most now. Four queries: the hour's events by one range of the index
    (creator, at), summed by minute and clip; their visits by the same range; the clips; the last update. The cost grows with
    the events of this hour, not with those before.
    """
    person = signed_in(viewer)
    end = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    start = end - timedelta(minutes=MINUTES)
    events: Any = Event.objects.filter(creator=person, at__gte=start, at__lt=end, kind__in=SHOWN)
    minutes = {start + timedelta(minutes=i): dict.fromkeys(NAMES, 0) for i in range(MINUTES)}
    clips: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys(NAMES, 0))
    rows = events.annotate(minute=TruncMinute("at", tzinfo=UTC)).values("minute", "video")
    for row in rows.annotate(
        sum_views=Count("pk", filter=Q(is_view=True)),
        sum_watch_ms=Sum("watched_ms"),
        sum_impressions=Count("pk", filter=Q(kind=Event.Kind.IMPRESSION)),
    ).order_by():
        for sums in (minutes[row["minute"]], clips[row["video"]]):
            for name in NAMES:
                sums[name] += row[f"sum_{name}"]
    visits = events.filter(kind=Event.Kind.VIEW).aggregate(all=Count("session", distinct=True))["all"]
    best = sorted(clips, key=lambda pk: (-clips[pk]["views"], -clips[pk]["watch_ms"], -pk))[: 2 * TOP]
    videos = with_people(own_videos(viewer)).in_bulk(best)
    totals = {name: sum(minute[name] for minute in minutes.values()) for name in NAMES}
    return {
        "start": start,
        "end": end,
        "totals": totals | {"visits": visits},
        "series": [{"minute": minute, **sums} for minute, sums in minutes.items()],
        "top": [clip_line(videos[pk]) | clips[pk] for pk in best if pk in videos][:TOP],
        "updated_at": updated_at(),
        "definitions": definitions(LIVE_METRICS),
    }
