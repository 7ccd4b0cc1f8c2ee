"""The paint box of the demo's scenes: grids, periodic noise, colour ramps and soft points, all in float32 numpy.

A scene is a generator `scene(frames, rng, colours)` of uint8 arrays (height, width, 3). Frame 0 follows the last one:
time enters only as the loop's phase `2π · i / frames` times whole numbers.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image

Frames = Iterator[np.ndarray]
WIDTH, HEIGHT = 540, 960
TAU = np.float32(2 * np.pi)


def grid(width: int = WIDTH, height: int = HEIGHT) -> tuple[np.ndarray, np.ndarray]:
    """x in −1…1 across, y in the same unit downwards (−1.78…1.78 on 9:16)."""
    half = height / width
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-half, half, height, dtype=np.float32)[:, None]
    return np.broadcast_to(x, (height, width)), np.broadcast_to(y, (height, width))


def phases(frames: int) -> Iterator[float]:
    """The loop's angle of each frame, 0 … just below 2π."""
    for i in range(frames):
        yield float(2 * np.pi * i / frames)


def rgb(colour: str) -> np.ndarray:
    """'#rrggbb' as float32 0…255."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.float32)


_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)


def ramp(colours: Sequence[str], steps: int = 1024, *, cyclic: bool = False) -> np.ndarray:
    """A lookup table through the colours, mixed in Oklab (Ottosson 2020) so that no middle turns grey."""
    stops = list(colours) + ([colours[0]] if cyclic else [])
    srgb = np.array([rgb(c) for c in stops]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    at = np.linspace(0, len(stops) - 1, steps)
    mixed = np.stack([np.interp(at, np.arange(len(stops)), lab[:, k]) for k in range(3)], 1)
    linear = np.clip((mixed @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T, 0, 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.clip(srgb * 255 + 0.5, 0, 255).astype(np.uint8)


def paint(value: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Colours for values 0…1 (clipped)."""
    last = len(table) - 1
    return np.take(table, np.clip(value * last, 0, last).astype(np.int16), axis=0)


def paint_cyclic(value: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Colours for values of any size; whole numbers are all the same colour."""
    steps = len(table)
    return np.take(table, (value * steps).astype(np.int32) % steps, axis=0)


def quantise(picture: np.ndarray) -> np.ndarray:
    """0…255 floats to bytes."""
    return np.clip(picture, 0, 255).astype(np.uint8)


def smooth(low: float, high: float, value: Any) -> Any:
    """Hermite step from 0 at `low` to 1 at `high`."""
    s = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return s * s * (3 - 2 * s)


def noise(rng: np.random.Generator, size: int = 512, slope: float = 3.0, low: int = 1) -> np.ndarray:
    """Periodic 1/f^(slope/2) noise, −1…1, without waves longer than size/low."""
    f = np.fft.fftfreq(size, 1 / size)
    radius = np.hypot(f[:, None], f[None, :])
    with np.errstate(divide="ignore"):
        weight = np.where(radius >= low, radius ** (-slope / 2 - 0.5), 0)
    field = np.fft.ifft2(np.fft.fft2(rng.standard_normal((size, size))) * weight).real
    return (field / np.abs(field).max()).astype(np.float32)


def line_noise(rng: np.random.Generator, size: int, slope: float = 2.0, low: int = 1) -> np.ndarray:
    """Periodic noise along a line, −1…1."""
    f = np.fft.rfftfreq(size, 1 / size)
    with np.errstate(divide="ignore"):
        weight = np.where(f >= low, f ** (-slope / 2 - 0.5), 0)
    field = np.fft.irfft(np.fft.rfft(rng.standard_normal(size)) * weight, size)
    return (field / np.abs(field).max()).astype(np.float32)


def sample(texture: Any, u: Any, v: Any) -> np.ndarray:
    """Bilinear value of a periodic square texture at (u across, v down), one unit a period. Side: a power of two."""
    size = texture.shape[0]
    mask = size - 1
    u, v = u * size, v * size
    u0, v0 = np.floor(u), np.floor(v)
    fu, fv = u - u0, v - v0
    i, j = u0.astype(np.int32) & mask, v0.astype(np.int32) & mask
    flat = texture.ravel()
    here, below = j * size, ((j + 1) & mask) * size
    right = (i + 1) & mask
    top = flat[here + i] * (1 - fu) + flat[here + right] * fu
    return top * (1 - fv) + (flat[below + i] * (1 - fu) + flat[below + right] * fu) * fv


def splat(
    px: np.ndarray, py: np.ndarray, weight: np.ndarray | float, width: int = WIDTH, height: int = HEIGHT
) -> np.ndarray:
    """A buffer with each point's weight spread over its four pixels; points outside are dropped."""
    x0, y0 = np.floor(px), np.floor(py)
    inside = (x0 >= 0) & (y0 >= 0) & (x0 < width - 1) & (y0 < height - 1)
    x, y = px[inside], py[inside]
    w = np.broadcast_to(np.asarray(weight, np.float32), px.shape)[inside]
    x0, y0 = x0[inside], y0[inside]
    fx, fy = x - x0, y - y0
    at = (y0 * width + x0).astype(np.int64)
    cells = np.concatenate([at, at + 1, at + width, at + width + 1])
    parts = np.concatenate([w * (1 - fx) * (1 - fy), w * fx * (1 - fy), w * (1 - fx) * fy, w * fx * fy])
    return np.bincount(cells, parts, width * height).astype(np.float32).reshape(height, width)


def halo(buffer: np.ndarray, radius: float, shrink: int = 4) -> np.ndarray:
    """A soft glow of the buffer: shrunk, blurred, enlarged (a wide blur at full size costs ten times more)."""
    from scipy.ndimage import gaussian_filter

    height, width = buffer.shape
    small = buffer.reshape(height // shrink, shrink, width // shrink, shrink).mean((1, 3))
    small = gaussian_filter(small, radius / shrink, mode="constant")
    return enlarge(small, width, height)


def enlarge(buffer: np.ndarray, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Bilinear enlargement of a float buffer."""
    return np.asarray(
        Image.fromarray(np.ascontiguousarray(buffer, np.float32)).resize(
            (width, height), Image.Resampling.BILINEAR
        )
    )


def light(base: np.ndarray, *layers: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Add (amount, colour) lights to a base colour or picture and roll the highlights off like film."""
    amounts = np.stack([amount for amount, _colour in layers], -1)
    total = amounts @ np.stack([colour for _amount, colour in layers]).astype(np.float32)
    total += base
    return film(total)


def film(total: np.ndarray) -> np.ndarray:
    """Bytes for light of any strength: straight in the dark, rolled off in the highlights."""
    return np.take(_FILM, np.clip(total, 0, len(_FILM) - 1).astype(np.int16))


_FILM = np.clip(255 * (1 - np.exp(-np.arange(1024) / 190)) * 1.05, 0, 255).astype(np.uint8)


def vertical(colours: Sequence[str], width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A float picture that goes through the colours from top to bottom."""
    column = ramp(colours, height).astype(np.float32)
    return np.repeat(column[:, None, :], width, axis=1)


def over(picture: np.ndarray, mask: np.ndarray, colour: np.ndarray) -> None:
    """Lay a colour (or picture) over `picture` in place where mask (0…1) says; mask may be rows of the picture."""
    m = mask[..., None]
    picture += m * (colour - picture)


def hand_over(scene: Frames, overlap: int) -> Frames:
    """Make a scene that does not return to its start loop: its first `overlap` frames, kept back, dissolve into its last ones."""
    first = [next(scene) for _ in range(overlap)]
    waiting: list[np.ndarray] = []
    for frame in scene:
        waiting.append(frame)
        if len(waiting) > overlap:
            yield waiting.pop(0)
    for i, (old, new) in enumerate(zip(waiting, first, strict=True)):
        part = (i + 1) / (overlap + 1)
        yield quantise(old * np.float32(1 - part) + new * np.float32(part))
