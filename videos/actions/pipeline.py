"""What workers find out about clips and sounds.

What a worker writes is bound to its lease (videos.leases): one that lost it changes nothing any more.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import access, fingerprints, holds, leases, signals
from ..leases import LeaseLost
from ..models import (
    Fingerprint,
    MediaJob,
    Part,
    Rendition,
    Sound,
    Transcode,
    Upload,
    Video,
)
from .showing import add_uses, count, hold, hold_back, push, show

__all__ = ["FolderMoved", "LeaseLost", "add_uses", "count", "hold_back", "push", "show"]
log = logging.getLogger(__name__)


class FolderMoved(Exception):
    """The clip moved to a new folder while a worker wrote into the old one: begin again, what exists is kept."""


def nudge(video: Video) -> None:
    """Tell a worker after commit. A broker that is away costs time only: the sweep finds the row."""

    def send() -> None:
        from ..tasks import transcode

        try:
            transcode.delay()
        except Exception as error:  # whatever the broker's client raises: the row is the queue
            log.warning("the queue was not nudged for clip %s: %s", video.pk, error)

    transaction.on_commit(send)


def remake(video: Video) -> None:
    """Put a clip whose edit list changed into the queue again, inside the caller's transaction (which holds the clip's row).

    What it plays goes on playing, in the state it is in, until the first rendition of its new `revision` is there. For
    another cover alone leave `revision` as it is: then only the cover is made.
    """
    Video.objects.filter(pk=video.pk).update(error_code="", error_params={})
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


# --- What the pipeline reports ----------------------------------------------------------------------------------------


def _held(job: Transcode | MediaJob, folder: str | None = None, revision: int | None = None) -> Video:
    """The clip of a job whose lease is still ours, locked together with the job until the transaction ends.

    `folder` is where files were put for it just now, `revision` the edit list that they show.
    """
    leases.hold(job)
    video = Video.objects.select_for_update().get(pk=_video_id(job))
    if revision is not None and video.revision != revision:
        raise LeaseLost()
    if folder is not None and video.folder != folder:
        raise FolderMoved()
    return video


def _video_id(job: Transcode | MediaJob) -> int:
    return job.video_id if isinstance(job, MediaJob) else job.pk


def set_progress(job: Transcode, stage: str, percent: int) -> None:
    """Note how far a job is and renew its lease; tells the author when something changed. LeaseLost when it is not ours.

    One UPDATE; `percent` never falls.
    """
    percent = max(percent, job.percent)
    changed = (stage, percent) != (job.stage, job.percent)
    with transaction.atomic():
        leases.renew(job, stage=stage, percent=percent)
        if changed:
            job.stage, job.percent = stage, percent
            video = Video.objects.only("id", "author_id", "state").get(pk=job.pk)
            push(video, stage, percent)


def set_facts(job: Transcode, revision: int, **facts: int) -> None:
    """What the check found, for a clip that does not play yet: `duration_ms`, `width`, `height`."""
    with transaction.atomic():
        _held(job, revision=revision)
        Video.objects.filter(pk=job.pk, playlist="").update(**facts)


def add_renditions(
    job: Transcode, folder: str, revision: int, made: list[dict[str, Any]], playlist: str, **facts: int
) -> None:
    """Rows for renditions whose files lie in place. From the first one on the clip plays, and shows unless it is a draft.

    Renditions of an older edit list go in the same transaction: a viewer gets the clip as it was or as it is, never both.
    `facts` are the finished clip's `duration_ms`, `width` and `height`.
    """
    with transaction.atomic():
        video = _held(job, folder, revision)
        video.renditions.exclude(revision=revision).delete()
        for fields in made:
            Rendition.objects.update_or_create(
                video=video, name=fields["name"], defaults=fields | {"revision": revision}
            )
        if not video.playlist:
            Transcode.objects.filter(pk=job.pk, playable_at=None).update(playable_at=timezone.now())
        Video.objects.filter(pk=video.pk).update(playlist=playlist, **facts)
        if video.state == Video.State.PROCESSING:
            show(video)
        push(video, job.stage, job.percent)


def set_cover(job: Transcode, folder: str, revision: int, *, cover: str, blurhash: str, color: str) -> None:
    """The cover lies in place."""
    with transaction.atomic():
        _held(job, folder, revision)
        Video.objects.filter(pk=job.pk).update(cover=cover, blurhash=blurhash, dominant_color=color)


def set_preview(job: Transcode, folder: str, revision: int, preview: str) -> None:
    """The short silent loop lies in place."""
    with transaction.atomic():
        _held(job, folder, revision)
        Video.objects.filter(pk=job.pk).update(preview=preview)


def set_fingerprints(job: Transcode, revision: int, pictures: list[tuple[int, int]]) -> None:
    """What the clip looks like, to be known again (videos.fingerprints: position and bits). A copy that shows already is held."""
    with transaction.atomic():
        video = _held(job, revision=revision)
        Fingerprint.objects.filter(video=video).delete()
        Fingerprint.objects.bulk_create(fingerprints.row(video.pk, at, bits) for at, bits in pictures)
        if (
            video.published_at is not None
            and not video.held_for
            and (found := holds.of_clip(video, only_copy=True))
        ):
            hold(video, found)


def own_sound(job: Transcode, revision: int) -> Sound:
    """The row of the clip's own sound, made when it has none; its file follows (`set_sound`). Idempotent.

    A sound that an earlier clip brought is not its own, nor one of the library: then it gets one.
    """
    with transaction.atomic():
        video = _held(job, revision=revision)
        sound = video.sound
        if sound is not None and sound.owner_id == video.author_id:
            first = Video.objects.filter(sound=sound).order_by("pk").values_list("pk", flat=True).first()
            if first == video.pk:
                return sound
        # The title is what the author's language says now; it can be changed on the sound's page.
        title = _("Original sound – %(name)s") % {"name": video.author.username}
        made = Sound.objects.create(title=title[:120], owner_id=video.author_id)
        Video.objects.filter(pk=video.pk).update(sound=made)
        if video.published_at is not None:
            add_uses(video.sound_id, -1)
            add_uses(made.pk, 1)
    return made


def set_sound(
    job: Transcode, sound: Sound, revision: int, *, file: str, duration_ms: int, peaks: list[int]
) -> None:
    """The file of the clip's own sound lies in place: others may use it from now on."""
    with transaction.atomic():
        _held(job, revision=revision)
        Sound.objects.filter(pk=sound.pk).update(file=file, duration_ms=duration_ms, peaks=peaks)


def keep_originals(
    job: Transcode, folder: str, revision: int, names: dict[int | None, str], size: int
) -> None:
    """The uploads lie beside the clip as they came: by the part's id, None for the first file. `size` is of all, in bytes."""
    with transaction.atomic():
        _held(job, folder, revision)
        for part, name in names.items():
            if part is None:
                Video.objects.filter(pk=job.pk).update(original=name)
            else:
                Part.objects.filter(pk=part, video_id=job.pk).update(original=name)
        Video.objects.filter(pk=job.pk).update(original_bytes=size)


def finish_video(job: Transcode, folder: str, revision: int) -> None:
    """Everything is in place: the clip is ready (a draft stays one) and lets go of its uploads."""
    with transaction.atomic():
        video = _held(job, folder, revision)
        parts = Part.objects.filter(video=video).exclude(original="").values_list("upload", flat=True)
        uploads = [pk for pk in parts if pk]
        if video.upload_id and video.original:
            uploads.append(video.upload_id)
        first_time = video.state == Video.State.PROCESSING
        if first_time:
            video.state = Video.State.READY
        if (
            video.state != Video.State.DRAFT or video.error_code not in access.CLOSED
        ):  # why it is a draft is told until it appears
            video.error_code, video.error_params = "", {}
        video.save(update_fields=["state", "error_code", "error_params"])
        for upload in Upload.objects.filter(pk__in=uploads):
            upload.delete()  # row by row: its bytes follow (videos.receivers)
        leases.end(job, Transcode.State.DONE, stage=Transcode.Stage.DONE, percent=100)
        if video.state == Video.State.READY:
            show(video)
        if first_time and video.state == Video.State.READY and not video.held_for:
            transaction.on_commit(lambda: signals.video_ready.send(None, video_id=video.pk))
        push(video, Transcode.Stage.DONE, 100)


def fail_video(job: Transcode, code: str, params: dict[str, Any], words: str = "") -> None:
    """The clip cannot be made: it says why (videos.failures). Its uploads are kept for a retry until they expire.

    A clip that plays as it was before its edit list changed goes on playing; only what went wrong is said.
    """
    with transaction.atomic():
        video = _held(job)
        # Ready before: it was edited again, and what it has of the new edit or of the old one plays.
        plays_on = video.state == Video.State.READY or (
            bool(video.playlist) and video.renditions.exclude(revision=video.revision).exists()
        )
        video.error_code, video.error_params = code, params
        if not plays_on:
            if video.published_at is not None and video.state == Video.State.PROCESSING:
                video.published_at = None
                count(video, -1)
            video.state = Video.State.FAILED
        elif video.state == Video.State.PROCESSING:
            video.state = Video.State.READY
        video.save(update_fields=["state", "error_code", "error_params", "published_at"])
        expires = timezone.now() + timedelta(hours=settings.UPLOAD_HOURS)
        Upload.objects.filter(video=video).update(expires_at=expires)
        Upload.objects.filter(part__video=video).update(expires_at=expires)
        leases.end(job, Transcode.State.FAILED, words)
        transaction.on_commit(lambda: signals.video_failed.send(None, video_id=video.pk))
        push(video, job.stage, job.percent)


def give_back(job: Transcode | MediaJob, words: str, *, at_once: bool = False, counts: bool = True) -> None:
    """This attempt came to nothing, through no fault of the file. The next one may start after a lease's time, or now.

    A job given back at once (its clip moved, the worker stops) does not count as an attempt, nor one that `counts` not: what
    hinders it (a full disk) passes some time, and the job waits for as long as that takes.
    """
    with transaction.atomic():
        video = _held(job)
        leases.let_go(job, words, at_once=at_once, counts=counts)
        if at_once:
            nudge(video)


# --- Extras that somebody asked for -----------------------------------------------------------------------------------


# How long the end of a job answers those who ask for it: a page that waits asks about once a second, and must not begin the
# next try by asking how the last one ended.
END_IS_TOLD = timedelta(seconds=15)


def ask(video: Video, kind: str, key: str = "", *, begin: Callable[[], None] = lambda: None) -> MediaJob:
    """The job that makes an extra of a clip: the one that waits, runs or is done for its present edit list, else a fresh one.

    One that failed is tried again, and captions are made again, when they are asked for END_IS_TOLD after their end or
    later. `begin` is called before work begins (again), inside the transaction; what it raises prevents that.
    """
    with transaction.atomic():
        now = Video.objects.select_for_update(no_key=True).get(pk=video.pk)
        job, made = MediaJob.objects.select_for_update().get_or_create(
            video=now, kind=kind, key=key, defaults={"revision": now.revision}
        )
        if made:
            begin()
        else:
            pending = job.state in (MediaJob.State.QUEUED, MediaJob.State.RUNNING)
            done = job.state == MediaJob.State.DONE and job.kind != MediaJob.Kind.CAPTIONS
            told = job.finished_at is not None and timezone.now() - job.finished_at < END_IS_TOLD
            if job.revision == now.revision and (pending or done or told):
                return job
            begin()
            job.state, job.percent, job.attempts, job.revision = MediaJob.State.QUEUED, 0, 0, now.revision
            job.lease_token, job.lease_until, job.queued_at = "", None, timezone.now()
            job.finished_at, job.error_code, job.log = None, "", ""
            job.save()
        nudge(now)
    return job


def set_job_progress(job: MediaJob, percent: int) -> None:
    """Note how far an extra is and renew its lease. LeaseLost when it is not ours. One UPDATE."""
    job.percent = max(percent, job.percent)
    leases.renew(job, percent=job.percent)


def finish_media_job(job: MediaJob, folder: str | None, revision: int, result: str = "") -> None:
    """The extra is there: `result` is its file below the clip's `folder`, if it is one; `revision` what it shows."""
    with transaction.atomic():
        _held(job, folder)
        leases.end(job, MediaJob.State.DONE, percent=100, result=result, revision=revision, error_code="")


def fail_media_job(job: MediaJob, code: str, words: str = "") -> None:
    """The extra cannot be made: a code of videos.failures says why."""
    with transaction.atomic():
        leases.hold(job)
        leases.end(job, MediaJob.State.FAILED, words, error_code=code)


def add_library_sound(
    *, title: str, artist: str, folder: str, file: str, duration_ms: int, peaks: list[int]
) -> Sound:
    """A sound of the site's library, whose file lies in place."""
    return Sound.objects.create(
        title=title, artist=artist, folder=folder, file=file, duration_ms=duration_ms, peaks=peaks
    )


def forget_sounds() -> int:
    """Delete people's sounds that no clip uses any more (its author chose another one, or deleted it). Returns how many."""
    day_ago = timezone.now() - timedelta(days=1)
    unused = Sound.objects.filter(owner__isnull=False, videos__isnull=True, created_at__lt=day_ago)
    return sum(bool(sound.delete()[0]) for sound in unused)
