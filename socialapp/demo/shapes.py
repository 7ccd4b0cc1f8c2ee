"""Scenes of plain geometry: pendulums, seeds, stars, petals, tiles, lamps. Mostly drawn by Pillow at twice the size."""

from math import atan2, ceil, cos, hypot, pi, sin, sqrt, tan, tau

import numpy as np
from PIL import Image, ImageDraw

from . import canvas
from .canvas import HEIGHT, WIDTH, Frames, grid, phases, ramp, rgb, smooth


def _sheet(colour: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("RGB", (WIDTH * 2, HEIGHT * 2), colour)
    return sheet, ImageDraw.Draw(sheet)


def _reduced(sheet: Image.Image) -> np.ndarray:
    return np.asarray(sheet.reduce(2))


def pendulums(frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 15) -> Frames:
    """A pendulum wave: neighbours swing one more time a loop than each other, so order falls apart and returns."""
    table = ramp(colours[1:], count)
    for t in phases(frames):
        sheet, draw = _sheet(colours[0])
        for k in range(count):
            y = 190 + k * (1920 - 380) / (count - 1)
            turns = 4 + k
            colour = tuple(int(v) for v in table[k])
            draw.line((150, y, 930, y), fill=_mix(colours[0], colour, 0.16), width=3)
            for back in range(7, -1, -1):
                x = 540 + 372 * cos(turns * (t - back * 0.012))
                size = 35 - back * 1.6
                draw.ellipse(
                    (x - size, y - size, x + size, y + size),
                    fill=_mix(colours[0], colour, 1 if back == 0 else 0.36 - back * 0.04),
                )
        yield _reduced(sheet)


def _mix(back: str, colour: tuple[int, ...], part: float) -> tuple[int, ...]:
    below = rgb(back)
    return tuple(int(b + (c - b) * part) for b, c in zip(below, colour, strict=True))


def sunflower(
    frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 760, step: int = 34
) -> Frames:
    """Seeds at the golden angle (Vogel 1979), pushed outwards by new ones; `step` is a Fibonacci number, so the loop closes."""
    golden = pi * (3 - sqrt(5))
    turn = (golden * step + pi) % tau - pi
    table = ramp(colours[1:], count + step + 1)
    for t in phases(frames):
        part = t / tau
        sheet, draw = _sheet(colours[0])
        for j in range(count, -step, -1):
            k = j + step * part
            if k <= 0:
                continue
            angle = golden * j + turn * part + 0.25 * sin(t)
            radius = 36 * sqrt(k)
            wave = 0.5 + 0.5 * cos(radius / 95 - 2 * t)
            size = min(1, k / 8) * (7 + 21 * (k / count) ** 0.4 * (0.4 + 0.6 * wave))
            x, y = 540 + radius * cos(angle), 960 + radius * 1.06 * sin(angle)
            if -40 < x < 1120 and -40 < y < 1960:
                colour = tuple(int(v) for v in table[min(int(k), count + step)])
                draw.ellipse((x - size, y - size, x + size, y + size), fill=colour)
        yield _reduced(sheet)


def _star(
    cx: float, cy: float, apothem: float, sides: int, lean: float, turn: float
) -> list[tuple[float, float]]:
    """Hankin's star in a regular polygon: rays leave each edge's middle at the angle `lean` and meet (Kaplan 2005)."""
    reach = apothem * tan(pi / sides) / (cos(lean) + sin(lean) * tan(pi / sides))
    inner_x, inner_y = apothem - reach * sin(lean), reach * cos(lean)
    inner, bisector = hypot(inner_x, inner_y), atan2(inner_y, inner_x)
    points = []
    for k in range(sides):
        angle = turn + k * tau / sides
        points.append((cx + apothem * cos(angle), cy + apothem * sin(angle)))
        points.append((cx + inner * cos(angle + bisector), cy + inner * sin(angle + bisector)))
    return points


def stars(frames: int, rng: np.random.Generator, colours: list[str], *, cell: float = 360) -> Frames:
    """A star lattice on octagons and squares whose rays open and close like a flower."""
    ground, lattice, gold, pale, deep = colours[:5]
    half = cell / 2
    small = cell * (sqrt(2) - 1) / sqrt(2) / 1.0 * 0.7071
    for t in phases(frames):
        sheet, draw = _sheet(ground)
        for row in range(-1, ceil(1920 / cell) + 1):
            for column in range(-1, 4):
                cx, cy = column * cell + 180, row * cell + 240
                lag = 0.55 * hypot(cx - 540, cy - 960) / 700
                lean = 0.92 + 0.38 * sin(t - lag * 2)
                outer = _star(cx, cy, half, 8, lean, 0)
                draw.polygon(outer, fill=lattice)
                draw.line([*outer, outer[0]], fill=gold, width=9, joint="curve")
                inner = _star(cx, cy, half * 0.56, 8, 1.25 - 0.35 * sin(t - lag * 2), pi / 8)
                draw.polygon(inner, fill=deep)
                draw.line([*inner, inner[0]], fill=gold, width=5, joint="curve")
                size = half * (0.16 + 0.05 * sin(2 * t - lag * 2))
                draw.polygon(_star(cx, cy, size, 8, 0.8, pi / 8 + t / 4), fill=pale)
                square = _star(cx + half, cy + half, small, 4, 0.5 + 0.32 * sin(t - lag * 2), pi / 4)
                draw.polygon(square, fill=pale)
                draw.line([*square, square[0]], fill=gold, width=7, joint="curve")
        yield _reduced(sheet)


def petals(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """A rangoli: rings of petals turning against each other."""
    ground = colours[0]
    rings = [
        (8, 470, 1010, 2, 1),
        (16, 700, 250, 3, -1),
        (12, 560, 240, 4, 1),
        (12, 410, 200, 1, -1),
        (8, 300, 175, 5, 1),
        (8, 180, 120, 2, -1),
        (6, 90, 80, 4, 1),
    ]
    for t in phases(frames):
        sheet, draw = _sheet(ground)
        for index, (count, radius, length, colour, way) in enumerate(rings):
            breath = 1 + 0.07 * sin(t * 2 - index * 0.9)
            for k in range(count):
                angle = tau * (k + way * t / tau) / count
                cx, cy = 540 + radius * breath * cos(angle), 960 + radius * breath * sin(angle)
                wide = 0.95 * radius * sin(pi / count) * (1.0 if index else 0.8)
                outline = []
                for m in range(24):
                    s = tau * m / 24
                    along, across = length / 2 * cos(s), wide * sin(s) * (1 - 0.35 * cos(s))
                    outline.append(
                        (
                            cx + along * cos(angle) - across * sin(angle),
                            cy + along * sin(angle) + across * cos(angle),
                        )
                    )
                draw.polygon(outline, fill=colours[colour], outline=ground, width=5)
                dot = 8 + 0.012 * radius
                dx, dy = (
                    540 + (radius * breath + length * 0.16) * cos(angle),
                    960 + (radius * breath + length * 0.16) * sin(angle),
                )
                draw.ellipse((dx - dot, dy - dot, dx + dot, dy + dot), fill=colours[1])
        draw.ellipse((480, 900, 600, 1020), fill=colours[1])
        draw.ellipse((505, 925, 575, 995), fill=colours[2])
        yield _reduced(sheet)


def tiles(frames: int, rng: np.random.Generator, colours: list[str], *, across: int = 5) -> Frames:
    """Truchet tiles that turn a quarter in a wave from corner to corner, twice a loop: the roads are always joined again."""
    unit = 216
    half = unit // 2
    tile = Image.new("RGB", (unit, unit), colours[0])
    draw = ImageDraw.Draw(tile)
    for corner in ((0, 0), (unit, unit)):
        for wide, colour in ((86, colours[1]), (18, colours[2])):
            reach = half + wide / 2
            draw.ellipse(
                (corner[0] - reach, corner[1] - reach, corner[0] + reach, corner[1] + reach),
                outline=colour,
                width=wide,
            )
    first = rng.integers(0, 2, (10, across))
    turned: dict[int, Image.Image] = {}
    for t in phases(frames):
        sheet, draw = _sheet(colours[0])
        for row in range(10):
            for column in range(across):
                part = (t / tau * 2 - row * 0.055 - column * 0.06) % 2
                ease = min(max((part % 1) / 0.42, 0), 1)
                degrees = round(90 * (int(part) + ease * ease * (3 - 2 * ease) + first[row, column])) % 180
                if degrees not in turned:
                    turned[degrees] = tile.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=colours[0])
                sheet.paste(turned[degrees], (column * unit, row * unit - 120))
        for row in range(11):
            for column in range(across + 1):
                x, y, r = column * unit, row * unit - 120, 15
                draw.ellipse((x - r, y - r, x + r, y + r), fill=colours[3])
        yield _reduced(sheet)


def lamps(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """Five opal lamps in a dark room that hand the light to each other."""
    x, y = grid(270, 480)
    floor = smooth(1.25, 1.32, y)
    wall = canvas.vertical(colours[:2], 270, 480) * (1 - 0.35 * floor)[..., None]
    warm, hot = rgb(colours[2]), rgb(colours[3])
    places = (
        (-0.52, -1.05, 0.26),
        (0.42, -0.62, 0.34),
        (-0.30, -0.02, 0.3),
        (0.52, 0.46, 0.22),
        (-0.2, 0.94, 0.38),
    )
    room, bodies = [], []
    for cx, cy, size in places:
        d = np.hypot(x - cx, y - cy)
        room.append((0.5 * np.exp(-d * 2.6) + 0.10 * np.exp(-d * 0.8)) * (1 - 0.2 * floor))
        cord = np.clip(1.1 - np.abs(x - cx) * 135, 0, 1) * (y < cy - size) * 0.85
        globe = 1 - smooth(size - 0.012, size + 0.004, d)
        core = np.exp(-((d / size) ** 2) * 0.9)
        ring = np.exp(-np.square((np.hypot(x - cx, (y - cy + size) * 1.5) - 0.03) / 0.03))
        bodies.append((cord, globe, core, np.clip(1 - d / size, 0, 1), ring))

    def lit(levels: list[float]) -> np.ndarray:
        shine = np.tensordot(levels, np.stack(room), 1)
        picture = wall + shine[..., None] * warm
        for level, (cord, globe, core, depth, ring) in zip(levels, bodies, strict=True):
            canvas.over(picture, cord, rgb("#050506"))
            dim = (warm * 0.12 + 22) * (0.5 + depth)[..., None]
            body = dim + (level * core * 1.5)[..., None] * hot + (level * (1 - core) * 2.0)[..., None] * warm
            canvas.over(picture, globe, body)
            canvas.over(picture, np.clip(ring, 0, 1) * 0.9, rgb("#b8863b") * (0.35 + 0.5 * level))
        return np.asarray(picture, np.float32)

    # Nothing moves but the light, and light adds up: the dark room and what each lamp brings are made once.
    count = len(places)
    dark = lit([0.0] * count)
    shares = np.stack([(lit([float(k == n) for k in range(count)]) - dark).ravel() for n in range(count)])
    film = (255 * (1 - np.exp(-np.arange(1024) / 150))).astype(np.uint8)
    for t in phases(frames):
        now = np.array(
            [0.06 + 0.94 * (0.5 + 0.5 * cos(t - k * tau / count)) ** 2.2 for k in range(count)], np.float32
        )
        picture = dark + (now @ shares).reshape(dark.shape)
        yield np.take(film, np.clip(picture, 0, 1023).astype(np.int16))
