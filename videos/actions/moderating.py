"""What moderators do with clips: remove, restore, try again, and the library of sounds. Every deed is audited."""

from pathlib import Path
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.actions import audit, decide_about, undo_acts
from privacy.models import Decision, Report
from socialapp.lib.errors import Conflict, Invalid, NotFound
from socialapp.lib.ffmpeg import FfmpegFailed

from .. import failures
from ..models import Comment, Sound, Transcode, Video
from ..text import clean
from .folders import shut
from .pipeline import count
from .publishing import has_sources, requeue

Actor = User | AnonymousUser
_T = Report.Target


def _moderator(actor: Actor) -> User:
    if not isinstance(actor, User) or not actor.is_staff:
        raise NotFound()
    return actor


def _locked(video: Video) -> Video:
    row = Video.objects.select_for_update().filter(pk=video.pk).first()
    if row is None:
        raise NotFound()
    return row


def remove_video(actor: Actor, video: Video, reason: str = "") -> bool:
    """Take a clip out of sight for everyone, its author included; rows and files stay. Idempotent.

    Addresses of its files that are out there die at once, and a transcode under way is stopped.
    """
    actor = _moderator(actor)
    with transaction.atomic():
        row = _locked(video)
        if row.state == Video.State.REMOVED:
            return False
        audit(actor, "video.remove", "video", row.pk, author=row.author_id, reason=reason, before=row.state)
        stopped: dict[str, Any] = {"state": Transcode.State.FAILED, "lease_token": "", "lease_until": None}
        Transcode.objects.filter(video=row).exclude(state=Transcode.State.DONE).update(**stopped)
        if row.published_at is not None and not row.held_for:
            count(row, -1)
        row.state, row.removed_at = Video.State.REMOVED, timezone.now()
        row.save(update_fields=["state", "removed_at"])
        shut(row.pk)
    return True


def restore_video(actor: Actor, video: Video) -> bool:
    """Take a removal back. A clip whose files are not all made goes into the queue again. Idempotent."""
    actor = _moderator(actor)
    with transaction.atomic():
        row = _locked(video)
        if row.state != Video.State.REMOVED:
            return False
        audit(actor, "video.restore", "video", row.pk, author=row.author_id)
        if row.published_at is not None and not row.held_for:
            count(row, 1)
        row.state, row.removed_at = Video.State.READY if row.published_at else Video.State.DRAFT, None
        row.save(update_fields=["state", "removed_at"])
        unfinished = Transcode.objects.filter(video=row).exclude(state=Transcode.State.DONE).exists()
        if unfinished:
            requeue(row)
    return True


def decide_removal(actor: Actor, video: Video, reason: str) -> bool:
    """Remove a clip by a decision of its own, whose author is told and may appeal. Idempotent."""
    actor = _moderator(actor)
    if Video.objects.filter(pk=video.pk, state=Video.State.REMOVED).exists():
        return False
    decide_about(actor, _T.VIDEO, video.pk, video.author, Decision.Act.REMOVE, reason=reason)
    return True


@transaction.atomic
def undo_removal(actor: Actor, video: Video) -> bool:
    """Bring a removed clip back by undoing what removed it. Idempotent."""
    actor = _moderator(actor)
    undone = undo_acts(actor, _T.VIDEO, video.pk, Decision.Act.REMOVE)
    # What was removed before there were decisions has none.
    return restore_video(actor, video) or bool(undone)


def decide_comment_removal(actor: Actor, comment: Comment, reason: str) -> bool:
    """Remove a comment and its replies by a decision, whose writer is told and may appeal. Idempotent."""
    actor = _moderator(actor)
    if Comment.objects.filter(pk=comment.pk, removed_at__isnull=False).exists():
        return False
    decide_about(actor, _T.COMMENT, comment.pk, comment.author, Decision.Act.REMOVE, reason=reason)
    return True


def undo_comment_removal(actor: Actor, comment: Comment) -> bool:
    """Bring a removed comment back by undoing the decision. Idempotent."""
    return bool(undo_acts(_moderator(actor), _T.COMMENT, comment.pk, Decision.Act.REMOVE))


def retry_for_author(actor: Actor, video: Video) -> None:
    """Put a failed clip, or one that hangs, back into the queue. Conflict when there is nothing to do or no file left."""
    actor = _moderator(actor)
    with transaction.atomic():
        row = _locked(video)
        waiting = Transcode.objects.filter(
            video=row, state__in=(Transcode.State.QUEUED, Transcode.State.RUNNING)
        )
        if row.state != Video.State.FAILED and not (row.state == Video.State.PROCESSING and waiting.exists()):
            raise Conflict(_("Clip %(id)s neither failed nor waits.") % {"id": row.pk})
        if not has_sources(row):
            raise Conflict(
                _("The file of clip %(id)s is no longer here.") % {"id": row.pk}, code="source_gone"
            )
        requeue(row)
        audit(actor, "video.retry", "video", row.pk, author=row.author_id)


def add_to_library(actor: Actor, *, title: str, artist: str, path: Path) -> Sound:
    """Make a sound of a file on this machine that everybody may use; the same title and artist again is the same sound.

    Takes as long as decoding it does. Invalid says why a file cannot be used.
    """
    from .. import sounds  # it stands on the pipeline's actions, which this package brings

    actor = _moderator(actor)
    title, artist = (" ".join(clean(words).split())[:120] for words in (title, artist))
    if not title:
        raise Invalid(_("Give the sound a title of 1 to 120 characters."))
    try:
        sound = sounds.add_to_library(title, artist, path)
    except failures.Unusable as refusal:
        raise Invalid(failures.sentence(refusal.code, refusal.params), code=refusal.code) from refusal
    except FfmpegFailed as failure:
        raise Invalid(failures.sentence("sound_damaged", {}), code="sound_damaged") from failure
    audit(actor, "sound.add", "sound", sound.pk, title=title, artist=artist)
    return sound
