"""From bytes to clip and back: uploads, publishing, retry, deletion. What workers report is in actions.pipeline."""

import logging
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from privacy.actions import audit
from privacy.rules import Audience, WhoMay
from socialapp.lib.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, TooLarge, TooMany
from socialapp.lib.ratelimit import limit

from .. import signals, uploads
from ..hashtags import apply_tags
from ..models import Transcode, Upload, Video
from ..text import clean
from .pipeline import nudge, push, show

log = logging.getLogger(__name__)
Actor = User | AnonymousUser
CAPTION_LENGTH = 2200


def _person(actor: Actor) -> User:
    if not isinstance(actor, User):
        raise NotSignedIn()
    return actor


# --- Uploads ------------------------------------------------------------------------------------------------------


def create_upload(actor: Actor, *, length: int, filename: str = "", filetype: str = "") -> Upload:
    """Announce an upload of `length` bytes. TooLarge, TooMany (per hour, or waiting unpublished), StorageFull."""
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
        upload = Upload.objects.create(
            owner=person,
            length=length,
            filename=filename[:255],
            filetype=filetype[:100],
            expires_at=timezone.now() + timedelta(hours=settings.UPLOAD_HOURS),
        )
        uploads.begin(upload)
    return upload


def keep_upload(upload: Upload) -> Upload:
    """Bytes arrived: the upload lives on, and is complete once its file is whole. Idempotent."""
    upload.expires_at = timezone.now() + timedelta(hours=settings.UPLOAD_HOURS)
    fields = ["expires_at"]
    if upload.state == Upload.State.RECEIVING and uploads.is_complete(upload):
        upload.state = Upload.State.COMPLETE
        fields.append("state")
    changes = {name: getattr(upload, name) for name in fields}
    Upload.objects.filter(pk=upload.pk).exclude(state=Upload.State.USED).update(**changes)
    return upload


def delete_upload(actor: Actor, upload: Upload) -> None:
    """Cancel an upload. Conflict when a clip uses it already."""
    person = _person(actor)
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk, owner=person).first()
        if row is None:
            raise NotFound()
        if row.state == Upload.State.USED:
            raise Conflict(_("A clip is made from this upload. Delete the clip instead."))
        row.delete()  # its file goes after commit (videos.receivers)


def expire_uploads() -> int:
    """Throw away uploads whose time is over, and originals of clips that failed long ago. Returns how many."""
    now = timezone.now()
    stale = Upload.objects.filter(expires_at__lt=now)
    gone = 0
    for upload in stale.exclude(state=Upload.State.USED).iterator():
        gone += upload.delete()[0]
    # A failed clip can be retried as long as an unpublished upload would have lived.
    for upload in stale.filter(state=Upload.State.USED, video__state=Video.State.FAILED).iterator():
        gone += upload.delete()[0]
    return gone


# --- Publishing -----------------------------------------------------------------------------------------------------


def publish_video(
    actor: Actor,
    *,
    upload: Upload,
    caption: str = "",
    audience: str = Audience.PUBLIC,
    comments: str = WhoMay.EVERYONE,
    draft: bool = False,
) -> Video:
    """Make a clip of a complete upload and put it into the queue. The same upload again gives the same clip.

    Conflict while bytes are missing. The clip shows to others from its first rendition on, a draft to nobody.
    """
    person = _person(actor)
    caption = clean(caption)
    if len(caption) > CAPTION_LENGTH:
        sentence = _("This is too long: at most %(count)s characters fit.") % {"count": CAPTION_LENGTH}
        raise Invalid(sentence, fields={"caption": sentence})
    if audience not in Audience.values:
        raise Invalid(fields={"audience": _("Choose who can watch.")})
    if comments not in WhoMay.values:
        raise Invalid(fields={"comments": _("Choose who can comment.")})
    with transaction.atomic():
        row = Upload.objects.select_for_update().filter(pk=upload.pk, owner=person).first()
        if row is None:
            raise NotFound()
        if made := Video.objects.filter(upload=row).first():
            return made
        if not uploads.is_complete(row):
            raise Conflict(
                _("This upload is not complete yet. Wait for the last part and try again."), code="incomplete"
            )
        video = Video.objects.create(
            author=person,
            upload=row,
            caption=caption,
            audience=audience,
            comments=comments,
            state=Video.State.DRAFT if draft else Video.State.PROCESSING,
            language=person.language,
        )
        Transcode.objects.create(video=video, as_draft=draft)
        Upload.objects.filter(pk=row.pk).update(state=Upload.State.USED)
        apply_tags(video)
        audit(person, "video.publish", "video", video.pk, audience=audience, draft=draft)
        nudge(video)
    return video


def publish_draft(actor: Actor, video: Video) -> Video:
    """Show a draft to its audience, now or as soon as it plays. Idempotent; NotFound for others' clips."""
    person = _person(actor)
    with transaction.atomic():
        row = Video.objects.select_for_update().filter(pk=video.pk, author=person).first()
        if row is None:
            raise NotFound()
        if row.state == Video.State.DRAFT:
            Transcode.objects.filter(video=row).update(as_draft=False)
            done = Transcode.objects.filter(video=row, state=Transcode.State.DONE).exists()
            row.state = Video.State.READY if done else Video.State.PROCESSING
            row.save(update_fields=["state"])
            audit(person, "video.publish", "video", row.pk, audience=row.audience, draft=False)
            if row.playlist:
                show(row)
            if done:
                transaction.on_commit(lambda: signals.video_ready.send(None, video_id=row.pk))
            push(row, Transcode.Stage.DONE if done else Transcode.Stage.WAITING, 100 if done else 0)
    return row


def retry_video(actor: Actor, video: Video) -> Video:
    """Try a failed clip again. Forbidden for others', Conflict when it did not fail or its upload is gone."""
    person = _person(actor)
    limit("upload", person.pk)
    with transaction.atomic():
        row = Video.objects.select_for_update().filter(pk=video.pk).first()
        if row is None:
            raise NotFound()
        if row.author_id != person.pk:
            raise Forbidden(_("Only its author can do this with a clip."))
        if row.state != Video.State.FAILED:
            raise Conflict(_("This clip did not fail; there is nothing to try again."))
        if not row.original and (row.upload is None or not uploads.is_complete(row.upload)):
            raise Conflict(_("The uploaded file is no longer here. Upload it again."), code="source_gone")
        requeue(row)
        audit(person, "video.retry", "video", row.pk)
    return row


def requeue(video: Video) -> None:
    """Put a clip's row back to the start of the queue, inside the caller's transaction. Renditions that exist are kept."""
    draft = Transcode.objects.filter(video=video, as_draft=True).exists()
    video.state = Video.State.DRAFT if draft else Video.State.PROCESSING
    video.error_code, video.error_params = "", {}
    video.save(update_fields=["state", "error_code", "error_params"])
    Transcode.objects.update_or_create(
        video=video,
        defaults={
            "state": Transcode.State.QUEUED,
            "stage": Transcode.Stage.WAITING,
            "percent": 0,
            "attempts": 0,
            "lease_token": "",
            "lease_until": None,
            "queued_at": timezone.now(),
            "finished_at": None,
        },
    )
    push(video, Transcode.Stage.WAITING, 0)
    nudge(video)


def delete_video(actor: Actor, video: Video) -> None:
    """Delete one's own clip for good, with its files, its upload and what hangs on it. Forbidden for others' clips.

    The files are doomed in the same transaction and erased right after it (videos.receivers, the sweep).
    """
    person = _person(actor)
    with transaction.atomic():
        row = Video.objects.select_for_update().filter(pk=video.pk).first()
        if row is None:
            raise NotFound()
        if row.author_id != person.pk:
            raise Forbidden(_("Only its author can delete a clip."))
        audit(person, "video.delete", "video", row.pk)
        row.delete()
