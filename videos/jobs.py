"""The work of one clip: look at its files, make what is missing, publish it, let go. Also: which job a free worker takes.

Rows are changed by videos.actions.pipeline, files are made by videos.transcoding, cover, preview and sounds, and stored by
videos.media. Every step asks what is there already, so a job may stop anywhere and be run again.
"""

import logging
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone

from socialapp.lib import disk
from socialapp.lib.errors import Invalid
from socialapp.lib.ffmpeg import FfmpegFailed

from . import (
    access,
    cover,
    edits,
    fingerprints,
    hls,
    leases,
    media,
    media_jobs,
    preview,
    sounds,
    transcoding,
    uploads,
)
from .actions import pipeline
from .actions.pipeline import FolderMoved, LeaseLost
from .edits import Edit
from .failures import Unusable
from .inputs import MAX_FRAME_RATE
from .models import MediaJob, Part, Rendition, Transcode, Upload, Video
from .probe import Source, probe, probe_sound
from .transcoding import Composition, Rung
from .workplace import Work, clear_left_behind, place

__all__ = ["clear_left_behind"]
log = logging.getLogger(__name__)

ATTEMPTS = 3  # a file that takes a worker down thrice is not tried a fourth time
EXTRAS_WAIT = timedelta(minutes=1)  # clips go before extras, but not for longer than this
EXTENSIONS = {"mov": "mp4", "matroska": "mkv", "mpegts": "ts"}  # of originals, by demuxer, where they differ
Stage = Transcode.Stage
# Percent at the start and end of each stage, by what stages take on ordinary uploads: encoded, and copied.
SHARES = {
    False: {Stage.CHECKING: (1, 5), Stage.FIRST: (5, 35), Stage.COVER: (35, 38), Stage.LADDER: (38, 95)},
    True: {Stage.CHECKING: (1, 5), Stage.FIRST: (5, 12), Stage.COVER: (12, 15), Stage.LADDER: (15, 95)},
}
QUICK_TO_READ = (
    480  # lines: a larger rendition takes seconds to decode, so the ladder's smallest is waited for
)
# Names of files that are made for a clip; what comes before the hyphen is the revision (none for the first).
_MADE = re.compile(
    r"(?:r(\d+)-)?(?:\d+\.mp4|\d+\.m3u8|master\.m3u8|first\.m3u8|(cover|preview)(?:-\d+)?\.webp)\Z"
)


# --- The queue ------------------------------------------------------------------------------------------------------


def claim() -> Transcode | None:
    """Take the clip whose turn it is (videos.leases), or None."""
    return leases.claim(Transcode)


def waiting() -> int:
    """How many clips and extras could be begun now. Two queries."""
    return leases.waiting(Transcode) + leases.waiting(MediaJob)


def run_next() -> bool:
    """Take one job and work on it to its end. Blocks for as long as that takes.

    False when none waits, or when this machine works on as many as it should already.
    """
    with place() as free:
        if not free:
            return False
        since = leases.waits_since(MediaJob)
        if since is not None and timezone.now() - since > EXTRAS_WAIT and media_jobs.run_next():
            return True
        if job := claim():
            run(job)
            return True
        return media_jobs.run_next()


# --- One clip -------------------------------------------------------------------------------------------------------


@dataclass
class _Work(Work):
    """A transcode under way, and how to report its progress."""

    job: Transcode
    copied: bool = False

    def report(self, stage: str, share: float, *, now: bool = False) -> None:
        """Percent for people and a sign of life for the sweep; written at most once a second."""
        if now or self.due(1):
            self.reported = time.monotonic()
            low, high = SHARES[self.copied][stage]  # type: ignore[index]
            pipeline.set_progress(self.job, stage, int(low + (high - low) * share))


@dataclass
class _Clip:
    """What is worked on: the row as it was when the job began, and what is made of its files."""

    video: Video
    parts: list[Part]
    edit: Edit
    made_of: Composition
    sizes: dict[int | None, int]  # bytes of each original, by the part's id, None for the first file
    demuxers: dict[int | None, str]

    @property
    def revision(self) -> int:
        return self.video.revision

    def named(self, name: str) -> str:
        """A file's name in this revision."""
        return f"r{self.revision}-{name}" if self.revision else name

    @property
    def facts(self) -> dict[str, int]:
        c = self.made_of
        return {"duration_ms": round(c.duration * 1000), "width": c.width, "height": c.height}

    @property
    def cover_name(self) -> str:
        at = self.edit.cover_at
        return self.named("cover.webp" if at is None else f"cover-{round(at * 1000)}.webp")

    def home(self) -> str:
        """The clip's folder as it is now; it may have moved since the job began."""
        return Video.objects.values_list("folder", flat=True).get(pk=self.video.pk)

    def renditions(self) -> list[Rendition]:
        """What was made of this revision so far, in the order of making."""
        return list(
            Rendition.objects.filter(video=self.video, revision=self.revision).order_by(
                "created_at", "-short_side"
            )
        )


def run(job: Transcode) -> None:
    """Work on a claimed clip until it is ready, failed, or given back. Raises nothing that a file can cause."""
    work = _Work(job, lambda: pipeline.set_progress(job, job.stage, job.percent))
    try:
        work.folder.mkdir(parents=True, exist_ok=True)
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
        if disk.takes_nothing(error):
            _report(pipeline.give_back, job, words, counts=False)
        elif job.attempts >= ATTEMPTS:
            _report(pipeline.fail_video, job, "internal", {}, words)
        else:
            _report(pipeline.give_back, job, words)
    finally:
        work.clear()


def _report(action: Callable[..., None], *args: Any, **options: Any) -> None:
    """Say how it ended, unless somebody else has the clip by now."""
    try:
        action(*args, **options)
    except LeaseLost:
        log.info("somebody else took the clip over before its end was reported")


def _make(work: _Work) -> None:
    work.report(Stage.CHECKING, 0, now=True)
    clip = _look(work)
    pipeline.set_facts(work.job, clip.revision, **clip.facts)
    first = transcoding.first(clip.made_of, clip.revision)
    work.copied = first.copied
    missing = missing_rungs(clip)
    known = not missing and clip.video.fingerprints.exists()
    if first in missing:
        _render(work, clip, [first], Stage.FIRST, "first.m3u8")
        missing = missing_rungs(clip)
    if clip.video.cover != clip.cover_name:
        _cover(work, clip)
    # As soon as there are small pictures to look at, so that a copy is not seen for longer than it must.
    known = known or _look_alike(work, clip, most=QUICK_TO_READ)
    if missing:
        _render(work, clip, missing, Stage.LADDER, "master.m3u8")
    elif clip.video.playlist != clip.named("master.m3u8"):
        _publish(work, clip, work.empty("made"), {}, "master.m3u8")
    if not known:
        _look_alike(work, clip)
    _extras(work, clip)
    _keep_originals(work, clip)
    _erase_outdated(clip)
    pipeline.finish_video(work.job, clip.home(), clip.revision)


# --- Its files --------------------------------------------------------------------------------------------------------


def _look(work: _Work) -> _Clip:
    """Fetch and check every file that the clip is made of. Raises Unusable for what cannot be used, naming which clip."""
    video = Video.objects.select_related("upload", "author", "remix_of").get(pk=work.job.pk)
    parts = list(Part.objects.filter(video=video).select_related("upload").order_by("role", "position"))
    _ask_again(video)
    try:
        edit = edits.load(video.edit)
    except Invalid as problem:
        raise Unusable("internal", log=f"the stored edit cannot be read: {problem.fields}") from problem
    main = _probed(work, _source(work, video, None, video.upload, video.original))
    sizes: dict[int | None, int] = {None: main.size}
    demuxers: dict[int | None, str] = {None: main.demuxer}
    clips: list[Source] = []
    voice = None
    for part in parts:
        path = _source(work, video, part.pk, part.upload, part.original)
        sizes[part.pk] = path.stat().st_size
        if part.role == Part.Role.VOICE:
            spoken = probe_sound(path, work.empty("probe"), work.tick)
            demuxers[part.pk] = spoken.demuxer
            voice = sounds.plain(spoken, work.empty("voice"), work.tick)
        else:
            clips.append(_probed(work, path, number=len(clips) + 2))
            demuxers[part.pk] = clips[-1].demuxer
    made_of = transcoding.compose(
        edit,
        main,
        parts=tuple(clips),
        sound=sounds.fetch(edit.sound.id, work.folder / "chosen.m4a") if edit.sound else None,
        voice=voice,
        remix=_remix(work, video),
        remix_kind=video.remix_kind,
    )
    return _Clip(video, parts, edit, made_of, sizes, demuxers)


def _ask_again(video: Video) -> None:
    """Others' things are asked for once more before anything is made of them, for drafts too: much may have been closed
    since the clip was sent. A revision of which a rendition is there is finished as it was begun."""
    if not video.renditions.filter(revision=video.revision).exists() and (why := access.closed(video)):
        raise Unusable("remix_gone" if why == "remix_closed" else why)


def _probed(work: _Work, path: Path, *, number: int = 0) -> Source:
    try:
        return probe(path, work.empty("probe"), work.tick)
    except Unusable as refusal:
        if number:
            refusal.params["clip"] = number
        raise


def _source(work: _Work, video: Video, part: int | None, upload: Upload | None, original: str) -> Path:
    """The upload's own file, else the stored original (of a clip that is edited or tried again)."""
    if upload is not None and uploads.is_complete(upload):
        return uploads.path_of(upload)
    if original:
        copy = work.folder / f"original-{part or 0}"
        try:
            media.fetch(media.original_key(video, original), copy)
        except FileNotFoundError as error:
            raise Unusable("source_gone") from error
        return copy
    raise Unusable("source_gone")


def _remix(work: _Work, video: Video) -> Source | None:
    """The best rendition of the other's clip of a duet or a stitch."""
    if not video.remix_kind:
        return None
    other = video.remix_of
    best = other and other.is_playable and other.renditions.order_by("-short_side").first()
    if not other or not best:
        raise Unusable("remix_gone")
    path = work.folder / "remix.mp4"
    try:
        media.fetch(media.key_of(other.folder, best.name), path)
    except FileNotFoundError as error:
        raise Unusable("remix_gone") from error
    return probe(path, work.empty("probe"), work.tick)


def missing_rungs(clip: _Clip) -> list[Rung]:
    """What the ladder should have and the clip has not, largest first. One query."""
    there = {rendition.name for rendition in clip.renditions()}
    return [rung for rung in transcoding.ladder(clip.made_of, clip.revision) if rung.name not in there]


# --- Renditions -------------------------------------------------------------------------------------------------------


def _render(work: _Work, clip: _Clip, rungs: list[Rung], stage: str, master: str) -> None:
    work.report(stage, 0, now=True)
    made = clip.renditions()
    sound_of = work.fetch(clip.home(), made[0]) if made else None
    try:
        folder, indexes = _files(work, clip, rungs, stage, sound_of)
    except (FfmpegFailed, hls.BadIndex) as failure:
        if not rungs[0].copied:
            if isinstance(failure, hls.BadIndex):
                raise Unusable("damaged", log=str(failure)) from failure
            raise
        # What cannot be wrapped anew can often still be decoded.
        log.info("clip %s cannot be copied, it is encoded: %s", clip.video.pk, failure)
        rungs = [
            replace(rung, frame_rate=min(rung.frame_rate, MAX_FRAME_RATE), copied=False) for rung in rungs
        ]
        folder, indexes = _files(work, clip, rungs, stage, sound_of)
    _publish(work, clip, folder, dict(zip(rungs, indexes, strict=True)), master)


def _files(
    work: _Work, clip: _Clip, rungs: list[Rung], stage: str, sound_of: Path | None
) -> tuple[Path, list[hls.Index]]:
    """The finished files of rungs, and their indexes; BadIndex when one is not what players can use."""
    loudness = None
    if sound_of is None and not any(rung.copied for rung in rungs):
        loudness = transcoding.measure_loudness(clip.made_of, work.empty("loudness"), on_tick=work.tick)
    folder = work.empty("made")
    transcoding.make(
        clip.made_of,
        rungs,
        folder,
        sound_of=sound_of,
        loudness=loudness,
        on_progress=partial(work.report, stage),
        on_tick=work.tick,
    )
    indexes = [hls.read_index(folder / rung.name) for rung in rungs]
    length = clip.made_of.duration
    for index in indexes:
        # Half of the picture gone means that decoding stopped at damage.
        if index.seconds < 0.5 * length - 0.2 and length > 1:
            raise hls.BadIndex(f"{index.seconds:.2f} of {length:.2f} s were made")
    return folder, indexes


def _publish(work: _Work, clip: _Clip, folder: Path, made: dict[Rung, hls.Index], master: str) -> None:
    """Files first, rows last: what a row names is whole."""
    home, master = clip.home(), clip.named(master)
    rows = []
    for rung, index in made.items():
        playlist = folder / rung.playlist
        playlist.write_text(hls.media_playlist(rung.name, index))
        size = (folder / rung.name).stat().st_size
        media.put(media.key_of(home, rung.name), folder / rung.name, work.tick)
        media.put(media.key_of(home, rung.playlist), playlist, work.tick)
        line = hls.variant_lines(hls.Variant(rung.playlist, rung.width, rung.height, index, rung.frame_rate))
        rows.append(
            {
                "name": rung.name,
                "width": rung.width,
                "height": rung.height,
                "short_side": rung.short_side,
                "bitrate": index.bitrate,
                "codecs": index.codecs,
                "size": size,
                "playlist_line": line,
            }
        )
    lines = {rendition.short_side: rendition.playlist_line for rendition in clip.renditions()}
    lines |= {rung.short_side: str(row["playlist_line"]) for rung, row in zip(made, rows, strict=True)}
    path = work.folder / master
    path.write_text(hls.master_playlist(lines))
    media.put(media.key_of(home, master), path, work.tick)
    pipeline.add_renditions(work.job, home, clip.revision, rows, master, **clip.facts)


# --- What stands beside them ------------------------------------------------------------------------------------------


def _cover(work: _Work, clip: _Clip) -> None:
    """The cover, from the largest rendition that decodes quickly."""
    work.report(Stage.COVER, 0, now=True)
    made, home = clip.renditions(), clip.home()
    best = max(made, key=lambda rendition: (rendition.short_side <= 720, rendition.short_side))
    drawn = cover.make_cover(
        work.fetch(home, best), clip.made_of.duration, work.empty("cover"), work.tick, at=clip.edit.cover_at
    )
    media.put(media.key_of(home, clip.cover_name), drawn.path, work.tick)
    pipeline.set_cover(
        work.job, home, clip.revision, cover=clip.cover_name, blurhash=drawn.blurhash, color=drawn.color
    )


def _look_alike(work: _Work, clip: _Clip, *, most: int = 0) -> bool:
    """What the clip looks like, from its smallest rendition; with `most` only if that is no larger. Whether it was done."""
    smallest = min(clip.renditions(), key=lambda rendition: rendition.short_side)
    if most and smallest.short_side > most:
        return False
    pictures = fingerprints.read(work.fetch(clip.home(), smallest), work.empty("pictures"), work.tick)
    pipeline.set_fingerprints(work.job, clip.revision, pictures)
    return True


def _extras(work: _Work, clip: _Clip) -> None:
    """The short loop, and the clip's own sound for others to use."""
    smallest = min(clip.renditions(), key=lambda rendition: rendition.short_side)
    name = clip.named(preview.FILE)
    if clip.video.preview != name:
        home = clip.home()
        begin = clip.edit.cover_at
        made = preview.make_preview(
            work.fetch(home, smallest), clip.made_of.duration, work.empty("preview"), work.tick, around=begin
        )
        media.put(media.key_of(home, name), made, work.tick)
        pipeline.set_preview(work.job, home, clip.revision, name)
    if clip.made_of.has_sound and clip.edit.sound is None:
        _own_sound(work, clip, smallest)


def _own_sound(work: _Work, clip: _Clip, rendition: Rendition) -> None:
    row = pipeline.own_sound(work.job, clip.revision)
    name = clip.named(sounds.FILE)
    if row.file == name:
        return
    made = sounds.extract(work.fetch(clip.home(), rendition), work.empty("sound"), work.tick)
    media.put(media.key_of(row.folder, name), made.path, work.tick)
    pipeline.set_sound(
        work.job, row, clip.revision, file=name, duration_ms=made.duration_ms, peaks=made.peaks
    )
    if row.file:
        media.erase(media.key_of(row.folder, row.file))


def _keep_originals(work: _Work, clip: _Clip) -> None:
    """Keep every upload as it came, for another edit and for its author's download of their data."""
    home = clip.home()
    names: dict[int | None, str] = {}
    files = [(None, clip.video.upload, clip.video.original)]
    files += [(part.pk, part.upload, part.original) for part in clip.parts]  # type: ignore[misc]
    for part, upload, original in files:
        if original or upload is None:
            continue
        ending = EXTENSIONS.get(clip.demuxers[part], clip.demuxers[part])
        names[part] = f"original.{ending}" if part is None else f"part-{part}.{ending}"
        copy = work.folder / "keep"
        _link(uploads.path_of(upload), copy)
        media.put(media.original_key_of(home, names[part]), copy, work.tick)
    pipeline.keep_originals(work.job, home, clip.revision, names, sum(clip.sizes.values()))


def _link(source: Path, target: Path) -> None:
    """The same bytes under another name: the upload stays until the row says that its clip is ready."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _erase_outdated(clip: _Clip) -> None:
    """Erase what no row names any more: files of older edit lists, of covers and of parts that were taken out.

    Before the job ends, so that a worker's death in the middle is made good by the next one.
    """
    now = Video.objects.get(pk=clip.video.pk)
    for name in media.names(media.key_of(now.folder, "")):
        if (found := _MADE.match(name)) and name not in {now.cover, now.preview, now.playlist}:
            older = int(found[1] or 0) != now.revision
            if older or found[2] == "cover":
                media.erase(media.key_of(now.folder, name))
        elif name.startswith("."):  # a worker died while it copied (videos.media.put)
            media.erase(media.key_of(now.folder, name))
    media_jobs.erase_outdated(now)
    originals = set(Part.objects.filter(video=now).values_list("original", flat=True)) | {now.original}
    for name in media.names(media.original_key_of(now.folder, "")):
        if name not in originals:
            media.erase(media.original_key_of(now.folder, name))
