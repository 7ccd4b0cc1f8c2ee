"""What a clip's author does about comments under it: approve or decline those that wait, hide and show, singly and in bulk."""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.actions import audit
from socialapp.lib.errors import Conflict, Forbidden, Invalid
from socialapp.lib.ratelimit import limit

from .. import access
from ..models import Comment, Video
from .commenting import _enter, _erase, _leave, _locked_comment, _settled
from .engaging import Actor, _person

REVIEW_LIMIT = 100  # comments of one bulk act


@transaction.atomic
def approve_comment(actor: Actor, comment_row: Comment) -> Comment:
    """Let everybody read a comment that waits or is hidden. Idempotent. Who it concerns is told now, once it waited."""
    return _single(actor, comment_row, _approve)


@transaction.atomic
def decline_comment(actor: Actor, comment_row: Comment) -> None:
    """Delete a comment that waits or is hidden, with its replies. Conflict when everybody reads it already."""
    _single(actor, comment_row, _decline)


@transaction.atomic
def hide_comment(actor: Actor, comment_row: Comment) -> Comment:
    """Leave a comment, with its replies, to its own author's eyes and one's own; a pin comes off. Idempotent.

    Nobody is told, and its author sees it as before: that is what tells hiding from deleting.
    """
    return _single(actor, comment_row, _hide)


@transaction.atomic
def show_comment(actor: Actor, comment_row: Comment) -> Comment:
    """Take hiding back; what waited before waits again. Idempotent."""
    return _single(actor, comment_row, _show)


@transaction.atomic
def review_comments(actor: Actor, deed: str, comment_ids: Iterable[int]) -> list[int]:
    """Do one of DEEDS to many comments under one's own clips; returns the ids it was done to, in the order given.

    Passes over what is not there, not under one's own clips or no longer in a state for it, without a difference. All in
    one transaction; locks the clips by id, then the comments by id. Costs some queries a comment. Invalid past
    REVIEW_LIMIT.
    """
    person = _person(actor)
    wanted = list(dict.fromkeys(comment_ids))
    if deed not in DEEDS:
        raise Invalid(_("Choose what to do."), fields={"do": ", ".join(DEEDS)})
    if not wanted or len(wanted) > REVIEW_LIMIT:
        sentence = _("Choose 1 to %(count)s comments.") % {"count": REVIEW_LIMIT}
        raise Invalid(sentence, fields={"comments": sentence})
    limit("review", person.pk)
    clips = access.comments_under_own(person, wanted).values("video_id")
    videos = Video.objects.select_for_update(no_key=True).filter(pk__in=clips).order_by("pk")
    list(videos.values_list("pk", flat=True))
    list(
        Comment.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").values_list("pk")
    )
    done = []
    for pk in wanted:
        # Read anew each time: declining a comment takes its replies along.
        row = access.comments_under_own(person, [pk]).first()
        if row is not None:
            try:
                DEEDS[deed](person, row)
            except Conflict:
                continue
            done.append(pk)
    return done


def _single(actor: Actor, comment_row: Comment, deed: Callable[[User, Comment], None]) -> Comment:
    person = _person(actor)
    limit("review", person.pk)
    row = _locked_comment(person, comment_row)
    if row.video.author_id != person.pk:
        raise Forbidden(_("Only the author of the clip can do this."))
    deed(person, row)
    return row


def _approve(person: User, row: Comment) -> None:
    if row.is_shown:
        return
    waited = bool(row.held_for)
    _settled(row)
    row.held_for, row.hidden_at = "", None
    row.save(update_fields=["held_for", "hidden_at"])
    _enter(row, first_time=waited)
    audit(person, "comment.approve", "comment", row.pk, author=row.author_id, video=row.video_id)


def _decline(person: User, row: Comment) -> None:
    if row.is_shown:
        raise Conflict(_("Everybody reads this comment already. Delete it instead."))
    _erase(person, row, "comment.decline")


def _hide(person: User, row: Comment) -> None:
    if row.hidden_at is not None:
        return
    if row.is_shown:
        _leave(row)
    _settled(row)
    row.hidden_at, row.pinned_at = timezone.now(), None
    row.save(update_fields=["hidden_at", "pinned_at"])
    audit(person, "comment.hide", "comment", row.pk, author=row.author_id, video=row.video_id)


def _show(person: User, row: Comment) -> None:
    if row.hidden_at is None:
        return
    row.hidden_at = None
    row.save(update_fields=["hidden_at"])
    if row.is_shown:
        _enter(row, first_time=False)
    audit(person, "comment.show", "comment", row.pk, author=row.author_id, video=row.video_id)


DEEDS: dict[str, Callable[[User, Comment], None]] = {
    "approve": _approve,
    "decline": _decline,
    "hide": _hide,
    "show": _show,
}
