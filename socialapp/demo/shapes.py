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
            size = min(1, k / 14) * (4 + 19 * (k / count) ** 0.45 * (0.42 + 0.58 * wave))
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
    x, y = grid()
    u, v = (x + 1) / 2 * across, (y + HEIGHT / WIDTH) / 2 * across + 0.06
    column, row = np.floor(u), np.floor(v)
    u, v = u - column - 0.5, v - row - 0.5
    first = rng.integers(0, 2, (int(across * 2 + 1), across))
    rows, columns = first.shape
    lag = (np.arange(rows)[:, None] / rows * 0.55 + np.arange(columns)[None, :] / columns * 0.3).astype(
        np.float32
    )
    index = row.astype(np.int32).clip(0, rows - 1) * columns + column.astype(np.int32).clip(0, columns - 1)
    ground, road, line, dot = (rgb(c) for c in colours[:4])
    unit = WIDTH / across
    for t in phases(frames):
        part = (t / tau * 2 - lag) % 2
        whole = np.floor(part)
        quarter = whole + smooth(0.0, 0.42, part - whole)
        angle = ((quarter + first) * np.float32(pi / 2)).ravel()
        c, s = np.cos(angle).astype(np.float32)[index], np.sin(angle).astype(np.float32)[index]
        a, b = u * c - v * s, u * s + v * c
        near = np.minimum(np.abs(np.hypot(a - 0.5, b - 0.5) - 0.5), np.abs(np.hypot(a + 0.5, b + 0.5) - 0.5))
        inside = (np.abs(a) < 0.5) & (np.abs(b) < 0.5)
        near = np.where(inside, near, 9)
        picture = np.empty((*x.shape, 3), np.float32)
        picture[:] = ground
        canvas.over(picture, np.clip((0.2 - near) * unit + 0.5, 0, 1), road)
        canvas.over(picture, np.clip((0.035 - near) * unit + 0.5, 0, 1), line)
        moving = smooth(0.0, 0.2, part - whole) * (1 - smooth(0.22, 0.42, part - whole))
        canvas.over(
            picture,
            np.clip((0.075 - np.hypot(u - 0.5 * np.sign(u), v - 0.5 * np.sign(v))) * unit + 0.5, 0, 1),
            dot,
        )
        canvas.over(picture, 0.12 * moving.ravel()[index] * inside, dot)
        yield canvas.quantise(picture)


def lamps(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """Five opal lamps in a dark room that hand the light to each other."""
    x, y = grid(270, 480)
    wall = canvas.vertical(colours[:2], 270, 480)
    warm, hot = rgb(colours[2]), rgb(colours[3])
    places = (
        (-0.52, -1.05, 0.26),
        (0.42, -0.62, 0.34),
        (-0.30, -0.02, 0.3),
        (0.52, 0.46, 0.22),
        (-0.2, 0.94, 0.38),
    )
    for t in phases(frames):
        picture = wall.copy()
        floor = smooth(1.25, 1.32, y)
        for k, (cx, cy, size) in enumerate(places):
            level = 0.10 + 0.9 * (0.5 + 0.5 * cos(t - k * tau / len(places))) ** 2.2
            sway = 0.03 * sin(t + k)
            d = np.hypot(x - cx - sway * (cy + 1.8) * 0.3, y - cy)
            cord = np.clip(1.1 - np.abs(x - cx - sway * (y + 1.8) * 0.3) * 135, 0, 1) * (y < cy)
            picture += (level * (0.62 * np.exp(-d * 2.3) + 0.25 * np.exp(-d * 0.8)) * (1 + 0.25 * floor))[
                ..., None
            ] * warm
            canvas.over(picture, cord * 0.8, rgb("#050506"))
            globe = 1 - smooth(size - 0.012, size + 0.004, d)
            core = np.exp(-((d / size) ** 2) * 1.1)
            body = (
                (20 + 40 * (1 - (d / size)))[..., None]
                + (level * core)[..., None] * (hot * 1.12)
                + (level * 0.35 * (1 - core))[..., None] * warm
            )
            canvas.over(picture, globe, body)
        picture *= (1 - 0.35 * floor)[..., None]
        yield canvas.quantise(255 * (1 - np.exp(-picture / 175)))
