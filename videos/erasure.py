"""What erasing a person means for clips: their own go with every file, and what they did with other people's."""

from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from accounts.actions import add_likes
from privacy.erasure import BATCH, Leaver, delete_in_batches, forget_admin_log
from socialapp.lib.redis import connection

from . import actions, counters, uploads
from .models import (
    Challenge,
    Collection,
    Comment,
    CommentLike,
    Like,
    Preference,
    Save,
    Share,
    Sound,
    Upload,
    Video,
    Watch,
)


def forget_person(leaver: Leaver) -> None:
    """Everything of a person's in this app."""
    person = leaver.id
    _one_by_one(Video.objects.filter(author=person), leaver)
    _one_by_one(Upload.objects.filter(owner=person), leaver)
    _one_by_one(Sound.objects.filter(owner=person), leaver)
    _comments(leaver)
    _marks(Like, "video", leaver)
    _marks(Save, "video", leaver)
    _marks(Share, "video", leaver)
    _marks(CommentLike, "comment", leaver)
    delete_in_batches(Collection.objects.filter(owner=person), leaver)
    delete_in_batches(Preference.objects.filter(person=person), leaver)
    delete_in_batches(Watch.objects.filter(person=person), leaver)
    delete_in_batches(Challenge.objects.filter(host=person), leaver)
    _forget_seen(leaver)
    actions.erase_doomed()  # what the store refuses now, the sweep erases later: the folders' names stand in rows


def _one_by_one(rows: Any, leaver: Leaver) -> None:
    """Rows whose files follow them (videos.receivers), each in its own transaction."""
    while (row := rows.order_by("pk").first()) is not None:
        leaver.alive()
        if isinstance(row, Video):  # first what many people hung on it, so that its own transaction is short
            for model in (Like, Save, Share, Preference, Watch, Comment):
                if model is Comment:
                    _forget_replies_log(Comment.objects.filter(video=row))
                delete_in_batches(model._default_manager.filter(video=row), leaver)
        # Files before rows: a worker that is killed in between comes back to rows that still name them.
        for upload in _uploads(row):
            uploads.discard(upload)
        with transaction.atomic():
            forget_admin_log(type(row), [row.pk])
            row.delete()


def _uploads(row: Any) -> list[str]:
    if isinstance(row, Upload):
        return [row.pk]
    if isinstance(row, Video):
        parts = row.parts.exclude(upload=None).values_list("upload_id", flat=True)
        return [pk for pk in (row.upload_id, *parts) if pk]
    return []


def _forget_replies_log(comments: Any) -> None:
    forget_admin_log(Comment, comments.values_list("pk", flat=True))


def _comments(leaver: Leaver) -> None:
    """Their comments, with the replies below them; the clips they stood under are counted anew."""
    mine = Comment.objects.filter(author=leaver.id).order_by("pk")
    while True:
        leaver.alive()
        with transaction.atomic():
            batch = list(mine.values_list("pk", "video_id", "parent_id")[:BATCH])
            if not batch:
                return
            ids = [pk for pk, _video, _parent in batch]
            _forget_replies_log(Comment.objects.filter(Q(pk__in=ids) | Q(parent__in=ids)))
            Comment.objects.filter(pk__in=ids).delete()
            counters.recount(Video, "comments_count", {video for _pk, video, _parent in batch})
            counters.recount(Comment, "replies_count", {parent for _pk, _video, parent in batch if parent})


def _marks(model: type[Model], of: str, leaver: Leaver) -> None:
    """Likes, saves and shares: gone, and what they were counted in is counted anew."""
    counted, column = {
        Like: (Video, "likes_count"),
        Save: (Video, "saves_count"),
        Share: (Video, "shares_count"),
        CommentLike: (Comment, "likes_count"),
    }[model]
    mine = model._default_manager.filter(person=leaver.id).order_by("pk")
    while True:
        leaver.alive()
        with transaction.atomic():
            batch = dict(mine.values_list("pk", f"{of}_id")[:BATCH])
            if not batch:
                return
            if model is Like:
                authors = Video.objects.filter(pk__in=batch.values()).values_list("author_id", flat=True)
                for author in authors:
                    add_likes(author, -1)
            model._default_manager.filter(pk__in=batch).delete()
            counters.recount(counted, column, set(batch.values()))


def _forget_seen(leaver: Leaver) -> None:
    """Which clips the feed has shown them; it would go by itself within hours."""
    redis = connection()
    for key in redis.scan_iter(f"feed:seen:{leaver.id}:*", count=1000):
        redis.delete(key)
