"""Uploads: announced, kept alive while bytes come, cancelled, thrown away; and the moment when all of a clip's are whole.

Order of locks: clip, upload, transcode. The bytes themselves are videos.uploads.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from socialapp.lib.errors import Conflict, NotFound, TooLarge, TooMany
from socialapp.lib.ratelimit import limit

from .. import access, signals, uploads
from ..models import Transcode, Upload, Video
from .engaging import Actor, _person
from .pipeline import nudge, push

log = logging.getLogger(__name__)


def create_upload(actor: Actor, *, length: int, filename: str = "", filetype: str = "") -> Upload:
    """Announce an upload of `length` bytes. TooLarge (also past the quota), TooMany (per hour, or waiting), StorageFull."""
    person = _person(actor)
    if length > uploads.max_bytes():
        raise TooLarge(
            _("This file is larger than %(limit)s MB. Export it with a lower resolution and try again.")
            % {"limit": settings.MAX_UPLOAD_MB}
        )
    limit("upload", person.pk)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).filter(pk=person.pk).first()
        waiting = Upload.objects.filter(owner=person).exclude(state=Upload.State.USED).count()
        if waiting >= settings.UPLOADS_WAITING:
            raise TooMany(
                _("You have %(count)s uploads that are not published. Publish or cancel some first.")
                % {"count": waiting},
                code="too_many_uploads",
                retry_after=60,
            )
        _check_quota(person, length)
        upload = Upload.objects.create(
            owner=person,
            length=length,
            filename=filename[:255],
            filetype=filetype[:100],
            expires_at=_later(),
        )
        uploads.begin(upload)
    return upload


def _check_quota(person: User, length: int) -> None:
    """What is announced counts at once, or several uploads side by side would pass together. Three queries."""
    if not settings.UPLOAD_QUOTA_MB:
        return
    used = access.stored_bytes(person)
    if used + length > settings.UPLOAD_QUOTA_MB << 20:
        words = _(
            "Your clips take %(used)s of your %(quota)s MB, and this file needs %(needed)s MB. "
            "Delete clips or cancel uploads that you no longer need, then try again."
        )
        megabytes = {"used": used >> 20, "quota": settings.UPLOAD_QUOTA_MB, "needed": -(-length >> 20)}
        raise TooLarge(words % megabytes, code="quota_full")


def keep_upload(upload: Upload) -> Upload:
    """Bytes arrived: the upload lives on; once its file is whole it is complete, and its clip may go into the queue.

    Idempotent. One query while bytes are missing.
    """
    upload.expires_at = _later()
    if upload.state != Upload.State.RECEIVING or not uploads.is_complete(upload):
        alive = Upload.objects.filter(pk=upload.pk).exclude(state=Upload.State.USED)
        alive.update(expires_at=upload.expires_at)
        return upload
    with transaction.atomic():
        # Whoever publishes holds this row too: either they see the whole file, or we see their clip.
        row = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if row is None:
            return upload
        video = Video.objects.filter(Q(upload=row) | Q(parts__upload=row)).first()
        if row.state == Upload.State.RECEIVING:
            row.state = Upload.State.USED if video else Upload.State.COMPLETE
        row.expires_at = upload.expires_at
        row.save(update_fields=["state", "expires_at"])
        if video is not None:
            _queue_if_whole(video)
    upload.state = row.state
    return upload


def delete_upload(actor: Actor, upload: Upload) -> None:
    """Cancel an upload. Conflict when a clip uses it, or waits for it."""
    person = _person(actor)
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk, owner=person).first()
        if row is None:
            raise NotFound()
        if (
            row.state == Upload.State.USED
            or Video.objects.filter(Q(upload=row) | Q(parts__upload=row)).exists()
        ):
            raise Conflict(_("A clip is made from this upload. Delete the clip instead."))
        row.delete()  # its file goes after commit (videos.receivers)


def expire_uploads() -> int:
    """Throw away uploads whose time is over, and originals of clips that failed long ago. Returns how many.

    A clip that waited for one of them fails, and keeps everything its author wrote.
    """
    stale = Upload.objects.filter(expires_at__lt=timezone.now())
    gone = 0
    for upload in stale.exclude(state=Upload.State.USED).iterator():
        video = Video.objects.filter(Q(upload=upload) | Q(parts__upload=upload)).first()
        if video is None:
            gone += upload.delete()[0]
        else:
            gone += _give_up(video, upload)
    # A failed clip can be retried as long as an unpublished upload would have lived.
    failed = Q(video__state=Video.State.FAILED) | Q(part__video__state=Video.State.FAILED)
    for upload in stale.filter(failed, state=Upload.State.USED).iterator():
        gone += upload.delete()[0]
    return gone


def queue_arrived() -> int:
    """Queue the clips whose uploads are whole though nobody said so (a server died between the last byte and its row)."""
    queued = 0
    for job in Transcode.objects.filter(state=Transcode.State.EXPECTED).select_related("video").iterator():
        with transaction.atomic():
            queued += _queue_if_whole(job.video)
    return queued


# --- Uploads of a clip --------------------------------------------------------------------------------------------------


def uploads_of(video: Video) -> QuerySet[Upload]:
    """The uploads that a clip is made of and that are not stored beside it yet: its first file, parts, voice."""
    return Upload.objects.filter(Q(video=video) | Q(part__video=video))


def claim(person: User, ids: Sequence[str]) -> dict[str, Upload]:
    """The person's own uploads of these ids, locked in the order of their ids; those that are not there are missing."""
    known = [upload_id for upload_id in ids if uploads.is_id(upload_id)]
    rows = Upload.objects.select_for_update().filter(pk__in=known, owner=person).order_by("pk")
    return {row.pk: row for row in rows}


def settle(video: Video) -> bool:
    """Mark the whole uploads of a clip as used; whether all of them are whole. The caller holds their rows."""
    whole = True
    for upload in uploads_of(video):
        if uploads.is_complete(upload):
            Upload.objects.filter(pk=upload.pk).update(state=Upload.State.USED, expires_at=_later())
        else:
            whole = False
    return whole


def _queue_if_whole(video: Video) -> bool:
    """EXPECTED becomes QUEUED once every upload of the clip is on disk; the files say so, whatever their rows say."""
    if not all(uploads.is_complete(upload) for upload in uploads_of(video)):
        return False
    expected = Transcode.objects.filter(video=video, state=Transcode.State.EXPECTED)
    if not expected.update(state=Transcode.State.QUEUED, queued_at=timezone.now()):
        return False
    push(video, Transcode.Stage.WAITING, 0)
    nudge(video)
    return True


@transaction.atomic
def _give_up(video: Video, upload: Upload) -> int:
    """An upload never arrived: its clip fails and says what to do; the details stay. Returns 1 when it is thrown away."""
    row = Video.objects.select_for_update().filter(pk=video.pk).first()
    lost = Upload.objects.select_for_update().filter(pk=upload.pk, expires_at__lt=timezone.now()).first()
    if row is None or lost is None or uploads.is_complete(lost):
        return 0
    waiting = Transcode.objects.filter(video=row, state=Transcode.State.EXPECTED)
    if waiting.update(state=Transcode.State.FAILED, finished_at=timezone.now()):
        row.state, row.error_code, row.error_params = Video.State.FAILED, "upload_expired", {}
        row.save(update_fields=["state", "error_code", "error_params"])
        uploads_of(row).exclude(pk=lost.pk).update(expires_at=_later())
        push(row, Transcode.Stage.WAITING, 0)
        transaction.on_commit(lambda: signals.video_failed.send(None, video_id=row.pk))
    lost.delete()
    return 1


def _later() -> datetime:
    return timezone.now() + timedelta(hours=settings.UPLOAD_HOURS)
