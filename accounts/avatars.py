"""Profile pictures: from whatever file somebody sends to a small square WEBP that carries nothing but pixels.

The file is believed by its content, never by its name or declared type.
"""

import io
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from socialapp.lib.errors import Invalid, TooLarge

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# A decoded picture of this size takes 160 MB as RGBA, which a small server survives; phones make 12 to 50 MP, and
# JPEGs beyond the cap are read at a fraction of their size (`draft`), others refused.
MAX_PIXELS = 40_000_000
MAX_BYTES = 15 * 1024 * 1024
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
    The size is read from the header before any pixel is decoded, so a decompression bomb costs nothing.
    """
    size = getattr(file, "size", None)
    data = b"" if size is not None and size > MAX_BYTES else file.read(MAX_BYTES + 1)
    if (size or 0) > MAX_BYTES or len(data) > MAX_BYTES:
        raise TooLarge(
            _("This picture is larger than %(size)s MB. Choose a smaller one.") % {"size": MAX_BYTES // 2**20}
        )
    if not data:
        raise _bad(_("This file is empty. Choose a JPEG, PNG, WEBP or GIF picture."), "empty_picture")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise _too_many()
            return _encode(picture, crop)
    except UnidentifiedImageError as error:
        raise _bad(
            _("This file is not a picture we can read. Choose a JPEG, PNG, WEBP or GIF."), "not_a_picture"
        ) from error
    except Image.DecompressionBombError as error:
        raise _too_many() from error
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        MemoryError,
        IndexError,
        TypeError,
        KeyError,
        struct.error,
    ) as error:
        # Pillow's readers raise any of these on damaged files; whichever it is, the person's next step is the same.
        raise _bad(_("This picture is damaged. Choose another file."), "damaged_picture") from error


def _encode(picture: Image.Image, crop: Crop | None) -> bytes:
    picture.seek(0)  # an animation becomes its first frame
    if picture.format == "JPEG":
        # A JPEG is read at a fraction of its size; the less of it is kept, the larger that fraction.
        enough = round(SIDE * 2 / (crop.side if crop else 1))
        picture.draft("RGB", (enough, enough))
    upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    pixels = upright.convert(mode)
    if crop is not None:
        pixels = pixels.crop(crop.box(*pixels.size))
    side = min(SIDE, *pixels.size)
    square = ImageOps.fit(pixels, (side, side), Image.Resampling.LANCZOS)
    # A new image holds pixels only: EXIF, XMP, colour profiles and comments stay behind.
    clean = Image.new(mode, square.size)
    clean.paste(square)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def _too_many() -> Invalid:
    text = _("This picture has more than %(count)s megapixels. Choose a smaller one.")
    return _bad(text % {"count": MAX_PIXELS // 1_000_000}, "too_many_pixels")


def _bad_crop() -> Invalid:
    return _bad(_("The part to keep must lie within the picture. Choose it again."), "bad_crop")


def _bad(message: str, code: str) -> Invalid:
    return Invalid(message, code=code, fields={"avatar": message})
