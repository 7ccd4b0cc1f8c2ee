"""Figures of the whole site for its moderators. Sums only: nobody's name, nothing of what anyone wrote or watched.

Its days are site_days.py's, what each figure means is definitions_site.py's.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from accounts.access import Viewer
from accounts.models import User
from messaging.models import Message, MessageImage
from privacy.access import appeals, open_reports, queue
from privacy.models import DataExport
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import created_since
from videos.access import waiting_promotions, waiting_sponsors
from videos.models import Comment, Rendition, Transcode, Upload, Video

from . import inbox
from .charts import BarChart, bar_chart, line_chart
from .definitions_site import DRAWN, SITE_METRICS, STORED
from .models import DroppedDay, Event
from .site_days import DAYS, days

# A page that is reloaded counts anew once a minute; sums over whole tables, which grow with the site, every ten.
FRESH_S, TOTALS_S = 60, 600


def site_figures(viewer: Viewer) -> dict[str, Any]:
    """Today's figures, the queues, what is stored, and 28 days beside the 28 before (`series`, `series_before`).

    Staff only. Five queries for the moderators' queues, which are as of now; 13 more a minute, 6 more every ten minutes and 8
    every half hour (site_days.py).
    """
    if not getattr(viewer, "is_staff", False):
        raise NotFound()
    figures: dict[str, Any] = cache.get_or_set("analytics:site:figures", _figures, FRESH_S) or {}
    waiting = {"open_reports": open_reports(viewer), "events_waiting": inbox.waiting()}
    return {**figures, "moderation": _moderation(viewer), **waiting}


def site_page(viewer: Viewer) -> dict[str, Any]:
    """`site_figures` with charts and sentences, as the admin's first page shows them."""
    figures = site_figures(viewer)
    now, before = figures["series"], figures["series_before"]
    return {
        **figures,
        "today": now[-1],
        "yesterday": now[-2],
        "charts": [{"metric": metric, "chart": line_chart(metric, now, before)} for metric in DRAWN],
        "stored_chart": _stored_chart(figures["storage"]),
        "ages": _ages(figures),
        "metrics": SITE_METRICS,
        "now_label": _("The last 28 days"),
        "before_label": _("The 28 days before"),
        "table_label": _("Show the figures as a table"),
    }


def _figures() -> dict[str, Any]:
    now = timezone.now()
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    # By day, so that nothing of yesterday is called today's.
    totals = cache.get_or_set(f"analytics:site:totals:{today:%F}", lambda: _totals(today), TOTALS_S) or {}
    series = days(today.date())
    waiting = Transcode.objects.filter(state__in=(Transcode.State.QUEUED, Transcode.State.RUNNING))
    queued = waiting.aggregate(
        queued=Count("pk", filter=Q(state=Transcode.State.QUEUED)),
        running=Count("pk", filter=Q(state=Transcode.State.RUNNING)),
        oldest=Min("queued_at"),
    )
    # A look at a profile keeps a hash in place of its session, and what is counted elsewhere has none.
    met = Event.objects.filter(at__gte=today, kind__in=(Event.Kind.VIEW, Event.Kind.IMPRESSION))
    visits = met.exclude(session="").aggregate(n=Count("session", distinct=True))["n"]
    return {
        **totals,
        "queue": {
            "queued": queued["queued"],
            "running": queued["running"],
            "oldest_seconds": _age(queued["oldest"], now),
        },
        "visits_today": visits,
        "comments_today": created_since(Comment.objects.all(), today).count(),
        "messages_today": created_since(Message.objects.all(), today).count(),
        "dropped_today": DroppedDay.objects.filter(day=today.date()).aggregate(n=Sum("events"))["n"] or 0,
        "series": series[DAYS:],
        "series_before": series[:DAYS],
        "updated_at": now,
    }


def _totals(today: datetime) -> dict[str, Any]:
    """What only the whole of a table tells: people, clips and bytes. Six queries."""
    people = User.objects.aggregate(
        all=Count("pk"),
        new=Count("pk", filter=Q(date_joined__gte=today)),
        suspended=Count("pk", filter=Q(is_active=False)),
        came=Count("pk", filter=Q(last_login__gte=today)),
    )
    clips = Video.objects.aggregate(
        all=Count("pk"),
        new=Count("pk", filter=Q(created_at__gte=today)),
        failed_now=Count("pk", filter=Q(state=Video.State.FAILED)),
        originals=Sum("original_bytes"),
    )
    originals = clips.pop("originals") or 0
    return {"people": people, "clips": clips, "storage": _storage(originals)}


def _storage(originals: int) -> dict[str, int]:
    """Bytes by kind as far as rows know them, and of the disk below them when files are kept on a local one."""
    kinds = {
        "originals": originals,
        "renditions": _bytes(Rendition.objects.all(), "size"),
        "message_images": _bytes(MessageImage.objects.all(), "size"),
        "data_exports": _bytes(DataExport.objects.filter(state=DataExport.State.READY), "size"),
        # Whole ones that no clip has taken in yet; those under way have an unknown part of their length.
        "waiting_uploads": _bytes(Upload.objects.exclude(state=Upload.State.RECEIVING), "length"),
    }
    storage = {"bytes": sum(kinds.values()), **kinds}
    if not isinstance(default_storage, FileSystemStorage):
        return storage
    place = Path(default_storage.location)
    while not place.exists():
        place = place.parent
    disk = shutil.disk_usage(place)
    return {**storage, "free": disk.free, "total": disk.total}


def _bytes(rows: Any, column: str) -> int:
    return rows.aggregate(bytes=Sum(column))["bytes"] or 0


def _stored_chart(storage: dict[str, int]) -> BarChart:
    words = {
        "originals": _("Originals"),
        "renditions": _("Qualities of clips"),
        "message_images": _("Pictures in messages"),
        "data_exports": _("Data downloads"),
        "waiting_uploads": _("Uploads not yet taken in"),
    }
    rows = [{"label": label, "bytes": storage[kind]} for kind, label in words.items()]
    return bar_chart(STORED, rows, step=_("Kind"))


def _moderation(viewer: Viewer) -> dict[str, Any]:
    """What waits for moderators and since when, in seconds. Four queries, each over the index of its queue."""
    now = timezone.now()
    cases = queue(viewer).aggregate(
        n=Count("pk"), held=Count("pk", filter=~Q(rule="")), since=Min("created_at")
    )
    appealed = appeals(viewer).aggregate(n=Count("pk"), since=Min("created_at"))
    promotions = waiting_promotions(viewer).aggregate(n=Count("pk"), since=Min("submitted_at"))
    challenges = waiting_sponsors(viewer).aggregate(n=Count("pk"), since=Min("asked_at"))
    return {
        "open_cases": cases["n"],
        "held": cases["held"],
        "oldest_case_seconds": _age(cases["since"], now),
        "appeals": appealed["n"],
        "oldest_appeal_seconds": _age(appealed["since"], now),
        "promotions": promotions["n"],
        "oldest_promotion_seconds": _age(promotions["since"], now),
        "challenges": challenges["n"],
        "oldest_challenge_seconds": _age(challenges["since"], now),
    }


def _ages(figures: dict[str, Any]) -> dict[str, str]:
    """How long the oldest of each queue has waited, in words; empty for what came within the last minute."""
    seconds = {
        thing: figures["moderation"][f"oldest_{thing}_seconds"]
        for thing in ("case", "appeal", "promotion", "challenge")
    } | {"conversion": figures["queue"]["oldest_seconds"]}
    now = timezone.now()
    return {
        thing: timesince(now - timedelta(seconds=age), now, depth=1) if age > 60 else ""
        for thing, age in seconds.items()
    }


def _age(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0
