"""Turns one usable source file into renditions: decides what to make, writes ffmpeg's command, runs it.

Works on files only; rows, the queue and where files are published are videos.jobs and videos.media.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import ffmpeg

from socialapp.lib.ffmpeg import run_ffmpeg

from .probe import CODEC_WHITELIST, MAX_PIXELS, Source

LADDER = (1080, 720, 480, 360)  # short sides
FIRST = 480  # what is made first when the upload itself cannot be played: quick, and good on a phone
SEGMENT_SECONDS = 2  # key frames in all renditions at the same times, so that players can change between them
LONGEST_SEGMENT = 5.2  # seconds between key frames that a copied upload may have: seeking stays prompt
MAX_FRAME_RATE = 60
# Ceilings in kbit/s by short side for 30 frames a second; below them quality (CRF) decides.
CEILINGS = {1080: 5000, 720: 2800, 480: 1400, 360: 800}
CRF = 23
SOUND_KBITS = 128
REFERENCE_WHITE = 203  # cd/m², HDR reference white (ITU-R BT.2408-7, table 1)
NOMINAL_PEAK = 1000  # cd/m², of the displays that HLG is made for and that phones grade PQ for
# Names of H.273 code points for setparams, where a file says nothing or where filters need to be told.
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 12: "smpte432"}
_TRANSFERS = {
    1: "bt709",
    6: "smpte170m",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    18: "arib-std-b67",
}
_MATRICES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}
WIDE_PRIMARIES = {9, 11, 12}  # BT.2020 and P3: shown as BT.709 they would look pale
STREAMABLE = {"Constrained Baseline", "Baseline", "Main", "High"}


@dataclass(frozen=True)
class Rung:
    """One rendition to make."""

    short_side: int
    width: int
    height: int
    frame_rate: float
    copied: bool = False  # the upload's own streams in a new wrapper

    @property
    def name(self) -> str:
        return f"{self.short_side}.mp4"

    @property
    def playlist(self) -> str:
        return f"{self.short_side}.m3u8"


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)


def _copy_ceiling(source: Source) -> int:
    """Bits a second above which a copy would stall on an ordinary phone connection."""
    return 10_000_000 if source.short_side > 720 else 6_000_000 if source.short_side > 480 else 4_000_000


def conforms(source: Source) -> bool:
    """Whether browsers play the upload's own streams well, so that wrapping them anew is enough."""
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


def _frame_rate(source: Source, short_side: int) -> float:
    rate = min(source.frame_rate, MAX_FRAME_RATE)
    # Small renditions are for weak connections and phones: half of 60 serves them better.
    return rate / 2 if short_side <= 480 and rate >= 50 else rate


def _rung(source: Source, short_side: int, *, copied: bool = False) -> Rung:
    scale = 1 if copied else short_side / source.short_side
    rate = source.frame_rate if copied else _frame_rate(source, short_side)
    return Rung(short_side, _even(source.width * scale), _even(source.height * scale), rate, copied)


def ladder(source: Source) -> list[Rung]:
    """Every rendition this source should have, largest first. Never larger than the source."""
    short = source.short_side
    sides = [side for side in LADDER if side <= short]
    if not sides:
        sides = [_even(short)]
    elif short < LADDER[0] and short > 1.2 * sides[0]:
        sides = [_even(short), *sides]  # between two rungs: the difference would be seen
    if conforms(source):
        own = _even(short)
        return [_rung(source, own, copied=True), *(_rung(source, side) for side in sides if side < 0.9 * own)]
    return [_rung(source, side) for side in sides]


def first(source: Source) -> Rung:
    """What is made first, so that the clip can be watched: the copy, or the rendition nearest to FIRST from below."""
    rungs = ladder(source)
    if rungs[0].copied:
        return rungs[0]
    return next((rung for rung in rungs if rung.short_side <= FIRST), rungs[-1])


# --- Commands ---------------------------------------------------------------------------------------------------


def open_source(path: Path, demuxer: str, **options: Any) -> Any:
    """An ffmpeg-python input that is held to one local file, one demuxer and known codecs."""
    return ffmpeg.input(
        str(path),
        f=demuxer,
        protocol_whitelist="file,pipe",
        format_whitelist=demuxer,
        codec_whitelist=CODEC_WHITELIST,
        max_pixels=MAX_PIXELS,
        max_streams=64,
        **options,
    )


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


def _colours(source: Source) -> dict[str, str]:
    """What the picture's numbers mean; the guess of browsers (BT.601 for SD, BT.709 from 720 lines on) where unsaid."""
    small = source.short_side < 720
    matrix = _MATRICES.get(source.matrix, "smpte170m" if small else "bt709")
    if source.hdr:
        matrix = _MATRICES.get(source.matrix, "bt2020nc")
    return {
        "color_primaries": _PRIMARIES.get(source.primaries, "bt2020" if source.hdr else "bt709"),
        "color_trc": _TRANSFERS.get(source.transfer, "bt709"),
        "colorspace": matrix,
        "range": "pc" if source.full_range else "tv",
    }


def _picture(stream: Any, source: Source, width: int, height: int) -> Any:
    """Scaled to `width` × `height`, upright (ffmpeg turns while decoding), in 8-bit BT.709 of limited range."""
    stream = stream.filter("setparams", **_colours(source))
    if source.interlaced:
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    if source.frame_rate > MAX_FRAME_RATE + 1:
        stream = stream.filter("fps", fps=MAX_FRAME_RATE)
    elif source.variable_rate:
        # An even rate keeps level, buffers and seeking sane; the steps are those of real cameras.
        stream = stream.filter(
            "fps", fps=next(rate for rate in (15, 24, 25, 30, 50, 60) if rate >= source.frame_rate - 1)
        )
    if source.hdr:
        stream = _tone_mapped(stream.filter("zscale", w=width, h=height, f="bilinear"))
    elif source.primaries in WIDE_PRIMARIES:
        stream = stream.filter(
            "zscale", w=width, h=height, f="bicubic", p="709", t="709", m="709", r="limited"
        )
    else:
        stream = stream.filter(
            "scale", width, height, flags="bicubic", out_color_matrix="bt709", out_range="tv"
        )
    stream = stream.filter("format", "yuv420p").filter("setsar", "1")
    return stream.filter(
        "setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv"
    )


def _tone_mapped(stream: Any) -> Any:
    """HDR to SDR: reference white becomes white, what is brighter is rolled off, colours are brought into BT.709.

    Mobius leaves what is darker than the knee as it is, so faces keep their brightness, unlike Hable's curve, which darkens.
    The light is coded for screens as they are (sRGB), which show BT.709 without converting it: BT.1886's 2.4 would look pale.
    """
    return (
        stream.filter("zscale", t="linear", npl=REFERENCE_WHITE)
        .filter("format", "gbrpf32le")
        .filter("zscale", p="709")
        .filter("tonemap", "mobius", param=0.5, desat=0, peak=round(NOMINAL_PEAK / REFERENCE_WHITE, 3))
        .filter("zscale", t="iec61966-2-1", m="709", r="limited", d="ordered")
    )


def _sound(stream: Any) -> Any:
    """Two channels at −16 LUFS (single pass), gaps filled so that sound and picture stay together."""
    return (
        stream.filter("aresample", "48000", **{"async": 1, "first_pts": 0})
        .filter("aformat", channel_layouts="stereo")
        .filter("loudnorm", I=-16, TP=-1.5, LRA=11)
        .filter("aresample", "48000")
    )


def _ceiling(rung: Rung) -> int:
    """kbit/s by the rung's pixels, between the table's entries too; half as much again for 60 frames a second."""
    known = min(CEILINGS, key=lambda side: abs(side - rung.short_side))
    pixels = rung.width * rung.height / (known * known * 16 / 9)
    return int(CEILINGS[known] * max(0.25, min(pixels, 1.5)) ** 0.75 * (1.5 if rung.frame_rate > 45 else 1))


def _key_frames(source: Source) -> str:
    """When key frames are forced: every SEGMENT_SECONDS, or where the copied upload has its own, so that players can switch."""
    if conforms(source):
        return ",".join(f"{time:.4f}" for time in source.keyframes) or "0"
    return f"expr:gte(t,n_forced*{SEGMENT_SECONDS})"


def _encoding(rung: Rung, source: Source) -> dict[str, Any]:
    ceiling = _ceiling(rung)
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": CRF,
        "maxrate": f"{ceiling}k",
        "bufsize": f"{2 * ceiling}k",
        "profile:v": "high",
        "force_key_frames": _key_frames(source),
        "sc_threshold": 0,  # only at the forced times: renditions must agree
        "g": 600,
        "fps_mode": "vfr",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "colorspace": "bt709",
        "color_range": "tv",
    }


def copy_command(source: Source, rung: Rung, folder: Path) -> list[str]:
    """ffmpeg's arguments that wrap the upload's own streams as a rendition."""
    opened = open_source(source.path, source.demuxer)
    streams = [opened[str(source.video_index)]]
    if source.sound:
        streams.append(opened[str(source.sound.index)])
    made = ffmpeg.output(*streams, str(folder / rung.name), **{"c": "copy", **_CLEAN, **_WRAPPER})
    return [*made.get_args(), "-y"]


def encode_command(
    source: Source, rungs: Sequence[Rung], folder: Path, sound_of: Path | None = None
) -> list[str]:
    """ffmpeg's arguments that make all `rungs` from one decode; files are named by the rungs, below `folder`.

    `sound_of` is a finished rendition of the same clip: its sound is taken over, which spares the work and keeps all
    renditions equally loud.
    """
    opened = open_source(source.path, source.demuxer, t=round(source.duration + 1, 3))
    largest = max(rungs, key=lambda rung: rung.width * rung.height)
    picture = _picture(opened[str(source.video_index)], source, largest.width, largest.height)
    pictures = picture.filter_multi_output("split", len(rungs)) if len(rungs) > 1 else None
    sounds, sound_options = _sounds(opened, source, len(rungs), sound_of)
    outputs = []
    for number, rung in enumerate(rungs):
        stream = pictures.stream(number) if pictures is not None else picture
        if (rung.width, rung.height) != (largest.width, largest.height):
            stream = stream.filter("scale", rung.width, rung.height, flags="bicubic")
        if rung.frame_rate < 0.75 * min(source.frame_rate, MAX_FRAME_RATE):
            stream = stream.filter("fps", fps=round(rung.frame_rate, 3))
        options = {**_encoding(rung, source), **sound_options, **_CLEAN, **_WRAPPER}
        outputs.append(
            ffmpeg.output(stream, *sounds[number : number + 1], str(folder / rung.name), **options)
        )
    return [*ffmpeg.merge_outputs(*outputs).get_args(), "-y"]


def _sounds(
    opened: Any, source: Source, count: int, sound_of: Path | None
) -> tuple[list[Any], dict[str, Any]]:
    if source.sound is None:
        return [], {"an": None}
    if sound_of is not None:
        return [open_source(sound_of, "mov")["a:0"]] * count, {"c:a": "copy"}
    stream = opened[str(source.sound.index)]
    if conforms(source):  # its sound is as good as its picture; loudness must not jump between renditions
        return [stream] * count, {"c:a": "copy"}
    options = {"c:a": "aac", "b:a": f"{SOUND_KBITS}k", "flags:a": "+bitexact"}
    sound = _sound(stream)
    if count == 1:
        return [sound], options
    split = sound.filter_multi_output("asplit", count)
    return [split.stream(number) for number in range(count)], options


def make(
    source: Source,
    rungs: Sequence[Rung],
    folder: Path,
    *,
    sound_of: Path | None = None,
    on_progress: Callable[[float], None] | None = None,
    on_tick: Callable[[], None] | None = None,
) -> str:
    """Make the files of `rungs` in `folder` in one run of ffmpeg and return the tail of its log.

    `sound_of` as in encode_command; `on_progress` gets the share that is done, 0 to 1. Raises FfmpegFailed.
    """
    copies = [rung for rung in rungs if rung.copied]
    command = (
        copy_command(source, copies[0], folder) if copies else encode_command(source, rungs, folder, sound_of)
    )

    def share(seconds: float) -> None:
        if on_progress is not None:
            on_progress(min(1.0, seconds / source.duration))

    return run_ffmpeg(
        command,
        inputs=[source.path, *([sound_of] if sound_of else [])],
        folder=folder,
        wall=300 + 30 * source.duration,  # ten times what the slowest real upload took on one core
        file_bytes=1 << 30,
        on_progress=share,
        on_tick=on_tick,
    )
