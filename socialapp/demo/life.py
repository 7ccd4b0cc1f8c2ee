"""Scenes that are worlds with a rule: chemicals that react and spread, cells that eat their neighbours."""

import numpy as np

from . import canvas
from .canvas import Frames, grid, paint, ramp


def coral(
    frames: int, rng: np.random.Generator, colours: list[str], *, feed: float = 0.0545, kill: float = 0.062
) -> Frames:
    """Gray and Scott's reaction–diffusion (Pearson 1993), growing like coral."""
    overlap = min(18, frames // 3)
    return canvas.hand_over(_coral(frames + overlap, rng, colours, feed, kill), overlap)


def _coral(frames: int, rng: np.random.Generator, colours: list[str], feed: float, kill: float) -> Frames:
    width, height = 144, 256
    a, b = np.ones((height, width), np.float32), np.zeros((height, width), np.float32)
    x, y = grid(width, height)
    for _ in range(16):
        b[(x - rng.uniform(-0.9, 0.9)) ** 2 + (y - rng.uniform(-1.6, 1.6)) ** 2 < 0.006] = 0.5
    local_feed = (feed + 0.006 * y / 1.78).astype(np.float32)
    spread = (local_feed + kill).astype(np.float32)
    table = ramp(colours)
    trace = np.zeros((height, width), np.float32)

    def around(z: np.ndarray) -> np.ndarray:
        p = np.pad(z, 1, mode="wrap")
        return (p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:]) * np.float32(0.25) - z

    for i in range(frames + 1):
        for _ in range(750 if i == 0 else 14):
            eaten = a * b * b
            a, b = (
                a + np.float32(0.8) * around(a) - eaten + local_feed * (1 - a),
                b + np.float32(0.4) * around(b) + eaten - spread * b,
            )
        if i == 0:
            continue
        trace += np.float32(0.035) * (b - trace)  # where it has been lately glows on below it
        shape = canvas.enlarge(b, 270, 480)
        gy, gx = np.gradient(shape)
        glow = canvas.enlarge(trace, 270, 480)
        yield paint(shape * 1.75 + glow * 0.9 + np.clip((gx * 0.8 - gy) * 4.2, -0.25, 0.3) + 0.03, table)


def spirals(frames: int, rng: np.random.Generator, colours: list[str], *, states: int = 12) -> Frames:
    """Griffeath's cyclic cellular automaton: each state eats the one before; spirals always win."""
    width, height = 135, 240
    cells = canvas.noise(rng, 256, 1.2, 6)[:height, :width]
    cells = (
        (np.argsort(np.argsort(cells.ravel())) * states // cells.size).reshape(height, width).astype(np.int8)
    )
    table = ramp(colours, states, cyclic=True)

    def step(z: np.ndarray) -> np.ndarray:
        after = (z + 1) % states
        eaten = np.zeros(z.shape, bool)
        for axis in (0, 1):
            for shift in (1, -1):
                eaten |= np.roll(z, shift, axis) == after
        return np.where(eaten, after, z)

    for _ in range(330):
        cells = step(cells)
    # Settled spirals repeat every `states` steps, so a whole number of rounds closes the loop.
    rounds = max(1, round(frames / 3 / states))
    done = 0
    for i in range(frames):
        due = rounds * states * i // frames
        while done < due:
            cells, done = step(cells), done + 1
        picture = table[cells].astype(np.float32)
        inner = np.kron(picture, np.ones((4, 4, 1), np.float32))
        inner[3::4] *= 0.86
        inner[:, 3::4] *= 0.86
        yield canvas.quantise(inner)
