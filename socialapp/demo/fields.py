"""Scenes where every pixel is a function of its place and the time: silk, contours, caustics, lava, rings, glass, rain."""

import numpy as np

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
    x, y = grid(270, 480)
    a, b = noise(rng, 512, 4.2, 1), noise(rng, 512, 4.0, 2)
    for t in phases(frames):
        h = sample(a, x * 0.21 + 0.03 * np.cos(t), y * 0.21 + 0.03 * np.sin(t)) + 0.3 * sample(
            b, x * 0.2 - 0.04 * np.sin(t), y * 0.2 + 0.03 * np.cos(t)
        )
        h = canvas.enlarge(h)
        gy, gx = np.gradient(h)
        slope = np.sqrt(gx * gx + gy * gy) * levels + 1e-5
        f = h * levels - 2 * t / TAU
        near = np.abs(f - np.round(f)) / slope
        major = np.abs(f / 4 + t / TAU / 2 - np.round(f / 4 + t / TAU / 2)) * 4 / slope
        picture = np.empty((*h.shape, 3), np.float32)
        picture[:] = paper
        canvas.over(picture, smooth(0.05, 0.75, h) * 0.55, soft)
        top = smooth(0.40, 0.405, h)
        canvas.over(picture, top, accent)
        canvas.over(picture, np.clip(1.25 - near, 0, 1) * 0.55, ink)
        canvas.over(picture, np.clip(1.9 - major, 0, 1) * 0.25, ink)
        canvas.over(picture, np.clip(1.6 - near, 0, 1) * top, paper)
        yield canvas.quantise(picture)


def caustics(frames: int, rng: np.random.Generator, colours: list[str]) -> Frames:
    """Light on the floor of a pool, over tiles."""
    x, y = grid(270, 480)
    table = ramp(colours)
    px, py = x * 3.1, y * 3.1
    tile = 1 - 0.18 * (
        smooth(0.44, 0.5, np.abs((x * 2.2) % 1 - 0.5)) + smooth(0.44, 0.5, np.abs((y * 2.2) % 1 - 0.5))
    )
    depth = 0.10 * (y / 1.78)
    turns = (1, -1, 2, 1, -2)
    offsets = rng.uniform(0, 6.28, 5)
    for t in phases(frames):
        ix, iy = px, py
        total = np.zeros_like(px)
        for turn, offset in zip(turns, offsets, strict=True):
            w = turn * t + offset
            ix, iy = px + np.cos(w - ix) + np.sin(w + iy), py + np.sin(w - iy) + np.cos(w + ix)
            sx, sy = np.sin(ix + w), np.cos(iy + w)
            total += 1 / np.sqrt(
                (px * 0.02 / (sx + 1.1e-2 * np.sign(sx) + 1e-6)) ** 2
                + (py * 0.02 / (sy + 1.1e-2 * np.sign(sy) + 1e-6)) ** 2
                + 0.06
            )
        value = np.abs(1.17 - np.sqrt(total / 5) * 0.62)
        yield paint((0.22 + 0.9 * value**1.6) * tile - depth, table)


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
            field = field + size[k] ** 2 / ((x - cx) ** 2 + ((y - cy) * 0.86) ** 2 + 0.004)
        gy, gx = np.gradient(np.minimum(field, 3.2))
        body = smooth(0.92, 1.04, field)
        rim = gx * -2.2 + gy * 3.4
        inside = 0.52 + 0.12 * np.minimum(field, 3) - 0.10 * y / 1.78 + np.clip(rim, -0.25, 0.3)
        outside = 0.05 + 0.13 * (field / 1.0) ** 2 + 0.05 * y / 1.78
        yield paint(body * inside + (1 - body) * outside, table)


def rings(frames: int, rng: np.random.Generator, colours: list[str], *, pitch: float = 46) -> Frames:
    """Moiré of three sets of rings whose centres circle each other."""
    x, y = grid()
    dark, one, two, pale = (rgb(c) for c in colours[:4])
    for t in phases(frames):
        sets = []
        for k, (turn, reach) in enumerate(((1, 0.34), (-1, 0.34), (2, 0.2))):
            angle = turn * t + k * 2.1
            distance = np.hypot(x - reach * np.cos(angle), y - reach * 1.6 * np.sin(angle))
            sets.append(np.clip(np.sin(distance * pitch - 4 * t) * 3.2 + 0.5, 0, 1))
        a, b, c = sets
        picture = np.empty((*x.shape, 3), np.float32)
        picture[:] = dark
        canvas.over(picture, a * (1 - b), one)
        canvas.over(picture, b * (1 - a), two)
        canvas.over(picture, a * b * c, pale)
        picture *= (1.08 - 0.22 * (x * x + y * y * 0.35))[..., None]
        yield canvas.quantise(picture)


def kaleidoscope(frames: int, rng: np.random.Generator, colours: list[str], *, folds: int = 8) -> Frames:
    """A turning kaleidoscope over veined stone."""
    x, y = grid(360, 640)
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


def stained_glass(frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 30) -> Frames:
    """Voronoi panes in lead, drifting, with the sun behind them."""
    width, height = 360, 640
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


def pond(frames: int, rng: np.random.Generator, colours: list[str], *, drops: int = 11) -> Frames:
    """Rings of rain on a pond, bending what lies below it."""
    x, y = grid(270, 480)
    floor = noise(rng, 512, 2.2, 3)
    leaf = noise(rng, 512, 3.2, 3)
    table = ramp(colours[:4])
    leaves = rgb(colours[4])
    place = np.column_stack([rng.uniform(-0.9, 0.9, drops), rng.uniform(-1.6, 1.6, drops)]).astype(np.float32)
    start = (np.arange(drops) / drops + rng.uniform(0, 0.03, drops)) % 1
    for t in phases(frames):
        surface = 0.012 * (np.sin(x * 7 + y * 4 + t) + np.sin(y * 9 - x * 3 - t))
        for (cx, cy), s in zip(place, start, strict=True):
            age = (t / TAU - s) % 1
            d = np.hypot(x - cx, y - cy)
            front = age * 1.5
            surface = (
                surface
                + np.sin((d - front) * 42)
                * np.exp(-(((d - front) / 0.13) ** 2))
                * (1 - age) ** 1.6
                * min(age * 14, 1)
                * 0.22
            )
        gy, gx = np.gradient(surface)
        u, v = x * 0.3 + gx * 0.5, y * 0.3 + gy * 0.5
        bed = 0.30 + 0.17 * sample(floor, u, v) - 0.07 * y
        shine = np.clip(-gx * 4.5 - gy * 6.5, -0.2, 0.65)
        picture = paint(bed + shine, table).astype(np.float32)
        pad = smooth(
            0.28,
            0.33,
            sample(leaf, x * 0.22 + gx * 0.12 + 0.01 * np.cos(t), y * 0.22 + gy * 0.12 + 0.01 * np.sin(t)),
        )
        picture *= (1 - 0.25 * smooth(0.16, 0.3, sample(leaf, x * 0.22, y * 0.22)))[..., None]
        canvas.over(picture, pad * 0.92, leaves * (0.85 + 0.5 * np.clip(shine, -0.1, 0.5))[..., None])
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
    blurred = np.stack([canvas.halo(city[..., k], 14) for k in range(3)], -1) * 0.62 + 6
    sx, sy = np.zeros_like(x), np.zeros_like(y)
    wet = np.zeros_like(x)

    def drop(cx: float, cy: float, size: float, tall: float) -> None:
        """One lens into the displacement maps, touching only its own patch."""
        left, right = int((cx - size + 1) / 2 * width), int((cx + size + 1) / 2 * width) + 2
        top, bottom = (
            int((cy - size * tall + 1.78) / 3.56 * height),
            int((cy + size * tall + 1.78) / 3.56 * height) + 2,
        )
        box = np.s_[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        dx, dy = (x[box] - cx) / size, (y[box] - cy) / (size * tall)
        inside = 1 - smooth(0.8, 1.0, dx * dx + dy * dy)
        sx[box] = np.where(inside > 0, dx, sx[box])
        sy[box] = np.where(inside > 0, dy, sy[box])
        wet[box] = np.maximum(wet[box], inside)

    for _ in range(420):
        drop(rng.uniform(-1, 1), rng.uniform(-1.78, 1.78), rng.uniform(0.012, 0.034), rng.uniform(0.9, 1.25))
    for _ in range(46):
        drop(rng.uniform(-1, 1), rng.uniform(-1.78, 1.78), rng.uniform(0.035, 0.062), rng.uniform(1.0, 1.3))
    still = (sx.copy(), sy.copy(), wet.copy())
    runners = [
        (rng.uniform(-0.95, 0.95), rng.uniform(0, 1), rng.uniform(0.045, 0.085), rng.uniform(0, 6.28))
        for _ in range(15)
    ]
    pixels = city.reshape(-1, 3).astype(np.float32)
    for t in phases(frames):
        sx[:], sy[:], wet[:] = still
        clear = np.zeros_like(x)
        for cx, s, size, wobble in runners:
            go = (t / TAU + s) % 1
            fall = go + 0.06 * np.sin(2 * np.pi * 3 * go) / 3
            cy = -2.0 + 4.2 * fall
            px = cx + 0.03 * np.sin(wobble + cy * 4)
            trail = (
                np.exp(-(((x - cx - 0.03 * np.sin(wobble + y * 4)) / (size * 0.62)) ** 2))
                * np.clip((y - cy + 1.5) / 1.5, 0, 1)
                * (y < cy)
            )
            clear = np.maximum(clear, trail)
            drop(px, cy, size, 1.35)
        clear *= 1 - wet * 0
        u = np.clip((x + 1) / 2 * width - sx * 90 * wet, 0, width - 1).astype(np.int32)
        v = np.clip((y + 1.78) / 3.56 * height - sy * 150 * wet, 0, height - 1).astype(np.int32)
        seen = pixels[v * width + u]
        picture = blurred + clear[..., None] * (city - blurred) * 0.55
        shade = 1.12 - 0.5 * np.clip(sy, -1, 1) * 0.5 - 0.45 * (sx * sx + sy * sy)
        canvas.over(
            picture,
            wet,
            seen * shade[..., None]
            + (smooth(0.5, 1.0, 1 - ((sx + 0.35) ** 2 + (sy + 0.45) ** 2) * 6) * 120)[..., None],
        )
        yield canvas.quantise(picture)
