"""Scenes of moving type, set in the face that Pillow brings along (Aileron), so that it is always there."""

from functools import cache
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from . import canvas
from .canvas import HEIGHT, TAU, WIDTH, Frames, grid, phases, rgb, smooth


@cache
def face(size: float) -> ImageFont.FreeTypeFont:
    """The bundled face at this size in pixels."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType, which the demo's lettering needs.")
    return font


def word(text: str, width: int, height: int, *, bold: float = 0.035) -> np.ndarray:
    """The word stretched to fill exactly width × height, 0…1; `bold` is the added stroke as a part of the size."""
    font = face(240)
    stroke = int(240 * bold)
    left, top, right, bottom = font.getbbox(text, stroke_width=stroke)
    image = Image.new("L", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=font, stroke_width=stroke)
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS), np.float32) / 255


def ribbon(
    frames: int,
    rng: np.random.Generator,
    colours: list[str],
    *,
    words: tuple[str, ...] = ("again", "and", "again"),
) -> Frames:
    """A poster whose lines are pulled like cloth: rows of words, each row a wave, each wave a whole number of turns."""
    ground, ink, accent = (rgb(c) for c in colours[:3])
    lines = 9
    tall = HEIGHT // lines
    poster = np.empty((HEIGHT, WIDTH, 3), np.float32)
    poster[:] = ground
    for k in range(lines):
        colour = accent if k % len(words) == len(words) // 2 else ink
        rows = slice(k * tall + 8, (k + 1) * tall - 8)
        canvas.over(poster[rows], word(words[k % len(words)], WIDTH, tall - 16), colour)
    # Flat bytes: pulling the cloth is then one look-up a pixel.
    cloth = poster.astype(np.uint8).reshape(-1, 3)
    x, y = grid()
    rows_of, columns_of = np.arange(HEIGHT)[:, None], np.arange(WIDTH)[None, :]
    fine_x, fine_y = x[:1], y[:, :1]
    for t in phases(frames):
        pull = 46 * np.sin(fine_y * 2.3 - t) + 20 * np.sin(fine_y * 5 + 2 * t) * np.cos(fine_x * 1.2)
        lift = 22 * np.sin(fine_x * 3.0 + t) + 12 * np.sin(fine_x * 5.2 - 2 * t) + t / TAU * tall * len(words)
        u = (columns_of + pull).astype(np.int32) % WIDTH
        v = (rows_of + lift).astype(np.int32) % (tall * lines)
        light = 256 * (1 - 0.16 * (np.cos(fine_y * 2.3 - t) * 0.6 + np.cos(fine_x * 3.0 + t) * 0.4 + 0.6))
        seen = np.take(cloth, v * WIDTH + u, axis=0)
        yield ((seen.astype(np.uint16) * light.clip(0, 256).astype(np.uint16)[..., None]) >> 8).astype(
            np.uint8
        )


def beats(
    frames: int, rng: np.random.Generator, colours: list[str], *, words: tuple[str, ...] = ("slow", "down")
) -> Frames:
    """One word a beat, big as the screen; each falls in, settles and is wiped by the next one's colour."""
    grounds = [rgb(c) for c in colours]
    count = len(words)
    plates = []
    for text in words:
        tall = int(min(560, 2.1 * 470 / max(len(text) * 0.55, 1)))
        plates.append(word(text, 470, tall))
    for i in range(frames):
        at = (i / frames * count + 0.45) % count
        k, part = int(at), at - int(at)
        ground, ink = grounds[(k % (len(grounds) // 2)) * 2], grounds[(k % (len(grounds) // 2)) * 2 + 1]
        before = grounds[((k - 1) % count % (len(grounds) // 2)) * 2]
        spring = 1 - np.exp(-part * 9) * cos(part * 16)
        picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
        picture[:] = ground
        edge = int(HEIGHT * (1 - min(1, (1 - (1 - part * 4.5) ** 3)) if part < 0.222 else 0))
        picture[:edge] = before
        plate = plates[k]
        height = max(8, int(plate.shape[0] * (0.25 + 0.75 * spring) * (1 + 0.02 * sin(part * pi))))
        drawn = canvas.enlarge(plate, 470, height)
        rows = 7
        top = (HEIGHT - height) // 2
        mask = np.zeros((HEIGHT, 470), np.float32)
        for echo in range(rows, -1, -1):
            offset = int(echo * (26 + 60 * max(0, part - 0.25)) * (1 if k % 2 else -1))
            strength = 1.0 if echo == 0 else 0.20 * (1 - echo / rows) * float(smooth(0.1, 0.4, part))
            a, b = max(top + offset, 0), min(top + offset + height, HEIGHT)
            if b > a and strength > 0.01:
                piece = drawn[a - top - offset : b - top - offset] * np.float32(strength)
                mask[a:b] += piece * (1 - mask[a:b])
        canvas.over(picture[:, 35:505], mask, ink)
        done = int(WIDTH * at / count)
        picture[HEIGHT - 8 :, :done] = ink
        yield canvas.quantise(picture)


def neon(
    frames: int, rng: np.random.Generator, colours: list[str], *, words: tuple[str, ...] = ("north", "light")
) -> Frames:
    """A sign made of light tubes that a warm pulse runs through, on a dark wall."""
    wall, tube, hot, cold = (rgb(c) for c in colours[:4])
    image = Image.new("L", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    for k, text in enumerate(words):
        font = face(176 if len(text) <= 5 else 132)
        left, _top, right, _bottom = font.getbbox(text)
        draw.text(
            ((WIDTH - right + left) / 2 - left, 300 + k * 190),
            text,
            font=font,
            fill=0,
            stroke_width=4,
            stroke_fill=255,
        )
        draw.text(((WIDTH - right + left) / 2 - left, 300 + k * 190), text, font=font, fill=0)
    for ring in (0, 1):
        draw.rounded_rectangle(
            (34 + ring * 14, 226 + ring * 14, 506 - ring * 14, 730 - ring * 14),
            60 - ring * 12,
            outline=255,
            width=4,
        )
    lines = np.asarray(image, np.float32) / 255
    glows = canvas.halo(lines, 9, 2), canvas.halo(lines, 30, 4), canvas.halo(lines, 80, 12)
    x, y = grid()
    bricks = 1 - 0.16 * np.maximum(
        smooth(0.44, 0.5, np.abs((y * 6) % 1 - 0.5)),
        smooth(0.47, 0.5, np.abs((x * 2.4 + 0.5 * (np.floor(y * 6 + 0.5) % 2)) % 1 - 0.5)),
    )
    vignette = np.clip(1.1 - 0.3 * (x * x + 0.45 * y * y), 0, 1) * bricks
    # The wall, and what the tubes add to it at full power; both stand still, only the power runs through them.
    base = wall * vignette[..., None]
    added = base * (glows[2] * 16)[..., None] + (lines * 1.5)[..., None] * hot
    added += (glows[0] * 1.1 + glows[1] * 1.3)[..., None] * tube + (glows[2] * 1.6 * bricks)[..., None] * cold
    for t in phases(frames):
        sweep = 0.34 + 0.8 * (0.5 + 0.5 * np.cos(x * 1.5 + y * 1.1 - t)) ** 3
        flicker = 1 - 0.35 * (sin(t * 11) > 0.93) - 0.5 * (abs(t - 4.1) < 0.05)
        yield canvas.film(base + (sweep * np.float32(flicker))[..., None] * added)
