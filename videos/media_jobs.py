"""Extras of a clip that somebody asked for: a copy with a watermark, automatic captions. The row is the queue (videos.leases).

Rows are changed by videos.actions, files are made by videos.watermark and videos.captioning.
"""

import logging
import re
import secrets
from collections.abc import Callable

from django.conf import settings

from socialapp.lib import disk
from socialapp.lib.ffmpeg import FfmpegFailed

from . import captioning, leases, media, watermark
from .actions import pipeline
from .actions.captions import keep_automatic
from .actions.pipeline import FolderMoved, LeaseLost
from .failures import Unusable
from .models import MediaJob, Rendition, Video
from .workplace import Work

log = logging.getLogger(__name__)

ATTEMPTS = 3
_DOWNLOAD = re.compile(r"download-[0-9a-f]+\.mp4\Z")


class _Work(Work):
    """An extra under way, and how to report its progress."""

    job: MediaJob

    def report(self, share: float) -> None:
        if self.due(1):
            pipeline.set_job_progress(self.job, int(1 + 98 * share))


def run_next() -> bool:
    """Take one extra and work on it to its end; False when none waits. Ask videos.jobs.run_next, which keeps count of places."""
    job = leases.claim(MediaJob)
    if job is None:
        return False
    run(job)
    return True


def run(job: MediaJob) -> None:
    """Work on a claimed extra until it is done, failed, or given back. Raises nothing that a file can cause."""
    work = _Work(job, lambda: pipeline.set_job_progress(job, job.percent))
    try:
        work.folder.mkdir(parents=True, exist_ok=True)
        if job.attempts > ATTEMPTS:
            raise Unusable("internal", log=job.log)
        _make(work)
    except (LeaseLost, Video.DoesNotExist):
        log.info("extra %s is somebody else's now, or gone", job.pk)
    except FolderMoved:
        _report(pipeline.give_back, job, "", at_once=True)
    except Unusable as refusal:
        _report(pipeline.fail_media_job, job, refusal.code, refusal.log)
    except FfmpegFailed as failure:
        _report(pipeline.fail_media_job, job, "too_hard" if failure.over else "internal", failure.log)
    except Exception as error:
        log.exception("extra %s: attempt %s failed", job.pk, job.attempts)
        words = f"{type(error).__name__}: {error}"
        if disk.takes_nothing(error):
            _report(pipeline.give_back, job, words, counts=False)
        elif job.attempts >= ATTEMPTS:
            _report(pipeline.fail_media_job, job, "internal", words)
        else:
            _report(pipeline.give_back, job, words)
    finally:
        work.clear()


def _report(action: Callable[..., None], job: MediaJob, *args: str, **options: bool) -> None:
    try:
        action(job, *args, **options)
    except LeaseLost:
        log.info("somebody else took the extra over before its end was reported")


def _make(work: _Work) -> None:
    video = Video.objects.select_related("author").get(pk=work.job.video_id)
    best = video.renditions.order_by("-short_side").first()
    if video.state == Video.State.REMOVED or best is None:
        raise Unusable("not_playable")
    if work.job.kind == MediaJob.Kind.WATERMARK:
        _watermark(work, video, best)
    else:
        _captions(work, video, video.renditions.order_by("short_side")[0])


def _watermark(work: _Work, video: Video, best: Rendition) -> None:
    made = watermark.make_copy(
        work.fetch(video.folder, best),
        width=best.width,
        height=best.height,
        seconds=video.duration_ms / 1000,
        lines=(settings.SITE_NAME, f"@{video.author.username}"),
        folder=work.empty("made"),
        has_sound="mp4a" in best.codecs,
        on_progress=work.report,
        on_tick=work.tick,
    )
    name = f"download-{secrets.token_hex(16)}.mp4"  # whoever has a clip's signed address must not find this file by it
    media.put(media.key_of(video.folder, name), made, work.tick)
    pipeline.finish_media_job(work.job, video.folder, best.revision, name)
    erase_outdated(video)


def _captions(work: _Work, video: Video, rendition: Rendition) -> None:
    if "mp4a" not in rendition.codecs:
        raise Unusable("no_speech")
    cues = captioning.listen(
        work.fetch(video.folder, rendition),
        work.job.key,
        seconds=video.duration_ms / 1000,
        folder=work.empty("made"),
        on_progress=work.report,
        on_tick=work.tick,
    )
    pipeline.set_job_progress(work.job, 99)  # LeaseLost before anything is written
    keep_automatic(video.pk, work.job.key, cues)
    pipeline.finish_media_job(work.job, None, rendition.revision)


def erase_outdated(video: Video) -> None:
    """Erase copies that no row names any more: of an older edit list, or of a worker that died. Not while one is made."""
    jobs = MediaJob.objects.filter(video=video, kind=MediaJob.Kind.WATERMARK)
    if jobs.filter(state=MediaJob.State.RUNNING).exists():
        return
    now = Video.objects.get(pk=video.pk)
    named = set(
        jobs.filter(revision=now.revision, state=MediaJob.State.DONE).values_list("result", flat=True)
    )
    for name in media.names(media.key_of(now.folder, "")):
        if _DOWNLOAD.match(name) and name not in named:
            media.erase(media.key_of(now.folder, name))
