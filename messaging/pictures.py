"""Pictures in messages: from whatever file somebody sends to a WEBP of bounded size that carries nothing but pixels.

How a file is read, and what is refused, is socialapp.lib.pictures.
"""

from dataclasses import dataclass
from typing import Any

from PIL import Image

from socialapp.lib.pictures import blurred, opened, upright, webp

SIDE = 2048  # the longest; a phone's screen held wide, twice as dense


@dataclass(frozen=True)
class Picture:
    """What is stored: WEBP bytes, their size in pixels, and the blurhash."""

    data: bytes
    width: int
    height: int
    blurhash: str


def prepare(file: Any) -> Picture:
    """Upright, at most SIDE × SIDE, without metadata; of an animation the first frame. Invalid or TooLarge."""
    with opened(file, field="image") as picture:
        if picture.format == "JPEG":
            picture.draft("RGB", (SIDE, SIDE))
        pixels = upright(picture)
        pixels.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        return Picture(webp(pixels), pixels.width, pixels.height, blurred(pixels))
