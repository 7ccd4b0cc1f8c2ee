"""The short silent loop of a clip that tiles play: an animated WebP of a few seconds, small enough to load by the dozen."""

from collections.abc import Callable
from pathlib import Path

from socialapp.lib.ffmpeg import run_ffmpeg

from .inputs import open_source

FILE = "preview.webp"
SECONDS = 3.0
FRAME_RATE = 8  # a second: movement is seen, and each frame costs some 8 kB
LONG_SIDE = 384  # pixels: a tile on a phone, at two device pixels each
MOST_BYTES = 300_000
QUALITIES = (55, 35, 15)  # the first that fits


def make_preview(
    rendition: Path,
    seconds: float,
    folder: Path,
    on_tick: Callable[[], None] | None = None,
    *,
    around: float | None = None,
) -> Path:
    """The loop of one of our own renditions, from `around` (its cover) or from where clips have usually begun in earnest.

    `folder` must be empty. A picture so restless that the lowest quality is too large loses half of its frames. Raises
    FfmpegFailed.
    """
    begin = max(0.0, min(seconds * 0.2 if around is None else around - SECONDS / 2, seconds - SECONDS))
    made = folder / FILE
    for quality, rate in [*((quality, FRAME_RATE) for quality in QUALITIES), (QUALITIES[-1], FRAME_RATE / 2)]:
        _draw(rendition, begin, made, quality, rate, on_tick)
        if made.stat().st_size <= MOST_BYTES:
            break
    return made


def _draw(
    rendition: Path, begin: float, made: Path, quality: int, rate: float, on_tick: Callable[[], None] | None
) -> None:
    opened = open_source(rendition, "mov", ss=round(begin, 3), t=SECONDS)
    side = f"min({LONG_SIDE},max(iw,ih))"
    picture = (
        opened["v:0"]
        .filter("fps", fps=rate)
        .filter("scale", f"if(gte(iw,ih),{side},-2)", f"if(gte(iw,ih),-2,{side})", flags="bilinear")
    )
    command = picture.output(
        str(made),
        **{
            "f": "webp",
            "c:v": "libwebp_anim",
            "quality": quality,
            "compression_level": 2,
            "loop": 0,
            "an": None,
        },
        map_metadata=-1,
        fflags="+bitexact",
    )
    run_ffmpeg(
        [*command.get_args(), "-y"],
        inputs=[rendition],
        folder=made.parent,
        wall=60,
        file_bytes=16 << 20,
        on_tick=on_tick,
    )
