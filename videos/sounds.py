"""The files of sounds: a clip's own one taken out of it, a voice made readable, a sound of the site's library.

A sound's file is AAC at −16 LUFS with its waveform beside it, in a folder of its own that media addresses reach. Rows are
changed by videos.actions.pipeline.
"""

import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg
import numpy
from django.conf import settings

from socialapp.lib.ffmpeg import run_ffmpeg

from . import media
from .actions import pipeline
from .failures import Unusable
from .inputs import open_source
from .models import Sound, new_folder
from .probe import SoundSource, probe_sound
from .waveform import peaks_of

FILE = "sound.m4a"
LOUDNESS = -16.0  # LUFS, as clips have it
TOLERANCE = 1.0  # LU; nearer than this a sound is left as it is
MOST_GAIN = 20.0  # dB: what is quieter still is noise
CEILING = 0.84  # of full scale, −1.5 dBTP
KBITS = 128
_CLEAN = {
    "map_metadata": -1,
    "map_chapters": -1,
    "fflags": "+bitexact",
    "flags:a": "+bitexact",
    "vn": None,
    "dn": None,
    "sn": None,
}
_WRAPPER = {"f": "mp4", "movflags": "+faststart"}

Tick = Callable[[], None]


@dataclass(frozen=True)
class Extracted:
    """A sound as a file, how long it is, and its loudest samples over its length (0 to 100, of its own loudest)."""

    path: Path
    duration_ms: int
    peaks: list[int]


def extract(rendition: Path, folder: Path, on_tick: Tick | None = None) -> Extracted:
    """The sound of one of our own renditions; `folder` must be empty. Raises FfmpegFailed, Unusable("no_sound")."""
    return _make(rendition, lambda: open_source(rendition, "mov")["a:0"], folder, on_tick)


def _make(path: Path, stream: Callable[[], Any], folder: Path, on_tick: Tick | None) -> Extracted:
    loudness, samples = _listen(path, stream(), folder, on_tick)
    if not len(samples):
        raise Unusable("no_sound")
    made = folder / FILE
    sound = (
        stream()
        .filter("aresample", "48000", **{"async": 1, "first_pts": 0})
        .filter("aformat", channel_layouts="stereo")
    )
    gain = max(-MOST_GAIN, min(MOST_GAIN, LOUDNESS - loudness)) if loudness > -60 else 0.0
    if abs(gain) > TOLERANCE:
        sound = sound.filter("volume", f"{gain:.2f}dB").filter(
            "alimiter", limit=CEILING, level="false", latency="true"
        )
    command = ffmpeg.output(sound, str(made), **{"c:a": "aac", "b:a": f"{KBITS}k", **_CLEAN, **_WRAPPER})
    _run(command, path, folder, on_tick)
    return Extracted(made, round(len(samples) / _RATE * 1000), peaks_of(samples))


_RATE = 8000  # samples a second that the waveform is drawn from


def _listen(path: Path, stream: Any, folder: Path, on_tick: Tick | None) -> tuple[float, Any]:
    """Integrated loudness in LUFS (EBU R128) and the samples of one channel, both from one decode."""
    split = stream.filter_multi_output("asplit", 2)
    heard, said = folder / "samples.raw", folder / "loudness.txt"
    # The filter's file name is written by us and has no character that a filter graph reads.
    measured = (
        split.stream(0)
        .filter("aformat", channel_layouts="stereo")
        .filter("ebur128", metadata=1)
        .filter("ametadata", "print", key="lavfi.r128.I", file=said.name)
    )
    command = ffmpeg.merge_outputs(
        ffmpeg.output(split.stream(1), str(heard), f="s16le", ac=1, ar=_RATE),
        ffmpeg.output(measured, "-", f="null"),
    )
    _run(command, path, folder, on_tick)
    found = re.findall(r"lavfi\.r128\.I=(-?[\d.]+)", said.read_text() if said.exists() else "")
    samples = numpy.fromfile(heard, dtype="<i2")
    for path in (heard, said):
        path.unlink(missing_ok=True)  # the next run begins in an empty folder again
    return (float(found[-1]) if found else -70.0), samples


def _run(command: Any, path: Path, folder: Path, on_tick: Tick | None) -> None:
    run_ffmpeg(
        [*command.get_args(), "-y"],
        inputs=[path],
        folder=folder,
        wall=300,
        file_bytes=256 << 20,
        on_tick=on_tick,
    )


def plain(spoken: SoundSource, folder: Path, on_tick: Tick | None = None) -> Path:
    """A voice recording, whatever a browser made it, as a file of ours: lossless, in MP4, beginning at zero."""
    made = folder / "voice.m4a"
    opened = open_source(spoken.path, spoken.demuxer, t=round(settings.MAX_CLIP_SECONDS + 1.0, 1))
    sound = opened[str(spoken.sound.index)].filter("aresample", "48000", **{"async": 1, "first_pts": 0})
    sound = sound.filter("aformat", channel_layouts="stereo", sample_fmts="s16p")
    command = ffmpeg.output(sound, str(made), **{"c:a": "alac", **_CLEAN, **_WRAPPER})
    _run(command, spoken.path, folder, on_tick)
    return made


def fetch(sound_id: str, target: Path) -> Path:
    """A local copy of a chosen sound's file. Unusable("sound_gone") when there is none any more."""
    sound = Sound.objects.filter(pk=int(sound_id)).exclude(file="").first()
    if sound is None:
        raise Unusable("sound_gone")
    try:
        media.fetch(media.key_of(sound.folder, sound.file), target)
    except FileNotFoundError as error:
        raise Unusable("sound_gone") from error
    return target


def add_to_library(title: str, artist: str, path: Path) -> Sound:
    """A sound that everybody may use, from a sound file (or a clip's) on this machine. The same title and artist again
    gives the sound that is there. Raises Unusable for what is no sound."""
    known = Sound.objects.filter(owner=None, title=title, artist=artist).exclude(file="").first()
    if known is not None:
        return known
    settings.WORK_DIR.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sound-", dir=settings.WORK_DIR) as work:
        local = Path(work) / "given"
        shutil.copyfile(path, local)
        for name in ("probe", "made"):
            (Path(work) / name).mkdir()
        source = probe_sound(local, Path(work) / "probe")
        made = _make(
            local,
            lambda: open_source(local, source.demuxer)[str(source.sound.index)],
            Path(work) / "made",
            None,
        )
        folder = new_folder()
        media.put(media.key_of(folder, FILE), made.path)
    return pipeline.add_library_sound(
        title=title, artist=artist, folder=folder, file=FILE, duration_ms=made.duration_ms, peaks=made.peaks
    )
