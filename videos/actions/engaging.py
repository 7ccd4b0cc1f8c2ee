"""What people do with clips: like, save, comment, pin, share, turn away from, change after publishing, watch.

Counters change in the transaction of the row they count, and only when a row really appeared or vanished.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import add_likes
from accounts.models import User
from privacy.actions import audit
from privacy.rules import Audience, WhoMay
from socialapp.lib.errors import Forbidden, Invalid, NotFound, NotSignedIn
from socialapp.lib.ratelimit import limit

from .. import access, popularity, signals
from ..hashtags import apply_tags
from ..models import Comment, CommentLike, Like, NotInterested, Save, Share, Video
from ..text import clean
from .pipeline import move_folder

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
COMMENT_LENGTH = 1000
CAPTION_LENGTH = 2200


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
    found = access.with_people(access.visible_videos(actor)).filter(pk=video.pk)
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


# --- Likes, saves, "not interested": each a row that is there or not, so each call may be repeated -------------------


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


@transaction.atomic
def not_interested(actor: Actor, video: Video) -> None:
    """Keep a clip out of the actor's feeds. Idempotent; nobody is told."""
    person = _person(actor)
    limit("like", person.pk)
    NotInterested.objects.get_or_create(video=_locked_video(person, video), person=person)


def interested(actor: Actor, video: Video) -> None:
    """Take "not interested" back. Idempotent."""
    NotInterested.objects.filter(video_id=video.pk, person=_person(actor)).delete()


# --- Comments ---------------------------------------------------------------------------------------------------


def _clean_comment(text: str) -> str:
    text = clean(text)
    if not text:
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"text": sentence})
    if len(text) > COMMENT_LENGTH:
        sentence = _("This is too long: at most %(count)s characters fit.") % {"count": COMMENT_LENGTH}
        raise Invalid(sentence, fields={"text": sentence})
    return text


@transaction.atomic
def comment(actor: Actor, video: Video, text: str, reply_to: Comment | None = None) -> Comment:
    """Write under a clip, or answer a comment of it. A reply to a reply joins its parent's replies (one level).

    Forbidden when the clip's or its author's setting does not let this person; Invalid for text that does not fit.
    """
    person = _person(actor)
    text = _clean_comment(text)
    limit("comment", person.pk)
    row = _locked_video(person, video)
    if not access.may_comment(person, row):
        raise Forbidden(_("Comments are not open to you here."), code="comments_closed")
    parent = None
    if reply_to is not None:
        if reply_to.video_id != row.pk or not access.comments_of(person, row).filter(pk=reply_to.pk).exists():
            raise NotFound()
        # The lock keeps the parent from vanishing between this check and the insert.
        top = reply_to.parent_id or reply_to.pk
        parent = Comment.objects.select_for_update(no_key=True).filter(pk=top, removed_at=None).first()
        if parent is None:
            raise NotFound()
    written = Comment.objects.create(video=row, author=person, parent=parent, text=text)
    _count(row, "comments_count", 1)
    if parent is not None:
        Comment.objects.filter(pk=parent.pk).update(replies_count=F("replies_count") + 1)
    _send(signals.video_commented, comment_id=written.pk)
    return written


def _locked_comment(actor: Actor, comment_row: Comment) -> Comment:
    """The comment, locked behind its clip and asked for at the gate again. Order of locks: clip, comment."""
    if not Video.objects.select_for_update(no_key=True).filter(pk=comment_row.video_id).exists():
        raise NotFound()
    if not Comment.objects.select_for_update(no_key=True).filter(pk=comment_row.pk).exists():
        raise NotFound()
    return access.get_comment(actor, comment_row.pk)


@transaction.atomic
def edit_comment(actor: Actor, comment_row: Comment, text: str) -> Comment:
    """Change one's own comment; it is marked as edited. Forbidden for others."""
    person = _person(actor)
    text = _clean_comment(text)
    limit("comment", person.pk)
    row = _locked_comment(person, comment_row)
    if row.author_id != person.pk:
        raise Forbidden(_("Only its author can change a comment."))
    if text != row.text:
        row.text, row.edited_at = text, timezone.now()
        row.save(update_fields=["text", "edited_at"])
    return row


@transaction.atomic
def delete_comment(actor: Actor, comment_row: Comment) -> None:
    """Delete one's own comment, or any under one's own clip, with its replies. Forbidden for others.

    Moderators hide it instead (`removed_at`), so that the evidence stays. Deletion of another's words is audited.
    """
    person = _person(actor)
    row = _locked_comment(person, comment_row)
    if person.pk not in (row.author_id, row.video.author_id):
        raise Forbidden(_("Only its author, or the author of the clip, can delete a comment."))
    replies = Comment.objects.filter(parent=row, removed_at=None).count()
    if row.author_id != person.pk:
        audit(person, "comment.delete", "comment", row.pk, author=row.author_id, video=row.video_id)
    _uncount_comment(row, replies + 1)
    row.delete()


def _uncount_comment(row: Comment, count: int) -> None:
    _count(row.video, "comments_count", -count)
    if row.parent_id:
        Comment.objects.filter(pk=row.parent_id).update(replies_count=Greatest(F("replies_count") - 1, 0))
    _send(signals.comment_removed, video_id=row.video_id, count=count)


@transaction.atomic
def remove_comment(actor: Actor, comment_row: Comment) -> None:
    """A moderator takes a comment and its replies out of sight; the rows stay as evidence. Idempotent, audited."""
    if not _person(actor).is_staff:
        raise NotFound()
    video = Video.objects.select_for_update(no_key=True).filter(pk=comment_row.video_id).first()
    row = Comment.objects.select_for_update(no_key=True).filter(pk=comment_row.pk, removed_at=None).first()
    if video is None or row is None:
        return
    now = timezone.now()
    hidden = Comment.objects.filter(parent=row, removed_at=None).update(removed_at=now)
    Comment.objects.filter(pk=row.pk).update(
        removed_at=now, pinned_at=None, replies_count=F("replies_count") - hidden
    )
    row.video = video
    _uncount_comment(row, hidden + 1)
    audit(actor, "comment.remove", "comment", row.pk, author=row.author_id)


@transaction.atomic
def like_comment(actor: Actor, comment_row: Comment) -> int:
    """Like a comment; returns its number of likes. Idempotent."""
    person = _person(actor)
    limit("like", person.pk)
    row = _locked_comment(person, comment_row)
    _like, new = CommentLike.objects.get_or_create(comment=row, person=person)
    if new:
        Comment.objects.filter(pk=row.pk).update(likes_count=F("likes_count") + 1)
    return row.likes_count + new


@transaction.atomic
def unlike_comment(actor: Actor, comment_row: Comment) -> int:
    """Take a like of a comment back; returns the number of likes. Idempotent."""
    person = _person(actor)
    row = Comment.objects.select_for_update(no_key=True).filter(pk=comment_row.pk).first()
    if row is None:
        raise NotFound()
    gone, _rows = CommentLike.objects.filter(comment=row, person=person).delete()
    if gone:
        Comment.objects.filter(pk=row.pk).update(likes_count=Greatest(F("likes_count") - 1, 0))
    return row.likes_count - bool(gone)


@transaction.atomic
def pin_comment(actor: Actor, comment_row: Comment) -> None:
    """Put a comment on top of one's own clip. One at a time: pinning another takes its place. Idempotent."""
    row = _pinnable(actor, comment_row)
    Comment.objects.filter(video_id=row.video_id, pinned_at__isnull=False).exclude(pk=row.pk).update(
        pinned_at=None
    )
    Comment.objects.filter(pk=row.pk).update(pinned_at=row.pinned_at or timezone.now())


@transaction.atomic
def unpin_comment(actor: Actor, comment_row: Comment) -> None:
    """Take the pin off. Idempotent."""
    Comment.objects.filter(pk=_pinnable(actor, comment_row).pk).update(pinned_at=None)


def _pinnable(actor: Actor, comment_row: Comment) -> Comment:
    person = _person(actor)
    row = _locked_comment(person, comment_row)
    if row.video.author_id != person.pk:
        raise Forbidden(_("Only the author of the clip can pin a comment."))
    if row.parent_id:
        raise Invalid(_("Replies cannot be pinned. Pin the comment they belong to."))
    return row


# --- Sharing, changing, watching ----------------------------------------------------------------------------------


@transaction.atomic
def share(actor: Actor, video: Video, channel: str) -> str:
    """Count a share and give the address to pass on."""
    person = _person(actor)
    if channel not in CHANNELS:
        raise Invalid(
            _("Choose one of the ways to share."), code="bad_channel", fields={"channel": ", ".join(CHANNELS)}
        )
    limit("share", person.pk)
    row = _locked_video(person, video)
    Share.objects.create(video=row, person=person, channel=channel)
    _count(row, "shares_count", 1)
    _send(signals.video_shared, video_id=row.pk, person_id=person.pk, channel=channel)
    return f"{settings.BASE_URL}{row.get_absolute_url()}"


@transaction.atomic
def update_video(
    actor: Actor,
    video: Video,
    *,
    caption: str | None = None,
    audience: str | None = None,
    comments: str | None = None,
) -> Video:
    """Change what was said at publishing; None leaves a thing as it is. Tags follow the caption; a change of rules
    is audited. Forbidden for a visible clip of somebody else, NotFound for a hidden one.
    """
    person = _person(actor)
    limit("edit", person.pk)
    row = _locked_video(person, video)
    if row.author_id != person.pk:
        raise Forbidden(_("Only its author can change a clip."))
    changed: dict[str, str] = {}
    if caption is not None:
        changed["caption"] = _clean_caption(caption)
    if audience is not None:
        if audience not in Audience.values:
            raise Invalid(fields={"audience": _("Choose who can watch.")})
        changed["audience"] = audience
    if comments is not None:
        if comments not in WhoMay.values:
            raise Invalid(fields={"comments": _("Choose who can comment.")})
        changed["comments"] = comments
    changed = {name: value for name, value in changed.items() if getattr(row, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
        if "caption" in changed:
            apply_tags(row)
        if "audience" in changed:
            # Addresses of the files are out there; they die with the audience they were made for.
            transaction.on_commit(lambda: move_folder(row.pk))
        if rules := {name: value for name, value in changed.items() if name != "caption"}:
            audit(person, "video.update", "video", row.pk, **rules)
    return row


def _clean_caption(text: str) -> str:
    text = clean(text)
    if len(text) > CAPTION_LENGTH:
        sentence = _("This is too long: at most %(count)s characters fit.") % {"count": CAPTION_LENGTH}
        raise Invalid(sentence, fields={"caption": sentence})
    return text


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
