"""Scenes with a horizon: sea, day and night, paper mountains, dunes, a night train, a garden."""

from collections.abc import Iterator
from functools import partial
from math import cos, pi, sin, tau

import numpy as np
from PIL import Image, ImageDraw

from . import canvas
from .canvas import HEIGHT, TAU, WIDTH, Frames, grid, line_noise, noise, phases, ramp, rgb, sample, smooth

# Landscapes are soft: two thirds of the size, enlarged by ffmpeg, look the same and cost less than half.
WIDE, TALL = 360, 640
ROWS = np.arange(TALL, dtype=np.float32)[:, None]


def _bands(crests: list[np.ndarray], shadow: int = 10) -> Iterator[tuple[int, slice, np.ndarray]]:
    """For sheets lying one before the other: (number, rows worth painting, depth below the crest in those rows).

    What the next sheets hide is left out, so a picture of nine sheets costs about as much as one of two.
    """
    hidden = TALL
    ends = []
    for crest in reversed(crests):
        ends.append(hidden)
        hidden = min(hidden, int(crest.max()) + 2)
    for k, (crest, end) in enumerate(zip(crests, reversed(ends), strict=True)):
        top = max(int(crest.min()) - shadow - 1, 0)
        if top < end:
            yield k, slice(top, end), ROWS[top:end] - crest[None, :]


def _shadow(depth: np.ndarray, reach: float, strength: float) -> np.ndarray:
    """What a sheet's edge takes from the sheet behind it: multiply by this above the crest."""
    near = np.clip(1 + depth / np.float32(reach), 0, 1) * (depth < 0)
    return (1 - np.float32(strength) * near * near)[..., None]


def sea(frames: int, rng: np.random.Generator, colours: list[str], *, layers: int = 9) -> Frames:
    """Cut-paper waves under a low sun, each sheet rolling at its own pace."""
    x, y = grid(WIDE, TALL)
    sun = rgb(colours[2])
    disc = np.hypot(x - 0.22, y + 0.72)
    sky = canvas.vertical(colours[:2], WIDE, TALL) + (np.exp(-disc * 2.6) * 70)[..., None] * sun / 255
    canvas.over(sky, 1 - smooth(0.296, 0.306, disc), sun)
    table = ramp(colours[3:], layers).astype(np.float32)
    foam = rgb("#fbfaf7")
    u = np.linspace(0, TAU, WIDE, dtype=np.float32)
    phase = rng.uniform(0, 6.28, (layers, 3)).astype(np.float32)
    for t in phases(frames):
        picture = sky.copy()
        crests = []
        for k in range(layers):
            way = 1 if k % 2 else -1
            wave = np.sin(u * (1.6 - 0.07 * k) + way * t + phase[k, 0]) + 0.45 * np.sin(
                2.7 * u - way * 2 * t + phase[k, 1]
            )
            wave += 0.16 * np.sin(6 * u + 3 * way * t + phase[k, 2])
            crests.append((263 + 41 * k + (3.7 + 2.4 * k) * wave + 5 * sin(t + k)).astype(np.float32))
        for k, rows, depth in _bands(crests):
            part = picture[rows]
            part *= _shadow(depth, 14, 0.3)
            shade = 1.07 - 0.0020 * np.minimum(depth, 90)
            canvas.over(part, np.clip(depth + 0.5, 0, 1), table[k] * shade[..., None])
            canvas.over(
                part, np.clip(1.6 + 0.3 * k - np.abs(depth - 3 - 0.6 * k), 0, 1) * (0.25 + 0.05 * k), foam
            )
        yield canvas.quantise(picture)


def horizon(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """A whole day in one loop: dawn, noon, dusk and a night of stars over folded hills."""
    low = ramp(["#f6b48f", "#d9ecf5", "#ff8a4c", "#24305e"], 720, cyclic=True).astype(np.float32)
    high = ramp(["#6f7fb5", "#4f9be0", "#41366b", "#080b1e"], 720, cyclic=True).astype(np.float32)
    glow_of = ramp(["#ffd9a8", "#fff8e0", "#ff7a3c", "#8fa4d8"], 720, cyclic=True).astype(np.float32)
    x, y = grid(WIDE, TALL)
    fall = np.clip(ROWS / 410, 0, 1)[..., None] ** np.float32(1.3)
    night = canvas.splat(
        rng.uniform(0, WIDE - 2, 520),
        rng.uniform(0, 420, 520),
        rng.uniform(0.1, 1, 520).astype(np.float32) ** 2,
        WIDE,
        TALL,
    )
    night = (night * 300)[..., None]
    hills = [
        line_noise(rng, 1024, 2.2, 1)[:WIDE] * 34 + line_noise(rng, 1024, 1.2, 8)[:WIDE] * 5 for _ in range(6)
    ]
    crests = [(392 + 42 * k + hill * (0.6 + 0.17 * k)).astype(np.float32) for k, hill in enumerate(hills)]
    green = [rgb(c) for c in colours[:2]]
    for t in phases(frames):
        at = int(t / TAU * 720)
        dark = float(np.clip(-sin(t + 0.35) * 1.6, 0, 1))
        picture = np.empty((TALL, WIDE, 3), np.float32)
        picture[:] = high[at] + (low[at] - high[at]) * fall
        if dark:
            picture += night * np.float32(dark)
        for turn, size, colour, strength in ((0, 0.17, glow_of[at], 1.0), (pi, 0.12, rgb("#f2efe4"), 0.45)):
            sx, sy = -0.72 * cos(t + 0.35 + turn), 0.62 - 1.62 * sin(t + 0.35 + turn)
            if sy > 1.1:
                continue
            d = np.hypot(x[:480] - np.float32(sx), y[:480] - np.float32(sy))
            picture[:480] += ((95 / (1 + 9 * d * d) + 22 / (1 + d * d)) * np.float32(strength))[..., None] * (
                colour / 255
            )
            canvas.over(picture[:480], 1 - smooth(size - 0.008, size + 0.004, d), colour)
        for k, rows, depth in _bands(crests, 1):
            near = k / (len(hills) - 1)
            body = (green[0] + (green[1] - green[0]) * near) * (1 - 0.78 * dark) + np.array(
                [4, 10, 26], np.float32
            ) * dark
            colour = low[at] * (1 - near) * 0.72 + body * (0.28 + 0.72 * near)
            mist = np.clip(0.18 - depth / 500, 0, 0.18)[..., None]
            canvas.over(picture[rows], np.clip(depth + 0.5, 0, 1), colour + mist * (low[at] - colour))
        yield canvas.quantise(picture)


def ridges(frames: int, rng: np.random.Generator, colours: list[str], *, layers: int = 7) -> Frames:
    """Paper mountains sliding by in the mist, a balloon above them."""
    table = ramp(colours[2:5], layers).astype(np.float32)
    mist = rgb(colours[1])
    lines = []
    for k in range(layers):
        period = WIDE * 2 if k < 5 else WIDE * 3
        line = (
            line_noise(rng, period, 2.3, 2 if k < 4 else 3) * (48 + 9 * k)
            + line_noise(rng, period, 1.3, 20) * 5
        )
        lines.append(line.astype(np.float32))
    x, y = grid(WIDE, TALL)
    sun = np.hypot(x + 0.35, y + 0.95)
    sky = (
        canvas.vertical(colours[:2], WIDE, TALL)
        + (np.exp(-sun * 2.2) * 46)[..., None] * rgb(colours[5]) / 255
    )
    canvas.over(sky, 1 - smooth(0.253, 0.263, sun), rgb(colours[5]))
    balloon = np.asarray(_balloon(colours), np.float32)
    for t in phases(frames):
        picture = sky.copy()
        bx, by = 235 + 28 * sin(t), 190 + 18 * cos(t)
        left, top = int(bx) - 40, int(by) - 53
        canvas.over(picture[top : top + 107, left : left + 80], balloon[..., 3] / 255, balloon[..., :3])
        crests = []
        for k, line in enumerate(lines):
            period = len(line)
            at = (np.arange(WIDE) + t / float(TAU) * period * (1 if k else 0)) % period
            crests.append(
                (290 + 48 * k - np.interp(at, np.arange(period + 1), np.append(line, line[0]))).astype(
                    np.float32
                )
            )
        for k, rows, depth in _bands(crests):
            part = picture[rows]
            part *= _shadow(depth, 12, 0.24)
            fog = (np.clip(depth / 125, 0, 1) * (0.78 - 0.09 * k))[..., None]
            canvas.over(part, np.clip(depth + 0.5, 0, 1), table[k] + fog * (mist - table[k]))
        yield canvas.quantise(picture)


def _balloon(colours: list[str]) -> Image.Image:
    """A balloon of 80 × 107 pixels, drawn at six times its size for smooth edges."""
    sheet = Image.new("RGBA", (480, 642), (*(int(v) for v in rgb(colours[6])), 0))
    draw = ImageDraw.Draw(sheet)
    envelope = []
    for a in np.linspace(0, tau, 90):
        narrow = 1 if cos(a) > -0.25 else 1 - 0.62 * (-cos(a) - 0.25) / 0.75
        envelope.append((240 + 190 * sin(a) * narrow, 230 - 210 * cos(a) * (1 if cos(a) > 0 else 1.22)))
    draw.polygon(envelope, fill=colours[6])
    for wide, colour in ((110, colours[7]), (40, colours[6])):
        draw.polygon([(240 + (px - 240) * wide / 190, py) for px, py in envelope], fill=colour)
    draw.line((205, 482, 218, 560), fill="#33261f", width=6)
    draw.line((275, 482, 262, 560), fill="#33261f", width=6)
    draw.rounded_rectangle((208, 556, 272, 612), 10, fill="#5c4030")
    return sheet.resize((80, 107), Image.Resampling.LANCZOS)


def dunes(frames: int, rng: np.random.Generator, colours: list[str], *, layers: int = 5) -> Frames:
    """Sand under a pale sun: crests with a lit and a shaded side, ripples walking with the wind."""
    x, y = grid(WIDE, TALL)
    sky = canvas.vertical(colours[:2], WIDE, TALL)
    sun = np.hypot(x - 0.25, y + 0.85)
    sky += (np.exp(-sun * 1.9) * 60)[..., None]
    canvas.over(sky, 1 - smooth(0.235, 0.243, sun), rgb("#fff6e2"))
    lit, shade = ramp(colours[2:4], layers).astype(np.float32), ramp(colours[4:6], layers).astype(np.float32)
    grain = noise(rng, 512, 2.4, 2)
    crests = [
        (275 + 68 * k + line_noise(rng, 720, 3.0, 1)[:WIDE] * (26 + 12 * k)).astype(np.float32)
        for k in range(layers)
    ]
    sheets = []
    for k, rows, depth in _bands(crests, 1):
        # The dunes stand still; only their ripples and the wind walk. So all but the ripples' phase is made once.
        foot, slant, phase = (
            rng.uniform(-0.5, 0.5),
            rng.uniform(0.9, 1.6) * (1 if k % 2 else -1),
            rng.uniform(0, 6.28),
        )
        across = x[rows]
        ridge = across - foot - slant * depth / 300 - 0.07 * np.sin(depth / 70 + phase)
        side = smooth(-0.015, 0.03, ridge)
        warp = sample(grain, across * 0.25 + 0.1 * k, depth / 700)
        walk = depth * (0.75 - 0.09 * k) + warp * 26 + across * 5 * (1 if k % 2 else -1)
        deep = shade[k] * (1 + 0.12 * np.clip(depth / 200, 0, 1))[..., None]
        colour = deep + side[..., None] * (lit[k] * 1.02 - deep)
        amount = np.clip(depth / 30, 0, 1) * (0.03 + 0.04 * side)
        sheets.append((rows, np.clip(depth + 0.5, 0, 1), walk, colour, amount))
    haze = rgb("#fff0d6")
    reach = smooth(-0.4, 0.4, y) * np.float32(0.34)
    for t in phases(frames):
        picture = sky.copy()
        for rows, mask, walk, colour, amount in sheets:
            ripple = 1 + np.sin(walk - np.float32(3 * t)) * amount
            canvas.over(picture[rows], mask, colour * ripple[..., None])
        blown = smooth(0.15, 0.8, sample(grain, x[240:] * 0.12 - t / TAU, y[240:] * 0.4)) * reach[240:]
        canvas.over(picture[240:], blown, haze)
        yield canvas.quantise(picture)


def night_train(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """Pixels: a city asleep behind a train that is not."""
    width, height = 135, 240
    sky = canvas.vertical(colours[:3], width, height).astype(np.uint8)
    for _ in range(70):
        sky[rng.integers(0, 120), rng.integers(0, width)] = (200, 205, 230)
    yy, xx = np.mgrid[0:height, 0:width]
    moon = (xx - 98) ** 2 + (yy - 38) ** 2 < 150
    sky[moon & ~((xx - 92) ** 2 + (yy - 35) ** 2 < 130)] = (247, 240, 214)
    strips = []
    for depth, (tone, tall) in enumerate(((colours[3], 105), (colours[4], 78), (colours[5], 52))):
        period = width * (depth + 1)
        image = np.zeros((height, period, 4), np.uint8)
        left = 0
        while left < period:
            wide = int(rng.integers(9, 20))
            top = height - 62 - int(tall * rng.uniform(0.45, 1))
            image[top:, left : left + wide - 1] = (*rgb(tone).astype(int), 255)
            if rng.random() < 0.3:
                image[top - 7 : top, min(left + wide // 2, period - 1)] = (*rgb(tone).astype(int), 255)
            for wy in range(top + 3, height - 44, 5):
                for wx in range(left + 2, min(left + wide - 3, period - 2), 4):
                    if rng.random() < 0.33:
                        image[wy : wy + 2, wx : wx + 2] = (
                            *(rgb(colours[6]) * rng.uniform(0.55, 1)).astype(int),
                            255,
                        )
            left += wide
        strips.append(image)
    carriage = np.zeros((26, 250, 3), np.uint8)
    body, window = rgb(colours[7]).astype(np.uint8), rgb(colours[6]).astype(np.uint8)
    for c in range(4):
        carriage[2:22, c * 62 : c * 62 + 60] = body
        carriage[16:18, c * 62 : c * 62 + 60] = rgb(colours[8])
        for w in range(6):
            carriage[6:13, c * 62 + 4 + w * 9 : c * 62 + 10 + w * 9] = window
            if rng.random() < 0.6:
                carriage[9:13, c * 62 + 6 + w * 9 : c * 62 + 9 + w * 9] = (60, 40, 50)
        carriage[22:25, c * 62 + 8 : c * 62 + 16] = carriage[22:25, c * 62 + 44 : c * 62 + 52] = (20, 20, 28)
    for t in phases(frames):
        part = t / float(TAU)
        picture = sky.copy()
        for image in strips:
            turned = np.roll(image, -int(part * image.shape[1]), 1)[:, :width]
            mask = turned[..., 3] > 0
            picture[mask] = turned[..., :3][mask]
        picture[196:200] = rgb(colours[8]) * 0.5
        picture[200:] = rgb(colours[0]) * 0.6
        for px in range(-int(part * 4 * 27) % 27, width, 27):
            picture[200:226, px : px + 3] = rgb(colours[0]) * 0.35
        start = int(width + 20 - part * (width + 290))
        a, b = max(start, 0), min(start + 250, width)
        if b > a:
            piece = carriage[:, a - start : b - start]
            seen = piece.any(-1)
            picture[172:198, a:b][seen] = piece[seen]
            glow = picture[205:222, a:b].astype(np.float32)
            glow[::3] += (piece[6:12].mean(0) * 0.35)[None]
            picture[205:222, a:b] = np.minimum(glow, 255)
        yield np.repeat(np.repeat(picture, 4, 0), 4, 1)


def garden(frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 15) -> Frames:
    """Ink stems in a breeze, flowers that breathe."""
    plants = [
        (
            70 + 940 * (k + 0.5 + rng.uniform(-0.3, 0.3)) / count,
            380 + 1250 * ((k * 0.618 + 0.2) % 1),
            rng.uniform(0, 6.28),
            int(rng.integers(5, 9)),
            int(rng.integers(2, len(colours))),
            rng.uniform(48, 100),
        )
        for k in range(count)
    ]
    plants.sort(key=lambda plant: -plant[1])
    back = Image.fromarray(
        canvas.quantise(
            canvas.vertical([colours[0], "#ffffff", colours[0]], WIDTH * 2, HEIGHT * 2) * 0.5
            + rgb(colours[0]) * 0.5
        )
    )
    for t in phases(frames):
        sheet = back.copy()
        draw = ImageDraw.Draw(sheet)
        for foot, tall, phase, leaves, tone, size in plants:
            stem = partial(_stem, foot=foot, tall=tall, phase=phase, t=t)
            draw.line([stem(s / 24) for s in range(25)], fill=colours[1], width=7, joint="curve")
            for k in range(leaves):
                s = 0.18 + 0.62 * k / leaves
                px, py = stem(s)
                angle = (-0.6 if k % 2 else pi + 0.6) + 0.18 * sin(t + phase + k)
                length = 92 * (1 - 0.5 * s)
                tip = (px + length * cos(angle), py + length * sin(angle) * 0.7)
                middle = ((px + tip[0]) / 2, (py + tip[1]) / 2)
                draw.polygon(
                    [(px, py), (middle[0], middle[1] - 20), tip, (middle[0], middle[1] + 13)], fill=colours[1]
                )
            px, py = stem(1)
            opening = 1 + 0.14 * sin(t + phase)
            for ring, part in ((1.0, 1.0), (0.62, 0.5)):
                for k in range(7):
                    angle = tau * k / 7 + phase + 0.12 * sin(t) + (0.45 if ring < 1 else 0)
                    ex, ey = (
                        px + size * 0.62 * ring * opening * cos(angle),
                        py + size * 0.62 * ring * opening * sin(angle),
                    )
                    r = size * 0.46 * ring
                    draw.ellipse((ex - r, ey - r, ex + r, ey + r), fill=_tint(colours[tone], part))
            r = size * 0.26
            draw.ellipse((px - r, py - r, px + r, py + r), fill="#f2c14e")
        yield np.asarray(sheet.reduce(2))


def _stem(s: float, *, foot: float, tall: float, phase: float, t: float) -> tuple[float, float]:
    """A point of a stem, 0 at the foot, 1 at the flower."""
    sway = 75 * s * s * sin(t + phase - s * 1.2) + 24 * s * s * sin(2 * t + phase)
    return foot + sway + 40 * sin(phase) * s, 1950 - tall * s


def _tint(colour: str, part: float) -> tuple[int, ...]:
    return tuple(int(c * part + 255 * (1 - part) * 0.9 + c * (1 - part) * 0.1) for c in rgb(colour))
