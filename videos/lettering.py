"""Draws one text of an edit list as a picture with transparency. The editor's preview and the render both use it."""

from dataclasses import dataclass

from PIL import Image

from .edits import Text


@dataclass(frozen=True)
class Layer:
    """A drawn text and where its upper left corner lies in the frame (even numbers of pixels; may be outside)."""

    image: Image.Image
    left: int
    top: int


def draw(text: Text, width: int, height: int) -> Layer:
    """`text` as it looks in a frame of `width` × `height` pixels."""
    return Layer(Image.new("RGBA", (2, 2)), 0, 0)
