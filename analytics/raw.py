"""Raw rows of events: COPY on PostgreSQL, executemany elsewhere (docs/decisions/events.md), and their end after 30 days."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from socialapp.lib import partitions

from .counting import Record, instant
from .definitions import RAW_EVENTS_KEPT_DAYS
from .models import Event

TABLE = Event._meta.db_table
COLUMNS = (
    "kind, creator_id, video_id, viewer_id, session, source, country, promotion, watched_ms, duration_ms, loops, skipped, "
    "played, at, is_view, is_completion, reached_before"
)
INSERT = f"INSERT INTO {TABLE} ({COLUMNS}) VALUES ({', '.join(['%s'] * (COLUMNS.count(',') + 1))})"  # noqa: S608
_ensured: date | None = None


def ensure_partitions() -> None:
    """Partitions for yesterday to the day after tomorrow, once a day and process. Outside of any transaction."""
    global _ensured
    today = timezone.now().date()
    if _ensured != today:
        partitions.ensure_days(TABLE, today - timedelta(days=1), today + timedelta(days=2))
        _ensured = today


def insert(records: Sequence[Record]) -> None:
    """Write raw rows in the caller's transaction."""
    if not records:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {TABLE} ({COLUMNS}) FROM STDIN") as copy:
                copy.write(copy_text(records))
        else:
            cursor.executemany(INSERT, rows(records))


def rows(records: Sequence[Record]) -> list[tuple[Any, ...]]:
    """Events as SQLite takes them. Times are text there, the way Django's backend writes it; a beacon's share one."""
    times = {at: instant(at).strftime("%Y-%m-%d %H:%M:%S.%f") for at in {record.at_ms for record in records}}
    return [(*record[:13], times[record.at_ms], *record[14:]) for record in records]


def copy_text(records: Sequence[Record]) -> str:
    """COPY's text format. No text in a record holds a tab, a newline or a backslash (incoming.py lets none in)."""
    times = {at: instant(at).isoformat() for at in {record.at_ms for record in records}}
    out = io.StringIO()
    for one in records:
        out.write(
            f"{one.kind}\t{one.creator}\t{_or_null(one.video)}\t{_or_null(one.viewer)}\t{one.session}\t{one.source}\t{one.country}\t"
            f"{_or_null(one.promotion)}\t{one.watched_ms}\t{one.duration_ms}\t{one.loops}\t{one.skipped}\t{one.played}\t"
            f"{times[one.at_ms]}\t{one.is_view}\t{one.is_completion}\t{one.reached_before}\n"
        )
    return out.getvalue()


def _or_null(value: int | None) -> int | str:
    return r"\N" if value is None else value


def prune(*, chunk: int = 20_000, pause: Callable[[], None] | None = None) -> int:
    """Delete events that are past their 30 days; how many rows went. Whole days go by dropping their partition on
    PostgreSQL, the rest (and everything elsewhere) in small transactions."""
    before = timezone.now() - timedelta(days=RAW_EVENTS_KEPT_DAYS)
    gone = 0
    for day in partitions.days(TABLE):
        if day < before.date():
            begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
            gone += Event.objects.filter(at__gte=begin, at__lt=begin + timedelta(days=1)).count()
    partitions.drop_before(TABLE, before.date())
    if connection.vendor == "postgresql":  # the rest of that day goes with its partition
        before = before.replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        ids = list(Event.objects.filter(at__lt=before).order_by("at").values_list("pk", flat=True)[:chunk])
        if not ids:
            return gone
        gone += Event.objects.filter(pk__gte=min(ids), pk__lte=max(ids), at__lt=before).delete()[0]
        if pause:
            pause()
