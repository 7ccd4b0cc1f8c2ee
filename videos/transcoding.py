"""Turns the files of one clip into renditions: decides what to make, writes ffmpeg's command, runs it.

Works on files only; rows, the queue and where files are published are videos.jobs and videos.media. What the picture and the
sound are is videos.composing.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from socialapp.lib.ffmpeg import run_ffmpeg

from . import composing
from .composing import SAMPLE_RATE, Composition, compose, even, plain
from .inputs import MAX_FRAME_RATE, WIDE_PRIMARIES, exact_rate, open_source, resized
from .probe import Source

__all__ = ["MAX_FRAME_RATE", "Composition", "compose", "open_source", "plain"]  # and what is defined below

LADDER = (1080, 720, 480, 360)  # short sides
FIRST = 480  # what is made first when the upload itself cannot be played: quick, and good on a phone
SEGMENT_SECONDS = 2  # key frames in all renditions at the same times, so that players can change between them
LONGEST_SEGMENT = 5.2  # seconds between key frames that a copied upload may have: seeking stays prompt
# Ceilings in kbit/s by short side for 30 frames a second; below them quality (CRF) decides.
CEILINGS = {1080: 5000, 720: 2800, 480: 1400, 360: 800}
CRF = 23
SOUND_KBITS = 128
LOUDNESS = -16.0  # LUFS, what renditions are levelled to
TRUE_PEAK = -1.5  # dB below full scale: what lossy coding may add stays unclipped
LOUDNESS_RANGE = 11.0  # LU; a measured range above it is left as it is
SILENCE = -70.0  # LUFS, the absolute gate of EBU R 128: below it there is nothing to level
MOST_GAIN = 20.0  # dB: what is quieter still is noise
MOST_LIMITING = 12.0  # dB that peaks may be held down for loudness; more would be heard
STREAMABLE = {"Constrained Baseline", "Baseline", "Main", "High"}


@dataclass(frozen=True)
class Rung:
    """One rendition to make."""

    short_side: int
    width: int
    height: int
    frame_rate: float
    copied: bool = False  # the upload's own streams in a new wrapper
    revision: int = 0  # of the edit list that it shows

    @property
    def _stem(self) -> str:
        return f"r{self.revision}-{self.short_side}" if self.revision else str(self.short_side)

    @property
    def name(self) -> str:
        return f"{self._stem}.mp4"

    @property
    def playlist(self) -> str:
        return f"{self._stem}.m3u8"


@dataclass(frozen=True)
class Loudness:
    """What a clip's sound measures (EBU R 128): LUFS, LU, and dB below full scale."""

    integrated: float
    range: float
    threshold: float
    peak: float


def _whole(clip: Composition | Source) -> Composition:
    """A bare file counts as a clip that nobody edited."""
    return plain(clip) if isinstance(clip, Source) else clip


def _copy_ceiling(source: Source) -> int:
    """Bits a second above which a copy would stall on an ordinary phone connection."""
    return 10_000_000 if source.short_side > 720 else 6_000_000 if source.short_side > 480 else 4_000_000


def conforms(clip: Composition | Source) -> bool:
    """Whether nothing was edited and browsers play the upload's own streams well, so that wrapping them anew is enough."""
    clip = _whole(clip)
    return clip.is_plain and _plays(clip.main)


def _plays(source: Source) -> bool:
    gaps = [after - before for before, after in pairwise([*source.keyframes, source.duration])]
    sound = source.sound
    return (
        source.codec == "h264"
        and source.demuxer in {"mov", "matroska"}
        and source.profile in STREAMABLE
        and source.pix_fmt == "yuv420p"
        and source.as_stored
        and not source.hdr
        and source.primaries not in WIDE_PRIMARIES
        and source.short_side <= 1080
        and max(source.width, source.height) <= 2400
        and source.width % 2 == source.height % 2 == 0
        and source.frame_rate <= MAX_FRAME_RATE + 1
        and source.bitrate <= _copy_ceiling(source)
        and bool(gaps)
        and source.keyframes[0] < 0.1
        and max(gaps) <= LONGEST_SEGMENT
        and (sound is None or (sound.codec == "aac" and sound.profile == "LC" and sound.channels <= 2))
    )


def _frame_rate(clip: Composition, short_side: int) -> float:
    rate = clip.frame_rate
    # Small renditions are for weak connections and phones: half of 60 serves them better.
    return rate / 2 if short_side <= 480 and rate >= 50 else rate


def _rung(clip: Composition, short_side: int, revision: int, *, copied: bool = False) -> Rung:
    scale = 1 if copied else short_side / clip.short_side
    rate = clip.main.frame_rate if copied else _frame_rate(clip, short_side)
    return Rung(short_side, even(clip.width * scale), even(clip.height * scale), rate, copied, revision)


def ladder(clip: Composition | Source, revision: int = 0) -> list[Rung]:
    """Every rendition this clip should have, largest first. Never larger than its files."""
    clip = _whole(clip)
    short = clip.short_side
    sides = [side for side in LADDER if side <= short]
    if not sides:
        sides = [even(short)]
    elif short < LADDER[0] and short > 1.2 * sides[0]:
        sides = [even(short), *sides]  # between two rungs: the difference would be seen
    if conforms(clip):
        own = even(short)
        smaller = (_rung(clip, side, revision) for side in sides if side < 0.9 * own)
        return [_rung(clip, own, revision, copied=True), *smaller]
    return [_rung(clip, side, revision) for side in sides]


def first(clip: Composition | Source, revision: int = 0) -> Rung:
    """What is made first, so that the clip can be watched: the copy, or the rendition nearest to FIRST from below."""
    rungs = ladder(clip, revision)
    if rungs[0].copied:
        return rungs[0]
    return next((rung for rung in rungs if rung.short_side <= FIRST), rungs[-1])


# --- Commands ---------------------------------------------------------------------------------------------------


# Nothing of the original's words survives: no tags, chapters, encoder names, data or subtitle tracks, nor what encoders
# and cameras write between the pictures (H.264 NAL units of type 6, supplemental information).
_CLEAN = {
    "map_metadata": -1,
    "map_chapters": -1,
    "map_metadata:s:v": -1,
    "fflags": "+bitexact",
    "flags:v": "+bitexact",
    "bsf:v": "filter_units=remove_types=6",
    "dn": None,
    "sn": None,
}
# A header, one index over all fragments, then a fragment for each key frame: plays as a file and as HLS byte ranges.
_WRAPPER = {
    "f": "mp4",
    "movflags": "+frag_keyframe+delay_moov+global_sidx+default_base_moof",
    "video_track_timescale": 90_000,
}


def _ceiling(rung: Rung) -> int:
    """kbit/s by the rung's pixels, between the table's entries too; half as much again for 60 frames a second."""
    known = min(CEILINGS, key=lambda side: abs(side - rung.short_side))
    pixels = rung.width * rung.height / (known * known * 16 / 9)
    return int(CEILINGS[known] * max(0.25, min(pixels, 1.5)) ** 0.75 * (1.5 if rung.frame_rate > 45 else 1))


def _key_frames(clip: Composition) -> str:
    """When key frames are forced: every SEGMENT_SECONDS, or where the copied upload has its own, so that players can switch."""
    if conforms(clip):
        return ",".join(f"{time:.4f}" for time in clip.main.keyframes) or "0"
    return f"expr:gte(t,n_forced*{SEGMENT_SECONDS})"


# How pictures are cut up, by whether they are large. Measured on camera footage and animation against the preset as it is:
# quantisers by each block's share of the whole picture's detail give the same similarity (SSIM) for 2 to 18 % fewer bits, and
# large pictures gain nothing from moving blocks smaller than 16 × 16, which costs a sixth of their time.
_BLOCKS: dict[bool, dict[str, Any]] = {False: {"aq-mode": 2}, True: {"aq-mode": 2, "partitions": "i4x4,i8x8"}}


def _encoding(rung: Rung, clip: Composition) -> dict[str, Any]:
    ceiling = _ceiling(rung)
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": CRF,
        **_BLOCKS[rung.short_side > 480],
        "maxrate": f"{ceiling}k",
        "bufsize": f"{2 * ceiling}k",
        "profile:v": "high",
        "force_key_frames": _key_frames(clip),
        "sc_threshold": 0,  # only at the forced times: renditions must agree
        "g": 600,
        "fps_mode": "vfr",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "colorspace": "bt709",
        "color_range": "tv",
    }


def copy_command(clip: Composition | Source, rung: Rung, folder: Path) -> list[str]:
    """ffmpeg's arguments that wrap the upload's own streams as a rendition."""
    source = _whole(clip).main
    opened = open_source(source.path, source.demuxer)
    streams = [opened[str(source.video_index)]]
    if source.sound:
        streams.append(opened[str(source.sound.index)])
    made = ffmpeg.output(*streams, str(folder / rung.name), **{"c": "copy", **_CLEAN, **_WRAPPER})
    return [*made.get_args(), "-y"]


def encode_command(
    clip: Composition | Source,
    rungs: Sequence[Rung],
    folder: Path,
    sound_of: Path | None = None,
    loudness: Loudness | None = None,
) -> list[str]:
    """ffmpeg's arguments that make all `rungs` (largest first) from one decode; files are named by them, below `folder`.

    `sound_of` is a finished rendition of the same clip: its sound is taken over, which spares the work and keeps all
    renditions equally loud. Without it and without `loudness` (what measure_loudness found) sound is as loud as it came.
    The drawings that the graph reads are written into `folder`.
    """
    clip = _whole(clip)
    taken = sound_of is not None or conforms(clip)
    width, height = rungs[0].width, rungs[0].height
    picture, sound = composing.picture_and_sound(clip, width, height, folder, silent=taken)
    sounds, sound_options = _sounds(clip, sound, len(rungs), sound_of, loudness)
    outputs = []
    for number, (rung, stream) in enumerate(zip(rungs, _pictures(clip, picture, rungs), strict=True)):
        options = {**_encoding(rung, clip), **sound_options, **_CLEAN, **_WRAPPER}
        outputs.append(
            ffmpeg.output(stream, *sounds[number : number + 1], str(folder / rung.name), **options)
        )
    return [*ffmpeg.merge_outputs(*outputs).get_args(), "-y"]


def _pictures(clip: Composition, picture: Any, rungs: Sequence[Rung]) -> list[Any]:
    """The stream of each rung from `picture`, which has the first one's size; each from the one before: less to read."""
    streams: list[Any] = []
    before = replace(rungs[0], frame_rate=clip.frame_rate)
    for rung in rungs:
        if streams:
            split = streams.pop().filter_multi_output("split", 2)
            streams.append(split.stream(0))
            picture = split.stream(1)
        if rung.frame_rate < 0.75 * before.frame_rate:
            picture = picture.filter("fps", fps=exact_rate(rung.frame_rate))
        if (rung.width, rung.height) != (before.width, before.height):
            picture = resized(picture, rung.width, rung.height)
        streams.append(picture)
        before = rung
    return streams


def _sounds(
    clip: Composition, sound: Any, count: int, sound_of: Path | None, loudness: Loudness | None
) -> tuple[list[Any], dict[str, Any]]:
    if not clip.has_sound:
        return [], {"an": None}
    if sound_of is not None:
        return [open_source(sound_of, "mov")["a:0"]] * count, {"c:a": "copy"}
    if conforms(clip):  # its sound is as good as its picture; loudness must not jump between renditions
        source = clip.main
        opened = open_source(source.path, source.demuxer, t=round(source.duration + 1, 3))
        assert source.sound is not None  # noqa: S101 (it has sound)
        return [opened[str(source.sound.index)]] * count, {"c:a": "copy"}
    options = {"c:a": "aac", "b:a": f"{SOUND_KBITS}k", "flags:a": "+bitexact"}
    sound = _levelled(clip, sound, loudness)
    if count == 1:
        return [sound], options
    split = sound.filter_multi_output("asplit", count)
    return [split.stream(number) for number in range(count)], options


# --- Loudness -------------------------------------------------------------------------------------------------------


def _target(clip: Composition) -> float:
    """LUFS. Who turns everything down gets it that much quieter, instead of seeing it undone."""
    return LOUDNESS + 20 * math.log10(min(1.0, max(clip.volumes))) if clip.volumes else LOUDNESS


def _levelled(clip: Composition, sound: Any, measured: Loudness | None) -> Any:
    """The sound at the loudness that all clips have. Measured, it is one gain, and peaks are held down where that takes them
    too high: what is loud and quiet in it stays so. loudnorm's own way out there is to change the gain all the time."""
    if measured is None or measured.integrated <= SILENCE:
        return sound
    gain = min(_target(clip) - measured.integrated, MOST_GAIN)
    if measured.peak + gain <= TRUE_PEAK:
        return sound.filter(
            "loudnorm",
            I=round(measured.integrated + gain, 2),
            TP=TRUE_PEAK,
            LRA=min(50.0, max(LOUDNESS_RANGE, measured.range)),
            measured_I=measured.integrated,
            measured_TP=measured.peak,
            measured_LRA=max(0.1, measured.range),  # exactly nought stands for unknown
            measured_thresh=measured.threshold,
            linear="true",
        ).filter("aresample", SAMPLE_RATE)
    gain = min(gain, TRUE_PEAK + MOST_LIMITING - measured.peak)
    louder = sound.filter("volume", f"{gain:.2f}dB").filter("aresample", 4 * SAMPLE_RATE)
    limit = round(10 ** (TRUE_PEAK / 20), 4)
    limited = louder.filter("alimiter", limit=limit, attack=5, release=80, level="false", latency="true")
    return limited.filter("aresample", SAMPLE_RATE)


def measure_command(clip: Composition) -> list[str]:
    """ffmpeg's arguments that listen to the finished clip's sound and write nothing."""
    heard = composing.sound(clip).filter("ebur128", peak="true", framelog="quiet")
    # What it measured is said at this level only; pictures are not even read.
    return ["-loglevel", "info", *ffmpeg.output(heard, "-", f="null", vn=None).get_args()]


def measure_loudness(
    clip: Composition | Source, folder: Path, *, on_tick: Callable[[], None] | None = None
) -> Loudness | None:
    """The first of two passes of levelling: decodes sound only. None when nothing is heard, or sound is not changed.

    `folder` is an empty folder to run in. Raises FfmpegFailed.
    """
    clip = _whole(clip)
    if not clip.has_sound or conforms(clip):
        return None
    log = run_ffmpeg(
        measure_command(clip),
        inputs=list(clip.inputs),
        folder=folder,
        wall=120 + 5 * _to_read(clip),
        on_tick=on_tick,
    )
    return _measured(log)


def _measured(log: str) -> Loudness | None:
    """What ebur128's summary says; None when it is not there."""
    summary = log[log.rfind("Summary:") :]
    found = [
        re.search(rf"{name}:\s+(-?[\d.]+|-?inf|-?nan)", summary) for name in ("I", "LRA", "Threshold", "Peak")
    ]
    if not all(found):
        return None
    values = [float(match.group(1)) for match in found if match]
    integrated, spread, threshold, peak = (value if math.isfinite(value) else -99.0 for value in values)
    return Loudness(integrated, max(0.0, spread), threshold, peak)


# --- Making ---------------------------------------------------------------------------------------------------------


def _to_read(clip: Composition) -> float:
    """Seconds of material that a run may have to decode."""
    sources = [*clip.own, *([clip.remix] if clip.remix else [])]
    return sum(source.duration for source in sources) + clip.duration


def make(
    clip: Composition | Source,
    rungs: Sequence[Rung],
    folder: Path,
    *,
    sound_of: Path | None = None,
    loudness: Loudness | None = None,
    on_progress: Callable[[float], None] | None = None,
    on_tick: Callable[[], None] | None = None,
) -> str:
    """Make the files of `rungs` in `folder` in one run of ffmpeg and return the tail of its log.

    `sound_of` and `loudness` as in encode_command; `on_progress` gets the share that is done, 0 to 1. Raises FfmpegFailed.
    """
    clip = _whole(clip)
    copies = [rung for rung in rungs if rung.copied]
    command = (
        copy_command(clip, copies[0], folder)
        if copies
        else encode_command(clip, rungs, folder, sound_of, loudness)
    )

    def share(seconds: float) -> None:
        if on_progress is not None:
            on_progress(min(1.0, seconds / clip.duration))

    return run_ffmpeg(
        command,
        inputs=[*clip.inputs, *([sound_of] if sound_of else [])],
        folder=folder,
        wall=300 + 30 * _to_read(clip),  # ten times what the slowest real upload took on one core
        file_bytes=1 << 30,
        on_progress=share,
        on_tick=on_tick,
    )
