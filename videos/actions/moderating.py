"""What moderators do with clips: remove, restore, try again. Every deed is audited and can be taken back."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.actions import audit
from socialapp.lib.errors import Conflict, NotFound

from ..models import Transcode, Video
from .pipeline import count, move_folder
from .publishing import has_sources, requeue

Actor = User | AnonymousUser


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
        if row.published_at is not None:
            count(row, -1)
        row.state, row.removed_at = Video.State.REMOVED, timezone.now()
        row.save(update_fields=["state", "removed_at"])
        transaction.on_commit(lambda: move_folder(row.pk))
    return True


def restore_video(actor: Actor, video: Video) -> bool:
    """Take a removal back. A clip whose files are not all made goes into the queue again. Idempotent."""
    actor = _moderator(actor)
    with transaction.atomic():
        row = _locked(video)
        if row.state != Video.State.REMOVED:
            return False
        audit(actor, "video.restore", "video", row.pk, author=row.author_id)
        if row.published_at is not None:
            count(row, 1)
        row.state, row.removed_at = Video.State.READY if row.published_at else Video.State.DRAFT, None
        row.save(update_fields=["state", "removed_at"])
        unfinished = Transcode.objects.filter(video=row).exclude(state=Transcode.State.DONE).exists()
        if unfinished:
            requeue(row)
    return True


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
