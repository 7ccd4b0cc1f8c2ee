"""What people say under clips: writing, editing, deleting, liking and pinning comments. The clip's author reviews in reviewing.

Every change of a comment locks its clip first. `comments_count` of a clip counts what everybody may read: comments that
are shown (not held, hidden or removed), and shown replies to those. `replies_count` of a comment counts its shown replies,
whatever becomes of the comment itself. `_enter` and `_leave` are the only places that move the two.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import relation
from accounts.models import User
from privacy import terms
from privacy.access import is_restricted, privacy_of
from privacy.actions import audit
from privacy.cases import open_case
from privacy.rules import Relation
from socialapp.lib import disguise
from socialapp.lib.errors import Forbidden, Invalid, NotFound
from socialapp.lib.ratelimit import limit

from .. import access, comment_filters, holds, signals
from ..models import Comment, CommentLike, Video
from ..text import clean
from .engaging import Actor, _count, _locked_video, _person, _send

COMMENT_LENGTH = 1000
_EARLIER = 50  # texts of a day that a new one is compared with


def _clean_comment(text: str) -> str:
    text = clean(text)
    terms.refuse(text=text)
    if not text:
        sentence = _("Write something first.")
        raise Invalid(sentence, fields={"text": sentence})
    if len(text) > COMMENT_LENGTH:
        sentence = _("This is too long: at most %(count)s characters fit.") % {"count": COMMENT_LENGTH}
        raise Invalid(sentence, fields={"text": sentence})
    return text


def _hold(person: User, video: Video, text: str, besides: int = 0) -> str:
    """Why this text of `person` has to wait for the clip's author; empty when it need not.

    At most four queries: whether the author restricts the person; for spam how the two stand to each other, and what the
    person wrote lately (but `besides`).
    """
    if person.pk == video.author_id:
        return ""
    # First: who is restricted is to notice nothing, whatever else their words would be held for.
    if is_restricted(video.author, person):
        return Comment.Held.RESTRICT
    wishes = privacy_of(video.author)
    if disguise.has_word(text, wishes.comment_keywords):
        return Comment.Held.KEYWORD
    if wishes.filter_spam:
        since = timezone.now() - timedelta(hours=comment_filters.REPEAT_WINDOW_HOURS)
        written = Comment.objects.filter(author=person, created_at__gte=since).exclude(pk=besides)
        earlier = [
            (said, under == video.pk)
            for said, under in written.order_by("-id").values_list("text", "video_id")[:_EARLIER]
        ]
        known = relation(person, video.author) in (Relation.FRIEND, Relation.FOLLOWED)
        if comment_filters.looks_like_spam(text, known=known, earlier=earlier):
            return Comment.Held.SPAM
    return Comment.Held.APPROVAL if wishes.approve_comments else ""


def _parent_is_shown(row: Comment) -> bool:
    # The clip's lock keeps the parent in its state.
    shown = Comment.objects.filter(held_for="", hidden_at=None, removed_at=None)
    return shown.filter(replies=row.pk).exists()


def _enter(row: Comment, *, first_time: bool) -> None:
    """Count a comment that is shown from now on. `first_time` announces it; else it only comes back into sight."""
    if row.parent_id:
        Comment.objects.filter(pk=row.parent_id).update(replies_count=F("replies_count") + 1)
        count = int(_parent_is_shown(row))
    else:
        count = 1 + row.replies_count
    if not count:
        return
    _count(row.video, "comments_count", count)
    if first_time:
        _send(signals.video_commented, comment_id=row.pk)
        count -= 1
    if count:
        _send(signals.comments_shown, video_id=row.video_id, count=count)


def _leave(row: Comment) -> None:
    """Count out a comment that was shown until now, with the replies that go out of sight with it."""
    if row.parent_id:
        Comment.objects.filter(pk=row.parent_id).update(replies_count=Greatest(F("replies_count") - 1, 0))
        count = int(_parent_is_shown(row))
    else:
        count = 1 + row.replies_count
    if count:
        _count(row.video, "comments_count", -count)
        _send(signals.comment_removed, video_id=row.video_id, count=count)


def _settled(row: Comment) -> None:
    """Say that a comment which waited no longer does."""
    if row.held_for and row.held_for != Comment.Held.SITE:
        _send(signals.comment_settled, video_id=row.video_id, person_id=row.author_id)


@transaction.atomic
def comment(actor: Actor, video: Video, text: str, reply_to: Comment | None = None) -> Comment:
    """Write under a clip, or answer a comment of it. A reply to a reply joins its parent's replies (one level).

    What the clip's author filters or approves themselves waits for them: then only the two see it, and nobody is told.
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
    found = holds.of_comment(person, text)
    held_for = Comment.Held.SITE if found else _hold(person, row, text)
    written = Comment.objects.create(video=row, author=person, parent=parent, text=text, held_for=held_for)
    if found:
        _ask_moderators(written, found)
    elif held_for:
        _send(signals.comment_held, comment_id=written.pk)
    else:
        _enter(written, first_time=True)
    return written


def _ask_moderators(row: Comment, found: holds.Found) -> None:
    open_case("comment", row.pk, User(pk=row.author_id), rule=found.rule, detail=found.detail)
    audit(None, "comment.hold", "comment", row.pk, author=row.author_id, rule=found.rule, **found.detail)


def let_comment_go(row: Comment) -> bool:
    """A moderator found nothing wrong with a comment that the site held: now it is the clip's author's turn, as for any other.

    In the caller's transaction, which holds the clip's row and the comment's. Whether it waited.
    """
    if row.held_for != Comment.Held.SITE:
        return False
    row.held_for = _hold(row.author, row.video, row.text, besides=row.pk)
    row.save(update_fields=["held_for"])
    if row.held_for:
        _send(signals.comment_held, comment_id=row.pk)
    elif row.is_shown:
        _enter(row, first_time=True)
    return True


def hold_comment_again(row: Comment) -> None:
    """Take `let_comment_go` back. In the caller's transaction, which holds both rows."""
    if row.is_shown:
        _leave(row)
    _settled(row)
    row.held_for, row.pinned_at = Comment.Held.SITE, None
    row.save(update_fields=["held_for", "pinned_at"])


def _locked_comment(actor: Actor, comment_row: Comment) -> Comment:
    """The comment, locked behind its clip and asked for at the gate again. Order of locks: clip, comment."""
    if not Video.objects.select_for_update(no_key=True).filter(pk=comment_row.video_id).exists():
        raise NotFound()
    if not Comment.objects.select_for_update(no_key=True).filter(pk=comment_row.pk).exists():
        raise NotFound()
    return access.get_comment(actor, comment_row.pk)


@transaction.atomic
def edit_comment(actor: Actor, comment_row: Comment, text: str) -> Comment:
    """Change one's own comment; it is marked as edited. Forbidden for others.

    New words are looked at as if they were written now, so a comment may have to wait (again). One that waits goes on
    waiting whatever it says: the clip's author decides.
    """
    person = _person(actor)
    text = _clean_comment(text)
    limit("comment", person.pk)
    row = _locked_comment(person, comment_row)
    if row.author_id != person.pk:
        raise Forbidden(_("Only its author can change a comment."))
    if text == row.text:
        return row
    row.text, row.edited_at = text, timezone.now()
    fields = ["text", "edited_at"]
    if row.held_for != Comment.Held.SITE and (found := holds.of_comment(person, text, besides=row.pk)):
        if row.is_shown:
            _leave(row)
        _settled(row)
        row.held_for, row.pinned_at = Comment.Held.SITE, None
        fields += ["held_for", "pinned_at"]
        _ask_moderators(row, found)
    elif not row.held_for and (reason := _hold(person, row.video, text, besides=row.pk)):
        if row.is_shown:
            _leave(row)
        row.held_for, row.pinned_at = reason, None
        fields += ["held_for", "pinned_at"]
        _send(signals.comment_held, comment_id=row.pk)
    row.save(update_fields=fields)
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
    _erase(person, row, "comment.delete")


def _erase(person: User, row: Comment, verb: str) -> None:
    """Take away a locked comment with its replies; written down when it is another's."""
    if row.author_id != person.pk:
        audit(person, verb, "comment", row.pk, author=row.author_id, video=row.video_id)
    if row.is_shown:
        _leave(row)
    _settled(row)
    row.delete()


@transaction.atomic
def remove_comment(actor: Actor, comment_row: Comment) -> None:
    """A moderator takes a comment and its replies out of sight; the rows stay as evidence. Idempotent, audited."""
    if not _person(actor).is_staff:
        raise NotFound()
    video = Video.objects.select_for_update(no_key=True).filter(pk=comment_row.video_id).first()
    row = Comment.objects.select_for_update(no_key=True).filter(pk=comment_row.pk, removed_at=None).first()
    if video is None or row is None:
        return
    row.video = video
    now = timezone.now()
    if row.is_shown:
        _leave(row)
    _settled(row)
    Comment.objects.filter(parent=row, removed_at=None).update(removed_at=now)
    Comment.objects.filter(pk=row.pk).update(removed_at=now, pinned_at=None, replies_count=0)
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
    if not row.is_shown:
        raise Invalid(_("Only you see this comment. Let everybody see it first, then pin it."))
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
