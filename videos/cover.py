"""The still picture of a clip: picks a frame worth looking at, and draws from it the cover, the blurhash and the tint."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageStat

from socialapp.lib.ffmpeg import run_ffmpeg
from socialapp.lib.pictures import blurred

from .inputs import open_source

CANDIDATES = 8
LONG_SIDE = 1280  # pixels: sharp on a phone held upright, some 60 kB
QUALITY = 80
FILE = "cover.webp"


@dataclass(frozen=True)
class Cover:
    """A cover as a file, and what stands in for it until it is there."""

    path: Path
    blurhash: str
    color: str  # "#rrggbb"


def make_cover(
    rendition: Path,
    seconds: float,
    folder: Path,
    on_tick: Callable[[], None] | None = None,
    *,
    at: float | None = None,
) -> Cover:
    """Cover, blurhash and dominant colour of one of our own renditions; writes below `folder`, which must be empty.

    The frame at `at` seconds, else the one most worth looking at; then key frames only are decoded when the clip is long
    enough to have several. Raises FfmpegFailed.
    """
    options: dict[str, Any] = {}
    if at is not None:
        # The last frame begins a moment before the end.
        options = {"ss": round(max(0.0, min(at, seconds - 0.1)), 3)}
        candidates = 1
    else:
        # Our renditions have a key frame every two seconds, copies at least every five.
        options = {"skip_frame": "nokey"} if seconds > 5 else {}
        candidates = CANDIDATES
    scaled = open_source(rendition, "mov", **options)["v:0"]
    if seconds > 1 and at is None:
        apart = round(seconds / CANDIDATES, 3)
        scaled = scaled.filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{apart})")
    side = f"min({LONG_SIDE},max(iw,ih))"
    scaled = scaled.filter("scale", f"if(gte(iw,ih),{side},-2)", f"if(gte(iw,ih),-2,{side})")
    made = scaled.output(
        str(folder / "candidate%02d.ppm"),  # not compressed: they are read once, at once
        **{
            "frames:v": candidates,
            "fps_mode": "passthrough",
            "f": "image2",
            "c:v": "ppm",
            "pix_fmt": "rgb24",
        },
    )
    run_ffmpeg(
        [*made.get_args(), "-y"],
        inputs=[rendition],
        folder=folder,
        wall=120,
        file_bytes=64 << 20,
        on_tick=on_tick,
    )
    pictures = []
    for path in sorted(folder.glob("candidate*.ppm")):
        with Image.open(path) as picture:
            pictures.append(picture.convert("RGB"))
    best = max(enumerate(pictures), key=lambda pair: _worth(pair[1]) * (0.97 ** pair[0]))[1]
    best.save(folder / FILE, "WEBP", quality=QUALITY, method=4)
    return Cover(folder / FILE, blurred(best), _tint(best))


def _worth(picture: Image.Image) -> float:
    """How much there is to see: contrast and detail, little for black, white or blurred frames."""
    small = picture.resize((96, 96)).convert("L")
    stat = ImageStat.Stat(small)
    brightness, contrast = stat.mean[0], stat.stddev[0]
    exposure = max(0.05, 1 - abs(brightness - 118) / 128)
    packed = io.BytesIO()
    small.save(packed, "JPEG", quality=70)  # what does not compress is detail
    return exposure * (contrast + 1) * packed.tell() ** 0.5


def _tint(picture: Image.Image) -> str:
    """The colour that covers most of the picture, with a liking for colour over grey."""
    few = picture.resize((48, 48)).quantize(6, method=Image.Quantize.MEDIANCUT)
    palette = few.getpalette() or [0, 0, 0]
    counted = few.getcolors() or [(1, 0)]

    colours = [(count, palette[3 * int(index) : 3 * int(index) + 3]) for count, index in counted]  # type: ignore[arg-type]
    _count, (red, green, blue) = max(colours, key=lambda pair: pair[0] * (40 + max(pair[1]) - min(pair[1])))
    return f"#{red:02x}{green:02x}{blue:02x}"
