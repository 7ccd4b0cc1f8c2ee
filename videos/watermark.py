"""The copy of a clip for downloading: its best rendition with the site's name and its author's drawn into the picture."""

from collections.abc import Callable
from pathlib import Path

import ffmpeg
from PIL import Image

from socialapp.lib.ffmpeg import run_ffmpeg

from . import lettering
from .edits import Text
from .inputs import open_drawing, open_source

FILE = "download.mp4"
SIZE = 0.026  # of the picture's longer side, a line of the mark
MARGIN = 0.015  # of the shorter side
_CLEAN = {
    "map_metadata": -1,
    "map_chapters": -1,
    "fflags": "+bitexact",
    "flags:v": "+bitexact",
    "dn": None,
    "sn": None,
}


def make_copy(
    rendition: Path,
    *,
    width: int,
    height: int,
    seconds: float,
    lines: tuple[str, str],
    folder: Path,
    has_sound: bool,
    on_progress: Callable[[float], None] | None = None,
    on_tick: Callable[[], None] | None = None,
) -> Path:
    """A fast-start MP4 of one of our own renditions with `lines` (site, author) in a corner, in the other one from half-way on.

    A mark that moves cannot be cut off by cropping one side. `folder` must be empty. Raises FfmpegFailed.
    """
    mark, made = folder / "mark.png", folder / FILE
    draw_mark(lines, width, height).save(mark)
    margin = round(min(width, height) * MARGIN)
    half = f"lt(t,{seconds / 2:.3f})"
    opened = open_source(rendition, "mov")
    picture = opened["v:0"].overlay(
        open_drawing(mark)["v:0"],
        x=f"if({half},{margin},W-w-{margin})",
        y=f"if({half},{margin},H-h-{margin})",
        eof_action="repeat",
    )
    streams = [picture.filter("format", "yuv420p")]
    if has_sound:
        streams.append(opened["a:0"])
    command = ffmpeg.output(
        *streams,
        str(made),
        **{
            "c:v": "libx264",
            "preset": "veryfast",
            "crf": 21,
            "bsf:v": "filter_units=remove_types=6",
            "c:a": "copy",
            "f": "mp4",
            "movflags": "+faststart",
            "color_primaries": "bt709",
            "color_trc": "bt709",
            "colorspace": "bt709",
            "color_range": "tv",
            **_CLEAN,
        },
    )

    def share(done: float) -> None:
        if on_progress is not None:
            on_progress(min(1.0, done / max(seconds, 0.1)))

    run_ffmpeg(
        [*command.get_args(), "-y"],
        inputs=[rendition, mark],
        folder=folder,
        wall=300 + 30 * seconds,
        file_bytes=1 << 30,
        on_progress=share,
        on_tick=on_tick,
    )
    return made


def draw_mark(lines: tuple[str, str], width: int, height: int) -> Image.Image:
    """The mark as a picture with a clear background, in the letters of texts on clips: every script has some there."""
    text = Text("\n".join(lines), size=SIZE * max(width, height) / height, align="left")
    return lettering.draw(text, width, height).image
