"""Knowing footage again: 64-bit perceptual hashes of a clip's pictures, and the clips that share them.

A picture's hash is the signs of its 64 lowest frequencies (a DCT of 32 × 32 shades of grey, without the mean), after Zauner,
"Implementation and benchmarking of perceptual image hash functions" (2010). Signs rather than a median, so that the hash of
the mirrored picture is the same hash with a fixed set of bits turned. Encoding, scaling, brightness and small crops turn few
bits; two pictures that have nothing to do with each other differ in about 32.

What follows from a likeness is decided in videos.holds.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from socialapp.lib.ffmpeg import run_ffmpeg

from .inputs import open_source
from .models import Fingerprint

PER_SECOND = 2  # pictures: what is cut off at the start moves them by a quarter of a second at most
SECONDS = 16  # of the start of a clip; who copies one copies its start
GRAB = 96  # pixels of a grabbed picture's sides; bars are cut off at this size
SIDE = 32  # pixels that the transform sees
FLAT = 5.0  # standard deviation of shades under which there is nothing to know again: black, fog, one colour
SAME = 3  # bits: pictures of one clip that are this close say the same
# Bits: two pictures of the same footage. Encodings turn 0 to 4, a crop of 4 % about 5; among the pictures of 40 clips that have
# nothing to do with each other (780 pairs, mirrored too) the nearest two were 12 apart.
CLOSE = 10
SHARE = 0.34  # of the pictures of one of the two clips must be found in the other
STILL = 6  # bits, for clips with one or two pictures: a likeness of many forgives more than one of few
FEW = 2
MOST = 4000  # rows looked at for one band: past that a hash says nothing (test cards, logos)

# The places of the 64 signs: the 8 × 8 lowest frequencies but the mean, and the next one in its stead.
_PLACES = [(u, v) for u in range(8) for v in range(8) if (u, v) != (0, 0)] + [(0, 8)]
# Mirroring changes the sign of every odd horizontal frequency.
MIRROR = sum(1 << at for at, (_u, v) in enumerate(_PLACES) if v % 2)
_ALL = (1 << 64) - 1


def read(rendition: Path, folder: Path, on_tick: Callable[[], None] | None = None) -> list[tuple[int, int]]:
    """The hashes of one of our own renditions: position (in half seconds) and bits, each that says something new.

    Decodes at most SECONDS; a rendition of 360 lines takes some tenths of a second. Writes below `folder`, which must be
    empty. Empty for a clip that shows nothing. Raises FfmpegFailed.
    """
    made = folder / "pictures.gray"
    opened = open_source(rendition, "mov", t=SECONDS)
    pictures = opened["v:0"].filter("fps", fps=PER_SECOND).filter("scale", GRAB, GRAB, flags="area")
    command = pictures.output(str(made), f="rawvideo", pix_fmt="gray", an=None)
    run_ffmpeg(
        [*command.get_args(), "-y"],
        inputs=[rendition],
        folder=folder,
        wall=120,
        file_bytes=16 << 20,
        on_tick=on_tick,
    )
    return distinct(np.fromfile(made, dtype=np.uint8).reshape(-1, GRAB, GRAB))


def distinct(pictures: Iterable[np.ndarray]) -> list[tuple[int, int]]:
    """The hashes of pictures in order, without those that show nothing and those that repeat an earlier one."""
    kept: list[tuple[int, int]] = []
    for position, picture in enumerate(pictures):
        bits = bits_of(picture)
        if bits is not None and all(distance(bits, other) > SAME for _at, other in kept):
            kept.append((position, bits))
    return kept


def bits_of(picture: np.ndarray) -> int | None:
    """The hash of a picture in shades of grey (rows of 0 to 255); None when there is nothing to know again."""
    inside = _without_bars(picture)
    small = np.asarray(Image.fromarray(inside).resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    if small.std() < FLAT:
        return None
    from scipy.fft import dctn  # memory that only the worker of clips needs

    waves = dctn(small, norm="ortho")
    return sum(1 << at for at, place in enumerate(_PLACES) if waves[place] > 0)


def _without_bars(picture: np.ndarray) -> np.ndarray:
    """Without black bars at the edges, as they come when a clip is put into another shape."""
    lit = picture > 24
    rows, columns = np.flatnonzero(lit.mean(axis=1) > 0.02), np.flatnonzero(lit.mean(axis=0) > 0.02)
    if len(rows) < GRAB // 4 or len(columns) < GRAB // 4:
        return picture
    return np.ascontiguousarray(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def distance(one: int, other: int) -> int:
    """In how many bits two hashes differ, 0 to 64."""
    return (one ^ other).bit_count()


def row(video_id: int, position: int, bits: int) -> Fingerprint:
    """An unsaved row of a hash: its bits as the signed number that databases have, and in four bands."""
    bands = {f"band{n}": bits >> (16 * n) & 0xFFFF for n in range(4)}
    return Fingerprint(video_id=video_id, position=position, bits=_signed(bits), **bands)


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits


def _unsigned(number: int) -> int:
    return number & _ALL


@dataclass(frozen=True)
class Likeness:
    """A clip that shows the same footage: how much of either is in the other (0 to 1), and whether it is mirrored."""

    video_id: int
    share: float
    mirrored: bool


def of(video_id: int) -> list[int]:
    """The hashes kept for a clip, in order. One query."""
    kept = Fingerprint.objects.filter(video=video_id).order_by("position").values_list("bits", flat=True)
    return [_unsigned(number) for number in kept]


def alike(hashes: Sequence[int], *, besides: int, most: int = 50) -> list[Likeness]:
    """The clips but `besides` that show the same footage as these hashes, the likest first.

    Whoever shares a band of some picture is looked at whole: two hashes that differ in three bits always share one, in six
    two times of three, and a copy has many pictures to be caught by. Nine queries by index, none without hashes.
    """
    found: list[Likeness] = []
    for turned in (0, MIRROR):
        asked = [bits ^ turned for bits in hashes]
        for video_id, theirs in _candidates(asked, besides, most).items():
            share = likeness(asked, theirs)
            if share >= SHARE and all(video_id != other.video_id for other in found):
                found.append(Likeness(video_id, round(share, 2), bool(turned)))
    return sorted(found, key=lambda like: -like.share)


def _candidates(asked: Sequence[int], besides: int, most: int) -> dict[int, list[int]]:
    """All hashes of the clips that share a close picture, by clip: those with the most of them."""
    shared: Counter[int] = Counter()
    for n in range(4):
        wanted = {bits >> (16 * n) & 0xFFFF for bits in asked}
        if not wanted:
            return {}
        rows = Fingerprint.objects.filter(**{f"band{n}__in": wanted}).exclude(video=besides)
        for video_id, number in rows.values_list("video_id", "bits")[:MOST]:
            shared[video_id] += min(distance(_unsigned(number), bits) for bits in asked) <= CLOSE
    chosen = [video_id for video_id, count in shared.most_common(most) if count]
    whole: dict[int, list[int]] = defaultdict(list)
    for video_id, number in Fingerprint.objects.filter(video__in=chosen).values_list("video_id", "bits"):
        whole[video_id].append(_unsigned(number))
    return whole


def likeness(ours: Sequence[int], theirs: Sequence[int]) -> float:
    """How much of either clip's pictures is in the other, 0 to 1: a part of a longer clip counts as whole.

    For clips of one or two pictures these must be nearly equal, and a short clip inside a long one says nothing: a title
    card is no copy.
    """
    if not ours or not theirs:
        return 0.0
    limit = STILL if min(len(ours), len(theirs)) <= FEW else CLOSE
    near = np.array([[distance(a, b) <= limit for b in theirs] for a in ours])
    shares = [near.any(axis=1).mean()] if len(ours) > FEW or len(theirs) <= 2 * FEW else [0.0]
    if len(theirs) > FEW or len(ours) <= 2 * FEW:
        shares.append(near.any(axis=0).mean())
    return float(max(shares))
