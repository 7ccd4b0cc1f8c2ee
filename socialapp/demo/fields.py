"""Scenes where every pixel is a function of its place and the time: silk, contours, caustics, lava, rings, glass, rain."""

import numpy as np
from scipy.ndimage import gaussian_filter

from . import canvas
from .canvas import TAU, Frames, grid, noise, paint, phases, ramp, rgb, sample, smooth


def silk(
    frames: int, rng: np.random.Generator, colours: list[str], *, zoom: float = 0.16, fold: float = 0.55
) -> Frames:
    """Noise warped by noise warped by noise (Quilez, "domain warping"), lit like cloth."""
    x, y = grid(270, 480)
    a, b, c = (noise(rng, 512, 3.4) for _ in range(3))
    table = ramp(colours)
    for t in phases(frames):
        ox, oy = 0.05 * np.cos(t), 0.05 * np.sin(t)
        first = sample(a, x * zoom + ox, y * zoom + oy)
        second = sample(b, x * zoom + first * 0.22 - oy, y * zoom + first * 0.3 + ox)
        u, v = x * zoom * 1.2 + second * fold * 0.5, y * zoom * 0.8 + first * fold * 0.35
        height = sample(c, u, v - oy)
        gy, gx = np.gradient(height)
        sheen = 1 / np.sqrt(gx * gx + gy * gy + 0.0009) * (gx * 0.75 - gy * 0.6)
        yield paint(0.46 + 0.42 * height + 0.16 * second + 0.17 * sheen, table)


def contours(frames: int, rng: np.random.Generator, colours: list[str], *, levels: float = 11) -> Frames:
    """A map of a country that rises: isolines of slow noise, the highest land in the accent."""
    paper, ink, accent, soft = (rgb(c) for c in colours[:4])
    x, y = grid(216, 384)
    a, b = noise(rng, 512, 4.2, 1), noise(rng, 512, 4.0, 2)
    height = np.linspace(-1, 1.5, 4096)
    low = paper + smooth(-0.2, 0.42, height)[:, None] * 0.75 * (soft - paper)
    land = (
        low
        + smooth(0.40, 0.404, height)[:, None] * (accent * (1 - 0.10 * smooth(0.4, 1, height))[:, None] - low)
    ).astype(np.float32)
    for t in phases(frames):
        h = sample(a, x * 0.21 + 0.03 * np.cos(t), y * 0.21 + 0.03 * np.sin(t))
        h = canvas.enlarge(
            h + 0.3 * sample(b, x * 0.2 - 0.04 * np.sin(t), y * 0.2 + 0.03 * np.cos(t)), 432, 768
        )
        gy, gx = np.gradient(h)
        slope = np.sqrt(gx * gx + gy * gy) * np.float32(levels) + np.float32(1e-5)
        f = h * np.float32(levels) - np.float32(2 * t / TAU)
        line = np.round(f)
        near = np.abs(f - line) / slope
        heavy = (line.astype(np.int16) + 2 * (t >= 0)) % 4 == 0
        mask = np.clip(np.where(heavy, 1.25, 1.25) - near, 0, 1)
        picture = np.take(land, ((h + 1) * (4095 / 2.5)).astype(np.int16).clip(0, 4095), axis=0)
        canvas.over(picture, mask * np.float32(0.62), np.where((h > 0.402)[..., None], paper, ink))
        yield canvas.quantise(picture)


def caustics(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """Light on the floor of a pool: rays through a wavy surface, gathered where they land."""
    width, height = 270, 480
    x, y = grid(width, height)
    table = ramp(colours)
    tile = 1 - 0.16 * np.maximum(
        smooth(0.455, 0.49, np.abs((x * 2.2) % 1 - 0.5)), smooth(0.455, 0.49, np.abs((y * 2.2) % 1 - 0.5))
    )
    depth = (0.06 * y / 1.78).astype(np.float32)
    swells = [
        (rng.uniform(0, 6.28), 5 + 2.1 * k, rng.uniform(0, 6.28), (1, -1, 1, 2, -1, 1, -2)[k])
        for k in range(7)
    ]
    # Three rays a pixel, a little beyond the edges, so that the sum is smooth.
    rx, ry = (
        v.ravel()
        for v in np.meshgrid(
            np.linspace(-1.15, 1.15, 500, dtype=np.float32), np.linspace(-1.93, 1.93, 840, dtype=np.float32)
        )
    )
    for t in phases(frames):
        bend_x, bend_y = np.zeros_like(rx), np.zeros_like(ry)
        for way, length, phase, turn in swells:
            kx, ky = np.float32(np.cos(way) * length), np.float32(np.sin(way) * length)
            slope = np.cos(kx * rx + ky * ry + np.float32(turn * t + phase)) * np.float32(0.62 / length**1.05)
            bend_x += kx / length * slope
            bend_y += ky / length * slope
        px = ((rx + bend_x + 1) * 0.5 * (width - 1) + 0.5).astype(np.int32)
        py = ((ry + bend_y + 1.7778) / 3.5556 * (height - 1) + 0.5).astype(np.int32)
        inside = (px >= 0) & (py >= 0) & (px < width) & (py < height)
        rays = (
            np.bincount(py[inside] * width + px[inside], minlength=width * height)
            .reshape(height, width)
            .astype(np.float32)
        )
        rays = gaussian_filter(rays, 0.9) / np.float32(2.75)
        yield paint((0.24 + 0.27 * rays**0.85) * tile - depth, table)


def lava(frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 13) -> Frames:
    """A lava lamp: soft blobs that meet and part, lit from below."""
    x, y = grid(270, 480)
    table = ramp(colours)
    phase, size = rng.uniform(0, 6.28, (count, 2)), rng.uniform(0.13, 0.34, count)
    column = rng.uniform(-0.55, 0.55, count)
    speed = rng.choice([1, 1, 2], count)
    for t in phases(frames):
        field = 0.08 / (np.abs(y - 2.0) + 0.12) + 0.08 / (np.abs(y + 2.0) + 0.12)
        for k in range(count):
            cx = column[k] + 0.28 * np.sin(t + phase[k, 0])
            cy = 1.5 * np.sin(speed[k] * t + phase[k, 1])
            field = field + size[k] ** 2 / ((x - cx) ** 2 + ((y - cy) * 0.86) ** 2 + 0.012)
        gy, gx = np.gradient(np.log(field))
        body = smooth(0.92, 1.04, field)
        rim = gx * -1.6 + gy * 2.6
        inside = 0.40 + 0.16 * np.sqrt(np.minimum(field, 6)) - 0.10 * y / 1.78 + np.clip(rim, -0.22, 0.26)
        outside = 0.05 + 0.13 * (field / 1.0) ** 2 + 0.05 * y / 1.78
        yield paint(body * inside + (1 - body) * outside, table)


def rings(frames: int, rng: np.random.Generator, colours: list[str], *, pitch: float = 40) -> Frames:
    """Moiré of three sets of rings whose centres circle each other."""
    x, y = grid(432, 768)
    dark, one, two, pale = (rgb(c) for c in colours[:4])
    # Every mixture of the three sets in 8 steps each, so that colouring a pixel is one look-up.
    a, b, c = (v.ravel()[:, None] for v in np.meshgrid(*[np.linspace(0, 1, 8)] * 3, indexing="ij"))
    mixed = dark + a * (1 - b) * (one - dark) + b * (1 - a) * (two - dark)
    mixed = (mixed + a * b * (0.35 + 0.65 * c) * (pale - mixed)).astype(np.uint8)
    for t in phases(frames):
        index = np.zeros(x.shape, np.int16)
        for k, (turn, reach) in enumerate(((1, 0.34), (-1, 0.34), (2, 0.2))):
            angle = turn * t + k * 2.1
            distance = np.hypot(
                x - np.float32(reach * np.cos(angle)), y - np.float32(reach * 1.6 * np.sin(angle))
            )
            wave = np.sin(distance * np.float32(pitch) - np.float32(3 * t))
            index = index * 8 + np.clip(wave * 9 + 3.5, 0, 7).astype(np.int16)
        yield np.take(mixed, index, axis=0)


def kaleidoscope(frames: int, rng: np.random.Generator, colours: list[str], *, folds: int = 8) -> Frames:
    """A turning kaleidoscope over veined stone."""
    x, y = grid(306, 544)
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    wedge = np.float32(2 * np.pi / folds)
    a, b = noise(rng, 512, 3.0, 2), noise(rng, 512, 2.6, 3)
    table = ramp(colours)
    for t in phases(frames):
        w = np.abs((angle + 0.35 * np.sin(t) + 0.4 * np.sin(r * 2.4 - t)) % wedge - wedge / 2)
        u, v = r * np.cos(w) * 0.24, r * np.sin(w) * 0.24
        first = sample(a, u + 0.09 * np.cos(t), v + 0.09 * np.sin(t))
        second = sample(b, u * 1.3 + first * 0.1, v * 1.3 - 0.12 * np.sin(t))
        vein = np.exp(-np.abs(first + 0.3 * second) * 22) + 0.6 * np.exp(-np.abs(second) * 30)
        bands = 0.5 + 0.5 * np.cos(first * 11 + second * 5 + r * 3)
        yield paint(0.08 + 0.52 * bands * (0.55 + 0.45 * np.cos(r * 1.4)) + 0.42 * vein, table)


def stained_glass(frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 23) -> Frames:
    """Voronoi panes in lead, drifting, with the sun behind them."""
    width, height = 270, 480
    x, y = grid(width, height)
    home = np.column_stack([rng.uniform(-1.1, 1.1, count), np.linspace(-1.9, 1.9, count)]).astype(np.float32)
    rng.shuffle(home[:, 0])
    phase = rng.uniform(0, 6.28, (count, 2)).astype(np.float32)
    reach = rng.uniform(0.08, 0.2, count)
    glass = np.array([rgb(c) for c in colours[1:]])[rng.integers(0, len(colours) - 1, count)]
    lead = rgb(colours[0])
    grain = 1 + 0.10 * sample(noise(rng, 256, 1.6, 4), x * 0.5, y * 0.5)
    for t in phases(frames):
        cx = home[:, 0] + reach * np.cos(t + phase[:, 0])
        cy = home[:, 1] + reach * np.sin(t + phase[:, 1])
        best = np.full(x.shape, 99, np.float32)
        second = best.copy()
        who = np.zeros(x.shape, np.int16)
        for k in range(count):
            d = (x - cx[k]) ** 2 + (y - cy[k]) ** 2
            closer = d < best
            second = np.where(closer, best, np.minimum(second, d))
            best = np.where(closer, d, best)
            who[closer] = k
        edge = np.sqrt(second) - np.sqrt(best)
        sun_x, sun_y = 0.5 * np.cos(t), -0.5 + 0.5 * np.sin(t)
        sun = np.exp(-((x - sun_x) ** 2 + (y - sun_y) ** 2) * 1.3)
        shade = (0.62 + 0.62 * sun + 0.35 * np.minimum(edge, 0.4)) * grain
        picture = glass[who] * shade[..., None] + (sun**3 * 60)[..., None]
        canvas.over(picture, 1 - smooth(0.018, 0.034, edge), lead)
        yield canvas.quantise(picture)


def pond(frames: int, rng: np.random.Generator, colours: list[str], *, drops: int = 9) -> Frames:
    """Rings of rain on a pond, bending the bed below and rocking the lily pads."""
    x, y = grid(270, 480)
    floor = noise(rng, 512, 2.6, 3)
    table = ramp(colours[:4])
    leaf, vein, petal = rgb(colours[4]), rgb("#86b85a"), rgb("#ffe3ee")
    place = np.column_stack([rng.uniform(-0.9, 0.9, drops), rng.uniform(-1.6, 1.6, drops)]).astype(np.float32)
    start = (np.arange(drops) / drops + rng.uniform(0, 0.03, drops)) % 1
    pads = [
        (-0.62, -1.28, 0.40),
        (0.05, -1.5, 0.27),
        (0.72, 0.28, 0.33),
        (-0.55, 1.02, 0.46),
        (0.1, 1.42, 0.34),
        (-0.86, 0.5, 0.22),
        (0.8, 1.05, 0.18),
    ]
    for t in phases(frames):
        surface = 0.012 * (np.sin(x * 7 + y * 4 + t) + np.sin(y * 9 - x * 3 - t))
        for (cx, cy), s in zip(place, start, strict=True):
            age = (t / float(TAU) - s) % 1
            front = age * 1.3
            reach = front + 0.3
            box = _box(cx, cy, reach, 270, 480)
            d = np.hypot(x[box] - cx, y[box] - cy) - np.float32(front)
            surface[box] += (
                np.sin(d * 42)
                * np.exp(-np.square(d / np.float32(0.12)))
                * np.float32((1 - age) ** 1.6 * min(age * 14, 1) * 0.22)
            )
        gy, gx = np.gradient(surface)
        bed = 0.30 + 0.2 * sample(floor, x * 0.3 + gx * 0.5, y * 0.3 + gy * 0.5) - 0.07 * y
        shine = np.clip(-gx * 4.5 - gy * 6.5, -0.2, 0.65)
        picture = paint(bed + shine, table).astype(np.float32)
        for k, (cx, cy, size) in enumerate(pads):
            cx, cy = cx + 0.02 * np.sin(t + k), cy + 0.02 * np.cos(t + 2 * k)
            box = _box(cx, cy, size * 1.25, 270, 480)
            dx, dy = x[box] - np.float32(cx) + gx[box] * 0.35, y[box] - np.float32(cy) + gy[box] * 0.35
            r, angle = np.hypot(dx, dy) / size, (np.arctan2(dy, dx) + k * 1.7 + 0.1 * np.sin(t + k)) % TAU
            notch = smooth(0.0, 0.06, np.minimum(angle, TAU - angle) - 0.16)
            edge = (1 - smooth(0.955, 1.0, r)) * np.maximum(notch, 1 - smooth(0.1, 0.16, r))
            picture[box] *= (1 - 0.4 * (1 - smooth(0.8, 1.2, np.hypot(dx - 0.04, dy - 0.06) / size)))[
                ..., None
            ]
            ribs = 0.5 * smooth(0.9, 1.0, np.cos(angle * 11)) * smooth(0.05, 0.3, r) + 0.35 * smooth(
                0.9, 0.97, r
            )
            colour = leaf * (0.72 + 0.3 * r)[..., None]
            canvas.over(colour, ribs, vein)
            canvas.over(picture[box], edge, colour * (1 + np.clip(shine[box], -0.1, 0.4))[..., None])
            if k in (0, 3):
                bloom = r * (1.9 + 0.55 * np.cos(angle * 8)) / 0.62
                canvas.over(
                    picture[box], 1 - smooth(0.93, 1.0, bloom), petal * (1.06 - 0.32 * r / 0.4)[..., None]
                )
                canvas.over(picture[box], 1 - smooth(0.08, 0.11, r), rgb("#f2b632"))
        yield canvas.quantise(picture)


def _bokeh(rng: np.random.Generator, colours: list[str], width: int, height: int) -> np.ndarray:
    x, y = grid(width, height)
    picture = canvas.vertical(colours[:2], width, height)
    lamps = np.array([rgb(c) for c in colours[2:]])
    for _ in range(46):
        cx, cy = rng.uniform(-1.1, 1.1), rng.normal(0.35, 0.65)
        size = rng.uniform(0.06, 0.19)
        disc = 1 - smooth(size * 0.88, size, np.hypot(x - cx, y - cy))
        ring = smooth(size * 0.6, size * 0.9, np.hypot(x - cx, y - cy)) * disc
        picture += (disc * rng.uniform(0.25, 0.6) + ring * 0.22)[..., None] * lamps[rng.integers(len(lamps))]
    return np.minimum(picture, 255)


def rain(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """A window in the rain at night: drops that hold the city upside down, some of them running."""
    width, height = 360, 640
    x, y = grid(width, height)
    city = _bokeh(rng, colours, width, height)
    blurred = np.stack([canvas.halo(city[..., k], 9) for k in range(3)], -1) * 0.86 + 8
    lens = [np.zeros_like(x), np.zeros_like(y), np.zeros_like(x)]

    def drop(cx: float, cy: float, size: float, tall: float) -> None:
        """One lens into the displacement maps, touching only its own patch."""
        box = _box(cx, cy, size * max(tall, 1), width, height)
        dx, dy = (x[box] - np.float32(cx)) / size, (y[box] - np.float32(cy)) / (size * tall)
        inside = 1 - smooth(0.8, 1.0, dx * dx + dy * dy)
        lens[0][box] = np.where(inside > 0, dx, lens[0][box])
        lens[1][box] = np.where(inside > 0, dy, lens[1][box])
        lens[2][box] = np.maximum(lens[2][box], inside)

    for count, low, high in ((330, 0.012, 0.03), (70, 0.035, 0.06), (16, 0.07, 0.105)):
        for _ in range(count):
            drop(
                rng.uniform(-1, 1), rng.uniform(-1.78, 1.78), rng.uniform(low, high), rng.uniform(0.95, 1.25)
            )
    still = [layer.copy() for layer in lens]
    runners = [
        (rng.uniform(-0.95, 0.95), rng.uniform(0, 1), rng.uniform(0.055, 0.1), rng.uniform(0, 6.28))
        for _ in range(11)
    ]
    pixels = np.minimum(city * 1.15 + 10, 255).reshape(-1, 3).astype(np.float32)
    across, down = (x + 1) / 2 * width, (y + 1.7778) / 3.5556 * height
    for t in phases(frames):
        for layer, before in zip(lens, still, strict=True):
            layer[:] = before
        clear = np.zeros_like(x)
        for cx, s, size, wobble in runners:
            go = (t / float(TAU) + s) % 1
            cy = -2.0 + 4.2 * (go + 0.02 * np.sin(2 * np.pi * 3 * go))
            box = np.s_[:, max(int((cx + 0.8) / 2 * width), 0) : int((cx + 1.2) / 2 * width)]
            path = (x[box] - np.float32(cx) - 0.03 * np.sin(np.float32(wobble) + y[box] * 4)) / np.float32(
                size * 0.75
            )
            trail = (
                np.clip(1 - path * path, 0, 1)
                * np.clip((y[box] - np.float32(cy - 1.5)) / 1.5, 0, 1)
                * (y[box] < cy)
            )
            clear[box] = np.maximum(clear[box], trail)
            drop(cx + 0.03 * np.sin(wobble + cy * 4), cy, size, 1.4)
        sx, sy, wet = lens
        u = np.clip(across - sx * 90 * wet, 0, width - 1).astype(np.int32)
        v = np.clip(down - sy * 150 * wet, 0, height - 1).astype(np.int32)
        picture = blurred + (clear * np.float32(0.6))[..., None] * (city - blurred)
        on = wet > 0
        dx, dy, w = sx[on], sy[on], wet[on][:, None]
        seen = pixels[(v * width + u)[on]] * (1.15 - 0.3 * dy - 0.5 * (dx * dx + dy * dy))[:, None]
        seen += (smooth(0.4, 1.0, 1 - ((dx + 0.35) ** 2 + (dy + 0.45) ** 2) * 6) * 150)[:, None]
        picture[on] += w * (seen - picture[on])
        yield canvas.quantise(picture)


def _box(cx: float, cy: float, reach: float, width: int, height: int) -> tuple[slice, slice]:
    """The pixels of a full-height grid that lie within `reach` of a point."""
    half = height / width
    left, right = int((cx - reach + 1) / 2 * width), int((cx + reach + 1) / 2 * width) + 2
    top, bottom = (
        int((cy - reach + half) / (2 * half) * height),
        int((cy + reach + half) / (2 * half) * height) + 2,
    )
    return slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))
