"""Pictures that people send: read by their content, never by name or declared type, and written anew as pixels only."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import blurhash
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import Invalid, TooLarge

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# A decoded picture of this size takes 160 MB as RGBA, which a small server survives; phones make 12 to 50 MP, and
# JPEGs beyond the cap are read at a fraction of their size (`draft`), others refused.
MAX_PIXELS = 40_000_000
MAX_BYTES = 15 * 1024 * 1024


@contextmanager
def opened(file: Any, *, field: str) -> Iterator[Image.Image]:
    """The first frame of a picture, not decoded yet; what is done with it inside is guarded too.

    `file` is a binary file with `.size` or plain `.read()`. Raises Invalid (about `field`) or TooLarge with a sentence for
    people. The size is read from the header before any pixel is decoded, so a decompression bomb costs nothing.
    """
    data = _read(file)
    if not data:
        sentence = _("This file is empty. Choose a JPEG, PNG, WEBP or GIF picture.")
        raise _bad(field, sentence, "empty_picture")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise _too_many(field)
            picture.seek(0)  # an animation becomes its first frame
            yield picture
    except UnidentifiedImageError as error:
        sentence = _("This file is not a picture we can read. Choose a JPEG, PNG, WEBP or GIF.")
        raise _bad(field, sentence, "not_a_picture") from error
    except Image.DecompressionBombError as error:
        raise _too_many(field) from error
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
        raise _bad(field, _("This picture is damaged. Choose another file."), "damaged_picture") from error


def upright(picture: Image.Image) -> Image.Image:
    """The pixels as they are meant to be seen, as RGB or RGBA."""
    turned = ImageOps.exif_transpose(picture)
    return turned.convert("RGBA" if turned.has_transparency_data else "RGB")


def webp(pixels: Image.Image) -> bytes:
    """Pixels as WEBP and nothing else: EXIF, XMP, colour profiles and comments stay behind."""
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    out = io.BytesIO()
    clean.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def blurred(picture: Image.Image) -> str:
    """The blurhash: some thirty letters from which a client paints what stands in before the picture is there."""
    tall = picture.height > picture.width
    small = picture.convert("RGB")
    small.thumbnail((64, 64))
    return str(blurhash.encode(small, x_components=3 if tall else 4, y_components=4 if tall else 3))


def _read(file: Any) -> bytes:
    size = getattr(file, "size", None)
    data: bytes = b"" if size is not None and size > MAX_BYTES else file.read(MAX_BYTES + 1)
    if (size or 0) > MAX_BYTES or len(data) > MAX_BYTES:
        sentence = _("This picture is larger than %(size)s MB. Choose a smaller one.")
        raise TooLarge(sentence % {"size": MAX_BYTES // 2**20})
    return data


def _too_many(field: str) -> Invalid:
    text = _("This picture has more than %(count)s megapixels. Choose a smaller one.")
    return _bad(field, text % {"count": MAX_PIXELS // 1_000_000}, "too_many_pixels")


def _bad(field: str, message: str, code: str) -> Invalid:
    return Invalid(message, code=code, fields={field: message})
