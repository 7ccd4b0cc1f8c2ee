"""Figures of the whole site for its moderators. Sums only: nobody's name, nothing of what anyone wrote or watched."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Viewer
from accounts.models import User
from messaging.models import Message
from privacy.access import open_reports
from socialapp.lib.errors import NotFound
from videos.models import Comment, Rendition, Transcode, Video

from . import inbox
from .charts import Chart, line_chart
from .definitions import Metric
from .models import CreatorDay, DroppedDay, Event

DAYS = 28
# Sums over whole tables; a page that is reloaded asks them once a minute.
FRESH_SECONDS = 60
VIEWS = Metric("views", gettext_lazy("Views"), "")
UPLOADS = Metric("uploads", gettext_lazy("Clips uploaded"), "")


def site_figures(viewer: Viewer) -> dict[str, Any]:
    """Today's figures, the state of the queue, and 28 days of views and uploads beside the 28 before (`series`, `series_before`).
    Staff only; about ten queries a minute."""
    if not getattr(viewer, "is_staff", False):
        raise NotFound()
    figures: dict[str, Any] = cache.get_or_set("analytics:site:figures", _figures, FRESH_SECONDS) or {}
    return {**figures, "open_reports": open_reports(viewer), "events_waiting": inbox.waiting()}


def site_page(viewer: Viewer) -> dict[str, Any]:
    """`site_figures` with their charts, as the admin's first page shows them."""
    figures = site_figures(viewer)
    return {**figures, **_charts(figures["series"], figures["series_before"])}


def _figures() -> dict[str, Any]:
    now = timezone.now()
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    people = User.objects.aggregate(
        all=Count("pk"),
        new=Count("pk", filter=Q(date_joined__gte=today)),
        suspended=Count("pk", filter=Q(is_active=False)),
        came=Count("pk", filter=Q(last_login__gte=today)),
    )
    clips = Video.objects.aggregate(
        all=Count("pk"),
        new=Count("pk", filter=Q(created_at__gte=today)),
        failed=Count("pk", filter=Q(state=Video.State.FAILED)),
        failed_today=Count("pk", filter=Q(state=Video.State.FAILED, created_at__gte=today)),
    )
    watching = Event.objects.filter(at__gte=today).aggregate(
        people=Count("viewer", distinct=True), visits=Count("session", distinct=True)
    )
    waiting = Transcode.objects.filter(state__in=(Transcode.State.QUEUED, Transcode.State.RUNNING))
    queue = waiting.aggregate(
        queued=Count("pk", filter=Q(state=Transcode.State.QUEUED)),
        running=Count("pk", filter=Q(state=Transcode.State.RUNNING)),
    )
    oldest = waiting.order_by("queued_at").values_list("queued_at", flat=True).first()
    times = Transcode.objects.filter(state=Transcode.State.DONE, finished_at__gte=today)
    playable = [
        (at - queued).total_seconds()
        for queued, at in times.order_by("-finished_at").values_list("queued_at", "playable_at")[:500]
        if at is not None
    ]
    playable.sort()
    days = _days(today)
    return {
        "people": people,
        "clips": clips,
        "watching": watching,
        "queue": {**queue, "oldest_seconds": (now - oldest).total_seconds() if oldest else 0},
        "seconds_to_playable": playable[len(playable) // 2] if playable else None,
        "comments_today": Comment.objects.filter(created_at__gte=today).count(),
        "messages_today": Message.objects.filter(created_at__gte=today).count(),
        "dropped_today": DroppedDay.objects.filter(day=today.date()).aggregate(n=Sum("events"))["n"] or 0,
        "storage": _storage(),
        "series": days[DAYS:],
        "series_before": days[:DAYS],
        "updated_at": now,
    }


def _storage() -> dict[str, int]:
    """Bytes of the renditions, and of the disk below them when files are kept on a local one."""
    used = Rendition.objects.aggregate(bytes=Sum("size"))["bytes"] or 0
    if not isinstance(default_storage, FileSystemStorage):
        return {"renditions": used}
    place = Path(default_storage.location)
    while not place.exists():
        place = place.parent
    disk = shutil.disk_usage(place)
    return {"renditions": used, "free": disk.free, "total": disk.total}


def _days(today: datetime) -> list[dict[str, Any]]:
    first = (today - timedelta(days=2 * DAYS - 1)).date()
    views = dict(CreatorDay.objects.filter(day__gte=first).values_list("day").annotate(n=Sum("views")))
    started = datetime(first.year, first.month, first.day, tzinfo=UTC)
    new = Video.objects.filter(created_at__gte=started).annotate(day=TruncDate("created_at", tzinfo=UTC))
    uploads = dict(new.values_list("day").annotate(n=Count("pk")))
    days = [first + timedelta(days=offset) for offset in range(2 * DAYS)]
    return [{"day": day, "views": views.get(day, 0), "uploads": uploads.get(day, 0)} for day in days]


def _charts(days: list[dict[str, Any]], before: list[dict[str, Any]]) -> dict[str, Chart | str]:
    return {
        "views_chart": line_chart(VIEWS, days, before),
        "uploads_chart": line_chart(UPLOADS, days, before),
        "now_label": _("The last 28 days"),
        "before_label": _("The 28 days before"),
        "table_label": _("Show the figures as a table"),
    }
