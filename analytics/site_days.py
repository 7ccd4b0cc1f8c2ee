"""The whole site day by day: who was there, what came in, how long it took, what failed, what moderators had to do.

Every query is a range of an index over the days asked for; finished days are kept in the cache, so that a minute's answer counts
yesterday and today only.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Sum, Window
from django.db.models.functions import RowNumber, TruncDate

from privacy.models import Case, Decision
from socialapp.lib.ids import created_since
from videos.models import Transcode, Video

from .definitions import ratio
from .definitions_site import DAY_METRICS
from .models import CreatorDay, Sketch
from .reach import reach

DAYS = 28
# Of finished days the sums may still change: clips are deleted, conversions tried again.
KEPT_S = 1800
_COUNTS = ("views", "uploads", "processed", "failed", "cases", "decisions")
Days = dict[date, dict[str, Any]]


def days(today: date) -> list[dict[str, Any]]:
    """The 56 days up to `today`, the oldest first, each with every one of DAY_METRICS; a time is None on a day without any.

    Eight queries when the cache knows the finished days, twice as many when it does not.
    """
    first, open_from = today - timedelta(days=2 * DAYS - 1), today - timedelta(days=1)
    finished = cache.get_or_set(f"analytics:site:days:{today}", lambda: _between(first, open_from), KEPT_S)
    found = {**(finished or {}), **_between(open_from, today + timedelta(days=1))}
    people = reach(Sketch.Kind.SITE, 0, first, today).by_day
    span = [first + timedelta(days=offset) for offset in range(2 * DAYS)]
    return [{"day": day, **_whole(found.get(day, {}), people.get(day, 0))} for day in span]


def _whole(found: dict[str, Any], active: int) -> dict[str, Any]:
    """Every figure of a day in their order, those that were not found as none."""
    figures = dict.fromkeys(_COUNTS, 0) | found | {"active": active}
    figures["failure_rate"] = ratio(figures["failed"], figures["processed"])
    return {metric.name: figures.get(metric.name) for metric in DAY_METRICS}


def _between(first: date, end: date) -> Days:
    """What the tables say of the days from `first` to the one before `end`. Seven queries."""
    begin, stop = _midnight(first), _midnight(end)
    found: Days = defaultdict(dict)
    views = CreatorDay.objects.filter(day__gte=first, day__lt=end).values_list("day").order_by("day")
    for day, many in views.annotate(many=Sum("views")):
        found[day]["views"] = many
    for name, rows in (
        ("uploads", created_since(Video.objects.all(), begin)),
        ("cases", created_since(Case.objects.all(), begin)),
        ("decisions", created_since(Decision.objects.all(), begin)),
    ):
        made = rows.filter(created_at__lt=stop).annotate(day=_day("created_at")).values_list("day")
        for day, many in made.annotate(many=Count("pk")).order_by("day"):
            found[day][name] = many
    failed = Count("pk", filter=Q(state=Transcode.State.FAILED))
    ended = _ended(begin, stop).annotate(day=_day("finished_at")).values_list("day")
    for day, many, bad in ended.annotate(many=Count("pk"), bad=failed).order_by("day"):
        found[day] |= {"processed": many, "failed": bad}
    done = _ended(begin, stop).filter(state=Transcode.State.DONE)
    _put_times(found, "ready", done, "finished_at")
    played = Transcode.objects.filter(playable_at__gte=begin, playable_at__lt=stop)
    _put_times(found, "playable", played, "playable_at")
    return dict(found)


def _ended(begin: datetime, stop: datetime) -> Any:
    over = (Transcode.State.DONE, Transcode.State.FAILED)
    return Transcode.objects.filter(finished_at__gte=begin, finished_at__lt=stop, state__in=over)


def _put_times(found: Days, name: str, rows: Any, until: str) -> None:
    """Put the median and the 95th percentile of the time from the queue `until` a column into each day, in milliseconds. By
    nearest rank (Hyndman and Fan 1996, type 1), which the database finds: two rows a day come back, however many there were."""
    took = ExpressionWrapper(F(until) - F("queued_at"), output_field=DurationField())
    # One that was edited or tried again was queued once more, after it played.
    ranked = (
        rows.filter(queued_at__lte=F(until))
        .annotate(day=_day(until), took=took)
        .annotate(
            place=Window(RowNumber(), partition_by=F("day"), order_by=F("took").asc()),
            many=Window(Count("pk"), partition_by=F("day")),
        )
    )
    # ⌈n / 2⌉ and ⌈95 n / 100⌉ in whole numbers.
    middle, late = (F("many") + 1) / 2, (F("many") * 95 + 99) / 100
    for day, place, many, length in ranked.filter(Q(place=middle) | Q(place=late)).values_list(
        "day", "place", "many", "took"
    ):
        ms = round(length / timedelta(milliseconds=1))
        if place == (many + 1) // 2:
            found[day][f"{name}_ms"] = ms
        if place == (many * 95 + 99) // 100:
            found[day][f"{name}_p95_ms"] = ms


def _day(column: str) -> TruncDate:
    return TruncDate(column, tzinfo=UTC)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
