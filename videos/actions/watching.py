"""What people watched, told by analytics: their history, and the first audiences of new clips."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Follow
from privacy.models import PrivacySettings
from privacy.rules import Audience

from ..feed import online, trained
from ..labels import label
from ..models import FeedSettings, FirstAudience, Video, Watch
from ..ranking import FIRST_AUDIENCE

AUDIENCE_DAYS = 30
FOR_YOU = "for_you"  # of analytics.Source


class Watched(NamedTuple):
    """What one person watched of one clip since the last flush: milliseconds, pieces that became views, ends reached."""

    person: int
    video: int
    watched_ms: int
    viewings: int
    completions: int
    source: str  # of analytics.Source; where they met it
    at: datetime  # the last of it


Pair = tuple[int, int]


@transaction.atomic
def record_watches(rows: Iterable[Watched]) -> None:
    """Add to what people have watched, in the caller's transaction, and to what new clips' first audiences made of them.

    Not idempotent: it adds. Clips and people must exist. Those who want no personal feed leave no row. Queries: 1 for them,
    3 for first audiences that are under way, 1 upsert of any number of rows; Redis learns of it after commit.
    """
    added = _added(rows)
    people = {person for person, _video in added}
    if not people:
        return
    without = set(
        FeedSettings.objects.filter(person__in=people, personal=False).values_list("person_id", flat=True)
    )
    added = {pair: row for pair, row in added.items() if pair[0] not in without}
    if not added:
        return
    audiences = _audiences(added)
    before = _before([pair for pair in added if pair[1] in audiences])
    _upsert(added)
    _count(added, audiences, before)
    news = {
        pair: (row.watched_ms, row.completions, row.viewings, row.at.timestamp())
        for pair, row in added.items()
    }
    transaction.on_commit(lambda: online.note(news), robust=True)


def _added(rows: Iterable[Watched]) -> dict[Pair, Watched]:
    """One row a person and clip, in the order in which rows are locked."""
    found: dict[Pair, Watched] = {}
    for row in rows:
        pair = (row.person, row.video)
        held = found.get(pair)
        if held is None:
            found[pair] = row
            continue
        first, last = sorted((held, row), key=lambda one: one.at)
        found[pair] = Watched(
            *pair,
            held.watched_ms + row.watched_ms,
            held.viewings + row.viewings,
            held.completions + row.completions,
            first.source,
            last.at,
        )
    return dict(sorted(found.items()))


def _upsert(added: dict[Pair, Watched]) -> None:
    table = Watch._meta.db_table
    sql = f"""
        INSERT INTO {table} (person_id, video_id, watched_ms, viewings, completions, source, first_at, last_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (person_id, video_id) DO UPDATE SET
          watched_ms = {table}.watched_ms + excluded.watched_ms,
          viewings = {table}.viewings + excluded.viewings,
          completions = {table}.completions + excluded.completions,
          first_at = CASE WHEN excluded.first_at < {table}.first_at THEN excluded.first_at ELSE {table}.first_at END,
          last_at = CASE WHEN excluded.last_at > {table}.last_at THEN excluded.last_at ELSE {table}.last_at END
    """  # noqa: S608 (the name of a table)
    values = []
    for row in added.values():
        at = connection.ops.adapt_datetimefield_value(row.at)
        values.append((*row[:5], row.source[:10], at, at))
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


# --- First audiences ---------------------------------------------------------------------------------------------------------


def _audiences(added: dict[Pair, Watched]) -> dict[int, FirstAudience]:
    """The first audiences of these clips, with their clips' lengths; locked in the order of the clips."""
    rows = FirstAudience.objects.select_for_update(of=("self",)).select_related("video").order_by("video_id")
    wanted = rows.filter(video__in={video for _person, video in added}).only(
        "video_id", "shown", "pleased", "done_at", "video__duration_ms", "video__author_id"
    )
    return {row.video_id: row for row in wanted}


def _before(pairs: list[Pair]) -> dict[Pair, tuple[int, int, str]]:
    if not pairs:
        return {}
    rows = Watch.objects.filter(
        person__in={person for person, _video in pairs}, video__in={video for _person, video in pairs}
    )
    return {
        (person, video): (watched, completions, source)
        for person, video, watched, completions, source in rows.values_list(
            "person_id", "video_id", "watched_ms", "completions", "source"
        )
    }


def _followers(pairs: list[Pair], audiences: dict[int, FirstAudience]) -> set[Pair]:
    """(person, author) of those who follow the author of a clip they watched. One query, none without audiences."""
    people = {person for person, video in pairs if video in audiences}
    if not people:
        return set()
    authors = {audience.video.author_id for audience in audiences.values()}
    ties = Follow.objects.filter(follower__in=people, followed__in=authors, state=Follow.State.ACCEPTED)
    return set(ties.values_list("follower_id", "followed_id"))


def _count(
    added: dict[Pair, Watched], audiences: dict[int, FirstAudience], before: dict[Pair, tuple[int, int, str]]
) -> None:
    """People who met a clip count once; how it pleased them grows with what they go on to watch of it.

    Only those whom For You introduced to it, and who do not follow its author: who was sent there or came for the author would
    let a ring of accounts decide how a clip pleases (measured in tests/benchmarks/simulator.py).
    """
    norms, now, followers = trained.serving().norms, timezone.now(), _followers(list(added), audiences)
    changed = set()
    for pair, row in added.items():
        audience = audiences.get(pair[1])
        if audience is None or (pair[0], audience.video.author_id) in followers:
            continue
        watched, completions, met = before.get(pair, (0, 0, row.source))
        if met != FOR_YOU:
            continue
        old = _pleasure(audience.video, watched, completions, norms) if pair in before else 0.0
        new = _pleasure(audience.video, watched + row.watched_ms, completions + row.completions, norms)
        audience.shown += pair not in before
        audience.pleased += max(new - old, 0.0)
        if audience.done_at is None and audience.shown >= FIRST_AUDIENCE:
            audience.done_at = now
        changed.add(pair[1])
    FirstAudience.objects.bulk_update(
        [audiences[video] for video in sorted(changed)], ["shown", "pleased", "done_at"], batch_size=200
    )


def _pleasure(video: Video, watched_ms: int, completions: int, norms: Any) -> float:
    return max(label(watched_ms, video.duration_ms, completions, norms=norms), 0.0)


def open_audience(video: Video) -> None:
    """A clip is public from now on: it is owed a first audience. Idempotent; in the caller's transaction."""
    FirstAudience.objects.bulk_create([FirstAudience(video_id=video.pk)], ignore_conflicts=True)


def close_audiences() -> int:
    """End first audiences that cannot be had: of clips that are not public any more, and of those that a month did not find
    enough people for. Returns how many. One statement."""
    month_ago = timezone.now() - timedelta(days=AUDIENCE_DAYS)
    public = Video.objects.filter(pk=OuterRef("video_id"), state=Video.State.READY, audience=Audience.PUBLIC)
    private = PrivacySettings.objects.filter(person_id=OuterRef("video__author_id"), is_private=True)
    owed = FirstAudience.objects.filter(done_at__isnull=True)
    return owed.filter(Q(opened_at__lt=month_ago) | ~Exists(public) | Exists(private)).update(
        done_at=timezone.now()
    )
