"""Clips whose picture flashes and whose sound beeps at the same moments, and how far apart the two are in what was made."""

import functools
import subprocess
from dataclasses import dataclass
from pathlib import Path

import av
import numpy

from socialapp.lib.ffmpeg import binary
from tests.environment import ROOT

BEGIN, EVERY, LASTS = 1 / 6, 0.5, 0.1  # seconds: the first flash, from one to the next, and how long each is
QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30")


@functools.cache
def flashing(
    name="flash.mp4",
    *,
    size="270x480",
    rate=30,
    seconds=2.0,
    beeps=True,
    video=QUICK,
    extra=(),
    tone=1000,
    picture="",
) -> Path:
    """A clip that flashes white on black (or shows another picture) and beeps; `beeps=False` has no sound track.

    Rates must divide by 6.
    """
    folder = (
        ROOT / "flashes" / f"{abs(hash((name, size, rate, seconds, beeps, video, extra, tone, picture)))}"
    )
    folder.mkdir(parents=True, exist_ok=True)
    half, first, long = rate // 2, rate // 6, round(LASTS * rate)
    picture = picture.format(size=size, rate=rate, seconds=seconds) or (
        f"color=c=black:s={size}:r={rate}:d={seconds},"
        f"drawbox=c=white:t=fill:enable='between(mod(n,{half}),{first},{first + long - 1})'"
    )
    sources = ["-f", "lavfi", "-i", picture]
    if beeps:
        moment = f"mod(t+{EVERY - BEGIN},{EVERY})"
        wave = f"if(lt({moment},{LASTS})*gte(t,{BEGIN - 0.001}),0.5*sin(2*PI*{tone}*t),0)"
        sources += ["-f", "lavfi", "-i", f"aevalsrc='{wave}':s=48000:d={seconds}"]
    sound = ("-c:a", "aac", "-b:a", "96k") if beeps else ("-an",)
    if name.endswith((".webm", ".mkv")) and beeps:
        sound = ("-c:a", "libopus")
    command = [binary(), "-v", "error", "-y", *sources, *video, *sound, *extra, str(folder / name)]
    subprocess.run(command, check=True, timeout=120)
    return folder / name


@functools.cache
def beeping(name="sound.m4a", *, seconds=3.0, tone=1500, steady=False) -> Path:
    """A sound by itself: beeps at the same moments, or one steady tone."""
    folder = ROOT / "flashes" / f"{abs(hash((name, seconds, tone, steady)))}"
    folder.mkdir(parents=True, exist_ok=True)
    moment = f"mod(t+{EVERY - BEGIN},{EVERY})"
    on = "1" if steady else f"lt({moment},{LASTS})*gte(t,{BEGIN - 0.001})"
    wave = f"if({on},0.5*sin(2*PI*{tone}*t),0)"
    command = [binary(), "-v", "error", "-y", "-f", "lavfi", "-i", f"aevalsrc='{wave}':s=48000:d={seconds}"]
    subprocess.run([*command, "-c:a", "aac", str(folder / name)], check=True, timeout=120)
    return folder / name


@dataclass
class Watched:
    """A file as a player shows it. Times are seconds; `frames` are RGB, `samples` one channel at 48 kHz from time 0."""

    times: numpy.ndarray
    frames: list[numpy.ndarray]
    samples: numpy.ndarray | None
    width: int
    height: int

    @property
    def frame_seconds(self):
        return float(numpy.median(numpy.diff(self.times)))

    @property
    def duration(self):
        """From the first picture to the end of the last."""
        return float(self.times[-1] - self.times[0] + self.frame_seconds)

    def at(self, seconds):
        """The picture that is shown then."""
        return self.frames[int(numpy.searchsorted(self.times, seconds + 0.001, side="right")) - 1]

    def flashes(self, left=0.0, right=1.0, top=0.0, bottom=1.0):
        """When the middle of this part of the frame turns bright."""
        h, w = self.frames[0].shape[:2]
        middle_y, middle_x = (top + bottom) / 2 * h, (left + right) / 2 * w
        rows = slice(int(middle_y - 0.03 * h), int(middle_y + 0.03 * h))
        columns = slice(int(middle_x - 0.06 * w), int(middle_x + 0.06 * w))
        bright = numpy.array([frame[rows, columns].mean() > 90 for frame in self.frames])
        starts = numpy.flatnonzero(bright & ~numpy.concatenate([[False], bright[:-1]]))
        return self.times[starts]

    def beeps(self, tone=None):
        """When the sound gets loud, or this tone in it."""
        if self.samples is None:
            return numpy.array([])
        heard = self.samples
        level = 0.2
        if tone is not None:
            turn = numpy.exp(-2j * numpy.pi * tone * numpy.arange(len(heard)) / 48_000)
            heard = numpy.abs(numpy.convolve(heard * turn, numpy.ones(480) / 480, mode="same"))
            level = 0.5  # the middle of the window's slope is the onset
        loud = numpy.abs(heard) > level * numpy.abs(heard).max()
        quiet = int(0.06 * 48_000)
        passed = numpy.flatnonzero(loud)
        if not len(passed) or numpy.abs(heard).max() < 1e-3:
            return numpy.array([])
        starts = passed[numpy.concatenate([[True], numpy.diff(passed) > quiet])]
        return starts / 48_000

    def envelope(self, step=0.05):
        """Loudness (RMS) in steps of this many seconds."""
        size = round(step * 48_000)
        whole = len(self.samples) // size * size
        return numpy.sqrt((self.samples[:whole].reshape(-1, size) ** 2).mean(axis=1))


def watch(path: Path) -> Watched:
    times, frames, pieces = [], [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            times.append(float(frame.pts * frame.time_base))
            frames.append(frame.to_ndarray(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709"))
    with av.open(str(path)) as container:
        if container.streams.audio:
            turned = av.AudioResampler(format="flt", layout="mono", rate=48_000)
            end = 0
            for frame in container.decode(audio=0):
                start = round(float(frame.pts * frame.time_base) * 48_000)
                if not pieces and start > 0:
                    pieces.append(numpy.zeros(start, dtype="f4"))
                    end = start
                for part in turned.resample(frame):
                    pieces.append(part.to_ndarray().ravel())
                    end += pieces[-1].size
    samples = numpy.concatenate(pieces) if pieces else None
    return Watched(numpy.array(times), frames, samples, frames[0].shape[1], frames[0].shape[0])
