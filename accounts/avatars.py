"""Profile pictures: from whatever file somebody sends to a small square WEBP that carries nothing but pixels.

How a file is read, and what is refused, is socialapp.lib.pictures.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from socialapp.lib.errors import Invalid
from socialapp.lib.pictures import opened, upright, webp

SIDE = 512  # shown at most at 160 CSS pixels, three times that on dense screens


@dataclass(frozen=True)
class Crop:
    """The square to keep of an upright picture: its left and top edge as parts of width and height, and its side as a part
    of the shorter side. All from 0 to 1, so that they mean the same for every size of the picture."""

    x: float
    y: float
    side: float

    @classmethod
    def read(cls, sent: Mapping[str, Any]) -> "Crop | None":
        """From `crop_x`, `crop_y`, `crop_side` as a form or a query says them; None without any. Invalid for nonsense."""
        values = [str(sent.get(name) or "").strip() for name in ("crop_x", "crop_y", "crop_side")]
        if not any(values):
            return None
        try:
            x, y, side = (float(value) for value in values)
        except ValueError as error:
            raise _bad_crop() from error
        if not all(math.isfinite(value) for value in (x, y, side)):
            raise _bad_crop()
        if not (0 <= x < 1 and 0 <= y < 1 and 0 < side <= 1):
            raise _bad_crop()
        return cls(x, y, side)

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """The square in pixels, moved inwards where rounding or the sender let it stick out; at least one pixel."""
        side = max(1, min(round(self.side * min(width, height)), width, height))
        left = max(0, min(round(self.x * width), width - side))
        top = max(0, min(round(self.y * height), height - side))
        return left, top, left + side, top + side


def square_webp(file: Any, crop: Crop | None = None) -> bytes:
    """The chosen square, else the centre, as a SIDE × SIDE WEBP (smaller ones keep their size), upright, without metadata.

    `file` is a binary file with `.size` or plain `.read()`. Raises Invalid or TooLarge with a sentence for people.
    """
    with opened(file, field="avatar") as picture:
        return _encode(picture, crop)


def _encode(picture: Image.Image, crop: Crop | None) -> bytes:
    if picture.format == "JPEG":
        # A JPEG is read at a fraction of its size; the less of it is kept, the larger that fraction.
        enough = round(SIDE * 2 / (crop.side if crop else 1))
        picture.draft("RGB", (enough, enough))
    pixels = upright(picture)
    if crop is not None:
        pixels = pixels.crop(crop.box(*pixels.size))
    side = min(SIDE, *pixels.size)
    return webp(ImageOps.fit(pixels, (side, side), Image.Resampling.LANCZOS))


def _bad_crop() -> Invalid:
    sentence = _("The part to keep must lie within the picture. Choose it again.")
    return Invalid(sentence, code="bad_crop", fields={"avatar": sentence})
