"""What people say under clips: writing, editing, deleting, liking and pinning comments.

Counters change in the transaction of the row they count, and only when a row really appeared or vanished.
"""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actions import audit
from socialapp.lib.errors import Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from .. import access, signals
from ..models import Comment, CommentLike, Video
from ..text import clean
from .engaging import Actor, _count, _locked_video, _person, _send

COMMENT_LENGTH = 1000


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
