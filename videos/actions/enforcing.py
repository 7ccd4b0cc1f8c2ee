"""What moderators' decisions do to clips, comments and sounds, and how each is taken back.

Registered in receivers.py with `privacy.enforcement`, which calls these inside the transaction of a decision: `do` returns
what its `undo` needs. Each locks the clip first, as every change of a clip or a comment does.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.cases import open_case
from privacy.enforcement import register_acts
from privacy.models import Case, Decision, Report
from socialapp.lib.errors import Conflict

from ..holds import standing_copies
from ..models import Comment, Sound, Video
from .commenting import _enter, hold_comment_again, let_comment_go, remove_comment
from .moderating import remove_video, restore_video
from .showing import keep_waiting, let_go

_A, _T = Decision.Act, Report.Target
Before = dict[str, Any]


def _gone() -> Conflict:
    return Conflict(_("This is no longer here. Dismiss the case."), code="gone")


def _clip(video_id: int) -> Video:
    row = Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
    if row is None:
        raise _gone()
    return row


def _mark(column: str) -> Any:
    """An act that sets a yes or no of a clip."""

    def do(actor: Any, video_id: int, decision: Decision) -> Before:
        row = _clip(video_id)
        Video.objects.filter(pk=row.pk).update(**{column: True})
        # What a moderator marked they looked at: it does not wait any longer.
        return {column: getattr(row, column)} | let_clip_go(actor, video_id, decision)

    def undo(actor: Any, video_id: int, before: Before) -> None:
        Video.objects.filter(pk=video_id).update(**{column: before.get(column, False)})
        hold_clip_again(actor, video_id, before)

    return do, undo


def take_down(actor: Any, video_id: int, decision: Decision) -> Before:
    """Remove a clip as `remove_video` does."""
    row = _clip(video_id)
    return {"removed": remove_video(actor, row, decision.reason)}


def bring_back(actor: Any, video_id: int, before: Before) -> None:
    """Bring it back; one that its author deleted meanwhile stays deleted."""
    row = Video.objects.filter(pk=video_id).first()
    if row is not None and before.get("removed"):
        restore_video(actor, row)


def take_comment_down(actor: Any, comment_id: int, decision: Decision) -> Before:
    """Remove a comment with its replies as `remove_comment` does."""
    row = Comment.objects.filter(pk=comment_id).first()
    if row is None:
        raise _gone()
    if row.removed_at is not None:
        return {}
    remove_comment(actor, row)
    row.refresh_from_db(fields=["removed_at"])
    return {"removed_at": row.removed_at.isoformat() if row.removed_at else ""}


def bring_comment_back(actor: Any, comment_id: int, before: Before) -> None:
    """Put a comment back with those replies that went with it; the counts follow."""
    video_id = Comment.objects.filter(pk=comment_id).values_list("video_id", flat=True).first()
    if video_id is None or not before.get("removed_at"):
        return
    clip = Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
    removed_at = datetime.fromisoformat(before["removed_at"])
    row = Comment.objects.select_for_update(no_key=True).filter(pk=comment_id, removed_at=removed_at).first()
    if clip is None or row is None:
        return
    replies = Comment.objects.filter(parent=row)
    replies.filter(removed_at=removed_at).update(removed_at=None)
    row.video, row.removed_at = clip, None
    row.replies_count = replies.filter(held_for="", hidden_at=None, removed_at=None).count()
    row.save(update_fields=["removed_at", "replies_count"])
    if row.is_shown:
        _enter(row, first_time=False)


def take_sound_down(actor: Any, sound_id: int, decision: Decision) -> Before:
    """Nobody finds, hears or uses the sound any more; clips that have it stay, and are judged one by one."""
    taken = Sound.objects.filter(pk=sound_id, removed_at=None).update(removed_at=timezone.now())
    if not taken and not Sound.objects.filter(pk=sound_id).exists():
        raise _gone()
    return {"removed": bool(taken)}


def bring_sound_back(actor: Any, sound_id: int, before: Before) -> None:
    """Let it be heard and used again."""
    if before.get("removed"):
        Sound.objects.filter(pk=sound_id).update(removed_at=None)


def let_clip_go(actor: Any, video_id: int, decision: Decision) -> Before:
    """A moderator found nothing wrong with a clip that a rule of the site held: it appears."""
    row = Video.objects.select_for_update().filter(pk=video_id).first()
    rule = row.held_for if row else ""
    return {"held_for": rule} if row and let_go(row) else {}


def hold_clip_again(actor: Any, video_id: int, before: Before) -> None:
    """Take that back: the clip waits again."""
    row = Video.objects.select_for_update().filter(pk=video_id).first()
    if row is not None and before.get("held_for"):
        keep_waiting(row, before["held_for"])


def _comment(comment_id: int) -> Comment | None:
    """A comment with its clip, both locked, the clip first."""
    video_id = Comment.objects.filter(pk=comment_id).values_list("video_id", flat=True).first()
    if video_id is None:
        return None
    list(Video.objects.select_for_update(no_key=True).filter(pk=video_id).values_list("pk"))
    list(Comment.objects.select_for_update(no_key=True).filter(pk=comment_id).values_list("pk"))
    return Comment.objects.select_related("video__author__privacy", "author").filter(pk=comment_id).first()


def let_comment_through(actor: Any, comment_id: int, decision: Decision) -> Before:
    """A moderator found nothing wrong with a comment that a rule of the site held."""
    row = _comment(comment_id)
    return {"held": True} if row is not None and let_comment_go(row) else {}


def keep_comment_again(actor: Any, comment_id: int, before: Before) -> None:
    """Take that back: the comment waits again."""
    row = _comment(comment_id)
    if row is not None and before.get("held") and row.held_for != Comment.Held.SITE:
        hold_comment_again(row)


@transaction.atomic
def after_warning(decision_id: int) -> None:
    """Whose clip or comment was held and who got a warning for it, but no removal: it appears."""
    row = Decision.objects.select_related("case", "moderator").filter(pk=decision_id, act=_A.WARN).first()
    if row is None or row.undone_at is not None:
        return
    let = {_T.VIDEO: let_clip_go, _T.COMMENT: let_comment_through}.get(_T(row.case.target_type))
    # Kept apart from what the warning itself needs: taking the warning back lets this wait again.
    if let is not None and (waited := let(row.moderator, row.case.target_id, row)):
        row.before |= {"let_go": waited}
        row.save(update_fields=["before"])


@transaction.atomic
def after_warning_undone(decision_id: int) -> None:
    """The warning was taken back: what it let go waits again, as the case does."""
    row = Decision.objects.select_related("case").filter(pk=decision_id, act=_A.WARN).first()
    waited = row.before.get("let_go") if row is not None else None
    if row is not None and waited and row.undone_at is not None:
        again = hold_clip_again if row.case.target_type == _T.VIDEO else keep_comment_again
        again(None, row.case.target_id, waited)


def ask_again(person_id: int) -> int:
    """Somebody is back whose clips or comments a rule still holds, because only the person was decided about: moderators look
    at those. How many got a case; one that waits for them already gets no second."""
    clips = Video.objects.filter(author_id=person_id).exclude(held_for="").exclude(state=Video.State.REMOVED)
    comments = Comment.objects.filter(author_id=person_id, held_for=Comment.Held.SITE, removed_at=None)
    asked = 0
    for target_type, rows in ((_T.VIDEO, clips), (_T.COMMENT, comments)):
        for target_id in rows.values_list("pk", flat=True):
            with transaction.atomic():
                row = rows.select_for_update(no_key=True).filter(pk=target_id).first()
                last = (
                    Case.objects.filter(target_type=target_type, target_id=target_id).order_by("-id").first()
                )
                if row is None or last is None or last.state == Case.State.OPEN:
                    continue
                open_case(target_type, target_id, row.author, rule=last.rule, detail=last.detail)
                asked += 1
    return asked


def after_removal(decision_id: int) -> None:
    """Other clips with the footage of one that was removed get a case each: they stay in sight until somebody looked."""
    row = (
        Decision.objects.select_related("case").filter(pk=decision_id, act=_A.REMOVE, undone_at=None).first()
    )
    if row is None or row.case.target_type != _T.VIDEO:
        return
    video = Video.objects.filter(pk=row.case.target_id, state=Video.State.REMOVED).first()
    if video is None:
        return
    for video_id, detail in standing_copies(video):
        with transaction.atomic():
            copy = Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
            if copy is not None:
                open_case(_T.VIDEO, copy.pk, copy.author, rule=Case.Rule.DUPLICATE, detail=detail)


def register() -> None:
    """Tell privacy what can be done about clips, comments and sounds."""
    register_acts(_T.VIDEO, _A.LABEL, *_mark("is_sensitive"))
    register_acts(_T.VIDEO, _A.LIMIT, *_mark("is_limited"))
    register_acts(_T.VIDEO, _A.DISMISS, let_clip_go, hold_clip_again)
    register_acts(_T.COMMENT, _A.DISMISS, let_comment_through, keep_comment_again)
    register_acts(_T.VIDEO, _A.REMOVE, take_down, bring_back)
    register_acts(_T.COMMENT, _A.REMOVE, take_comment_down, bring_comment_back)
    register_acts(_T.SOUND, _A.REMOVE, take_sound_down, bring_sound_back)
