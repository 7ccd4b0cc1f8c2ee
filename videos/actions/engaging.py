"""What people do with clips: like, save, share, watch.

Counters change in the transaction of the row they count, and only when a row really appeared or vanished.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.dispatch import Signal
from django.utils.translation import gettext as _

from accounts.actions import add_likes
from accounts.models import User
from socialapp.lib.errors import Forbidden, Invalid, NotFound, NotSignedIn
from socialapp.lib.ratelimit import limit

from .. import access, popularity, signals
from ..models import Like, Save, Share, Video

Actor = User | AnonymousUser

CHANNELS = (
    "link",
    "message",
    "system",
    "embed",
    "qr",
    "whatsapp",
    "telegram",
    "messenger",
    "sms",
    "email",
    "other",
)


def _person(actor: Actor) -> User:
    if not isinstance(actor, User):
        raise NotSignedIn()
    return actor


def _send(signal: Signal, **facts: Any) -> None:
    transaction.on_commit(lambda: signal.send(sender=None, **facts))


def _locked_video(actor: Actor, video: Video) -> Video:
    """The clip's row, locked until the transaction ends and asked for at the gate again. NotFound when hidden by now.

    NO KEY UPDATE: rows that merely refer to the clip (another like, a notification) do not wait.
    """
    found = access.with_people(access.watchable_videos(actor)).filter(pk=video.pk)
    row = found.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise NotFound()
    return row


def _held_video(video: Video) -> Video:
    """The clip's row, locked, whoever asks: for taking back what one once did. NotFound when it is gone."""
    row = Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
    if row is None:
        raise NotFound()
    return row


def _count(video: Video, column: str, delta: int) -> None:
    Video.objects.filter(pk=video.pk).update(
        **{column: Greatest(F(column) + delta, 0) if delta < 0 else F(column) + delta}
    )


# --- Likes, saves: each a row that is there or not, so each call may be repeated -------------------


@transaction.atomic
def like(actor: Actor, video: Video) -> int:
    """Like a clip; returns its number of likes. Idempotent. Sends video_liked when it was not liked before."""
    person = _person(actor)
    limit("like", person.pk)
    row = _locked_video(person, video)
    _like, new = Like.objects.get_or_create(video=row, person=person)
    if new:
        _count(row, "likes_count", 1)
        add_likes(row.author_id, 1)
        _send(signals.video_liked, video_id=row.pk, person_id=person.pk)
    return row.likes_count + new


@transaction.atomic
def unlike(actor: Actor, video: Video) -> int:
    """Take a like back; returns the number of likes. Idempotent, and allowed after the clip became hidden."""
    person = _person(actor)
    row = _held_video(video)
    gone, _rows = Like.objects.filter(video=row, person=person).delete()
    if gone:
        _count(row, "likes_count", -1)
        add_likes(row.author_id, -1)
        _send(signals.video_unliked, video_id=row.pk, person_id=person.pk)
    return row.likes_count - bool(gone)


@transaction.atomic
def save(actor: Actor, video: Video) -> int:
    """Keep a clip in one's own list; returns how many do. Idempotent. Sends video_saved when it was not there."""
    person = _person(actor)
    limit("like", person.pk)
    row = _locked_video(person, video)
    _save, new = Save.objects.get_or_create(video=row, person=person)
    if new:
        _count(row, "saves_count", 1)
        _send(signals.video_saved, video_id=row.pk, person_id=person.pk)
    return row.saves_count + new


@transaction.atomic
def unsave(actor: Actor, video: Video) -> int:
    """Drop a clip from one's own list; returns how many keep it. Idempotent, and allowed after the clip became hidden."""
    person = _person(actor)
    row = _held_video(video)
    gone, _rows = Save.objects.filter(video=row, person=person).delete()
    if gone:
        _count(row, "saves_count", -1)
        _send(signals.video_unsaved, video_id=row.pk, person_id=person.pk)
    return row.saves_count - bool(gone)


# --- Sharing, watching ----------------------------------------------------------------------------------


@transaction.atomic
def share(actor: Actor, video: Video, channel: str) -> str:
    """Count a share and give the address to pass on. Forbidden (code preview) for an exclusive preview of somebody else."""
    person = _person(actor)
    if channel not in CHANNELS:
        raise Invalid(
            _("Choose one of the ways to share."), code="bad_channel", fields={"channel": ", ".join(CHANNELS)}
        )
    limit("share", person.pk)
    row = _locked_video(person, video)
    if access.is_preview(row) and row.author_id != person.pk:
        raise Forbidden(
            _("This clip was sent to you before it is out. It cannot be passed on."), code="preview"
        )
    Share.objects.create(video=row, person=person, channel=channel)
    _count(row, "shares_count", 1)
    _send(signals.video_shared, video_id=row.pk, person_id=person.pk, channel=channel)
    return f"{settings.BASE_URL}{row.get_absolute_url()}"


def record_views(counts: dict[int, int], scores: dict[int, float] | None = None) -> None:
    """Add views to clips and bring their popularity up to date; `scores` overrides our own (videos.popularity).

    Analytics pushes this after each flush. Not idempotent: it adds. Ids that are gone are passed over. Three
    statements for each 500 clips, rows locked in the order of their ids.
    """
    ids = sorted(counts.keys() | (scores or {}).keys())
    for start in range(0, len(ids), 500):
        _record_views(ids[start : start + 500], counts, scores or {})


@transaction.atomic
def _record_views(ids: list[int], counts: dict[int, int], scores: dict[int, float]) -> None:
    columns = (
        "pk",
        "views_count",
        "likes_count",
        "saves_count",
        "comments_count",
        "shares_count",
        "published_at",
        "created_at",
    )
    locked = Video.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    new_scores: dict[int, float] = {}
    for pk, views, likes, saves, comments, shares, published_at, created_at in locked.values_list(*columns):
        new_scores[pk] = (
            scores[pk]
            if pk in scores
            else popularity.score(
                views=views + counts.get(pk, 0),
                likes=likes,
                saves=saves,
                comments=comments,
                shares=shares,
                published_at=published_at or created_at,
            )
        )
    # One prepared statement for all: a CASE over hundreds of clips costs Django more than the database.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE videos_video SET views_count = views_count + %s, score = %s WHERE id = %s",
            [(counts.get(pk, 0), value, pk) for pk, value in new_scores.items()],
        )
