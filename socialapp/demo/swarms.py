"""Scenes made of many points: ink in a current, starlings, fireflies, planets, the pen of a harmonograph."""

import numpy as np

from . import canvas
from .canvas import HEIGHT, TAU, WIDTH, Frames, grid, noise, phases, rgb, sample, smooth, splat


def current(
    frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 4600, tail: int = 24
) -> Frames:
    """Ink carried by a curl field (Bridson 2007). Each drop lives exactly one loop, so the loop has no seam."""
    field = noise(rng, 512, 6.0, 2) + 0.3 * noise(rng, 512, 6.0, 5)
    gy, gx = np.gradient(field)
    gx, gy = gx.astype(np.float32), gy.astype(np.float32)
    speed = np.float32(0.0125 / np.sqrt((gx**2 + gy**2).mean()))
    x: np.ndarray = rng.uniform(-1.2, 1.2, count).astype(np.float32)
    y: np.ndarray = rng.uniform(-2.0, 2.0, count).astype(np.float32)
    paths = np.empty((frames, 2, count), np.float32)
    for i in range(frames):
        paths[i] = x, y
        u, v = x * 0.2, y * 0.2
        x, y = x + sample(gy, u, v) * speed, y - sample(gx, u, v) * speed
    paths = (paths * np.float32(WIDTH / 2)) + np.array([WIDTH / 2, HEIGHT / 2], np.float32)[None, :, None]
    birth = rng.integers(0, frames, count)
    base, inks = rgb(colours[0]), [rgb(c) for c in colours[1:4]]
    group = (
        (sample(noise(rng, 256, 3.2, 1), paths[0, 0] / 1300, paths[0, 1] / 1300) * 2.4 + 1.5)
        .clip(0, 2.99)
        .astype(int)
    )
    who = np.arange(count)
    back = np.arange(tail)
    for i in range(frames):
        age = (i + birth) % frames
        steps = age[None, :] - back[:, None]
        alive = steps >= 0
        steps = np.maximum(steps, 0)
        px, py = paths[steps, 0, who], paths[steps, 1, who]
        weight = np.sin(np.pi * age / frames)[None, :] * (1 - back / tail)[:, None] * alive
        layers = []
        for k, ink in enumerate(inks):
            mine = group == k
            buffer = splat(
                px[:, mine].ravel(), py[:, mine].ravel(), weight[:, mine].ravel().astype(np.float32)
            )
            layers.append((np.sqrt(buffer) * 1.25, ink))
        yield canvas.light(base, *layers)


def starlings(frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 5600) -> Frames:
    """A murmuration at dusk: one body of birds that folds through itself and returns."""
    sky = canvas.vertical(colours[:-1])
    gx, gy = grid()
    sun = np.exp(-((gx - 0.3) ** 2 + (gy - 0.95) ** 2) * 3.5)
    sky = np.minimum(sky + sun[..., None] * np.array([70, 42, 10], np.float32), 255)
    bird = rgb(colours[-1])
    land = canvas.line_noise(rng, WIDTH, 1.6, 2) * 26 + canvas.line_noise(rng, WIDTH, 0.6, 16) * 8
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    ground = np.clip(rows - (HEIGHT - 120 + land)[None, :] + 0.5, 0, 1)
    p = rng.standard_normal((3, count)).astype(np.float32)
    p /= np.maximum(np.linalg.norm(p, axis=0), 0.25) ** 0.55
    a, b, c = p
    flutter = rng.uniform(0, 6.28, count).astype(np.float32)
    offsets = (0, 0.035, 0.07)
    for t in phases(frames):
        buffer = np.zeros((HEIGHT, WIDTH), np.float32)
        for back in offsets:
            s = np.float32(t - back)
            lean = s + 1.5 * a
            bx = (
                0.36 * a * (1.1 + 0.7 * np.cos(s + 1.2 * b))
                + 0.3 * np.sin(lean + b)
                + 0.18 * np.sin(2 * s + 2.2 * c)
            )
            by = (
                0.30 * b * (1 + 0.6 * np.sin(2 * s + 1.4 * a))
                + 0.42 * np.sin(s + 1.9 * a + 0.7 * c)
                + 0.16 * np.cos(2 * s + 1.7 * b)
            )
            bx += 0.012 * np.sin(5 * s + flutter)
            by += 0.012 * np.cos(5 * s + flutter)
            buffer += splat(
                (bx * 0.95 + 0.22 * np.sin(s)) * 270 + 270,
                (by * 0.78 - 0.42 + 0.1 * np.cos(s)) * 270 + 480,
                0.62 - back * 3,
            )
        picture = sky.copy()
        canvas.over(picture, 1 - np.exp(-buffer * 2.1), bird)
        canvas.over(picture, ground, bird)
        yield canvas.quantise(picture)


def fireflies(frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 90) -> Frames:
    """A wood in June: fireflies that wander and blink between the trunks."""
    wide_side, tall_side = 360, 640  # all of it glows, nothing is sharp
    base = canvas.vertical(colours[:3], wide_side, tall_side)
    glow = rgb(colours[3])
    rows = np.arange(tall_side, dtype=np.float32)[:, None]
    columns = np.arange(wide_side, dtype=np.float32)[None, :]
    shade = np.ones((tall_side, wide_side), np.float32)
    for depth in range(4):
        for _ in range(5 + depth):
            centre, wide = rng.uniform(0, wide_side), (3.4 + 6 * depth) * rng.uniform(0.7, 1.3)
            bend = canvas.line_noise(rng, 1024, 2.4, 1)[:tall_side, None] * 12
            trunk = np.clip(
                wide * (1 + 0.25 * (rows / tall_side) ** 3) - np.abs(columns - centre - bend) + 0.5, 0, 1
            )
            shade *= 1 - trunk * (0.18 + 0.2 * depth)
    grass = (
        tall_side
        - 60
        - canvas.line_noise(rng, wide_side, 0.4, 20) * 22
        - canvas.line_noise(rng, wide_side, 2, 1) * 20
    )
    shade *= 1 - 0.85 * np.clip(rows - grass[None, :] + 0.5, 0, 1)
    home = np.stack([rng.uniform(0, wide_side, count), rng.normal(373, 140, count)])
    reach, phase = rng.uniform(9, 40, (2, count)), rng.uniform(0, 6.28, (5, count))
    turns = rng.choice([1, 1, 2], (2, count))
    near = rng.uniform(0.3, 1.3, count) ** 2
    beat = rng.choice([2, 3, 4], count)
    ground = base * shade[..., None]
    for t in phases(frames):
        buffer = np.zeros((tall_side, wide_side), np.float32)
        for back in range(7):
            s = t - back * 0.022
            px = home[0] + reach[0] * np.sin(turns[0] * s + phase[0]) + 5 * np.sin(3 * s + phase[2])
            py = home[1] + reach[1] * np.cos(turns[1] * s + phase[1]) + 5 * np.cos(2 * s + phase[3])
            blink = np.clip(np.sin(beat * s + phase[4]), 0, 1) ** 1.5
            buffer += splat(
                px, py, (near * blink * (0.45 - back / 16)).astype(np.float32), wide_side, tall_side
            )
        warm = canvas.halo(buffer, 5) * 150 + canvas.halo(buffer, 23, 4) * 620
        picture = ground * (1 + np.minimum(canvas.halo(buffer, 40, 8) * 900, 5))[..., None]
        yield canvas.light(picture, (warm + canvas.halo(buffer, 1.5, 2) * 24, glow))


def orbits(frames: int, rng: np.random.Generator, colours: list[str], *, planets: int = 9) -> Frames:
    """A small system seen from a slant, each planet drawing its road; whole numbers of turns, so it always returns."""
    base = rgb(colours[0])
    inks = [rgb(c) for c in colours[1:]]
    stars = splat(
        rng.uniform(0, WIDTH - 2, 420),
        rng.uniform(0, HEIGHT - 2, 420),
        rng.uniform(0.05, 0.8, 420).astype(np.float32) ** 2,
    )
    x, y = grid()
    core = np.hypot(x, y)
    sun = np.exp(-((core / 0.105) ** 4)) * 1.5 + 0.6 * np.exp(-core * 4.2)
    radius = np.linspace(0.25, 1.12, planets)
    turns = [5, 4, -3, 3, 2, -2, 2, 1, 1][:planets]
    phase, tilt = rng.uniform(0, 6.28, planets), 0.46 + 0.10 * np.sin(np.arange(planets) * 0.8)
    size = rng.uniform(9, 21, planets)
    trail = np.linspace(0, 1, 900, dtype=np.float32)
    fade = (1 - trail) ** 1.5 * 0.75
    still = base + stars[..., None] * np.array([190, 200, 230], np.float32) + sun[..., None] * inks[0]
    for t in phases(frames):
        sway = 0.5 + 0.16 * np.sin(t)
        cosine, sine = np.cos(sway), np.sin(sway)
        buffers = [np.zeros((HEIGHT, WIDTH), np.float32) for _ in inks[1:]]
        for k in range(planets):
            buffer = buffers[k % len(buffers)]
            angle = turns[k] * t + phase[k] - np.sign(turns[k]) * trail * 4.4
            ex, ey = radius[k] * np.cos(angle), radius[k] * np.sin(angle) * (0.36 + tilt[k])
            px, py = (ex * cosine - ey * sine) * 270 + 270, (ex * sine + ey * cosine) * 1.3 * 270 + 480
            buffer += splat(px, py, fade)
            reach = size[k] * 4
            box = np.s_[
                max(int(py[0] - reach), 0) : max(int(py[0] + reach), 0),
                max(int(px[0] - reach), 0) : max(int(px[0] + reach), 0),
            ]
            ball = np.hypot(x[box] * 270 + 270 - px[0], y[box] * 270 + 480 - py[0]) / size[k]
            buffer[box] += (1 - smooth(0.9, 1.05, ball)) * 1.3 + 0.5 * np.maximum(
                np.exp(-ball * 0.9) - 0.027, 0
            )
        yield canvas.light(still, *zip(buffers, inks[1:], strict=True))


def harmonograph(
    frames: int, rng: np.random.Generator, colours: list[str], *, ratio: tuple[int, int] = (3, 2)
) -> Frames:
    """Four pendulums and a pen of light; the paper turns once, so the drawing comes back to itself."""
    base, one, two = (rgb(c) for c in colours[:3])
    s = np.linspace(0, 1, 22_000, dtype=np.float32)
    fade = np.exp(-s * 1.35)
    tone = 0.5 + 0.5 * np.cos(s * TAU * 1.5)
    a, b = ratio
    drift = rng.uniform(0.006, 0.012)
    for t in phases(frames):
        w = s * TAU * 22
        px = fade * (np.sin(a * w + t) * 0.62 + np.sin(b * w * (1 + drift) + 0.6) * 0.36)
        py = fade * (
            np.sin(b * w + 1.1 + np.sin(t) * 0.8) * 0.98 + np.sin(a * w * (1 + drift * 0.7) - t) * 0.56
        )
        lines_x, lines_y = px * 262 + 270, py * 280 + 480
        first = splat(lines_x, lines_y, (tone * 0.55).astype(np.float32))
        second = splat(lines_x, lines_y, ((1 - tone) * 0.55).astype(np.float32))
        glow = canvas.halo(first + second, 16) * 0.55
        yield canvas.light(base, (first + glow * 0.7, one), (second + glow * 0.5, two))


def galaxy(frames: int, rng: np.random.Generator, colours: list[str], *, count: int = 11_000) -> Frames:
    """A spiral galaxy of twice `count` stars; its two arms are alike, so half a turn is a whole loop."""
    base, core, arm, dust = (rgb(c) for c in colours[:4])
    r = (rng.beta(1.1, 2.6, count) * 1.25 + 0.02).astype(np.float32)
    angle = (
        3.1 * np.log(r + 0.12)
        + rng.normal(0, 0.34, count) * (1.1 - 0.6 * r)
        + np.pi * rng.integers(0, 2, count)
    ).astype(np.float32)
    loose = rng.random(count) < 0.22
    angle[loose] = rng.uniform(0, 6.28, int(loose.sum()))
    lift = (rng.normal(0, 0.035, count) * (1.2 - r)).astype(np.float32)
    weight = (rng.uniform(0.15, 1, count) ** 3 * 1.3).astype(np.float32)
    hue = np.clip(r * 1.5 + rng.normal(0, 0.15, count), 0, 1).astype(np.float32)
    wide, tall = 360, 640  # a haze of points: what is lost in size is not seen
    sky = splat(
        rng.uniform(0, wide - 2, 500),
        rng.uniform(0, tall - 2, 500),
        rng.uniform(0.05, 0.9, 500).astype(np.float32) ** 3,
        wide,
        tall,
    )
    still = base + (sky * 220)[..., None]
    r, lift, weight, hue = (np.concatenate([v, v]) for v in (r, lift, weight, hue))
    angle = np.concatenate([angle, angle + np.float32(np.pi)])
    for t in phases(frames):
        turn = angle + np.float32(t / 2)
        px, py = r * np.cos(turn), r * np.sin(turn)
        lean = 0.52 + 0.12 * np.sin(t)
        sx, sy = px, py * np.float32(lean) + lift
        c, s = np.cos(0.62), np.sin(0.62)
        qx, qy = (sx * c - sy * s) * 220 + 180, (sx * s + sy * c) * 267 + 320
        inner = splat(qx, qy, weight * (1 - hue), wide, tall)
        outer = splat(qx, qy, weight * hue, wide, tall)
        haze = canvas.halo(inner, 12, 4)
        yield canvas.light(
            still,
            (inner * 0.9 + haze * 2.2 + canvas.halo(inner, 40, 8) * 3.4, core),
            (outer * 1.2 + canvas.halo(outer, 9) * 1.5, arm),
            (canvas.halo(outer, 30, 8) * 2.2, dust),
        )
