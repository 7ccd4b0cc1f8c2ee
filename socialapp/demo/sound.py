"""The demo's music, synthesised: plucked strings, bells, pads and drums laid on a circle of time, so that it loops.

Everything is stereo float32 at 44.1 kHz. Whatever rings past the end rings on at the beginning, echoes included.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter, sosfilt

RATE = 44_100
TARGET_LUFS = -16.0
CEILING = 10 ** (-1.5 / 20)

MINOR, MAJOR, DORIAN = (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 9, 10)
HIJAZ, PENTA, MINOR_PENTA = (0, 1, 4, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 3, 5, 7, 10)


@dataclass
class Tape:
    """A loop of sound: notes are laid at beats, and wrap around."""

    rng: np.random.Generator
    key: int
    tempo: float
    beats: int

    def __post_init__(self) -> None:
        self.length = round(self.beats * 60 / self.tempo * RATE)
        self.sound = np.zeros((2, self.length), np.float32)

    def hertz(self, scale: tuple[int, ...], degree: int, octave: int = 0) -> float:
        up, step = divmod(degree, len(scale))
        return float(220 * 2 ** ((self.key + scale[step] + 12 * (up + octave)) / 12))

    def lay(self, beat: float, note: np.ndarray, gain: float = 1.0, pan: float = 0.0) -> None:
        """Add a mono note at a beat; pan −1…1 with constant power."""
        start = round(beat * 60 / self.tempo * RATE) % self.length
        note = note.astype(np.float32) * np.float32(gain)
        angle = (pan + 1) * np.pi / 4
        while len(note):
            part = note[: self.length - start]
            self.sound[0, start : start + len(part)] += part * np.float32(np.cos(angle))
            self.sound[1, start : start + len(part)] += part * np.float32(np.sin(angle))
            note, start = note[len(part) :], 0

    def seconds(self, beats: float) -> float:
        return beats * 60 / self.tempo

    def echo(self, beats: float, feedback: float, mix: float) -> None:
        """A ping-pong echo on the circle."""
        shift = round(self.seconds(beats) * RATE)
        tail = self.sound.copy()
        for _ in range(5):
            tail = np.roll(tail[::-1], shift, 1) * np.float32(feedback)
            self.sound += tail * np.float32(mix)

    def room(self, seconds: float, mix: float) -> None:
        """Reverberation: circular convolution with decaying noise, darker the later."""
        span = min(int(seconds * RATE), self.length)
        fall = np.exp(-np.arange(span) / RATE * 6.0 / seconds)
        answer = np.zeros((2, self.length), np.float32)
        noise = self.rng.standard_normal((2, span)) * fall
        answer[:, :span] = lfilter([0.35], [1, -0.65], noise)
        answer /= np.sqrt((answer**2).sum(1, keepdims=True))
        wet = np.fft.irfft(np.fft.rfft(self.sound) * np.fft.rfft(answer), self.length)
        self.sound = self.sound * np.float32(1 - mix * 0.5) + wet.astype(np.float32) * np.float32(mix)


def _time(seconds: float) -> np.ndarray:
    return np.arange(int(seconds * RATE), dtype=np.float32) / RATE


def string(
    rng: np.random.Generator, hertz: float, seconds: float, *, bright: float = 0.5, hold: float = 0.996
) -> np.ndarray:
    """A plucked string (Karplus and Strong 1983), tuned by an all-pass of one sample."""
    period = RATE / hertz - 0.5
    whole = int(period)
    lag = period - whole
    burst = np.zeros(int(seconds * RATE))
    pick = lfilter([bright], [1, bright - 1], rng.uniform(-1, 1, whole))
    burst[:whole] = pick - pick.mean()
    feedback = np.zeros(whole + 3)
    feedback[0] = 1
    feedback[whole : whole + 3] -= hold * np.array([0.5 * (1 - lag), 0.5, 0.5 * lag])
    note = lfilter([1.0], feedback, burst)
    fade = np.minimum(1, (len(note) - np.arange(len(note))) / (0.08 * RATE))
    return (note * fade / (np.abs(note).max() + 1e-9)).astype(np.float32)


def bell(
    hertz: float, seconds: float, *, ratio: float = 3.5, depth: float = 1.6, fall: float = 4.0
) -> np.ndarray:
    """Two-operator FM (Chowning 1973): bells, kalimbas and electric pianos, by ratio and depth."""
    t = _time(seconds)
    wobble = np.sin(2 * np.pi * hertz * ratio * t) * np.exp(-t * fall * 1.8) * depth
    rise = np.minimum(1, t / 0.004)
    return np.sin(2 * np.pi * hertz * t + wobble) * np.exp(-t * fall) * rise


def mallet(hertz: float, seconds: float = 0.9) -> np.ndarray:
    """A marimba bar: the tone, its tuned fourth harmonic, and the knock."""
    t = _time(seconds)
    return np.sin(2 * np.pi * hertz * t) * np.exp(-t * 7) + 0.3 * np.sin(
        2 * np.pi * hertz * 3.93 * t
    ) * np.exp(-t * 18)


def swell(
    hertz: float, seconds: float, *, partials: int = 9, dark: float = 1.5, detune: float = 0.004
) -> np.ndarray:
    """A pad: three slightly detuned soft saws that rise and fall."""
    t = _time(seconds)
    total = np.zeros_like(t)
    for shift in (-detune, 0.0, detune):
        for k in range(1, partials + 1):
            if hertz * k < 8000:
                total += np.sin(2 * np.pi * hertz * (1 + shift) * k * t + k * 1.7 + shift * 900) / np.float32(
                    k**dark
                )
    return total * np.sin(np.pi * np.arange(len(t)) / len(t)).astype(np.float32) ** 0.8 / 3


def square(hertz: float, seconds: float, *, duty: float = 0.5, fall: float = 3.0) -> np.ndarray:
    """A band-limited pulse, as home computers had."""
    t = _time(seconds)
    total = np.zeros_like(t)
    for k in range(1, 24):
        if hertz * k < 9000:
            total += np.sin(np.pi * k * duty) / k * np.cos(2 * np.pi * k * hertz * t)
    return total * np.exp(-t * fall) * np.minimum(1, t / 0.003) * np.minimum(1, (seconds - t) / 0.02)


def kick(seconds: float = 0.4) -> np.ndarray:
    t = _time(seconds)
    return np.sin(2 * np.pi * (48 * t + 3.2 * (1 - np.exp(-t * 38)))) * np.exp(-t * 9)


def hat(rng: np.random.Generator, seconds: float = 0.07) -> np.ndarray:
    t = _time(seconds)
    return np.diff(rng.uniform(-1, 1, len(t)), n=2, prepend=[0, 0]) * np.exp(-t * 75) * 0.4


def clap(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.25)
    noise = lfilter([0.4], [1, -0.6], rng.uniform(-1, 1, len(t)))
    return (noise - np.roll(noise, 9)) * (np.exp(-t * 22) + 0.6 * (t > 0.012) * np.exp(-(t - 0.012) * 40))


def drumskin(hertz: float, bend: float = 0.0, fall: float = 9.0) -> np.ndarray:
    """A tabla: tuned harmonics of a loaded skin, bending upwards."""
    t = _time(0.6)
    way = hertz * (t + bend * t * t)
    return sum(
        np.sin(2 * np.pi * k * way) * np.exp(-t * fall * (0.6 + 0.5 * k)) / k for k in (1, 2, 3, 4)
    ) * np.minimum(1, t / 0.002)


def _chords(
    tape: Tape, roots: tuple[int, ...], scale: tuple[int, ...]
) -> list[tuple[float, float, list[int]]]:
    """(beat, length in beats, degrees) of a progression that fills the loop."""
    span = tape.beats / len(roots)
    return [(k * span, span, [root, root + 2, root + 4, root + 6]) for k, root in enumerate(roots)]


def _pads(
    tape: Tape,
    roots: tuple[int, ...],
    scale: tuple[int, ...],
    gain: float = 0.3,
    octave: int = 0,
    dark: float = 1.5,
) -> None:
    for beat, span, degrees in _chords(tape, roots, scale):
        for k, degree in enumerate(degrees):
            tape.lay(
                beat - span * 0.25,
                swell(tape.hertz(scale, degree % 7, octave), tape.seconds(span * 1.5), dark=dark),
                gain,
                0.5 - k * 0.33,
            )
        tape.lay(
            beat,
            swell(tape.hertz(scale, degrees[0] % 7, -2), tape.seconds(span * 1.2), partials=3),
            gain * 1.1,
        )


def _walk(
    tape: Tape,
    scale: tuple[int, ...],
    play: Callable[[float], np.ndarray],
    *,
    step: float,
    low: int,
    high: int,
    chance: float,
    gain: float,
) -> None:
    """A melody: a walk on the scale that starts and ends on the root and prefers small steps."""
    degree = 0
    steps = int(tape.beats / step)
    for k in range(steps):
        strong = k % int(max(1, 1 / step)) == 0
        if k and tape.rng.random() > (1.0 if strong else chance):
            continue
        degree = 0 if k == 0 else int(np.clip(degree + tape.rng.choice([-2, -1, -1, 1, 1, 2, 3]), low, high))
        tape.lay(
            k * step,
            play(tape.hertz(scale, degree)),
            gain * (1.0 if strong else 0.72),
            tape.rng.uniform(-0.5, 0.5),
        )


def _arpeggio(
    tape: Tape,
    roots: tuple[int, ...],
    scale: tuple[int, ...],
    play: Callable[[float], np.ndarray],
    *,
    step: float,
    gain: float,
    order: tuple[int, ...] = (0, 2, 4, 7, 4, 2),
    octave: int = 0,
) -> None:
    for beat, span, degrees in _chords(tape, roots, scale):
        for k in range(int(span / step)):
            degree = degrees[0] + order[k % len(order)]
            tape.lay(
                beat + k * step,
                play(tape.hertz(scale, degree, octave)),
                gain * (1 if k % 2 == 0 else 0.75),
                np.sin(k * 1.9) * 0.6,
            )


def _groove(
    tape: Tape,
    kicks: tuple[float, ...],
    claps: tuple[float, ...],
    hats: float,
    swing: float = 0.0,
    gain: float = 1.0,
) -> None:
    """Drums over bars of four beats."""
    for bar in range(0, tape.beats, 4):
        for at in kicks:
            if bar + at < tape.beats:
                tape.lay(bar + at, kick(), 0.85 * gain)
        for at in claps:
            if bar + at < tape.beats:
                tape.lay(bar + at, clap(tape.rng), 0.4 * gain, 0.1)
    for k in range(int(tape.beats / hats)):
        tape.lay(
            k * hats + (swing * hats if k % 2 else 0), hat(tape.rng), (0.34 if k % 2 else 0.2) * gain, 0.3
        )


def _bass(
    tape: Tape, roots: tuple[int, ...], scale: tuple[int, ...], rhythm: tuple[float, ...], gain: float = 0.6
) -> None:
    for beat, span, degrees in _chords(tape, roots, scale):
        for at in rhythm:
            if at < span:
                t = _time(tape.seconds(0.48))
                hertz = tape.hertz(scale, degrees[0] % 7, -2)
                tape.lay(
                    beat + at,
                    (np.sin(2 * np.pi * hertz * t) + 0.35 * np.sin(4 * np.pi * hertz * t))
                    * np.exp(-t * 4)
                    * np.minimum(1, t / 0.005),
                    gain,
                )


def _strings(tape: Tape, seconds: float, **how: float) -> Callable[[float], np.ndarray]:
    return lambda hertz: string(tape.rng, hertz, seconds, **how)


def _drone(tape: Tape, ratios: tuple[float, ...], gain: float) -> None:
    """Held tones that close on the loop: each is rounded to a whole number of cycles."""
    seconds = tape.length / RATE
    t = np.arange(tape.length) / RATE
    for k, ratio in enumerate(ratios):
        for side, shift in ((0, 0), (1, 1)):
            cycles = round(110 * 2 ** (tape.key / 12) * ratio * seconds) + shift
            breath = 0.6 + 0.4 * np.cos(2 * np.pi * ((1 + k % 2) * t / seconds + k * 0.29))
            wave = sum(np.sin(2 * np.pi * cycles * h * t / seconds + h) / h**1.7 for h in range(1, 6))
            tape.sound[side] += (wave * breath * gain / (1 + 0.4 * k)).astype(np.float32)


def _hiss(tape: Tape, gain: float, colour: float = 0.9) -> None:
    """Rain or wind: filtered noise, cross-faded so that it closes."""
    noise = tape.rng.standard_normal((2, tape.length + RATE))
    noise = lfilter([1 - colour], [1, -colour], noise)
    fade = np.linspace(0, 1, RATE)
    noise[:, :RATE] = noise[:, :RATE] * np.sqrt(fade) + noise[:, tape.length :] * np.sqrt(1 - fade)
    tape.sound += (noise[:, : tape.length] * gain).astype(np.float32)


def _play_pads(tape: Tape) -> None:
    _pads(tape, (0, 5, 2, 6), MINOR, 0.32)
    _walk(
        tape,
        MINOR_PENTA,
        lambda h: bell(h * 2, 2.5, fall=2.5),
        step=1,
        low=0,
        high=7,
        chance=0.5,
        gain=0.22,
    )
    tape.room(2.8, 0.55)


def _play_pluck(tape: Tape) -> None:
    _arpeggio(tape, (0, 3, 5, 4), MAJOR, _strings(tape, 1.8, bright=0.6), step=0.5, gain=0.5)
    _pads(tape, (0, 3, 5, 4), MAJOR, 0.10)
    tape.room(2.0, 0.4)


def _play_drone(tape: Tape) -> None:
    _drone(tape, (1, 1.5, 2, 3, 4.5), 0.2)
    _walk(
        tape,
        MINOR_PENTA,
        lambda h: bell(h * 2, 3, ratio=2, depth=0.7, fall=1.8),
        step=2,
        low=-1,
        high=7,
        chance=0.8,
        gain=0.4,
    )
    _hiss(tape, 0.05, 0.97)
    tape.room(3.2, 0.6)


def _play_bass(tape: Tape) -> None:
    _groove(tape, (0, 2.5), (1, 3), 0.5, 0.22, 0.9)
    _bass(tape, (0, 3, 5, 4), DORIAN, (0, 0.75, 1.5), 0.62)
    _arpeggio(
        tape,
        (0, 3, 5, 4),
        DORIAN,
        lambda hertz: bell(hertz, 2.2, ratio=1, depth=1.1, fall=3.2),
        step=1.25,
        gain=0.26,
        order=(4, 6, 2),
        octave=0,
    )
    tape.room(1.2, 0.25)


def _play_oud(tape: Tape) -> None:
    _drone(tape, (1, 1.5), 0.06)
    _walk(
        tape,
        HIJAZ,
        _strings(tape, 1.4, bright=0.85, hold=0.992),
        step=0.5,
        low=-3,
        high=7,
        chance=0.75,
        gain=0.6,
    )
    for at in range(0, tape.beats, 2):
        tape.lay(at, drumskin(82, 0.0, 7), 0.5)
        tape.lay(at + 1.5, drumskin(190, 0.1, 16), 0.22, 0.3)
    tape.room(1.6, 0.35)


def _play_rhodes(tape: Tape) -> None:
    for beat, span, degrees in _chords(tape, (0, 3, 1, 4), DORIAN):
        for k, degree in enumerate(degrees):
            tape.lay(
                beat + k * 0.06,
                bell(
                    tape.hertz(DORIAN, degree, 0 if k else -1),
                    tape.seconds(span) + 1,
                    ratio=1,
                    depth=0.9,
                    fall=1.3,
                ),
                0.3,
                0.4 - 0.25 * k,
            )
    _walk(
        tape,
        MINOR_PENTA,
        lambda h: bell(h * 2, 1.8, ratio=1, depth=0.8, fall=2.4),
        step=0.5,
        low=0,
        high=6,
        chance=0.3,
        gain=0.2,
    )
    _hiss(tape, 0.16, 0.8)
    tape.room(2.0, 0.4)


def _play_arp(tape: Tape) -> None:
    _arpeggio(
        tape,
        (0, 5, 3, 4),
        MINOR,
        lambda h: square(h, 0.3, duty=0.3, fall=8),
        step=0.25,
        gain=0.26,
        order=(0, 4, 7, 9, 7, 4, 2, 4),
    )
    _pads(tape, (0, 5, 3, 4), MINOR, 0.16)
    _bass(tape, (0, 5, 3, 4), MINOR, (0, 1), 0.45)
    tape.echo(0.75, 0.45, 0.5)
    tape.room(2.0, 0.3)


def _play_marimba(tape: Tape) -> None:
    _arpeggio(tape, (0, 4, 5, 3), MAJOR, mallet, step=0.25, gain=0.42, order=(0, 4, 2, 7, 4, 9, 2, 4))
    _arpeggio(tape, (0, 4, 5, 3), MAJOR, mallet, step=0.75, gain=0.4, order=(0, 4), octave=-1)
    tape.room(1.0, 0.25)


def _play_bells(tape: Tape) -> None:
    for k in range(15):  # one bell a pendulum: each sounds as often as its ball turns
        for turn in range(4 + k):
            if turn % 3 == k % 3:
                tape.lay(
                    tape.beats * turn / (4 + k),
                    bell(tape.hertz(PENTA, k, -1), 1.6, ratio=2.76, depth=0.8, fall=3.5),
                    0.22,
                    k / 7 - 1,
                )
    _drone(tape, (0.5, 1), 0.10)
    tape.room(2.6, 0.5)


def _play_harp(tape: Tape) -> None:
    _arpeggio(
        tape,
        (0, 5, 3, 4),
        MAJOR,
        _strings(tape, 2.2, bright=0.4, hold=0.998),
        step=0.25,
        gain=0.4,
        order=(0, 2, 4, 7, 9, 11, 9, 7),
    )
    tape.room(2.4, 0.45)


def _play_kalimba(tape: Tape) -> None:
    _arpeggio(
        tape,
        (0, 3, 5, 2),
        MAJOR,
        lambda h: bell(h * 2, 1.2, ratio=5.4, depth=0.5, fall=5),
        step=0.5,
        gain=0.4,
        order=(0, 4, 7, 2),
    )
    _walk(
        tape,
        PENTA,
        lambda h: bell(h, 1.6, ratio=5.4, depth=0.6, fall=4),
        step=1,
        low=-2,
        high=5,
        chance=0.6,
        gain=0.4,
    )
    _hiss(tape, 0.035, 0.9)
    tape.room(1.8, 0.4)


def _play_guitar(tape: Tape) -> None:
    for beat, span, degrees in _chords(tape, (0, 5, 1, 4), MAJOR):
        for at in (0, 0.75, 1.5):
            if at < span:
                for k, degree in enumerate(degrees):
                    tape.lay(
                        beat + at + k * 0.035,
                        string(tape.rng, tape.hertz(MAJOR, degree, 0), 1.3, bright=0.5),
                        0.3 if at else 0.4,
                        0.3 - k * 0.2,
                    )
        tape.lay(beat, string(tape.rng, tape.hertz(MAJOR, degrees[0] % 7, -1), 1.8, bright=0.3), 0.6)
    for k in range(tape.beats * 2):
        tape.lay(k / 2, hat(tape.rng, 0.1), 0.10 if k % 2 else 0.05, -0.4)
    tape.room(1.2, 0.3)


def _play_drums(tape: Tape) -> None:
    _groove(tape, (0, 0.75, 2.5), (1, 3), 0.5, 0.0, 1.0)
    _bass(tape, (0, 0, 3, 4), (*MINOR_PENTA, 12, 15), (0, 0.75, 1.5), 0.5)
    _arpeggio(
        tape,
        (0, 0, 3, 4),
        MINOR,
        lambda h: square(h, 0.16, duty=0.25, fall=10),
        step=0.5,
        gain=0.16,
        order=(0, 7, 4, 7),
    )
    tape.room(0.7, 0.18)


def _play_space(tape: Tape) -> None:
    _pads(tape, (0, 5), MINOR, 0.26, -1, 1.2)
    _walk(
        tape,
        MINOR_PENTA,
        lambda h: bell(h * 4, 1.2, ratio=1.41, depth=0.6, fall=5),
        step=0.5,
        low=0,
        high=8,
        chance=0.45,
        gain=0.2,
    )
    tape.echo(0.75, 0.55, 0.6)
    tape.room(3.4, 0.6)


def _play_chip(tape: Tape) -> None:
    _arpeggio(
        tape,
        (0, 5, 2, 6),
        MINOR,
        lambda h: square(h, 0.11, fall=4),
        step=0.25,
        gain=0.22,
        order=(0, 2, 4, 7),
    )
    _walk(
        tape,
        MINOR_PENTA,
        lambda h: square(h * 2, 0.3, duty=0.25, fall=5),
        step=0.5,
        low=0,
        high=7,
        chance=0.6,
        gain=0.26,
    )
    _bass(tape, (0, 5, 2, 6), MINOR, (0, 0.5, 1, 1.5), 0.45)
    _groove(tape, (0, 2), (1, 3), 0.5, 0.0, 0.6)
    tape.room(0.5, 0.1)


def _play_tabla(tape: Tape) -> None:
    for ratio, at in ((1, 0), (1.5, 1), (2, 2), (2, 3)):
        for bar in range(0, tape.beats, 4):
            tape.lay(
                bar + at,
                string(tape.rng, 110 * 2 ** (tape.key / 12) * ratio, 2.4, bright=0.9, hold=0.999),
                0.3,
                0.4,
            )
    for k, stroke in enumerate("DtkDtkDkttDkDtkt" * (tape.beats // 4 + 1)):
        if k / 4 < tape.beats:
            tape.lay(
                k / 4,
                {
                    "D": drumskin(74, 0.5, 6),
                    "t": drumskin(262, 0.0, 14),
                    "k": drumskin(330, -0.2, 26),
                }[stroke],
                {"D": 0.7, "t": 0.32, "k": 0.2}[stroke],
                0.25,
            )
    _walk(tape, DORIAN, _strings(tape, 1.0, bright=0.8), step=0.5, low=0, high=8, chance=0.45, gain=0.3)
    tape.room(1.2, 0.25)


def _play_organ(tape: Tape) -> None:
    for beat, span, degrees in _chords(tape, (0, 3, 4, 0), MINOR):
        for k, degree in enumerate(degrees[:3]):
            for foot in (0.5, 1, 2, 3):
                tape.lay(
                    beat - 0.1,
                    swell(
                        tape.hertz(MINOR, degree, 0) * foot,
                        tape.seconds(span + 0.6),
                        partials=2,
                        dark=2.2,
                        detune=0.0015,
                    ),
                    0.17,
                    0.3 - 0.3 * k,
                )
    tape.room(3.6, 0.6)


def _play_techno(tape: Tape) -> None:
    _groove(tape, (0, 1, 2, 3), (1, 3), 0.25, 0.0, 0.9)
    for k in range(tape.beats * 4):
        if k % 4:
            degree = (0, 0, 7, 0, 3, 0, 5, 10)[(k * 5) % 8]
            tape.lay(
                k / 4,
                square(
                    55 * 2 ** ((tape.key + degree) / 12),
                    0.14,
                    duty=0.3 + 0.15 * np.sin(k / 5),
                    fall=9,
                ),
                0.42,
            )
    _pads(tape, (0, 5), MINOR, 0.10)
    tape.room(0.9, 0.18)


def _play_kora(tape: Tape) -> None:
    _arpeggio(
        tape,
        (0, 3, 4, 0),
        MAJOR,
        _strings(tape, 1.8, bright=0.7),
        step=0.25,
        gain=0.4,
        order=(0, 4, 2, 7, 5, 9, 4, 7),
    )
    _arpeggio(
        tape,
        (0, 3, 4, 0),
        MAJOR,
        _strings(tape, 1.8, bright=0.4),
        step=1,
        gain=0.5,
        order=(0, 4),
        octave=-1,
    )
    tape.room(1.5, 0.35)


def _play_guzheng(tape: Tape) -> None:
    _walk(
        tape,
        PENTA,
        _strings(tape, 2.2, bright=0.75, hold=0.997),
        step=0.5,
        low=-3,
        high=8,
        chance=0.5,
        gain=0.5,
    )
    for k in range(7):
        tape.lay(
            tape.beats - 1 + k * 0.12,
            string(tape.rng, tape.hertz(PENTA, k - 2), 2.0, bright=0.7),
            0.22,
            k / 4 - 0.8,
        )
    _pads(tape, (0, 4), (*PENTA, 12, 14), 0.08)
    tape.room(2.4, 0.45)


PIECES: dict[str, Callable[[Tape], None]] = {
    "pads": _play_pads,
    "pluck": _play_pluck,
    "drone": _play_drone,
    "bass": _play_bass,
    "oud": _play_oud,
    "rhodes": _play_rhodes,
    "arp": _play_arp,
    "marimba": _play_marimba,
    "bells": _play_bells,
    "harp": _play_harp,
    "kalimba": _play_kalimba,
    "guitar": _play_guitar,
    "drums": _play_drums,
    "space": _play_space,
    "chip": _play_chip,
    "tabla": _play_tabla,
    "organ": _play_organ,
    "techno": _play_techno,
    "kora": _play_kora,
    "guzheng": _play_guzheng,
}


# K-weighting of ITU-R BS.1770-4, given there for 48 kHz and recalculated for 44.1 kHz.
_K_WEIGHTING = np.array(
    [
        [
            1.5308412300503478,
            -2.6509799951547297,
            1.169079079921587,
            1.0,
            -1.6636551132560204,
            0.7125954280732254,
        ],
        [1.0, -2.0, 1.0, 1.0, -1.9891696736297957, 0.9891990357870394],
    ]
)


def loudness(sound: np.ndarray) -> float:
    """Integrated loudness in LUFS (BS.1770-4: blocks of 400 ms, gates at −70 and −10)."""
    weighted = sosfilt(_K_WEIGHTING, np.concatenate([sound, sound], 1), axis=1)[:, sound.shape[1] :]
    block, hop = int(0.4 * RATE), int(0.1 * RATE)
    sums = np.concatenate([[0], np.cumsum((weighted**2).sum(0))])
    starts = np.arange(0, sound.shape[1] - block + 1, hop)
    power = (
        (sums[starts + block] - sums[starts]) / block
        if len(starts)
        else np.array([sums[-1] / max(sound.shape[1], 1)])
    )
    loud = power[power > 10 ** ((-70 + 0.691) / 10)]
    if not len(loud):
        return -70.0
    loud = loud[loud > loud.mean() * 0.1]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def compose(style: str, key: int, tempo: float, beats: int, seed: int) -> np.ndarray:
    """A finished loop, (2, samples) float32 at −16 LUFS below −1.5 dBFS; the same for the same arguments."""
    tape = Tape(np.random.default_rng(seed), key, tempo, beats)
    PIECES[style](tape)
    sound = tape.sound - tape.sound.mean(1, keepdims=True)
    for _ in range(3):  # the soft ceiling takes some loudness away, so measure again
        sound = sound * np.float32(10 ** ((TARGET_LUFS - loudness(sound)) / 20))
        over = np.abs(sound) > CEILING * 0.7
        room = CEILING * 0.3
        sound[over] = np.sign(sound[over]) * (
            CEILING * 0.7 + room * np.tanh((np.abs(sound[over]) - CEILING * 0.7) / room)
        )
    # A breath of a fade at both ends, so that a player that does not loop cleanly does not click.
    edge = int(0.006 * RATE)
    fade = np.linspace(0, 1, edge, dtype=np.float32)
    sound[:, :edge] *= fade
    sound[:, -edge:] *= fade[::-1]
    return sound.astype(np.float32)
