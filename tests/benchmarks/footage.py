"""Clips to measure with: moving detail, a little noise and sound, the same on every machine; made once and kept.

Still textures have the spectrum of photographs (amplitude falls with frequency) and a lens's softness, so encoders find in
them about what they find in pictures of the world; hands that pan and tremble, and a patch that swings in front, move them by
fractions of a pixel; the sensor's noise is new in each frame.
"""

import os
from pathlib import Path

from .by_hand import hand

FOLDER = Path(__file__).resolve().parents[2] / "artifacts" / "footage"
VERSION = 3  # of what is drawn here; another one is drawn anew
RATE = 30


def _texture(path, width, height, seed):
    """A colour picture: soft shades everywhere, detail like bark or grass where a third of it is, little colour on top."""
    import numpy
    from PIL import Image

    chance = numpy.random.default_rng(seed)
    across, down = numpy.fft.rfftfreq(width)[None], numpy.fft.fftfreq(height)[:, None]
    frequency = numpy.hypot(across, down)
    frequency[0, 0] = 1

    def field(slope):
        noise = numpy.fft.rfft2(chance.standard_normal((height, width)))
        made = numpy.fft.irfft2(noise / frequency**slope, s=(height, width))
        return made / made.std()

    where = numpy.clip(field(2.2), 0, None)
    light = 40 * field(2) + 30 * where * field(1.1)
    colours = [light + 18 * field(2) + 4 * field(1.3) for _colour in range(3)]
    pixels = numpy.clip(118 + numpy.stack(colours, -1), 0, 255).astype("uint8")
    Image.fromarray(pixels).save(path)


def _film(path, seconds):
    back, front = path.with_suffix(".back.png"), path.with_suffix(".front.png")
    _texture(back, 1440, 2560, seed=1)
    _texture(front, 512, 512, seed=2)
    graph = (
        "[0:v]rotate='0.015*sin(t*0.9)+0.002*sin(t*11)':bilinear=1,"
        "crop=1080:1920:x='180+90*sin(t*0.7)':y='320+120*sin(t*0.5)'[back];"
        "[1:v]rotate='0.2*sin(t)':c=none[front];"
        "[back][front]overlay=x='284+200*sin(t*0.9)':y='700+300*cos(t*0.8)',gblur=0.7,noise=alls=3:allf=t:all_seed=7,"
        "format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709[v];"
        "[2:a][3:a]amix=2,volume='0.6+0.4*sin(t)':eval=frame[a]"
    )
    stills = [part for still in (back, front) for part in ("-loop", "1", "-framerate", RATE, "-i", still)]
    sounds = ("sine=440:r=48000", "anoisesrc=a=0.1:c=pink:seed=1:r=48000")
    sounds = [part for sound in sounds for part in ("-f", "lavfi", "-i", sound)]
    hand(*stills, *sounds, "-filter_complex", graph, "-map", "[v]", "-map", "[a]", "-t", seconds,
         *_as_phones_do(gop=100_000), path)  # fmt: skip
    back.unlink()
    front.unlink()


def _as_phones_do(gop):
    """Fast, at a high bitrate."""
    return (
        *("-c:v", "libx264", "-preset", "veryfast", "-b:v", "8M", "-maxrate", "9M", "-bufsize", "9M"),
        *("-g", gop, "-keyint_min", gop, "-sc_threshold", "0"),
        *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-movflags", "+faststart"),
    )


def _kept(name, make):
    path = FOLDER / f"{VERSION}-{name}"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"half-{path.name}")
        make(half)
        half.rename(path)
    return path


def other(seconds):
    """An upright 1080 × 1920 H.264 upload that must be encoded: it has one key frame only."""
    return _kept(f"other-{seconds}.mp4", lambda path: _film(path, seconds))


def conforming(seconds):
    """The same with key frames every two seconds: it can be published as it is."""
    film = other(seconds)
    return _kept(
        f"conforming-{seconds}.mp4", lambda path: hand("-i", film, *_as_phones_do(gop=2 * RATE), path)
    )


def lying(seconds):
    """The upload that must be encoded, lying on its side and not larger than a phone's 720 lines."""
    return _kept(
        f"lying-{seconds}.mp4",
        lambda path: hand(
            "-i", other(seconds), "-vf", "transpose,scale=1280:720", *_as_phones_do(100_000), path
        ),
    )


def corpus():
    """What cameras really made, when MEDIA_CORPUS names the folder of real uploads; else nothing."""
    folder = os.environ.get("MEDIA_CORPUS", "")
    names = ("rotated_270.mp4", "bunny_720p_sound.mp4")
    return [path for name in names if folder and (path := Path(folder) / "valid" / name).exists()]
