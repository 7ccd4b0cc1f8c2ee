"""Events out of the waiting room and into the tables: raw rows, the day's roll-ups, and popularity pushed down to clips.

A flush is idempotent by batch: the batch's own row is written in the same transaction as its events, so dying at any
point neither loses nor doubles one. What a batch adds up to is counting.py's; reading for people is access.py's.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import starmap
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import Follow
from socialapp.lib import rows as table
from videos import actions as videos
from videos.models import PromotionShowing, Video

from . import counting, inbox, raw, retention, uniques
from .counting import DROPPED, Record, instant
from .definitions import ENGAGEMENT_KEPT_WEEKS, RAW_EVENTS_KEPT_DAYS
from .models import (
    CountryDay,
    CreatorDay,
    DroppedDay,
    EngagementDue,
    EngagementWeek,
    Event,
    EventBatch,
    HourDay,
    PromotedDay,
    Source,
    SourceDay,
    VideoDay,
)

# Promotions in one condition: as many as run at once at most, and half of what SQLite takes of ORs.
PROMOTIONS_A_QUERY = 500
log = logging.getLogger(__name__)


def flush(*, limit: int = 50) -> int:
    """Write what waits, at most `limit` new batches; the number of events written. Safe to run many times at once.

    Batches that a dead flush left behind come first. A batch that cannot be written stays where it is and is logged; old
    ones do not hold up the new, and a new one that fails (the database is away) ends this round.
    """
    written = 0
    raw.ensure_partitions()
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

    Queries: 1 for the batch's row, 3 for what still exists and who follows, 1 for whom promotions were shown (none where no
    event names one; another for each PROMOTIONS_A_QUERY), 1 raw insert, one upsert a roll-up table (3 each for
    curves, sketches and the site's active people), and the push of popularity. Raises what the database raises; nothing of the
    batch is written then.
    """
    records = inbox.read(batch)
    with transaction.atomic():
        _row, fresh = EventBatch.objects.get_or_create(id=batch, defaults={"events": len(records)})
        if fresh and records:
            _write(records)
    inbox.acknowledge(batch)
    return len(records) if fresh else 0


def _write(records: list[list[Any]]) -> None:
    dropped: Counter[tuple[date, str]] = Counter()
    for _kind, reason, count, at_ms in (one for one in records if one[0] == DROPPED):
        dropped[instant(at_ms).date(), reason] += count
    kept = []
    for event in _existing([Record(*one) for one in records if one[0] != DROPPED]):
        if isinstance(event, Record):
            kept.append(event)
        else:
            dropped[instant(event).date(), DroppedDay.Reason.GONE] += 1
    kept = _as_shown(kept)
    raw.insert(kept)
    sums = _roll_up(kept)
    videos.record_watches(
        videos.Watched(
            event.viewer,
            event.video,
            event.watched_ms,
            int(event.is_view),
            int(event.is_completion),
            event.source,
            instant(event.at_ms),
        )
        for event in kept
        if event.kind == Event.Kind.VIEW
        and event.video is not None
        and event.viewer is not None
        and event.viewer != event.creator
    )
    table.add(DroppedDay, ("day", "reason"), ("events",), [(*key, count) for key, count in dropped.items()])
    count_active(sums)


def _existing(events: Sequence[Record]) -> Iterable[Record | int]:
    """The events whose clip and people are still there; of the others the time they came.

    Between the request and now a clip or a person may have gone; their events go with them.
    """
    clips = {event.video for event in events if event.video is not None}
    authors = dict(Video.objects.filter(pk__in=clips).values_list("pk", "author_id")) if clips else {}
    named = {event.viewer for event in events if event.viewer is not None}
    named |= {event.creator for event in events if event.video is None}
    people = get_user_model().objects.filter(pk__in=named).values_list("pk", flat=True) if named else ()
    there = set(people) | set(authors.values()) | {None}
    for event in events:
        if event.viewer in there and (
            event.creator in there if event.video is None else authors.get(event.video) == event.creator
        ):
            yield event
        else:
            yield event.at_ms


def _as_shown(events: list[Record]) -> list[Record]:
    """The events. Those that name a promotion were met by it when it was shown to their viewer on that day or the one before
    (UTC; showings are kept no longer), and are ordinary ones otherwise: anybody can name one.
    """
    shown = _showings(event for event in events if event.promotion is not None)
    return [event if event.promotion is None else _met(event, shown) for event in events]


def _met(event: Record, shown: set[tuple[int, int, date]]) -> Record:
    day = instant(event.at_ms).date()
    if any((event.promotion, event.viewer, day - timedelta(days=ago)) in shown for ago in (0, 1)):
        return event._replace(source=Source.PROMOTED.value)
    # Ads are in For You only: a page that kept one for too long showed it there.
    source = Source.FOR_YOU.value if event.source == Source.PROMOTED else event.source
    return event._replace(promotion=None, source=source)


def _showings(events: Iterable[Record]) -> set[tuple[int, int, date]]:
    """(promotion, person, day) of what these events say was shown, on their days and the ones before."""
    people: dict[int, set[int]] = defaultdict(set)
    days = set()
    for event in events:
        if event.promotion is not None and event.viewer is not None:
            people[event.promotion].add(event.viewer)
            days |= {instant(event.at_ms).date() - timedelta(days=ago) for ago in (0, 1)}
    # Promotion by promotion: all promotions against all people would be a look into the index for each pair.
    each = [Q(promotion=promotion, person__in=those, day__in=days) for promotion, those in people.items()]
    found: set[tuple[int, int, date]] = set()
    for start in range(0, len(each), PROMOTIONS_A_QUERY):
        any_of = Q(*each[start : start + PROMOTIONS_A_QUERY], _connector=Q.OR)
        found.update(PromotionShowing.objects.filter(any_of).values_list("promotion_id", "person_id", "day"))
    return found


def _followers(events: Iterable[Record]) -> set[tuple[int, int]]:
    """(follower, creator) of the viewers and creators of these events."""
    pairs = {(event.viewer, event.creator) for event in events if event.viewer is not None}
    if not pairs:
        return set()
    viewers, creators = ({pair[side] for pair in pairs} for side in (0, 1))
    accepted = Follow.objects.filter(follower__in=viewers, followed__in=creators, state=Follow.State.ACCEPTED)
    return pairs & set(accepted.values_list("follower_id", "followed_id"))


_KEYED = ("video_id", "creator_id", "day")


def _roll_up(events: list[Record]) -> counting.Sums:
    sums = counting.sums(events, _followers(events))
    roll_up(sums)
    if sums.gained:
        videos.record_views(dict(sorted(sums.gained.items())), None)
    return sums


def roll_up(sums: counting.Sums) -> None:
    """Add what events add up to to every roll-up but the site's active people, in the caller's transaction. Each flush takes the
    tables in this order and the rows in that of their keys."""
    table.add(
        VideoDay,
        _KEYED,
        ("impressions", "views", "watch_ms", "completions", "skips", "rewatches", "followers_won"),
        _flat(sums.videos),
        unique=("video_id", "day"),
    )
    table.add(
        CreatorDay,
        ("creator_id", "day"),
        ("impressions", "views", "watch_ms", "profile_views"),
        _flat(sums.creators),
    )
    table.add(
        SourceDay,
        (*_KEYED, "source"),
        ("impressions", "views", "watch_ms", "followers_won"),
        _flat(sums.sources),
        unique=("video_id", "day", "source"),
    )
    table.add(
        PromotedDay,
        ("promotion_id", "creator_id", "day"),
        ("impressions", "views", "followers_won"),
        _flat(sums.promotions),
        unique=("promotion_id", "day"),
    )
    table.add(
        CountryDay,
        (*_KEYED, "country"),
        ("views", "watch_ms"),
        _flat(sums.countries),
        unique=("video_id", "day", "country"),
    )
    table.add(HourDay, ("creator_id", "day", "hour"), ("views", "watch_ms"), _flat(sums.hours))
    table.add(
        EngagementWeek,
        ("creator_id", "week", "person_id"),
        ("views", "watch_ms", "completions"),
        _flat(sums.weeks),
    )
    tell_of(creator for creator, _week, _person in sums.weeks)
    retention.add(sums.curves)
    uniques.add(sums.prints())


def count_active(sums: counting.Sums) -> None:
    """Add who was logged in to the site's sketch of the day, in the caller's transaction: the last that it does, because it
    locks a row that every flush locks."""
    uniques.add(sums.active_prints())


def _flat(figures: Mapping[Any, list[int]]) -> list[tuple[Any, ...]]:
    return list(starmap(lambda key, values: (*key, *values), figures.items()))


# --- Facts that are counted at once -----------------------------------------------------------------------------


def add_creator_days(changes: Mapping[tuple[int, date], Mapping[str, int]]) -> None:
    """Add figures to (creator, day) roll-ups; rows that change the same figures go together."""
    shapes: dict[tuple[str, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for (creator, day), figures in changes.items():
        names = tuple(sorted(figures))
        shapes[names].append((creator, day, *(figures[name] for name in names)))
    for names, rows in shapes.items():
        table.add(CreatorDay, ("creator_id", "day"), names, rows)


def add_today(creator: int, video: int, person: int | None = None, **figures: int) -> None:
    """Add figures to today's roll-ups of a clip and of its creator, and to the week of `person` if they follow the creator
    (likes, comments and shares). All or nothing.

    What is taken back leaves the week as far as it was given in it: a like that comes and goes all day is one like or none.
    """
    today = timezone.now().date()
    with transaction.atomic():
        table.add(
            VideoDay,
            _KEYED,
            tuple(figures),
            [(video, creator, today, *figures.values())],
            unique=("video_id", "day"),
        )
        add_creator_days({(creator, today): figures})
        given = {name: count for name, count in figures.items() if name in _OF_WEEKS and count}
        if given and person is not None and _follows(person, creator):
            _add_to_week(creator, counting.week_of(today), person, given)
            tell_of([creator])


def _add_to_week(creator: int, week: date, person: int, given: Mapping[str, int]) -> None:
    key = {"creator_id": creator, "week": week, "person_id": person}
    if all(count > 0 for count in given.values()):
        table.add(EngagementWeek, tuple(key), tuple(given), [(*key.values(), *given.values())])
    else:
        less = {name: Greatest(F(name) + count, Value(0)) for name, count in given.items()}
        EngagementWeek.objects.filter(**key).update(**less)


def tell_of(creators: Iterable[int], day: date | None = None) -> None:
    """Have accounts told how these creators' followers engage, on a UTC day: tomorrow if none is given, so that one who is
    watched all day is told of once. In the caller's transaction; one statement, none for nobody."""
    due = day or timezone.now().date() + timedelta(days=1)
    rows = [(creator, due) for creator in set(creators)]
    table.make_missing(
        EngagementDue, ("creator_id", "due_on"), rows, empty=None, unique=("creator_id", "due_on")
    )


_OF_WEEKS = frozenset({"likes", "comments", "shares"})


def _follows(person: int, creator: int) -> bool:
    return Follow.objects.filter(follower=person, followed=creator, state=Follow.State.ACCEPTED).exists()


# --- Keeping house -------------------------------------------------------------------------------------------


def prune(*, chunk: int = 20_000, pause: Callable[[], None] | None = None) -> int:
    """Delete raw events and batch rows that are past their 30 days, and followers' weeks past theirs; how many events went."""
    gone = raw.prune(chunk=chunk, pause=pause)
    now = timezone.now()
    # A batch row is only needed while its batch may still lie in Redis.
    EventBatch.objects.filter(flushed_at__lt=now - timedelta(days=RAW_EVENTS_KEPT_DAYS)).delete()
    EngagementWeek.objects.filter(week__lt=now.date() - timedelta(weeks=ENGAGEMENT_KEPT_WEEKS)).delete()
    return gone
