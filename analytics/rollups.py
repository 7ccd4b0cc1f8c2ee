"""Events out of the waiting room and into the tables: raw rows, the day's roll-ups, and popularity pushed down to clips.

A flush is idempotent by batch: the batch's own row is written in the same transaction as its events, so dying at any
point neither loses nor doubles one. Reading for people is access.py's.
"""

import io
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.utils import timezone

from videos import actions as videos
from videos.models import Video

from . import inbox
from .definitions import RAW_EVENTS_KEPT_DAYS, is_completion, is_view
from .models import CreatorDay, DroppedDay, Event, EventBatch, VideoDay

log = logging.getLogger(__name__)

# The kinds of record in the waiting room, first in each record.
VIEW, PROFILE, DROPPED = "v", "p", "d"


def view_record(
    video: int,
    viewer: int | None,
    session: str,
    source: str,
    watched_ms: int,
    duration_ms: int,
    loops: int,
    at_ms: int,
) -> list[Any]:
    """A whole viewing as the waiting room keeps it. (Of a piece, the waiting room itself finds the last two values.)"""
    whole = view_piece(video, viewer, session, source, watched_ms, duration_ms, loops, at_ms)
    return [*whole, is_view(watched_ms, duration_ms), is_completion(watched_ms, duration_ms, loops)]


def view_piece(
    video: int,
    viewer: int | None,
    session: str,
    source: str,
    watched_ms: int,
    duration_ms: int,
    loops: int,
    at_ms: int,
) -> list[Any]:
    """A viewing, or a piece of one, before it is known whether it counts as a view."""
    return [VIEW, video, viewer, session, source, watched_ms, duration_ms, loops, at_ms]


def profile_record(person: int, at_ms: int) -> list[Any]:
    """A look at a profile: counted, never kept with the looker's name."""
    return [PROFILE, person, at_ms]


def dropped_record(reason: str, count: int, at_ms: int) -> list[Any]:
    """Events that were not believed; counted by reason."""
    return [DROPPED, reason, count, at_ms]


def flush(*, limit: int = 50) -> int:
    """Write what waits, at most `limit` new batches; the number of events written. Safe to run many times at once.

    Batches that a dead flush left behind come first. A batch that cannot be written stays where it is and is logged; old
    ones do not hold up the new, and a new one that fails (the database is away) ends this round.
    """
    written = 0
    for batch in inbox.unfinished():
        written += _try_batch(batch) or 0
    for _turn in range(limit):
        fresh = inbox.take()
        count = _try_batch(fresh) if fresh else None
        if count is None:
            break
        written += count
    return written


def _try_batch(batch: str) -> int | None:
    try:
        return flush_batch(batch)
    except Exception:
        log.exception("events of batch %s not written; they stay and are tried again", batch)
        return None


def flush_batch(batch: str) -> int:
    """Write one batch in one transaction, then acknowledge it; a batch that was written before is only acknowledged.

    Queries: 1 for the batch's row, 2 for what still exists, 1 raw insert, one upsert a roll-up table, and the push of
    popularity. Raises what the database raises; nothing of the batch is written then.
    """
    records = inbox.read(batch)
    with transaction.atomic():
        _row, fresh = EventBatch.objects.get_or_create(id=batch, defaults={"events": len(records)})
        if fresh and records:
            _write(records)
    inbox.acknowledge(batch)
    return len(records) if fresh else 0


def _write(records: list[list[Any]]) -> None:
    views = [record for record in records if record[0] == VIEW]
    profiles = [record for record in records if record[0] == PROFILE]
    dropped: Counter[tuple[date, str]] = Counter()
    for _kind, reason, count, at_ms in (record for record in records if record[0] == DROPPED):
        dropped[_day(at_ms), reason] += count
    # Between the request and now a clip or a person may have gone; their events go with them.
    authors = dict(
        Video.objects.filter(pk__in={record[1] for record in views}).values_list("pk", "author_id")
    )
    people = {record[2] for record in views if record[2]} | {record[1] for record in profiles}
    people = (
        set(get_user_model().objects.filter(pk__in=people).values_list("pk", flat=True)) if people else set()
    )
    kept = []
    for record in views:
        if record[1] in authors and (record[2] is None or record[2] in people):
            kept.append(record)
        else:
            dropped[_day(record[8]), DroppedDay.Reason.GONE] += 1
    insert_views(kept, authors)
    _count_views(kept, authors)
    videos.record_watches(
        videos.Watched(viewer, video, watched, int(view), int(completion), source, _instant(at_ms))
        for _v, video, viewer, _s, source, watched, _d, _l, at_ms, view, completion in kept
        if viewer is not None and viewer != authors[video]
    )
    creator_days: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    for _kind, person, at_ms in profiles:
        if person in people:
            creator_days[person, _day(at_ms)]["profile_views"] += 1
    add_creator_days(creator_days)
    upsert(DroppedDay, ("day", "reason"), ("events",), [(*key, count) for key, count in dropped.items()])


def _count_views(views: list[list[Any]], authors: Mapping[int, int]) -> None:
    """Sum the viewings by clip and day, and from those by creator and day; tell videos how many views each clip gained."""
    video_days: dict[tuple[int, date], list[int]] = defaultdict(lambda: [0, 0, 0])
    days = {at: _day(at) for at in {view[8] for view in views}}
    for (
        _kind,
        video,
        _viewer,
        _session,
        _source,
        watched,
        _duration,
        _loops,
        at_ms,
        view,
        completion,
    ) in views:
        figures = video_days[video, days[at_ms]]
        figures[0] += view
        figures[1] += watched
        figures[2] += completion
    creator_days: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    gained: Counter[int] = Counter()
    rows = []
    for (video, day), (count, watched, completions) in video_days.items():
        rows.append((video, authors[video], day, count, watched, completions))
        creator_days[authors[video], day].update(views=count, watch_ms=watched)
        if count:
            gained[video] += count
    upsert(
        VideoDay,
        ("video_id", "creator_id", "day"),
        ("views", "watch_ms", "completions"),
        rows,
        unique=("video_id", "day"),
    )
    add_creator_days(creator_days)
    if gained:
        videos.record_views(dict(sorted(gained.items())), None)


def _day(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date()


# --- Rows ---------------------------------------------------------------------------------------------------


def insert_views(views: list[list[Any]], authors: Mapping[int, int]) -> None:
    """Raw rows of viewings of clips of `authors` ({clip: person}), by COPY on PostgreSQL and by executemany elsewhere
    (docs/decisions/events.md)."""
    if not views:
        return
    table = Event._meta.db_table
    columns = (
        "kind, creator_id, video_id, viewer_id, session, source, country, watched_ms, duration_ms, loops, at, is_view, "
        "is_completion, skipped, played"
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write(_copy_text(views, authors))
        else:
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * 15)})",  # noqa: S608 (constants)
                raw_rows(views, authors),
            )


def raw_rows(views: list[list[Any]], authors: Mapping[int, int]) -> list[tuple[Any, ...]]:
    """Viewings as SQLite takes them. Times are text there, the way Django's backend writes it; a beacon's share one."""
    times = {at: _instant(at).strftime("%Y-%m-%d %H:%M:%S.%f") for at in {view[8] for view in views}}
    return [
        (
            Event.Kind.VIEW.value,
            authors[view[1]],
            *view[1:5],
            "",
            *view[5:8],
            times[view[8]],
            view[9],
            view[10],
            False,
            "",
        )
        for view in views
    ]


def _instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _copy_text(views: list[list[Any]], authors: Mapping[int, int]) -> str:
    """COPY's text format. Sessions and sources hold no tab, newline or backslash (actions.py lets none in)."""
    times = {at: _instant(at).isoformat() for at in {view[8] for view in views}}
    out = io.StringIO()
    for _kind, video, viewer, session, source, watched, duration, loops, at_ms, view, completion in views:
        person = r"\N" if viewer is None else viewer
        out.write(
            f"1\t{authors[video]}\t{video}\t{person}\t{session}\t{source}\t\t{watched}\t{duration}\t{loops}\t{times[at_ms]}\t"
            f"{view}\t{completion}\tf\t\n"
        )
    return out.getvalue()


def upsert(
    model: type[models.Model],
    key: tuple[str, ...],
    figures: tuple[str, ...],
    rows: Iterable[tuple[Any, ...]],
    *,
    unique: tuple[str, ...] | None = None,
) -> None:
    """Add `figures` to the row of each `key`, making the rows that are missing. The same SQL on SQLite and PostgreSQL.

    Rows are written in the order of their keys, so two flushes at once wait for each other and never deadlock.
    Figures that are not named start at the column's own default, 0.
    """
    rows = sorted(rows, key=lambda row: tuple(map(str, row[: len(key)])))
    if not rows:
        return
    meta = model._meta
    table = meta.db_table
    others = [
        str(field.column)
        for field in meta.concrete_fields
        if not field.primary_key and field.column not in key and field.column not in figures
    ]
    columns = [*key, *figures, *others]
    grow = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in figures)
    sql = (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) "  # noqa: S608 (names of columns)
        f"ON CONFLICT ({', '.join(unique or key)}) DO UPDATE SET {grow}"
    )
    zeros = (0,) * len(others)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(*row, *zeros) for row in rows])


def add_creator_days(changes: Mapping[tuple[int, date], Mapping[str, int]]) -> None:
    """Add figures to (creator, day) roll-ups; rows that change the same figures go together."""
    shapes: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for (creator, day), figures in changes.items():
        names = tuple(sorted(figures))
        shapes[names].append((creator, day, *(figures[name] for name in names)))
    for names, rows in shapes.items():
        upsert(CreatorDay, ("creator_id", "day"), names, rows)


def add_today(creator: int, video: int, **figures: int) -> None:
    """Add figures to today's roll-ups of a clip and of its creator, both or neither."""
    today = timezone.now().date()
    with transaction.atomic():
        upsert(
            VideoDay,
            ("video_id", "creator_id", "day"),
            tuple(figures),
            [(video, creator, today, *figures.values())],
            unique=("video_id", "day"),
        )
        add_creator_days({(creator, today): figures})


# --- Keeping house -------------------------------------------------------------------------------------------


def prune(*, chunk: int = 20_000, pause: Callable[[], None] | None = None) -> int:
    """Delete raw events and batch rows that are past their 30 days; how many events went. Small transactions."""
    before = timezone.now() - timedelta(days=RAW_EVENTS_KEPT_DAYS)
    gone = 0
    while True:
        ids = list(Event.objects.filter(at__lt=before).order_by("at").values_list("pk", flat=True)[:chunk])
        if not ids:
            break
        gone += Event.objects.filter(pk__gte=min(ids), pk__lte=max(ids), at__lt=before).delete()[0]
        if pause:
            pause()
    # A batch row is only needed while its batch may still lie in Redis.
    EventBatch.objects.filter(flushed_at__lt=before).delete()
    return gone


def recount(day: date) -> dict[int, dict[str, int]]:
    """Views, watch time and completions of each clip on `day`, straight from the raw rows: what the roll-ups must equal."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    figures: dict[int, dict[str, int]] = {}
    rows = Event.objects.filter(at__gte=start, at__lt=start + timedelta(days=1))
    for video, watched, view, completion in rows.values_list(
        "video_id", "watched_ms", "is_view", "is_completion"
    ).iterator():
        own = figures.setdefault(video, {"views": 0, "watch_ms": 0, "completions": 0})
        own["views"] += view
        own["watch_ms"] += watched
        own["completions"] += completion
    return figures
