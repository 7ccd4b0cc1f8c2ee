"""What the pipeline finds out about a clip, and the folders of its files.

What a worker writes is bound to its lease: one that lost it changes nothing any more (LeaseLost).
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import add_videos
from socialapp.lib.realtime import push_on_commit

from .. import media, signals
from ..models import DoomedFolder, Rendition, Sound, Transcode, Upload, Video, new_folder

log = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has this clip now, or it is gone: stop at once and publish nothing."""


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


def show(video: Video) -> None:
    """The moment a clip appears to its audience: dated, and counted for its author."""
    if video.published_at is None:
        video.published_at = timezone.now()
        Video.objects.filter(pk=video.pk).update(published_at=video.published_at)
        add_videos(video.author_id, 1)


def push(video: Video, stage: str, percent: int) -> None:
    data = {"id": str(video.pk), "state": str(video.state), "stage": str(stage), "percent": percent}
    push_on_commit([video.author_id], "video.progress", data)


# --- What the pipeline reports ----------------------------------------------------------------------------------------


def _held(job: Transcode, folder: str | None = None) -> Video:
    """The clip of a job whose lease is still ours, locked together with the job until the transaction ends.

    `folder` is where files were put for it just now.
    """
    held = Transcode.objects.filter(pk=job.pk, state=Transcode.State.RUNNING, lease_token=job.lease_token)
    if held.select_for_update().first() is None:
        raise LeaseLost()
    video = Video.objects.select_for_update().get(pk=job.pk)
    if folder is not None and video.folder != folder:
        raise FolderMoved()
    return video


def lease_end() -> Any:
    """When a lease taken or renewed now runs out."""
    return timezone.now() + timedelta(seconds=settings.TRANSCODE_LEASE_SECONDS)


def set_progress(job: Transcode, stage: str, percent: int) -> None:
    """Note how far a job is and renew its lease; tells the author when something changed. LeaseLost when it is not ours.

    One UPDATE; `percent` never falls.
    """
    percent = max(percent, job.percent)
    changed = (stage, percent) != (job.stage, job.percent)
    with transaction.atomic():
        held = Transcode.objects.filter(pk=job.pk, state=Transcode.State.RUNNING, lease_token=job.lease_token)
        if not held.update(stage=stage, percent=percent, lease_until=lease_end()):
            raise LeaseLost()
        if changed:
            job.stage, job.percent = stage, percent
            video = Video.objects.only("id", "author_id", "state").get(pk=job.pk)
            push(video, stage, percent)


def set_facts(job: Transcode, *, duration_ms: int, width: int, height: int) -> None:
    """What the check found: length and upright size."""
    with transaction.atomic():
        _held(job)
        Video.objects.filter(pk=job.pk).update(duration_ms=duration_ms, width=width, height=height)


def add_renditions(job: Transcode, folder: str, made: list[dict[str, Any]], playlist: str) -> None:
    """Rows for renditions whose files lie in place. From the first one on the clip plays, and shows unless it is a draft."""
    with transaction.atomic():
        video = _held(job, folder)
        for fields in made:
            Rendition.objects.update_or_create(video=video, name=fields["name"], defaults=fields)
        if not video.playlist:
            Transcode.objects.filter(pk=job.pk, playable_at=None).update(playable_at=timezone.now())
        video.playlist = playlist
        video.save(update_fields=["playlist"])
        if video.state == Video.State.PROCESSING:
            show(video)
        push(video, job.stage, job.percent)


def set_cover(job: Transcode, folder: str, *, cover: str, blurhash: str, color: str) -> None:
    """The cover lies in place."""
    with transaction.atomic():
        _held(job, folder)
        Video.objects.filter(pk=job.pk).update(cover=cover, blurhash=blurhash, dominant_color=color)


def finish_video(job: Transcode, folder: str, *, original: str, has_sound: bool) -> None:
    """Everything is in place: the clip is ready (a draft stays one), has its own sound, and lets go of its upload."""
    with transaction.atomic():
        video = _held(job, folder)
        if has_sound and video.sound_id is None:
            # The title is what the author's language says now; it can be changed on the sound's page.
            title = _("Original sound – %(name)s") % {"name": video.author.username}
            video.sound = Sound.objects.create(
                title=title, owner_id=video.author_id, duration_ms=video.duration_ms
            )
        upload, video.upload, video.original = video.upload, None, original
        if video.state == Video.State.PROCESSING:
            video.state = Video.State.READY
        video.save(update_fields=["state", "sound", "upload", "original"])
        if upload is not None:
            upload.delete()
        _end(job, Transcode.State.DONE, "")
        if video.state == Video.State.READY:
            show(video)
            transaction.on_commit(lambda: signals.video_ready.send(None, video_id=video.pk))
        push(video, Transcode.Stage.DONE, 100)


def fail_video(job: Transcode, code: str, params: dict[str, Any], words: str = "") -> None:
    """The clip cannot be made: it says why (videos.failures). Its upload is kept for a retry until it expires."""
    with transaction.atomic():
        video = _held(job)
        was_shown = video.published_at is not None and video.state == Video.State.PROCESSING
        video.state, video.error_code, video.error_params = Video.State.FAILED, code, params
        if was_shown:
            video.published_at = None
            add_videos(video.author_id, -1)
        video.save(update_fields=["state", "error_code", "error_params", "published_at"])
        if video.upload_id:
            expires = timezone.now() + timedelta(hours=settings.UPLOAD_HOURS)
            Upload.objects.filter(pk=video.upload_id).update(expires_at=expires)
        _end(job, Transcode.State.FAILED, words)
        transaction.on_commit(lambda: signals.video_failed.send(None, video_id=video.pk))
        push(video, job.stage, job.percent)


def give_back(job: Transcode, words: str, *, at_once: bool = False) -> None:
    """This attempt came to nothing, through no fault of the file. The next one may start after a lease's time, or now.

    A clip given back at once (it moved, the worker stops) does not count as an attempt.
    """
    with transaction.atomic():
        video = _held(job)
        again = {"state": Transcode.State.QUEUED, "lease_until": None, "attempts": max(0, job.attempts - 1)}
        later = {"lease_until": lease_end()}
        held = Transcode.objects.filter(pk=job.pk)
        held.update(lease_token="", log=words[-4000:], **(again if at_once else later))
        if at_once:
            nudge(video)


def _end(job: Transcode, state: str, words: str) -> None:
    done = {"stage": Transcode.Stage.DONE, "percent": 100} if state == Transcode.State.DONE else {}
    Transcode.objects.filter(pk=job.pk).update(
        state=state, lease_token="", lease_until=None, finished_at=timezone.now(), log=words[-4000:], **done
    )


# --- Folders --------------------------------------------------------------------------------------------------------


def move_folder(video_id: int) -> None:
    """Give a clip a new folder, so that every address of its files that is out there is dead. Safe to repeat."""
    with transaction.atomic():
        video = Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
        # A worker that writes into the old folder meanwhile finds out when it reports (FolderMoved).
        if video is None or not video.playlist:
            return
        old, new = video.folder, new_folder()
        media.copy_folder(old, new)
        Video.objects.filter(pk=video.pk).update(folder=new)
        DoomedFolder.objects.get_or_create(folder=old)
    erase_doomed([old])


def move_folders_of(person_id: int) -> int:
    """`move_folder` for every clip of a person; returns how many."""
    ids = list(Video.objects.filter(author_id=person_id).exclude(playlist="").values_list("pk", flat=True))
    for video_id in ids:
        move_folder(video_id)
    return len(ids)


def erase_doomed(folders: list[str] | None = None) -> int:
    """Erase the files of doomed folders, all of them unless named; those that resist stay for the next sweep."""
    doomed = DoomedFolder.objects.all() if folders is None else DoomedFolder.objects.filter(pk__in=folders)
    erased = 0
    for row in doomed:
        try:
            media.erase_folder(row.folder)
        except Exception as error:  # the store is away or refuses: the row stays, the sweep comes back
            log.warning("folder %s… is not erased yet: %s", row.folder[:6], error)
            continue
        erased += row.delete()[0]
    return erased
