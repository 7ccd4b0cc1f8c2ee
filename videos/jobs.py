"""The queue and the work of one clip: claim a row, hold its lease, make what is missing, publish it, let go.

Rows are changed by videos.actions.pipeline, files are made by videos.transcoding and videos.cover and stored by
videos.media. Every step asks what is there already, so a job may stop anywhere and be run again.
"""

import logging
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from socialapp.lib.ffmpeg import FfmpegFailed

from . import cover, hls, media, transcoding, uploads
from .actions import pipeline
from .actions.pipeline import FolderMoved, LeaseLost
from .failures import Unusable
from .models import Transcode, Video
from .probe import Source, probe
from .transcoding import Rung

log = logging.getLogger(__name__)

ATTEMPTS = 3  # a file that takes a worker down thrice is not tried a fourth time
MASTER = "master.m3u8"
FIRST_MASTER = "first.m3u8"
EXTENSIONS = {"mov": "mp4", "matroska": "mkv", "avi": "avi", "mpegts": "ts"}  # of originals, by demuxer
Stage = Transcode.Stage
# Percent at the start and end of each stage, by what stages take on ordinary uploads.
SHARES = {Stage.CHECKING: (1, 5), Stage.FIRST: (5, 35), Stage.COVER: (35, 40), Stage.LADDER: (40, 98)}


# --- The queue ------------------------------------------------------------------------------------------------------


def _claimable() -> Q:
    return Q(state=Transcode.State.QUEUED) | Q(state=Transcode.State.RUNNING, lease_until__lt=timezone.now())


def claim() -> Transcode | None:
    """Take the next clip, or None. People take turns: who has fewest clips under way goes first, then who waited longest.

    Safe against any number of workers: a conditional UPDATE decides (one statement), losers look for another row.
    """
    running = Transcode.objects.filter(state=Transcode.State.RUNNING, lease_until__gte=timezone.now())
    for _attempt in range(20):
        busy = running.filter(video__author=OuterRef("video__author"))
        waiting = Transcode.objects.filter(_claimable()).annotate(busy=Exists(busy))
        row = waiting.order_by("busy", "queued_at", "pk").first()
        if row is None:
            return None
        token = secrets.token_hex(8)
        seen = Transcode.objects.filter(
            _claimable(), pk=row.pk, lease_token=row.lease_token, attempts=row.attempts
        )
        now = timezone.now()
        if seen.update(
            state=Transcode.State.RUNNING,
            lease_token=token,
            lease_until=pipeline.lease_end(),
            attempts=F("attempts") + 1,
            started_at=now,
        ):
            return Transcode.objects.get(pk=row.pk)
    return None


def waiting() -> int:
    """How many clips could be claimed now."""
    return Transcode.objects.filter(_claimable()).aggregate(n=Count("pk"))["n"]


def run_next() -> bool:
    """Claim one clip and work on it to its end; False when none waits. Blocks for as long as that takes."""
    job = claim()
    if job is None:
        return False
    run(job)
    return True


# --- One clip -------------------------------------------------------------------------------------------------------


@dataclass
class _Work:
    """A job under way: its lease, its empty folder, and how to report."""

    job: Transcode
    folder: Path
    reported: float = 0.0

    def report(self, stage: str, share: float, *, now: bool = False) -> None:
        """Percent for people and a sign of life for the sweep; written at most once a second."""
        if now or time.monotonic() - self.reported >= 1:
            low, high = SHARES[stage]  # type: ignore[index]
            pipeline.set_progress(self.job, stage, int(low + (high - low) * share))
            self.reported = time.monotonic()

    def tick(self) -> None:
        """A sign of life where there is nothing to report; a tenth of the lease is often enough."""
        if time.monotonic() - self.reported >= min(5, settings.TRANSCODE_LEASE_SECONDS / 4):
            pipeline.set_progress(self.job, self.job.stage, self.job.percent)
            self.reported = time.monotonic()

    def empty(self, name: str) -> Path:
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path


def run(job: Transcode) -> None:
    """Work on a claimed clip until it is ready, failed, or given back. Raises nothing that a file can cause."""
    folder = settings.WORK_DIR / "jobs" / f"{job.pk}-{job.lease_token}"
    folder.mkdir(parents=True, exist_ok=True)
    work = _Work(job, folder)
    try:
        if job.attempts > ATTEMPTS:
            raise Unusable("internal", log=job.log)
        _make(work)
    except LeaseLost:
        log.info("clip %s is somebody else's now, or gone", job.pk)
    except FolderMoved:
        _report(pipeline.give_back, job, "", at_once=True)
    except Unusable as refusal:
        _report(pipeline.fail_video, job, refusal.code, refusal.params, refusal.log)
    except FfmpegFailed as failure:
        _report(pipeline.fail_video, job, "too_hard" if failure.over else "damaged", {}, failure.log)
    except Exception as error:
        log.exception("clip %s: attempt %s failed", job.pk, job.attempts)
        words = f"{type(error).__name__}: {error}"
        if job.attempts >= ATTEMPTS:
            _report(pipeline.fail_video, job, "internal", {}, words)
        else:
            _report(pipeline.give_back, job, words)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _report(action: Callable[..., None], *args: Any, **options: Any) -> None:
    """Say how it ended, unless somebody else has the clip by now."""
    try:
        action(*args, **options)
    except LeaseLost:
        log.info("somebody else took the clip over before its end was reported")


def _make(work: _Work) -> None:
    job = work.job
    work.report(Stage.CHECKING, 0, now=True)
    video = Video.objects.select_related("upload", "author").get(pk=job.pk)
    source = probe(_source(video, work), work.empty("probe"), work.tick)
    pipeline.set_facts(
        job, duration_ms=round(source.duration * 1000), width=source.width, height=source.height
    )
    missing = missing_rungs(video, source)
    if first := next((rung for rung in missing if rung == transcoding.first(source)), None):
        _render(work, video, source, [first], Stage.FIRST, FIRST_MASTER)
        missing = missing_rungs(video, source)
    if not video.cover:
        _cover(work, video, source)
    if missing:
        sound_of = _rendition(work, video) if video.renditions.exists() else None
        _render(work, video, source, missing, Stage.LADDER, MASTER, sound_of)
    elif video.playlist != MASTER:
        _publish_master(work, video, source, MASTER)
    _finish(work, video, source)


def _source(video: Video, work: _Work) -> Path:
    """The upload's own file, else the stored original (a retry after everything was made)."""
    if video.upload is not None and uploads.is_complete(video.upload):
        return uploads.path_of(video.upload)
    if video.original:
        copy = work.folder / "original"
        try:
            media.fetch(media.original_key(video), copy)
        except FileNotFoundError as error:
            raise Unusable("source_gone") from error
        return copy
    raise Unusable("source_gone")


def missing_rungs(video: Video, source: Source) -> list[Rung]:
    """What the ladder should have and the clip has not, largest first. One query."""
    there = set(video.renditions.values_list("name", flat=True))
    return [rung for rung in transcoding.ladder(source) if rung.name not in there]


def _render(
    work: _Work,
    video: Video,
    source: Source,
    rungs: list[Rung],
    stage: str,
    master: str,
    sound_of: Path | None = None,
) -> None:
    folder = work.empty("made")
    work.report(stage, 0, now=True)

    def progress(share: float) -> None:
        work.report(stage, share)

    try:
        transcoding.make(source, rungs, folder, sound_of=sound_of, on_progress=progress, on_tick=work.tick)
        indexes = _indexes(source, rungs, folder)
    except (FfmpegFailed, hls.BadIndex) as failure:
        if not rungs[0].copied:
            if isinstance(failure, hls.BadIndex):
                raise Unusable("damaged", log=str(failure)) from failure
            raise
        # What cannot be wrapped anew can often still be decoded.
        log.info("clip %s cannot be copied, it is encoded: %s", video.pk, failure)
        rungs = [
            Rung(r.short_side, r.width, r.height, min(r.frame_rate, transcoding.MAX_FRAME_RATE))
            for r in rungs
        ]
        folder = work.empty("made")
        transcoding.make(source, rungs, folder, on_progress=progress, on_tick=work.tick)
        indexes = _indexes(source, rungs, folder)
    _publish(work, video, source, folder, dict(zip(rungs, indexes, strict=True)), master)


def _indexes(source: Source, rungs: list[Rung], folder: Path) -> list[hls.Index]:
    """The indexes of finished files; BadIndex when one is not what players can use."""
    indexes = [hls.read_index(folder / rung.name) for rung in rungs]
    for index in indexes:
        # Half of the picture gone means that decoding stopped at damage.
        if index.seconds < 0.5 * source.duration - 0.2 and source.duration > 1:
            raise hls.BadIndex(f"{index.seconds:.2f} of {source.duration:.2f} s were made")
    return indexes


def _publish(
    work: _Work, video: Video, source: Source, folder: Path, made: dict[Rung, hls.Index], master: str
) -> None:
    """Files first, rows last: what a row names is whole."""
    home = Video.objects.values_list("folder", flat=True).get(pk=video.pk)
    rows = []
    for rung, index in made.items():
        playlist = folder / rung.playlist
        playlist.write_text(hls.media_playlist(rung.name, index))
        size = (folder / rung.name).stat().st_size
        media.put(media.key_of(home, rung.name), folder / rung.name, work.tick)
        media.put(media.key_of(home, rung.playlist), playlist, work.tick)
        rows.append(
            {
                "name": rung.name,
                "width": rung.width,
                "height": rung.height,
                "short_side": rung.short_side,
                "bitrate": index.bitrate,
                "codecs": index.codecs,
                "size": size,
                "playlist_line": hls.variant_lines(
                    hls.Variant(rung.playlist, rung.width, rung.height, index, rung.frame_rate)
                ),
            }
        )
    lines = {r.short_side: r.playlist_line for r in video.renditions.all()}
    lines |= {rung.short_side: str(fields["playlist_line"]) for rung, fields in zip(made, rows, strict=True)}
    _put_master(work, home, lines, master)
    pipeline.add_renditions(work.job, home, rows, master)
    video.playlist, video.folder = master, home


def _put_master(work: _Work, home: str, lines: dict[int, str], name: str) -> None:
    path = work.folder / name
    path.write_text(hls.master_playlist(lines))
    media.put(media.key_of(home, name), path, work.tick)


def _publish_master(work: _Work, video: Video, source: Source, name: str) -> None:
    home = Video.objects.values_list("folder", flat=True).get(pk=video.pk)
    _put_master(work, home, {r.short_side: r.playlist_line for r in video.renditions.all()}, name)
    pipeline.add_renditions(work.job, home, [], name)
    video.playlist, video.folder = name, home


def _cover(work: _Work, video: Video, source: Source) -> None:
    work.report(Stage.COVER, 0, now=True)
    made = cover.make_cover(_rendition(work, video), source.duration, work.empty("cover"), work.tick)
    home = Video.objects.values_list("folder", flat=True).get(pk=video.pk)
    media.put(media.key_of(home, cover.FILE), made.path, work.tick)
    pipeline.set_cover(work.job, home, cover=cover.FILE, blurhash=made.blurhash, color=made.color)
    video.cover = cover.FILE


def _rendition(work: _Work, video: Video) -> Path:
    """The rendition that was made first, as a local file."""
    first = video.renditions.order_by("created_at", "-short_side").first()
    assert first is not None  # noqa: S101 (whoever asks has just made one)
    path = work.folder / first.name
    if not path.exists():
        media.fetch(media.key_of(video.folder, first.name), path)
    return path


def _finish(work: _Work, video: Video, source: Source) -> None:
    """Keep the upload as it came (for its author's download), then let the row go."""
    home = Video.objects.values_list("folder", flat=True).get(pk=video.pk)
    original = video.original or f"original.{EXTENSIONS[source.demuxer]}"
    if not video.original and video.upload is not None:
        video.folder, video.original = home, original
        copy = work.folder / "keep"
        _link(uploads.path_of(video.upload), copy)
        media.put(media.original_key(video), copy, work.tick)
    pipeline.finish_video(work.job, home, original=original, has_sound=source.sound is not None)


def _link(source: Path, target: Path) -> None:
    """The same bytes under another name: the upload stays until the row says that its clip is ready."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def clear_left_behind() -> int:
    """Remove job folders whose job is not running any more (a worker was killed). Returns how many."""
    folders = settings.WORK_DIR / "jobs"
    held = {
        f"{pk}-{token}"
        for pk, token in Transcode.objects.filter(state=Transcode.State.RUNNING).values_list(
            "pk", "lease_token"
        )
    }
    stale = [path for path in folders.glob("*") if path.name not in held] if folders.exists() else []
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)
