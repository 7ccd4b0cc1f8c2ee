"""Scenes with a horizon: sea, day and night, paper mountains, dunes, a night train, a garden."""

from math import cos, pi, sin, tau

import numpy as np
from PIL import Image, ImageDraw

from . import canvas
from .canvas import HEIGHT, TAU, WIDTH, Frames, grid, line_noise, noise, phases, ramp, rgb, sample, smooth

ROWS = np.arange(HEIGHT, dtype=np.float32)[:, None]


def sea(frames: int, rng: np.random.Generator, colours: list[str], *, layers: int = 9) -> Frames:
    """Cut-paper waves under a low sun, each sheet rolling at its own pace."""
    sky = canvas.vertical(colours[:2])
    x, y = grid()
    sun = rgb(colours[2])
    disc = np.hypot(x - 0.22, y + 0.72)
    table = ramp(colours[3:], layers).astype(np.float32)
    foam = rgb("#fbfaf7")
    u = np.linspace(0, TAU, WIDTH, dtype=np.float32)
    phase = rng.uniform(0, 6.28, (layers, 3))
    for t in phases(frames):
        picture = sky + (np.exp(-disc * 2.6) * 70)[..., None] * sun / 255
        canvas.over(picture, 1 - smooth(0.298, 0.304, disc), sun)
        for k in range(layers):
            way = 1 if k % 2 else -1
            tall = 7 + 4.6 * k
            wave = (
                np.sin(u * (1.6 - 0.07 * k) + way * t + phase[k, 0])
                + 0.45 * np.sin(2.7 * u - way * 2 * t + phase[k, 1])
                + 0.16 * np.sin(6 * u + 3 * way * t + phase[k, 2])
            )
            crest = 395 + 62 * k + tall * wave * 0.8 + 8 * np.sin(t + k)
            depth = ROWS[350:] - crest[None, :].astype(np.float32)
            part = picture[350:]
            part *= (1 - 0.26 * np.exp(-np.square(np.minimum(depth + 2, 0) / 13)) * (depth < 0))[..., None]
            shade = 1.07 - 0.17 * np.clip(depth / 130, 0, 1)
            canvas.over(part, np.clip(depth + 0.5, 0, 1), table[k] * shade[..., None])
            canvas.over(part, np.clip(2.2 + 0.5 * k - np.abs(depth - 4 - k), 0, 1) * (0.25 + 0.05 * k), foam)
        yield canvas.quantise(picture)


def horizon(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """A whole day in one loop: dawn, noon, dusk and a night of stars over folded hills."""
    day = [("#f6b48f", "#6f7fb5"), ("#d9ecf5", "#4f9be0"), ("#ff8a4c", "#41366b"), ("#1a2140", "#090b18")]
    low = ramp([d[0] for d in day], 720, cyclic=True).astype(np.float32)
    high = ramp([d[1] for d in day], 720, cyclic=True).astype(np.float32)
    glow_of = ramp(["#ffd9a8", "#fff8e0", "#ff7a3c", "#8fa4d8"], 720, cyclic=True).astype(np.float32)
    x, y = grid()
    fall = np.clip((ROWS / 620), 0, 1) ** 1.3
    night_sky = (
        canvas.splat(
            rng.uniform(0, WIDTH - 2, 700),
            rng.uniform(0, 640, 700),
            rng.uniform(0.1, 1, 700).astype(np.float32) ** 2,
        )
        * 255
    )
    hills = [
        (line_noise(rng, 1024, 2.2, 1)[:WIDTH] * 50 + line_noise(rng, 1024, 1.2, 8)[:WIDTH] * 7)
        for _ in range(6)
    ]
    green = [rgb(c) for c in colours[:2]]
    for t in phases(frames):
        at = int(t / TAU * 720)
        dark = np.clip(-sin(t + 0.35) * 1.6, 0, 1)
        picture = np.broadcast_to(
            (high[at] + (low[at] - high[at]) * fall[..., None]), (HEIGHT, WIDTH, 3)
        ).copy()
        picture += (night_sky * dark)[..., None]
        for turn, size, colour in ((0, 0.17, glow_of[at]), (pi, 0.12, rgb("#f2efe4"))):
            sx, sy = -0.72 * cos(t + 0.35 + turn), 0.62 - 1.62 * sin(t + 0.35 + turn)
            d = np.hypot(x - sx, y - sy)
            strength = 1.0 if turn == 0 else 0.45
            picture += (
                (np.exp(-d * 2.8) * 95 * strength + np.exp(-d * 0.9) * 26 * strength)[..., None]
                * colour
                / 255
            )
            canvas.over(picture, 1 - smooth(size - 0.006, size + 0.003, d), colour)
        for k, hill in enumerate(hills):
            crest = 590 + 62 * k + hill * (0.6 + 0.16 * k)
            near = k / (len(hills) - 1)
            body = (green[0] + (green[1] - green[0]) * near) * (1 - 0.74 * dark)
            colour = low[at] * (1 - near) * 0.72 + body * (0.28 + 0.72 * near)
            part = picture[480:]
            depth = ROWS[480:] - crest[None, :].astype(np.float32)
            mist = np.clip(1 - depth / 120, 0, 1)[..., None] * 0.16
            canvas.over(part, np.clip(depth + 0.5, 0, 1), colour * (1 - mist) + low[at] * mist)
        yield canvas.quantise(picture)


def ridges(frames: int, rng: np.random.Generator, colours: list[str], *, layers: int = 7) -> Frames:
    """Paper mountains sliding by in the mist, a balloon above them."""
    sky = canvas.vertical(colours[:2])
    table = ramp(colours[2:5], layers).astype(np.float32)
    mist = rgb(colours[1])
    lines = []
    for k in range(layers):
        period = 540 * 2 if k < 5 else 540 * 3
        lines.append(
            line_noise(rng, period, 1.7, 2 if k < 4 else 3) * (70 + 14 * k)
            + line_noise(rng, period, 0.8, 24) * 6
        )
    x, y = grid()
    sun = np.hypot(x + 0.35, y + 0.95)
    sky = sky + (np.exp(-sun * 2.2) * 46)[..., None] * rgb(colours[5]) / 255
    canvas.over(sky, 1 - smooth(0.255, 0.262, sun), rgb(colours[5]))
    for t in phases(frames):
        picture = sky.copy()
        bx, by = int(350 + 40 * sin(t)), int(292 + 26 * cos(t))
        picture = np.asarray(_balloon(picture, bx, by, colours), np.float32).copy()
        for k, line in enumerate(lines):
            offset = t / TAU * len(line) * (1 if k else 0)
            crest = (
                430
                + 72 * k
                - np.interp(
                    np.arange(WIDTH) + offset,
                    np.arange(len(line) + 1),
                    np.append(line, line[0]),
                    period=len(line),
                ).astype(np.float32)
            )
            depth = ROWS[270:] - crest[None, :]
            part = picture[270:]
            part *= (1 - 0.22 * np.exp(-np.square(np.minimum(depth + 1, 0) / 10)) * (depth < 0))[..., None]
            fog = (np.clip(depth / 190, 0, 1) * (0.78 - 0.09 * k))[..., None]
            canvas.over(part, np.clip(depth + 0.5, 0, 1), table[k] * (1 - fog) + mist * fog)
        yield canvas.quantise(picture)


def _balloon(picture: np.ndarray, bx: int, by: int, colours: list[str]) -> Image.Image:
    """The picture with a balloon at (bx, by), drawn at four times its size for smooth edges."""
    sheet = Image.new("RGBA", (480, 640), (0, 0, 0, 0))
    draw = ImageDraw.Draw(sheet)
    envelope = [
        (
            240 + 190 * sin(a) * (1 if cos(a) > -0.25 else 1 - 0.62 * (-cos(a) - 0.25) / 0.75),
            230 - 210 * cos(a) * (1 if cos(a) > 0 else 1.22),
        )
        for a in np.linspace(0, tau, 90)
    ]
    draw.polygon(envelope, fill=colours[6])
    for wide, colour in ((110, colours[7]), (40, colours[6])):
        draw.polygon([(240 + (px - 240) * wide / 190, py) for px, py in envelope], fill=colour)
    draw.line((205, 482, 218, 560), fill="#33261f", width=6)
    draw.line((275, 482, 262, 560), fill="#33261f", width=6)
    draw.rounded_rectangle((208, 556, 272, 612), 10, fill="#5c4030")
    small = sheet.resize((120, 160), Image.Resampling.LANCZOS)
    page = Image.fromarray(canvas.quantise(picture))
    page.paste(small, (bx - 60, by - 80), small)
    return page


def dunes(frames: int, rng: np.random.Generator, colours: list[str], *, layers: int = 5) -> Frames:
    """Sand under a pale sun: crests with a lit and a shaded side, ripples walking with the wind."""
    width, height = 360, 640
    x, y = grid(width, height)
    rows = np.arange(height, dtype=np.float32)[:, None]
    sky = canvas.vertical(colours[:2], width, height)
    sun = np.hypot(x - 0.25, y + 0.85)
    sky += (np.exp(-sun * 1.9) * 60)[..., None]
    canvas.over(sky, 1 - smooth(0.235, 0.243, sun), rgb("#fff6e2"))
    lit, shade = ramp(colours[2:4], layers).astype(np.float32), ramp(colours[4:6], layers).astype(np.float32)
    grain = noise(rng, 512, 2.4, 2)
    crests, faces = [], []
    for k in range(layers):
        bend = line_noise(rng, 720, 3.0, 1)
        crests.append(275 + 68 * k + bend[:width] * (26 + 12 * k))
        faces.append(
            (rng.uniform(-0.5, 0.5), rng.uniform(0.5, 1.1) * (1 if k % 2 else -1), rng.uniform(0, 6.28))
        )
    for t in phases(frames):
        picture = sky.copy()
        for k in range(layers):
            drift = 5 * (k + 1) * np.sin(t + k) * 0.5
            crest = np.interp(np.arange(width) + drift, np.arange(width), crests[k]).astype(np.float32)[
                None, :
            ]
            depth = rows - crest
            foot, slant, phase = faces[k]
            ridge = x - foot - slant * depth / 300 - 0.16 * np.sin(depth / 55 + phase)
            side = smooth(-0.015, 0.03, ridge)
            warp = sample(grain, x * 0.25 + 0.1 * k, depth / 700)
            ripple = np.sin(depth * (0.75 - 0.09 * k) + warp * 26 + x * 5 * (1 if k % 2 else -1) - 3 * t)
            bright = lit[k] * (1.02 + 0.055 * ripple * np.clip(depth / 30, 0, 1))[..., None]
            dim = shade[k] * (1 + 0.03 * ripple + 0.12 * np.clip(depth / 200, 0, 1))[..., None]
            colour = dim + side[..., None] * (bright - dim)
            canvas.over(picture, np.clip(depth + 0.5, 0, 1), colour)
        blown = smooth(0.25, 0.9, sample(grain, x * 0.12 - t / TAU, y * 0.5)) * smooth(-0.4, 0.4, y) * 0.16
        canvas.over(picture, blown, rgb("#fff0d6"))
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
            rng.uniform(60, 1020),
            rng.uniform(520, 1500),
            rng.uniform(0, 6.28),
            int(rng.integers(5, 9)),
            int(rng.integers(2, len(colours))),
            rng.uniform(48, 100),
        )
        for _ in range(count)
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

            def stem(
                s: float, foot: float = foot, tall: float = tall, phase: float = phase
            ) -> tuple[float, float]:
                sway = 75 * s * s * sin(t + phase - s * 1.2) + 24 * s * s * sin(2 * t + phase)
                return foot + sway + 40 * sin(phase) * s, 1950 - tall * s

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


def _tint(colour: str, part: float) -> tuple[int, ...]:
    return tuple(int(c * part + 255 * (1 - part) * 0.9 + c * (1 - part) * 0.1) for c in rgb(colour))
